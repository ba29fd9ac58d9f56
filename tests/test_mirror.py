"""Each module has a test file in the folder of `tests/` that mirrors its own."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Where the tests of a package are.
FOLDERS = {"keras_rectifiers": "tests", "studies": "tests/studies"}
# Module -> the file that has its tests instead, and why.
_KERNELS = (
    "tests/kernels/test_generic.py",
    "It is tested together with the generic form, on the backend that Keras runs on.",
)
EXCEPTIONS = {
    "keras_rectifiers/kernels/jax.py": _KERNELS,
    "keras_rectifiers/kernels/tensorflow.py": _KERNELS,
    "keras_rectifiers/kernels/torch.py": _KERNELS,
    "keras_rectifiers/comparison/training/jax.py": (
        "tests/comparison/training/across_backends.py",
        "It needs JAX, and is compared with TensorFlow only in `make test-backends`.",
    ),
}


def test_each_module_has_a_test_file_that_tests_it():
    assert breaches(ROOT, EXCEPTIONS) == [], (
        "The tests of a/b.py are in tests/a/test_b.py, which imports it, or what beside "
        "it is built on it. If they cannot be there, EXCEPTIONS says why."
    )


def test_each_exception_is_needed_and_has_its_tests_elsewhere():
    found = breaches(ROOT, {})
    for module, (elsewhere, reason) in EXCEPTIONS.items():
        assert any(breach.startswith(f"{module} has no ") for breach in found), module
        assert flaws(ROOT, ROOT / module, ROOT / elsewhere) == []
        assert reason.endswith(".")


TESTED = {
    "keras_rectifiers/__init__.py": "from keras_rectifiers.layers import ELU as ELU",
    "keras_rectifiers/layers/__init__.py": "from .elu import ELU",
    "keras_rectifiers/layers/elu.py": "class ELU: pass",
    "keras_rectifiers/noise.py": "def draw(): pass",
    "studies/__init__.py": "",
    "studies/__main__.py": "",
    "studies/sparsity/zeros.py": "",
    "tests/layers/test_elu.py": (
        "from keras_rectifiers import ELU\nclass TestELU:\n    def test_it(self): pass"
    ),
    "tests/test_noise.py": "import keras_rectifiers.noise\ndef test_it(): pass",
    "tests/studies/sparsity/test_zeros.py": (
        "def test_it():\n    from studies.sparsity import zeros"
    ),
}


def test_a_tree_that_is_mirrored_passes(tmp_path):
    write(tmp_path, TESTED)
    assert breaches(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"tests/test_noise.py": None},
            "keras_rectifiers/noise.py has no tests/test_noise.py",
        ),
        (
            # As if it were flat.
            {
                "tests/studies/sparsity/test_zeros.py": None,
                "tests/studies/test_zeros.py": TESTED[
                    "tests/studies/sparsity/test_zeros.py"
                ],
            },
            "studies/sparsity/zeros.py has no tests/studies/sparsity/test_zeros.py",
        ),
        (
            {"studies/new.py": ""},
            "studies/new.py has no tests/studies/test_new.py",
        ),
        (
            {"tests/test_noise.py": "import keras_rectifiers.noise\ndef noise(): pass"},
            "tests/test_noise.py has no test function",
        ),
        (
            {
                "tests/test_noise.py": (
                    "from keras_rectifiers import ELU\ndef test_it(): pass"
                )
            },
            "tests/test_noise.py imports neither keras_rectifiers.noise nor what is built "
            "on it beside it",
        ),
        (
            {"tests/layers/test_elu.py": "import keras_rectifiers\ndef test(): pass"},
            "tests/layers/test_elu.py imports neither keras_rectifiers.layers.elu nor what "
            "is built on it beside it",
        ),
    ],
)
def test_a_module_without_tests_of_its_own_is_noticed(tmp_path, changes, found):
    files = {
        name: text for name, text in (TESTED | changes).items() if text is not None
    }
    write(tmp_path, files)
    assert breaches(tmp_path, {}) == [found]


def test_an_exception_is_not_asked_for_its_file(tmp_path):
    files = {n: text for n, text in TESTED.items() if n != "tests/test_noise.py"}
    write(tmp_path, files)
    assert breaches(tmp_path, {"keras_rectifiers/noise.py"}) == []


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("import keras_rectifiers.noise as drawn", "noise"),
        ("from keras_rectifiers import noise", "noise"),
        ("from keras_rectifiers.noise import draw", "noise"),
        ("from keras_rectifiers import ELU", "layers.elu"),
        ("from keras_rectifiers.layers import ELU", "layers.elu"),
        ("def f():\n    from keras_rectifiers.layers import elu", "layers.elu"),
        ("replace('keras_rectifiers.noise.draw', 1)", "noise"),
        # By way of what is beside it.
        ("from keras_rectifiers.layers import stack", "layers.elu"),
        ("import keras_rectifiers.loops", "loops.jax"),
    ],
)
def test_what_is_imported_or_named_is_told_also_through_what_is_beside_it(
    tmp_path, line, module
):
    more = {
        "keras_rectifiers/layers/stack.py": (
            "from . import elu\nfrom keras_rectifiers.noise import draw"
        ),
        "keras_rectifiers/loops/__init__.py": (
            "import importlib\nimportlib.import_module(f'{__name__}.{backend()}')"
        ),
        "keras_rectifiers/loops/jax.py": "",
    }
    write(tmp_path, TESTED | more)
    ours = {"noise", "layers.elu", "loops.jax"}
    for other in ours:
        beside = tmp_path.joinpath("keras_rectifiers", *other.split(".")[:-1])
        found = reached(tmp_path, ast.parse(line), beside)
        is_meant = other == module
        assert (f"keras_rectifiers.{other}" in found) == is_meant


def breaches(root: Path, exceptions) -> list[str]:
    """What is not mirrored of the modules under root."""
    found = []
    for package, folder in FOLDERS.items():
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if path.name.startswith("__") or name in exceptions:
                continue
            place = path.relative_to(root / package)
            test_file = root / folder / place.with_name(f"test_{place.name}")
            if test_file.is_file():
                found += flaws(root, path, test_file)
            else:
                found.append(f"{name} has no {test_file.relative_to(root).as_posix()}")
    return found


def flaws(root: Path, path: Path, test_file: Path) -> list[str]:
    """What a test file lacks to be that of a module."""
    name = test_file.relative_to(root).as_posix()
    tree = ast.parse(test_file.read_text(encoding="utf-8"), filename=name)
    if not any(
        isinstance(node, ast.FunctionDef) and node.name.startswith("test")
        for node in ast.walk(tree)
    ):
        return [f"{name} has no test function"]
    module = ".".join(path.relative_to(root).with_suffix("").parts)
    if module not in reached(root, tree, beside=path.parent):
        return [f"{name} imports neither {module} nor what is built on it beside it"]
    return []


def reached(root: Path, tree: ast.Module, beside: Path) -> set[str]:
    """The modules that are imported, and what these import within one folder."""
    found: set[str] = set()
    new = set(imported(root, tree))
    while new:
        found |= new
        sources = [source_of(root, module) for module in new]
        new = {
            module
            for source in sources
            if source is not None and source.parent == beside
            for module in imported_by(root, source)
        } - found
    return found


def imported(root: Path, tree: ast.Module, package: str = "") -> Iterator[str]:
    """The modules that are imported, from which a name is, or which a string names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield from homes(root, absolute(node, package), alias.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # As in monkeypatch.setattr("package.module.name", ...).
            yield from (node.value, node.value.rpartition(".")[0])
        elif isinstance(node, ast.JoinedStr) and "{__name__}." in ast.unparse(node):
            # As in import_module(f"{__name__}.{backend}"): any that is in the package.
            folder = root.joinpath(*package.split("."))
            yield from (f"{package}.{path.stem}" for path in folder.glob("[!_]*.py"))


@functools.cache
def imported_by(root: Path, source: Path) -> frozenset[str]:
    return frozenset(imported(root, parsed(source), package_of(root, source)))


def homes(root: Path, module: str, name: str) -> Iterator[str]:
    """Where an imported name is from, also if a package passes it on."""
    if source_of(root, f"{module}.{name}"):
        yield f"{module}.{name}"
        return
    yield module
    source = source_of(root, module)
    if source is None or source.name != "__init__.py":
        return
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.ImportFrom) and name in {a.name for a in node.names}:
            yield from homes(root, absolute(node, module), name)


def absolute(node: ast.ImportFrom, package: str) -> str:
    """The module from which something is imported."""
    parents = package.split(".")[: 1 - node.level or None] if node.level else []
    return ".".join([*parents, *([node.module] if node.module else [])])


@functools.cache
def source_of(root: Path, module: str) -> Path | None:
    """The file of a module or package of ours."""
    if not re.fullmatch(r"(\w+\.)*\w+", module):
        return None
    path = root.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def package_of(root: Path, source: Path) -> str:
    return ".".join(source.relative_to(root).parent.parts)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
