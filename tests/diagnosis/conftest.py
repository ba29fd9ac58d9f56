"""What several files of tests share: data, and one training that is watched."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from keras_rectifiers import LayerMonitor
from tests.diagnosis.made_up_trainings import Reader, fit, net


@pytest.fixture(autouse=True)
def all_steps(monkeypatch):
    """No rehearsal is cut, as those of a busy machine are, whatever a test says of it."""
    monkeypatch.setattr("keras_rectifiers.diagnosis.rehearsal.MOST_SECONDS", math.inf)


@pytest.fixture(scope="session")
def data():
    x = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
    return x, (x[:, :1] > 0).astype("float32")


@pytest.fixture
def free_probe(monkeypatch):
    """A probe that costs nothing, where only matters when it is asked."""
    monkeypatch.setattr(
        "keras_rectifiers.diagnosis.monitor.compile_probe",
        lambda *batch, sites, **how: lambda: ([{"dead_units": 0.0} for _ in sites], []),
    )


@pytest.fixture(scope="session")
def watched(data, tmp_path_factory):
    """One training with several monitors, for all who only look at the results."""
    folder = tmp_path_factory.mktemp("watched")
    path, log_dir = folder / "new" / "log", folder / "logs"
    model, reader = net(), Reader(path)
    monitor = LayerMonitor(*data, path=path, log_dir=log_dir)
    by_two = LayerMonitor(*data, every=2)
    fit(model, data, [monitor, reader, by_two])
    return SimpleNamespace(
        model=model,
        monitor=monitor,
        by_two=by_two,
        reader=reader,
        path=path,
        log_dir=log_dir,
    )


@pytest.fixture
def batch(rng):
    return rng.normal(size=(128, 6)).astype("float32"), np.arange(128) % 3
