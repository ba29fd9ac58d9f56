"""Who may import whom, and tests that a breach of each rule is noticed."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "keras_rectifiers"

# Imports go only to lower floors. A package itself stands above the modules
# that it re-exports. Names are relative to the package; a star is any module.
FLOORS = {
    "arguments": 0,
    "inspection": 3.6,
    "inspection.gradients": 0,
    "noise": 0,
    "printable": 0,
    "parameters": 0.2,
    "functions": 0.5,
    "inspection.measures": 0,
    "inspection.example_losses": 0,
    "theory": 4,
    "theory.quadrature": 0,
    "layers.channels": 0.9,
    "layers.*": 1,
    "layers": 1.5,
    "weight_decay": 2,
    "catalogue": 2,
    "theory.moments": 2.5,
    "surgery": 4,
    "surgery.selection": 2.5,
    "surgery.copy_model": 3,
    "theory.mean_field": 3,
    "inspection.call_trace": 2.5,
    "inspection.hidden_activations": 3,
    "inspection.patching": 3.2,
    "inspection.batch": 3.2,
    "inspection.probe": 3.4,
    "diagnosis": 4,
    "diagnosis.messages": 0,
    "diagnosis.findings": 0.5,
    "inspection.fresh_values": 0,
    "diagnosis.figures": 0,
    "inspection.compiled_probe": 3.6,
    "diagnosis.monitor_logs": 0,
    "diagnosis.diagnose": 4,
    "theory.initializers": 4,
    "diagnosis.monitor": 4,
    "surgery.replace": 4,
    # The library's public face; the comparison stands on it, and is an extra.
    PACKAGE: 4.5,
    "comparison.trials": 5.2,
    "comparison.trials.trial_fields": 4.9,
    "comparison.trials.trial": 5,
    "comparison.trials.study": 5.1,
    "comparison.data": 5.1,
    "comparison.data.npz_files": 5,
    "comparison.data.checks": 5.05,
    "comparison.data.planar": 5,
    "comparison.data.splits": 5,
    "comparison.data.scaling": 5,
    "comparison.data.datasets": 5.1,
    "comparison.trials.rates": 5.1,
    "comparison.trials.tuning": 5.2,
    "comparison.nets": 5.5,
    "comparison.nets.initial_values": 5.4,
    "comparison.nets.architectures": 5.5,
    "comparison.trials.results_folder": 4.9,
    "comparison.trials.store": 5,
    "comparison.statistics.intervals": 5.1,
    "comparison.statistics.*": 5.2,
    "comparison.statistics.steps": 5.3,
    "comparison.statistics": 5.5,
    "comparison.verdicts": 6,
    "comparison.verdicts.criteria": 5,
    "comparison.verdicts.evidence": 5.9,
    "comparison.verdicts.claims": 6,
    "comparison.figures.study_figure": 6,
    "comparison.figures.panels": 6.1,
    "comparison.figures.missing": 6.2,
    "comparison.figures.*": 6.3,
    "comparison.figures": 6.4,
    "comparison.training.plan": 6.2,
    "comparison.training.recipe": 6.1,
    "comparison.training.history": 6.1,
    "comparison.training.one_by_one": 6.2,
    "comparison.training.tensorflow": 6.1,
    "comparison.training.jax": 6.1,
    "comparison.training.packing": 6.1,
    "comparison.training.layer_measures": 6.15,
    "comparison.training.members": 6.2,
    "comparison.training.layerwise": 6.2,
    "comparison.training.loop": 6.3,
    "comparison.training": 6.4,
    "comparison.trials.failures": 5.1,
    "comparison.running": 7,
    "comparison.running.dask_workers": 6,
    "comparison.running.worker_task": 6.5,
    "comparison.running.runner": 7,
    "comparison.reporting": 7,
    "comparison.reporting.tuning_report": 6.45,
    "comparison.reporting.drawings": 6.45,
    "comparison.reporting.study_report": 6.5,
    "comparison.reporting.report": 7,
    "comparison": 8,
    "cli": 9,
}

# The branches meet at the stored tables, and only there.
SHARED = [
    "comparison.trials.trial_fields",
    "comparison.trials.trial",
    "comparison.trials.study",
    "comparison.trials.results_folder",
    "comparison.trials.store",
    "comparison.trials.failures",
    "comparison.trials.rates",
    "comparison.trials.tuning",
]
RUN_BRANCH = [
    "comparison.data.checks",
    "comparison.data.npz_files",
    "comparison.data.planar",
    "comparison.data.splits",
    "comparison.data.scaling",
    "comparison.data.datasets",
    "comparison.nets.initial_values",
    "comparison.nets.architectures",
    "comparison.training",
    "comparison.training.*",
    "comparison.running.dask_workers",
    "comparison.running.worker_task",
    "comparison.running.runner",
]
READ_BRANCH = [
    "comparison.statistics",
    "comparison.statistics.*",
    "comparison.verdicts.criteria",
    "comparison.verdicts.evidence",
    "comparison.verdicts.claims",
    "comparison.figures",
    "comparison.figures.*",
    "comparison.reporting.tuning_report",
    "comparison.reporting.drawings",
    "comparison.reporting.study_report",
    "comparison.reporting.report",
]
TRAINING_LIBRARIES = ["keras", "tensorflow", "jax", "torch"]
PLOTTING_LIBRARIES = ["seaborn", "matplotlib"]
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


def test_every_module_has_a_floor(imports):
    assert modules_without_floor(imports) == [], (
        "Each new module gets a floor in FLOORS, above all that it imports."
    )


def test_imports_go_only_to_lower_floors(imports):
    assert upward_imports(imports) == []


def test_what_reads_the_tables_imports_neither_keras_nor_what_trains(imports):
    assert forbidden_imports(imports, READ_BRANCH, TRAINING_LIBRARIES) == []
    assert forbidden_imports(imports, READ_BRANCH, RUN_BRANCH) == []


def test_what_trains_imports_no_plotting_library(imports):
    assert forbidden_imports(imports, RUN_BRANCH + SHARED, PLOTTING_LIBRARIES) == []


def test_importing_the_library_loads_neither_pandas_nor_plotting_libraries():
    assert requested_on_import(ROOT) == []


def test_a_module_without_floor_is_noticed(tmp_path):
    imports = made_up_imports(tmp_path, {"functions": "", "misc": "", "layers.elu": ""})
    assert modules_without_floor(imports) == ["misc"]


@pytest.mark.parametrize(
    ("module", "source", "imported"),
    [
        ("functions", "import keras_rectifiers.catalogue", "catalogue"),
        ("functions", "import keras_rectifiers.catalogue as names", "catalogue"),
        ("functions", "from keras_rectifiers import catalogue", "catalogue"),
        ("functions", "from keras_rectifiers.catalogue import get", "catalogue"),
        ("functions", "from keras_rectifiers.catalogue import *", "catalogue"),
        ("functions", "from . import catalogue", "catalogue"),
        ("functions", "from .catalogue import get", "catalogue"),
        ("functions", "def f():\n    from .catalogue import get", "catalogue"),
        ("functions", "import keras_rectifiers", PACKAGE),
        ("functions", "from keras_rectifiers import get", PACKAGE),
        ("functions", "from . import get", PACKAGE),
        ("layers.elu", "from ..catalogue import get", "catalogue"),
        ("layers.elu", "from keras_rectifiers.layers import PReLU", "layers"),
        ("layers.elu", "from . import prelu", "layers.prelu"),
        ("layers", "from ..catalogue import get", "catalogue"),
        (
            "inspection.measures",
            "from keras_rectifiers.functions import relu",
            "functions",
        ),
        (PACKAGE, "from .comparison import compare", "comparison"),
        (
            "comparison.training.plan",
            "from .loop import train",
            "comparison.training.loop",
        ),
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
            "inspection.measures": "",
            "layers": "",
            "layers.prelu": "",
            "layers.elu": "",
            "catalogue": "",
            "comparison": "",
            "comparison.training": "",
            "comparison.training.plan": "",
            "comparison.training.loop": "",
        }
        | {module: source},
    )
    assert upward_imports(imports) == [f"{module} imports {imported}"]


def test_imports_of_lower_floors_pass(tmp_path):
    imports = made_up_imports(
        tmp_path,
        {
            PACKAGE: "from .layers import PReLU\nfrom . import catalogue, layers",
            "functions": "import keras\nfrom __future__ import annotations",
            "layers": "from .prelu import PReLU\nfrom . import prelu, PReLU",
            "layers.prelu": "from ..functions import prelu\nfrom .. import functions",
            "catalogue": "from keras_rectifiers.layers import PReLU",
            "comparison.trials.trial": "from keras_rectifiers import __version__",
            "comparison.training": "from .loop import train",
            "comparison.training.loop": "from . import plan\nimport tensorflow",
            "comparison.training.plan": "from ..trials.trial import Trial",
        },
    )
    assert upward_imports(imports) == []


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


def modules_without_floor(imports: Mapping[str, set[str]]) -> list[str]:
    return sorted(module for module in imports if floor(module) is None)


def upward_imports(imports: Mapping[str, set[str]]) -> list[str]:
    breaches = []
    for module, imported in sorted(imports.items()):
        for target in sorted(imported & imports.keys()):
            own, other = floor(module), floor(target)
            if own is not None and other is not None and other >= own:
                breaches.append(f"{module} imports {target}")
    return breaches


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


def floor(module: str) -> float | None:
    return FLOORS.get(module, FLOORS.get(f"{parent(module)}.*"))


def matches(module: str, patterns: list[str]) -> bool:
    return module in patterns or f"{parent(module)}.*" in patterns


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
        targets = {
            short_name(known_module(name, paths))
            for name in imported_names(tree, package)
        }
        imports[short_name(module)] = targets - {short_name(module)}
    return imports


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


def requested_on_import(root: Path) -> list[str]:
    """Which of LOADED_ONLY_WHEN_USED the package under root asks for."""
    result = subprocess.run(
        [sys.executable, "-c", RECORD_REQUESTS],
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
        is_package = module == PACKAGE or any(
            other.startswith(f"{module}.") for other in FLOORS
        )
        path = path / "__init__.py" if is_package else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
