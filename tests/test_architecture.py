"""Who may import whom, and tests that a breach of each rule is noticed."""

import ast
import graphlib
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "keras_rectifiers"

# Imports between wings go only to lower floors; within a wing no import leads back.
# A file beside the wings is one of its own. Names are relative to the package.
FLOORS = {
    "arguments": 0,
    "catalogue": 0,
    "gradient_decay": 0,
    "keras_internals": 0,
    "by_name": 1,
    "kernels": 1,
    "noise": 0,
    "printable": 0,
    "registration": 0,
    "parameters": 1,
    "functions": 2,
    "layers": 3,
    "activations": 4,
    "weight_decay": 4,
    "surgery": 5,
    "theory": 5,
    "inspection": 6,
    "diagnosis": 7,
    # The library's public face; the comparison is built on it, and is an extra.
    PACKAGE: 8,
    "comparison.trials": 9,
    "comparison.data": 10,
    "comparison.nets": 11,
    "comparison.training": 12,
    "comparison.running": 13,
    "comparison.timing": 13,
    "comparison.statistics": 10,
    "comparison.verdicts": 11,
    "comparison.figures": 12,
    "comparison.reporting": 13,
    "comparison.comparing": 14,
    "comparison.compare": 15,
    "comparison": 16,
    "cli": 17,
}

# The branches meet at the stored tables, and only there.
SHARED = ["comparison.trials"]
RUN_BRANCH = [
    "comparison.data",
    "comparison.nets",
    "comparison.training",
    "comparison.running",
    "comparison.timing",
]
READ_BRANCH = [
    "comparison.statistics",
    "comparison.verdicts",
    "comparison.figures",
    "comparison.reporting",
]
TRAINING_LIBRARIES = ["keras", "tensorflow", "jax", "torch"]
PLOTTING_LIBRARIES = ["seaborn", "matplotlib"]
# What is told a name, of which a string may be a private attribute.
NAMED_BY_STRINGS = {
    *("getattr", "hasattr", "setattr", "delattr", "attrgetter", "methodcaller"),
    *("__getattribute__", "__setattr__", "__delattr__", "replaced"),
}
PRIVATE_PACKAGES = ("keras.src", "tensorflow.python", "jax._src")
LOADED_ONLY_WHEN_USED = ["pandas", "matplotlib", "seaborn"]

# Keras itself loads some of them if it finds them. So they are hidden, and
# what counts is what is asked for once Keras is there.
RECORD_REQUESTS = f"""
import sys

class Hide:
    requested = set()

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LOADED_ONLY_WHEN_USED}:
            self.requested.add(name)
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hide())
import keras
Hide.requested.clear()
try:
    import {PACKAGE}
except ModuleNotFoundError:
    if not Hide.requested:
        raise
print(*sorted(Hide.requested))
"""


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    return read_imports(ROOT)


def test_every_wing_has_a_floor(imports):
    assert {wing(module) for module in imports} == set(FLOORS), (
        "Each new wing, and each file beside them, gets a floor in FLOORS, above all "
        "that it imports."
    )


def test_imports_between_wings_go_only_to_lower_floors(imports):
    assert upward_imports(imports) == []


def test_no_import_leads_back_to_its_module(imports):
    assert import_cycle(imports) == []


def test_what_reads_the_tables_imports_neither_keras_nor_what_trains(imports):
    assert forbidden_imports(imports, READ_BRANCH, TRAINING_LIBRARIES) == []
    assert forbidden_imports(imports, READ_BRANCH, RUN_BRANCH) == []


def test_what_reads_the_tables_loads_no_training_library():
    modules = sorted(m for m in read_imports(ROOT) if wing(m) in READ_BRANCH + SHARED)
    assert loaded_libraries(ROOT, modules) == []


def test_what_trains_imports_no_plotting_library(imports):
    assert forbidden_imports(imports, RUN_BRANCH + SHARED, PLOTTING_LIBRARIES) == []


