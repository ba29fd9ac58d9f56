"""Tables of two activations with made-up learning curves."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial

# Trial, epoch -> the validation accuracy and loss, and the training loss.
Curve = Callable[[Trial, int], tuple[float, float, float]]


def key(trial: Trial) -> str:
    return (
        f"{trial.activation}-{trial.architecture}-{trial.epochs}"
        f"-{trial.learning_rate:g}-{trial.seed}"
    )


def tables_of_curves(
    trials: list[Trial], curve: Curve, *, test_accuracy: float = 0.5
) -> Tables:
    """Tables in which the outcomes are those of the last epoch; on test, as given."""
    frame = pd.DataFrame([trial.settings() for trial in trials])
    frame.insert(0, "key", [key(trial) for trial in trials])
    measures = ["validation_accuracy", "validation_loss", "train_loss"]
    ends = [curve(trial, trial.epochs) for trial in trials]
    frame[measures] = np.array(ends, dtype=float)
    frame["test_accuracy"] = test_accuracy
    frame["test_loss"] = 1.0
    frame["train_accuracy"] = 0.95
    frame["diverged"] = ~np.isfinite(frame["train_loss"])
    frame["stopped_epoch"] = pd.array([pd.NA] * len(frame), dtype="Int32")
    rows = [
        (key(trial), epoch, pd.NA, measure, value)
        for trial in trials
        for epoch in range(1, trial.epochs + 1)
        for measure, value in zip(measures, curve(trial, epoch), strict=True)
    ]
    columns = ["key", "epoch", "layer", "measure", "value"]
    measurements = pd.DataFrame(rows, columns=columns).astype(
        {"layer": "Int16", "value": float}
    )
    outputs = pd.DataFrame({"key": frame["key"], "epoch": frame["epochs"]})
    return Tables(trials=frame, measurements=measurements, outputs=outputs)


def without_rows(tables: Tables, key: str, epoch: int) -> Tables:
    """The tables without the curves of a net at an epoch."""
    rows = tables.measurements
    is_lost = (rows["key"] == key) & (rows["epoch"] == epoch)
    assert is_lost.any()
    return Tables(
        trials=tables.trials, measurements=rows[~is_lost], outputs=tables.outputs
    )
