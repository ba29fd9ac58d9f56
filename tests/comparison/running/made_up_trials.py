"""Small trials, one of which breaks, and how their runs are compared."""

import pandas as pd

from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial

SMALL = {"width": 4, "batch_size": 256, "epochs": 1, "probe_size": 32}
TRIALS = [
    Trial(activation=activation, depth=depth, seed=seed, **SMALL)
    for activation, depth in (("relu", 2), ("prelu", 2), ("tanh", 3))
    for seed in range(2)
]
# Its training fails, wherever it is trained.
BROKEN = Trial(activation="softplus", depth=2, **SMALL)


def train_all(trials, store, **options) -> list[tuple[str, str]]:
    """Runs what is missing; returns what happened to which activation."""
    events = list(runner.run(runner.missing(trials, store), store, **options))
    return [(event.kind, event.work.trials[0].activation) for event in events]


def read_all(store, trials=TRIALS) -> Tables:
    return store.read([runner.key(trial) for trial in trials])


def assert_equal_tables(tables: Tables, expected: Tables) -> None:
    assert len(expected.trials) > 0
    for table in ("trials", "measurements", "outputs"):
        pd.testing.assert_frame_equal(
            getattr(tables, table), getattr(expected, table), check_exact=True
        )