def test_importing_the_library_loads_neither_pandas_nor_plotting_libraries():
    assert requested_on_import(ROOT) == []


def test_only_keras_internals_touches_private_parts():
    assert private_parts(ROOT) == [], (
        "What is private of Keras or another library is used in keras_internals alone, "
        "by a function that tests/test_keras_internals.py tests."
    )


def test_a_wing_without_floor_is_noticed(tmp_path):
    imports = made_up_imports(tmp_path, {"functions": "", "misc": "", "layers.elu": ""})
    assert {wing(m) for m in imports} - FLOORS.keys() == {"misc"}


@pytest.mark.parametrize(
    ("module", "source", "imported"),
    [
        ("functions", "import keras_rectifiers.activations", "activations"),
        ("functions", "import keras_rectifiers.activations as names", "activations"),
        ("functions", "from keras_rectifiers import activations", "activations"),
        ("functions", "from keras_rectifiers.activations import get", "activations"),
        ("functions", "from keras_rectifiers.activations import *", "activations"),
        ("functions", "from . import activations", "activations"),
        ("functions", "from .activations import get", "activations"),
        ("functions", "def f():\n    from .activations import get", "activations"),
        ("functions", "import keras_rectifiers", PACKAGE),
        ("functions", "from keras_rectifiers import get", PACKAGE),
        ("functions", "from . import get", PACKAGE),
        ("weight_decay", "from . import activations", "activations"),
        ("layers.elu", "from ..activations import get", "activations"),
        ("layers", "from ..activations import get", "activations"),
        ("surgery.copy", "from ..inspection import probe", "inspection.probe"),
        (PACKAGE, "from .comparison import compare", "comparison"),
        ("comparison.data", "from ..training import loop", "comparison.training.loop"),
    ],
)
def test_an_import_of_the_same_or_a_higher_floor_is_noticed(
    tmp_path, module, source, imported
):
    imports = made_up_imports(
        tmp_path,
        {
            PACKAGE: "",
            "functions": "",
            "inspection.probe": "",
            "layers": "",
            "activations": "",
            "comparison": "",
            "comparison.training.loop": "",
        }
        | {module: source},
    )
    assert upward_imports(imports) == [f"{module} imports {imported}"]


@pytest.mark.parametrize(
    ("sources", "cycle"),
    [
        (
            {"layers.elu": "from . import prelu", "layers.prelu": "from . import elu"},
            ["layers.elu", "layers.prelu", "layers.elu"],
        ),
        (
            {"layers": "from .elu import ELU", "layers.elu": "from . import PReLU"},
            ["layers", "layers.elu", "layers"],
        ),
    ],
)
def test_imports_in_a_circle_are_noticed(tmp_path, sources, cycle):
    found = import_cycle(made_up_imports(tmp_path, sources))
    assert found in (cycle, [cycle[1], cycle[0], cycle[1]])


def test_imports_of_lower_floors_pass(tmp_path):
    imports = made_up_imports(
        tmp_path,
        {
            PACKAGE: "from .layers import PReLU\nfrom . import catalogue, layers\n"
            "if TYPE_CHECKING:\n    from .comparison.training import train",
            "functions": "import keras\nfrom __future__ import annotations",
            "layers": "from .prelu import PReLU\nfrom . import prelu, PReLU",
            "layers.prelu": "from ..functions import prelu\nfrom .. import functions",
            "activations": "from keras_rectifiers.layers import PReLU",
            "catalogue": "",
            "comparison.trials.trial": "from keras_rectifiers import __version__",
            "comparison.training": "from .loop import train",
            "comparison.training.loop": "from . import plan\nimport tensorflow",
            "comparison.training.plan": "from ..trials.trial import Trial",
        },
    )
    assert upward_imports(imports) == []
    assert import_cycle(imports) == []


