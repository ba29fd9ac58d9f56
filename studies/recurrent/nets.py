"""The recurrent nets, the tasks that they learn, and how they are named."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import validation_loss
from keras_rectifiers.comparison.trials.trial import Trial

# Name -> how a net is built and starts, and the largest norm of its gradient, if any.
# An IRNN is a ReLU net that starts from the identity (Le 2015).
NETS: Mapping[str, Mapping] = {
    "ReLU": {"architecture": "rnn", "activation": "relu"},
    "ReLU clipped": {
        "architecture": "rnn",
        "activation": "relu",
        "global_clipnorm": 1.0,
    },
    "IRNN": {
        "architecture": "rnn",
        "activation": "relu",
        "initializer": "identity",
    },
    "IRNN clipped": {
        "architecture": "rnn",
        "activation": "relu",
        "initializer": "identity",
        "global_clipnorm": 1.0,
    },
    "tanh": {"architecture": "rnn", "activation": "tanh"},
    "LSTM tanh": {"architecture": "lstm", "activation": "tanh"},
    "LSTM ReLU": {"architecture": "lstm", "activation": "relu"},
}
DEFAULTS = {"initializer": "glorot", "global_clipnorm": 0.0}
COMMON = {"width": 16, "optimizer": "adam", "inputs": "raw", "probe_size": 64}
RATES = (3e-3, 1e-2, 3e-2)

# Task -> its data set and the number of its time steps.
TASKS: Mapping[str, Mapping] = {
    **{
        f"adding, {length} steps": {"dataset": f"adding_{length}", "depth": length}
        for length in (10, 20, 40)
    },
    # Images, which are read row by row, are scaled as in the other studies.
    "rows of images": {"dataset": "digits", "depth": 8, "inputs": "standardised"},
}
ROWS = "rows of images"
SIZES = {
    "adding": {"train_size": 1000, "batch_size": 20},
    "rows": {"batch_size": 32},
}


def _grids(*, tasks: Mapping[str, int], seeds: range) -> list[RateGrid]:
    """The grids of tasks, each trained for so many epochs."""
    return [
        RateGrid(
            title=f"Recurrent nets, {task}",
            nets=[
                Trial(**settings, epochs=epochs)
                for settings in map(_settings, [task] * len(NETS), NETS)
            ],
            rates=RATES,
            seeds=seeds,
            score=validation_loss,
            score_name="validation loss",
        )
        for task, epochs in tasks.items()
    ]


def _settings(task: str, net: str) -> dict:
    """The settings of a net on a task, except those of its training."""
    kind = "rows" if task == ROWS else "adding"
    return {**COMMON, **DEFAULTS, **SIZES[kind], **TASKS[task], **NETS[net]}


ADDING = {f"adding, {length} steps": 40 for length in (10, 20, 40)}
GRIDS = {
    "quick": _grids(tasks={"adding, 10 steps": 40, ROWS: 4}, seeds=range(20)),
    "standard": _grids(tasks=ADDING | {ROWS: 10}, seeds=range(20)),
    "full": _grids(
        tasks={task: 3 * epochs for task, epochs in ADDING.items()} | {ROWS: 20},
        seeds=range(50),
    ),
}


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with the settings of trials, with the names of their task and net."""
    frame = frame.reset_index(drop=True)
    task, net = (pd.Series("", index=frame.index, dtype=object) for _ in range(2))
    for name, settings in TASKS.items():
        is_own = frame["dataset"] == settings["dataset"]
        if name == ROWS:  # on any images
            is_own = ~frame["dataset"].str.startswith("adding")
        task[is_own] = name
    for name, settings in NETS.items():
        rows = where(frame, **{**DEFAULTS, **settings})
        net[rows.index] = name
    kinds = {"task": list(TASKS), "net": list(NETS)}
    columns = {"task": task, "net": net}
    return frame.assign(
        **{
            name: pd.Categorical(column, kinds[name], ordered=True)
            for name, column in columns.items()
        }
    )


NETS_IN_WORDS = "recurrent nets of 16 units"


def as_series(rows: pd.DataFrame, **columns) -> pd.DataFrame:
    """Rows in whose figure each net, and not each activation, is a series."""
    order = pd.Series(rows["net"]).cat.codes
    rows = rows.assign(**columns, activation=rows["net"].astype(str))
    return rows.iloc[np.argsort(order, kind="stable")]
