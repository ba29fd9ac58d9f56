"""The tables as if training had ended earlier, from the stored learning curves."""

from dataclasses import replace

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables

# Outcome of a training -> the curve with its value after each epoch. The test split is
# used only once, at the end, so the validation split stands for it. There is no curve
# of the training accuracy.
CURVES = {
    "train_loss": "train_loss",
    "validation_loss": "validation_loss",
    "validation_accuracy": "validation_accuracy",
    "test_loss": "validation_loss",
    "test_accuracy": "validation_accuracy",
}
_MEASURES = sorted(set(CURVES.values()))
# What is computed from the state at the end.
_OF_THE_END = "revived_units"


def ended_after(tables: Tables, epoch: int) -> Tables:
    """The tables as if training had ended after an epoch.

    The outcomes are those of the learning curves at that epoch, see `CURVES`, also at
    the last epoch, so that all of them are of one kind: the scores on the test split
    are replaced by those on the validation split, and the training loss by its mean
    during the epoch. The training accuracy is not known. A net that had stopped
    before keeps its last values.

    Args:
        tables: trials that were trained for at least so many epochs.
        epoch: the number of epochs, at least 1.

    Returns:
        The tables, with `epoch` in the column `epochs`, and without what is known only
        at the end. A net counts as diverged if its training or validation loss is not
        finite at that epoch, or was not stored.
    """
    trials, rows = tables.trials, tables.measurements
    last = pd.Series(epoch, index=trials["key"])
    if "stopped_epoch" in trials:
        stopped = trials["stopped_epoch"].set_axis(last.index).astype(float)
        last = stopped.fillna(epoch).clip(upper=epoch)
        trials = trials.assign(
            stopped_epoch=trials["stopped_epoch"].where(
                trials["stopped_epoch"] <= epoch
            )
        )
    curves = rows[rows["layer"].isna() & rows["measure"].isin(_MEASURES)]
    curves = curves[curves["epoch"] == curves["key"].map(last)]
    values = curves.pivot(index="key", columns="measure", values="value").reindex(
        index=last.index, columns=_MEASURES
    )
    is_finite = np.isfinite(values[["train_loss", "validation_loss"]].astype(float))
    outcomes = {name: values[curve].to_numpy(float) for name, curve in CURVES.items()}
    is_kept = (rows["epoch"] <= epoch) & (rows["measure"] != _OF_THE_END)
    return replace(
        tables,
        trials=trials.assign(
            **outcomes,
            train_accuracy=np.nan,
            epochs=epoch,
            diverged=~is_finite.all(axis=1).to_numpy(),
        ),
        measurements=rows[is_kept],
        outputs=tables.outputs.iloc[:0],
    )
