"""That Keras knows the layers of saved models, whichever is imported first."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import keras_rectifiers
from keras_rectifiers import registration

OURS_FIRST = """
import importlib.util, json, sys
import keras_rectifiers
assert importlib.util.find_spec("keras")  # as libraries ask whether Keras is there
before = "keras" in sys.modules
import keras
names = list(keras.saving.get_custom_objects())
finders = [type(finder).__module__ for finder in sys.meta_path]
print(json.dumps([before, finders, names]))
keras_rectifiers.layers.RReLU, keras_rectifiers.comparison
"""
EACH_FIRST = """
import importlib, sys
import keras

modules = sys.argv[1:]
for module in modules:
    for name in [n for n in sys.modules if n.partition(".")[0] == "keras_rectifiers"]:
        del sys.modules[name]
    del sys.modules["keras"]  # what it consists of stays loaded
    keras.saving.get_custom_objects().clear()
    importlib.import_module(module)
    importlib.import_module("keras")
    assert "keras_rectifiers>RReLU" in keras.saving.get_custom_objects(), module
print(len(modules))
"""


def names_of_ours(names) -> list[str]:
    return sorted(name for name in names if name.startswith("keras_rectifiers>"))


@pytest.mark.slow
def test_saved_models_load_whichever_is_imported_first():
    result = subprocess.run(
        [sys.executable, "-c", OURS_FIRST], capture_output=True, text=True, check=True
    )
    was_loaded, finders, names = json.loads(result.stdout)
    assert not was_loaded
    assert "keras_rectifiers.registration" not in finders
    # Here Keras was first.
    for module in ("functions", "layers", "theory.initializers"):
        importlib.import_module(f"keras_rectifiers.{module}")
    own = names_of_ours(names)
    assert {f"keras_rectifiers>{name}" for name in ("RReLU", "rrelu")} <= set(own)
    known = names_of_ours(keras.saving.get_custom_objects())
    # Those of the nets that studies train are registered with what builds them.
    assert set(known) - set(own) <= {"keras_rectifiers>Dropout"}


@pytest.mark.slow
def test_every_module_can_be_the_first_that_is_imported():
    """Over 10 s: a hundred modules are imported, each as if it were the first."""
    root = Path(keras_rectifiers.__file__).parent
    paths = [path.relative_to(root.parent) for path in root.rglob("*.py")]
    # Those of the other backends, which need not be installed.
    names = [".".join(path.with_suffix("").parts) for path in sorted(paths)]
    modules = [
        name for name in names if not name.endswith((".jax", ".torch", ".__init__"))
    ]
    command = [sys.executable, "-c", EACH_FIRST, *modules]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) == len(modules) > 90


def test_a_keras_that_is_missing_is_missed_as_ever(tmp_path):
    code = (
        "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]\n"
        "import keras_rectifiers, keras"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=Path(keras_rectifiers.__file__).parent.parent,
        capture_output=True,
        text=True,
    )
    assert result.stderr.endswith("ModuleNotFoundError: No module named 'keras'\n")


def test_once_keras_is_there_the_modules_are_imported_at_once(monkeypatch):
    finders = list(sys.meta_path)
    names = [f"keras_rectifiers.{name}" for name in registration.MODULES]
    imported = []
    monkeypatch.setattr(registration.importlib, "import_module", imported.append)
    registration.register_with_keras()
    assert imported == names
    assert sys.meta_path == finders


def test_without_keras_a_finder_waits_that_finds_nothing_of_others(monkeypatch):
    finders = list(sys.meta_path)
    monkeypatch.setattr(sys, "meta_path", list(finders))
    monkeypatch.delitem(sys.modules, "keras")
    registration.register_with_keras()
    waiting, *others = sys.meta_path
    assert others == finders
    assert waiting.find_spec("json") is None
    assert waiting.find_spec("keras.layers") is None
    assert waiting.find_spec("keras_rectifiers") is None
    assert waiting.find_spec("keras_rectifiers.no_such_module") is None
    spec = waiting.find_spec("keras")
    assert spec.name == "keras" and spec.loader.exec_module.__name__ == (
        "load_and_register"
    )
