"""A store, a stand-in that trains in no time, and what a real run gives."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.running.made_up_trials import BROKEN, TRIALS, read_all, train_all


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Tables:
    """The tables of a run that nothing happened to."""
    store = Store(tmp_path_factory.mktemp("undisturbed"))
    train_all(TRIALS, store)
    return read_all(store)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def trained(monkeypatch) -> list[list[Trial]]:
    """The populations that were trained: quickly, by a stand-in."""
    populations = []

    def train(trials):
        populations.append(list(trials))
        if BROKEN in trials:
            raise RuntimeError("no such thing\nas this activation")
        keys = [runner.key(trial) for trial in trials]
        rows = [trial.settings() for trial in trials]
        frame = pd.DataFrame(rows)
        frame.insert(0, "key", keys)
        # Least at a rate of 0.1 or 1, as the activation is.
        best = frame["activation"].map({"tanh": 1.0}).fillna(0.1)
        distance = np.abs(np.log10(frame["learning_rate"] / best))
        frame["validation_accuracy"] = 1 - distance / 10
        frame["diverged"] = False
        measurements = pd.DataFrame(
            {"key": keys, "epoch": 0, "layer": 0, "measure": "m", "value": 1.0}
        )
        outputs = measurements.assign(name="n", index=0).drop(columns="measure")
        return Tables(trials=frame, measurements=measurements, outputs=outputs)

    monkeypatch.setattr(training, "train", train)
    return populations
