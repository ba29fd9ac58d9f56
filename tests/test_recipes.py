"""CONTRIBUTING's recipes: what they name is enough, and a missing step is told."""

import dataclasses
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import pytest

import keras_rectifiers
import studies
from keras_rectifiers import layers
from keras_rectifiers.activations import identify
from keras_rectifiers.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent

FUNCTION = '''

def halved(x):
    """Rectifier of half the slope.

    Args:
        x: Float tensor of any shape.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    return ops.relu(_as_float(x)) / 2
'''

LAYER = '''
import keras

from keras_rectifiers import arguments, functions, keras_internals


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class Halved(keras.layers.Layer):
    """Rectifier of half the slope.

    Formula:

    ```
    f(x) = max(0, x) / 2
    ```

    Example:

    >>> Halved()([2.0])[0].numpy().item()
    1.0
    """

    def __init__(self, **kwargs):
        arguments.check_keywords(kwargs, layer="Halved", advice={})
        super().__init__(**kwargs)
        self.supports_masking = True
        keras_internals.build_at_init(self)

    def call(self, inputs):
        arguments.check_tensor(inputs, layer="Halved")
        return functions.halved(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape
'''

ENTRY = """
        Activation(
            name="halved",
            layer="keras_rectifiers.layers.Halved",
            formula="max(x, 0) / 2",
            reference="made up",
            colour="#000000",
            derivative_range=(0.0, 0.5),
            kinks=(0.0,),
            piecewise_linear=True,
            flat_zero=True,
        ),
"""

ROW = '    "halved": Row(layers.Halved, formula=lambda x: np.maximum(x, 0) / 2),\n'

STUDY = '''
"""Does a made-up study run by the recipe alone?"""

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from keras_rectifiers.comparison.verdicts.sources import Source
from keras_rectifiers.comparison.statistics import measured
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial


def trials():
    return [Trial(activation=a, depth=2, seed=s) for a in NAMES for s in range(20)]


def accuracy(tables):
    trials = tables.trials
    if trials.empty:
        return {"MLP": trials["key"].astype(float)}
    return {"MLP": trials.groupby("seed")["test_accuracy"].mean()}


def curves(tables):
    rows = measured(tables, "train_loss").assign(panel="all")
    return figures.lines_against(
        rows, "epoch", xlabel="epoch", ylabel="loss", column="panel"
    )


NAMES = ("relu", "halved")

STUDY = Study(
    name="made_up",
    title="Made up",
    question="Is it made up?",
    method="It is.",
    trials=dict.fromkeys(("quick", "standard", "full"), trials),
    claims=(
        Claim(
            id="learns",
            statement="It learns.",
            sources=(Source(title="made up"),),
            criterion="Half of the test examples at least.",
            rule=AtLeast(threshold=0.5),
            effects=accuracy,
            quantity="test accuracy",
            nets="MLPs of 2 layers",
        ),
    ),
    figures=(StudyFigure(name="curves", title="Curves", caption="Loss.", draw=curves),),
    not_shown="Anything else.",
)
'''


def test_every_layer_there_is_is_public_and_has_an_entry_in_the_catalogue():
    there = sorted(kind.__name__ for kind in defined_layers())
    assert len(there) >= 6
    missing = [name for name in there if name not in layers.__all__]
    missing += [name for name in there if name not in keras_rectifiers.__all__]
    made = {entry.layer for entry in CATALOGUE.values()}
    missing += [name for name in there if f"keras_rectifiers.layers.{name}" not in made]
    assert missing == [], "CONTRIBUTING.md, Add a rectifier, steps 3 and 4."


class Unlisted(keras.layers.Layer):
    pass


def test_a_layer_is_known_by_its_entry_alone(monkeypatch):
    layer = Unlisted()
    assert identify(layer) is None
    entry = dataclasses.replace(CATALOGUE["relu"], layer=f"{__name__}.Unlisted")
    monkeypatch.setitem(CATALOGUE, "unlisted", entry)
    assert identify(layer) is entry


def test_a_study_is_found_by_its_file_alone(tmp_path, monkeypatch):
    before = list(studies.found())
    (tmp_path / "made_up.py").write_text(STUDY.replace("halved", "tanh"))
    (tmp_path / "helper.py").write_text("NO_STUDY = 1\n")
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path)])
    try:
        found = studies.found()
    finally:
        for name in ("made_up", "helper"):
            sys.modules.pop(f"studies.{name}", None)
    assert list(found) == [*before, "made_up"]
    assert before[:2] == ["vanishing_gradients", "exploding_gradients"]


def test_two_studies_of_one_name_are_refused(tmp_path, monkeypatch):
    (tmp_path / "other.py").write_text(STUDY.replace('"made_up"', '"accuracy"'))
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path)])
    try:
        with pytest.raises(
            ValueError,
            match=r"^Expected studies with different names\. Rename the STUDY in studies/"
            r"other\.py\. Received: 'accuracy' twice\.$",
        ):
            studies.found()
    finally:
        sys.modules.pop("studies.other", None)


@pytest.mark.slow
def test_a_rectifier_and_a_study_are_added_by_the_recipes_alone(tmp_path):
    for name in ("keras_rectifiers", "studies", "tests"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    package = tmp_path / "keras_rectifiers"
    # The rectifier.
    functions = package / "functions.py"
    functions.write_text(functions.read_text() + FUNCTION)
    (package / "layers" / "halved.py").write_text(LAYER.lstrip())
    own = "from keras_rectifiers.layers{} import Halved as Halved\n"
    for path, module in (
        (package / "layers" / "__init__.py", ".halved"),
        (package / "__init__.py", ""),
    ):
        first = "from keras_rectifiers.layers"
        indent = re.search(rf"^( *){first}", path.read_text(), re.MULTILINE)[1]
        put(path, indent + own.format(module), before=indent + first)
        put(path, '"Halved", ', before='"Maxout"')
    put(package / "catalogue.py", ENTRY.lstrip("\n"), before="        Activation(\n")
    put(tmp_path / "tests" / "layers" / "test_contract.py", ROW, before='    "maxout":')
    row = "| `Halved` | max(x, 0) / 2 | no | never | – |\n"
    put(tmp_path / "README.md", row, before="| `RReLU`")
    # The study, which compares it.
    (tmp_path / "studies" / "made_up.py").write_text(STUDY.lstrip())
    put(
        tmp_path / "README.md",
        "| `made_up` | Is it made up? |\n",
        before="| `sparsity`",
    )
    chosen = "halved or made_up or table_has or public or catalogue or look_the_same"
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"),
        *("tests/layers/test_contract.py", "tests/test_catalogue.py"),
        *(
            "tests/test_readme.py",
            "tests/test_recipes.py",
            "tests/studies/test_studies.py",
        ),
        *("-k", f"({chosen}) and not (a_rectifier_and_a_study or notice)"),
    ]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-5000:]


def put(path: Path, text: str, *, before: str) -> None:
    whole = path.read_text()
    assert before in whole
    path.write_text(whole.replace(before, text + before, 1))


def defined_layers() -> Iterator[type]:
    for module in pkgutil.iter_modules(layers.__path__):
        named = vars(importlib.import_module(f"{layers.__name__}.{module.name}"))
        for kind in named.values():
            is_layer = isinstance(kind, type) and issubclass(kind, keras.layers.Layer)
            if is_layer and kind.__module__.startswith(layers.__name__):
                yield kind
