"""Stand-in for the engine: a loop of `fit`."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd

from keras_rectifiers.comparison.nets.initial_values import derive_seed
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.training.task import Data, Member, Split, Task
from keras_rectifiers.inspection.probe import measure


class Results(NamedTuple):
    """The frames of the members, joined by `member`."""

    outcomes: pd.DataFrame
    measurements: pd.DataFrame
    outputs: pd.DataFrame


def train_members(
    task: Task,
    members: Sequence[Member],
    *,
    jit_compile: bool | None = None,
    progress: Callable | None = None,
) -> Results:
    """Trains members one after the other with `fit`."""
    outcomes, measurements = [], []
    for number, member in enumerate(members):
        outcome, rows = _train(task, member)
        outcomes.append({"member": number, "mode": "fit", "reason": "", **outcome})
        measurements += [(number, *row) for row in rows]
    frame = pd.DataFrame(
        measurements, columns=["member", "epoch", "layer", "measure", "value"]
    )
    frame["layer"] = frame["layer"].astype("Int64")
    return Results(
        outcomes=pd.DataFrame(outcomes),
        measurements=frame,
        outputs=pd.DataFrame(
            columns=["member", "epoch", "layer", "name", "index", "value"]
        ),
    )


def _part(data: Data, indices):
    def take(nest):
        if nest is None:
            return None
        return keras.tree.map_structure(lambda array: array[indices], nest)

    return {
        "x": take(data.x),
        "y": take(data.y),
        "sample_weight": take(data.sample_weight),
    }


def _train(task, member):
    example = keras.tree.map_structure(lambda a: a[:2], task.data.x)
    recorded = RecordedModel(task.build, example)
    model = recorded.model
    for variable, value in zip(
        model.variables, recorded.values(member.seed), strict=True
    ):
        variable.assign(value)
    if member.learning_rate is not None:
        model.optimizer.learning_rate = member.learning_rate
    rows, stopped = [], pd.NA
    size = len(member.split.train)
    probe = _part(task.data, member.split.train[: task.probe_size])

    def look(epoch):
        if task.measures:
            for row in measure(model, probe["x"], probe["y"]).itertuples():
                rows.append((epoch, row.layer, row.measure, row.value))

    look(0)
    for epoch in range(1, task.epochs + 1):
        rng = np.random.default_rng(derive_seed(member.seed, epoch, "order"))
        steps = size // task.batch_size
        order = rng.permutation(size)[: steps * task.batch_size]
        part = _part(task.data, member.split.train[order])
        fitted = model.fit(**part, batch_size=task.batch_size, shuffle=False, verbose=0)
        look(epoch)
        rows.append((epoch, pd.NA, "train_loss", fitted.history["loss"][0]))
        values = model.evaluate(
            **_part(task.data, member.split.validation), verbose=0, return_dict=True
        )
        rows += [(epoch, pd.NA, f"validation_{n}", v) for n, v in values.items()]
    outcome = {
        "stopped_epoch": stopped,
        "diverged": not np.isfinite(fitted.history["loss"][0]),
    }
    for split in Split._fields:
        values = model.evaluate(
            **_part(task.data, getattr(member.split, split)),
            verbose=0,
            return_dict=True,
        )
        outcome |= {f"{split}_{name}": value for name, value in values.items()}
    return outcome, rows