@pytest.mark.parametrize(
    ("source", "imported"),
    [
        ("import keras", "keras"),
        ("import pandas, tensorflow as tf", "tensorflow"),
        ("from keras.layers import Dense", "keras"),
        ("def f():\n    import tensorflow.math", "tensorflow"),
        ("from ..training import train", "comparison.training"),
        ("from ..training.plan import Plan", "comparison.training.plan"),
        (
            "from keras_rectifiers.comparison.data import datasets",
            "comparison.data.datasets",
        ),
    ],
)
def test_a_reader_of_tables_that_imports_what_trains_is_noticed(
    tmp_path, source, imported
):
    imports = made_up_imports(
        tmp_path,
        {
            "comparison.reporting.report": f"import keras_like\nfrom ..trials.store import read\n{source}",
            "comparison.trials.store": "import keras",
            "comparison.data.datasets": "",
            "comparison.training": "",
            "comparison.training.plan": "",
        },
    )
    breaches = forbidden_imports(imports, READ_BRANCH, TRAINING_LIBRARIES + RUN_BRANCH)
    assert breaches == [f"comparison.reporting.report imports {imported}"]


@pytest.mark.parametrize(
    "module",
    [
        "comparison.running.runner",
        "comparison.training.one_by_one",
        "comparison.trials.trial",
    ],
)
def test_a_trainer_that_plots_is_noticed(tmp_path, module):
    imports = made_up_imports(
        tmp_path,
        {
            "comparison.figures": "import seaborn",
            module: "import numpy\ndef f():\n    from matplotlib import pyplot",
        },
    )
    breaches = forbidden_imports(imports, RUN_BRANCH + SHARED, PLOTTING_LIBRARIES)
    assert breaches == [f"{module} imports matplotlib"]


def test_loading_pandas_or_seaborn_with_the_library_is_noticed(tmp_path):
    caught = "try:\n    import {0}\nexcept ImportError:\n    {0} = None\n"
    # In place of Keras, which takes seconds: what it asks for does not count.
    (tmp_path / "keras.py").write_text(caught.format("matplotlib"), encoding="utf-8")
    measures = f"{caught.format('pandas')}import seaborn"
    write_modules(
        tmp_path,
        {PACKAGE: "from .inspection import measures", "inspection.measures": measures},
    )
    assert requested_on_import(tmp_path) == ["pandas", "seaborn"]


def test_loading_keras_with_what_reads_the_tables_is_noticed(tmp_path):
    (tmp_path / "keras.py").write_text("", encoding="utf-8")
    write_modules(
        tmp_path,
        {
            PACKAGE: "",
            "comparison": "",
            "comparison.figures": "from keras_rectifiers import layers",
            "layers": "import keras",
        },
    )
    assert loaded_libraries(tmp_path, ["comparison.figures"]) == ["keras"]


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("model._flatten_layers()", "model._flatten_layers"),
        ("def f(x):\n    return x.layers[0]._trainable", "x.layers[0]._trainable"),
        ("copy._trainable = True", "copy._trainable"),
        ("super()._build_at_init()", "super()._build_at_init"),
        ("class A(B):\n    def f(self):\n        self._lock()", "self._lock"),
        ("class A(B):\n    def f(self):\n        self._built_by = 1", "self._built_by"),
        ("class A(B):\n    def f(cls):\n        cls._lock()", "cls._lock"),
        ("getattr(model, '_compile_loss', None)", "'_compile_loss'"),
        ("stack.enter_context(replaced(layer, '_policy', 1))", "'_policy'"),
        ("object.__setattr__(layer, '_policy', 1)", "'_policy'"),
        ("for name in ('mask', '_built_by'):\n    print(name)", "'_built_by'"),
        ("vars(layer)['_policy']", "'_policy'"),
        ("layer.__dict__['_policy']", "'_policy'"),
        ("import keras.src.layers", "keras.src.layers"),
        ("from keras.src import backend", "keras.src.backend"),
        ("from keras import src", "keras.src"),
        ("from jax._src import core", "jax._src.core"),
        ("from keras.layers import _hidden", "keras.layers._hidden"),
        ("import keras\nkeras.src.backend", "keras.src"),
        ("importlib.import_module('tensorflow.python.ops')", "'tensorflow.python.ops'"),
        ("importlib.import_module('jax._src.core')", "'jax._src.core'"),
    ],
)
def test_a_private_part_outside_of_keras_internals_is_noticed(tmp_path, source, part):
    internals = "def built_by(layer):\n    return layer._built_by"
    write_modules(tmp_path, {"keras_internals": internals, "functions": source})
    assert private_parts(tmp_path) == [f"functions: {part}"]


