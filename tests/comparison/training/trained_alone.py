"""The same trials trained one at a time by model.fit, and how tables are compared."""

import functools

import keras
import pandas as pd
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.training import by_fit, trial_tasks
from keras_rectifiers.comparison.trials.store import TABLES, Tables

# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


def assert_equal_tables(tables, alone, tolerance):
    grain = ["key", "epoch", "layer", "measure"]
    one = tables.measurements.set_index(grain).value.sort_index()
    other = alone.measurements.set_index(grain).value.sort_index()
    pd.testing.assert_series_equal(one, other, rtol=tolerance, atol=tolerance)
    outcomes = [c for c in tables.trials if c.endswith(("_loss", "_accuracy"))]
    assert len(outcomes) == 6
    pd.testing.assert_frame_equal(
        tables.trials.set_index("key")[outcomes].sort_index(),
        alone.trials.set_index("key")[outcomes].sort_index(),
        rtol=tolerance,
        atol=tolerance,
    )
    stopped = [t.trials.set_index("key").stopped_epoch for t in (tables, alone)]
    assert stopped[0].sort_index().equals(stopped[1].sort_index())


def assert_last_equals_the_same_trained_alone(trials) -> Tables:
    """Compares the last trial; returns the tables of all."""
    together = training.train(trials, jit_compile=False)
    assert set(together.trials["mode"]) == {"tensorflow-graph"}
    last, alone = keep(together, trials[-1:]), train_alone(trials[-1:])
    assert_equal_tables(last, alone, GROWN)
    pd.testing.assert_frame_equal(
        last.outputs.reset_index(drop=True), alone.outputs, atol=1e-5
    )
    return together


def keep(tables, trials):
    """The tables of some of the trials."""
    keys = [runner.key(trial) for trial in trials]
    frames = {name: getattr(tables, name) for name in TABLES}
    return Tables(**{n: frame[frame.key.isin(keys)] for n, frame in frames.items()})


def train_alone(trials, *, jit_compile=False):
    with pytest.MonkeyPatch.context() as patch:
        if not jit_compile:  # so few steps take less time than their tracing
            eager = functools.partialmethod(keras.Model.compile, run_eagerly=True)
            patch.setattr(keras.Model, "compile", eager)
        parts = [_train_one(trial, jit_compile) for trial in trials]
    return Tables(
        **{
            table: pd.concat([getattr(p, table) for p in parts], ignore_index=True)
            for table in TABLES
        }
    )


def _train_one(trial, jit_compile) -> Tables:
    task, members = trial_tasks.task_of([trial], compiles_pretraining=jit_compile)
    results = by_fit.train(task, members, jit_compile=jit_compile)
    return trial_tasks.tables_of([trial], results)
