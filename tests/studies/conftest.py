"""What tests of studies share: tiny ones that train in no time, and few resamples."""

from pathlib import Path

import pytest

import studies
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import published
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts import deciding
from tests.studies.made_up_command_line import (
    SMALL,
    TRIALS,
    made_up_study,
    made_up_tables,
)
from tests.studies.made_up_data import saved


@pytest.fixture(autouse=True)
def few_resamples(request, monkeypatch) -> None:
    """A hundred would be most of the work; only the slow tests look at what they show."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(deciding, "_NUM_RESAMPLES", 2)


@pytest.fixture
def tiny_studies(tmp_path, monkeypatch) -> None:
    """Two tiny studies, `tiny` and `other`, in an empty folder and a plain terminal."""
    others = [Trial(activation="elu", depth=2, **SMALL)]
    made_up = {
        "tiny": made_up_study("tiny", TRIALS),
        "other": made_up_study("other", others),
    }
    monkeypatch.setattr(studies, "STUDIES", made_up)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def errors() -> dict[str, BaseException]:
    """Activation -> what its training raises."""
    return {}


@pytest.fixture
def trained(monkeypatch, errors) -> list[str]:
    """The activations whose populations were trained: quickly, by a stand-in."""
    activations = []

    def train(trials):
        activations.append(trials[0].activation)
        if trials[0].activation in errors:
            raise errors[trials[0].activation]
        return made_up_tables(trials)

    monkeypatch.setattr(training, "train", train)
    return activations


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The empty working directory; the one study is `tiny`, and trains in no time."""
    monkeypatch.setattr(studies, "STUDIES", {"tiny": made_up_study("tiny", TRIALS)})
    monkeypatch.setattr(training, "train", made_up_tables)
    monkeypatch.setenv(published.DATA_DIR, "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def scratch(monkeypatch) -> list[Path]:
    """The folders in which local workers were to write; they are not started."""
    seen = []

    def local(workers, scratch, **options):
        seen.append(Path(scratch).parent)
        raise ConnectionError("enough seen")

    monkeypatch.setattr(runner.dask_workers, "local", local)
    return seen


@pytest.fixture
def large(tmp_path) -> str:
    """The path of a data set of 1,350 training examples, after validation's are taken."""
    return saved(tmp_path / "large.npz", num_train=1500)