def test_names_of_our_own_are_no_private_parts(tmp_path):
    own = """
from __future__ import annotations
from keras_rectifiers.layers import _other
class A(B):
    _shared = 1
    _typed: int
    def __init__(self):
        self._own, self._count = 1, 0
    def _method(self):
        super().__init__()
        return self._own + self._count + self._shared + self._typed + self._method()
_helper(type(x).__name__, vars(x)["name"], getattr(x, "__doc__"))
frame["_merge"], name.endswith("_loss"), name.partition("_")
"""
    write_modules(tmp_path, {"functions": own})
    assert private_parts(tmp_path) == []


def upward_imports(imports: Mapping[str, set[str]]) -> list[str]:
    return [
        f"{module} imports {target}"
        for module, imported in sorted(imports.items())
        for target in sorted(imported & imports.keys())
        if wing(target) != wing(module)
        and FLOORS.get(wing(target), -1) >= FLOORS.get(wing(module), math.inf)
    ]


def import_cycle(imports: Mapping[str, set[str]]) -> list[str]:
    """The modules of a circle of imports; none if there is no circle."""
    own = {m: imported & imports.keys() for m, imported in sorted(imports.items())}
    try:
        graphlib.TopologicalSorter(own).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def forbidden_imports(
    imports: Mapping[str, set[str]], importers: list[str], forbidden: list[str]
) -> list[str]:
    return [
        f"{module} imports {target}"
        for module, imported in sorted(imports.items())
        if matches(module, importers)
        for target in sorted(imported)
        if matches(target, forbidden)
    ]


def private_parts(root: Path) -> list[str]:
    """What modules of the package touch that is private of other libraries."""
    trees = {
        path.relative_to(root / PACKAGE).with_suffix(""): ast.parse(
            path.read_text(encoding="utf-8"), filename=str(path)
        )
        for path in sorted((root / PACKAGE).rglob("*.py"))
    }
    internals = trees.pop(Path("keras_internals"), ast.Module([], []))
    known = {name for name in map(private_name, ast.walk(internals)) if name}
    return [
        f"{'.'.join(path.parts)}: {part}"
        for path, tree in trees.items()
        for part in private_parts_of(tree, known)
    ]


def private_parts_of(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """The private parts in a module; `known` are those that are private in any case."""
    own = own_names(tree) - known
    named = {id(node) for node in ast.walk(tree) for node in strings_for_names(node)}
    for node in ast.walk(tree):
        name = private_name(node)
        if isinstance(node, ast.Attribute):
            is_foreign = name and not (is_of_self(node) and name in own)
            if is_foreign or ast.unparse(node) in PRIVATE_PACKAGES:
                yield ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_name = name and (id(node) in named or name in known)
            if is_name or node.value.startswith(PRIVATE_PACKAGES):
                yield ast.unparse(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for imported in imported_names(ast.Module([node], []), PACKAGE):
                is_ours = imported.partition(".")[0] == PACKAGE
                if not is_ours and (
                    imported.startswith(PRIVATE_PACKAGES)
                    or any(map(is_private, imported.split(".")))
                ):
                    yield imported


def own_names(tree: ast.Module) -> set[str]:
    """The names that the classes of a module define, or give to `self`."""
    names = set()
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        for node in ast.walk(kind):
            if isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif is_of_self(node) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
    return names


def is_of_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) in (
        "self",
        "cls",
    )


def strings_for_names(node: ast.AST) -> list[ast.AST]:
    """What names an attribute, if it is a string: an argument, or a key of `vars`."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        return list(node.args) if called in NAMED_BY_STRINGS else []
    if isinstance(node, ast.Subscript):
        held = ast.unparse(node.value)
        is_dictionary = held.startswith("vars(") or held.endswith(".__dict__")
        return [node.slice] if is_dictionary else []
    return []


def private_name(node: ast.AST) -> str:
    """The private name that an attribute has or a string is, or nothing."""
    name = getattr(node, "attr", getattr(node, "value", None))
    is_name = isinstance(name, str) and name.isidentifier() and len(name) > 1
    return name if is_name and is_private(name) else ""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def wing(module: str) -> str:
    """The wing of a module: a folder, or a file beside the folders."""
    parts = module.split(".")
    return ".".join(parts[: 2 if parts[0] == "comparison" else 1])


def matches(module: str, patterns: list[str]) -> bool:
    return module in patterns or wing(module) in patterns


def parent(module: str) -> str:
    return module.rpartition(".")[0]


def read_imports(root: Path) -> dict[str, set[str]]:
    """Module of the package -> what it imports: modules, and other packages."""
    paths = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        paths[".".join(parts).removesuffix(".__init__")] = path
    imports = {}
    for module, path in paths.items():
        package = module if path.name == "__init__.py" else parent(module)
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        if short_name(module) == PACKAGE:
            tree = without_names_for_tools(tree)
        targets = {
            short_name(known_module(name, paths))
            for name in imported_names(tree, package)
        }
        imports[short_name(module)] = targets - {short_name(module)}
    return imports


def without_names_for_tools(tree: ast.Module) -> ast.Module:
    """Without `if TYPE_CHECKING:`, which imports nothing when the program runs.

    The public face names there what it loads only when it is asked for.
    """
    kept = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    return ast.Module(kept, tree.type_ignores)


def imported_names(tree: ast.Module, package: str) -> Iterator[str]:
    """Absolute names, wherever in the module the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [node.module] if node.module else []
            if node.level:
                parents = package.split(".")
                base = parents[: len(parents) - node.level + 1] + base
            yield from (".".join([*base, alias.name]) for alias in node.names)


def known_module(name: str, paths: Mapping[str, Path]) -> str:
    """What a name belongs to: a module of ours, or another package."""
    if name.partition(".")[0] != PACKAGE:
        return name.partition(".")[0]
    while name not in paths and parent(name):
        name = parent(name)
    return name


def short_name(module: str) -> str:
    return module.removeprefix(f"{PACKAGE}.")


def loaded_libraries(root: Path, modules: list[str]) -> list[str]:
    """Which of TRAINING_LIBRARIES are loaded with modules of the package under root."""
    code = f"import sys, {', '.join(f'{PACKAGE}.{m}' for m in modules)}\n"
    code += f"print(*[m for m in {TRAINING_LIBRARIES} if m in sys.modules])"
    return words_printed(code, root)


def requested_on_import(root: Path) -> list[str]:
    """Which of LOADED_ONLY_WHEN_USED the package under root asks for."""
    return words_printed(RECORD_REQUESTS, root)


def words_printed(code: str, root: Path) -> list[str]:
    """What code prints in a process of its own, for which root comes first."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


def made_up_imports(root: Path, sources: Mapping[str, str]) -> dict[str, set[str]]:
    write_modules(root, sources)
    return read_imports(root)


def write_modules(root: Path, sources: Mapping[str, str]) -> None:
    for module, source in sources.items():
        path = root / PACKAGE
        if module != PACKAGE:
            path = path.joinpath(*module.split("."))
        folders = ("comparison", "layers", "inspection", "surgery")
        is_package = module == PACKAGE or (
            module in FLOORS and module.startswith(folders)
        )
        path = path / "__init__.py" if is_package else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
