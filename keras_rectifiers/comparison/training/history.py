"""Collects the results of the members of a population into tables."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pandas as pd

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial

_NO_OUTPUTS = pd.DataFrame(
    {
        name: pd.Series(dtype=kind)
        for name, kind in {
            "key": "str",
            "epoch": "int64",
            "layer": "int64",
            "name": "str",
            "index": "int64",
            "value": "float64",
        }.items()
    }
)


class History:
    """The tables of a population during its training.

    Args:
        trials: the trials of the population.
        mode: how they are trained, for the column `mode`.
    """

    def __init__(self, trials: Sequence[Trial], *, mode: str):
        backend = keras.backend.backend()
        data = [datasets.describe(trial) for trial in trials]
        self.keys = np.array(
            [
                trial.key(of_trial.checksum, backend=backend)
                for trial, of_trial in zip(trials, data, strict=True)
            ]
        )
        self.trials = pd.DataFrame([t.settings() for t in trials])
        self.trials.insert(0, "key", self.keys)
        self.trials["schema"] = SCHEMA
        self.trials["mode"] = mode
        self.trials["num_test"] = [of_trial.num_test for of_trial in data]
        self.trials["stopped_epoch"] = pd.array([pd.NA] * len(trials), dtype="Int32")
        for split in SPLITS:  # what was not trained has no outcome
            self.trials[f"{split}_loss"] = np.nan
            self.trials[f"{split}_accuracy"] = np.nan
        self.trials["keras_version"] = keras.__version__
        self.trials["backend"] = backend
        self._measurements: list[pd.DataFrame] = []
        # Epoch, who was watched, and which units were dead, (members, layers, units).
        self._dead: list[tuple[int, np.ndarray, np.ndarray]] = []
        self._outputs: list[pd.DataFrame] = []

    @property
    def running(self) -> np.ndarray:
        """Which members are still training, booleans `(members,)`."""
        return self.trials["stopped_epoch"].isna().to_numpy()

    def stop(self, members: np.ndarray, epoch: int) -> None:
        """Records that members `(members,)`, booleans, stop after an epoch."""
        self.trials.loc[members & self.running, "stopped_epoch"] = epoch

    def add_measurements(self, epoch: int, values: Mapping[str, np.ndarray]) -> None:
        """Adds measurements of the members that are still training.

        Args:
            epoch: the epoch after which they were taken.
            values: measure -> `(members, layers)`; and `is_dead`, `(members, layers,
                units)`, from which `revived_units` is computed at the end.
        """
        values = dict(values)
        if (is_dead := values.pop("is_dead", None)) is not None:
            self._dead.append((epoch, self.running, is_dead))
        for measure, array in values.items():
            self._add_layers(epoch, measure, array, self.running)

    def add_epoch(self, epoch: int, train_loss, validation_loss, validation_accuracy):
        """Adds the values `(members,)` of the learning curves after an epoch."""
        keys = self.keys[self.running]
        values = {
            "train_loss": train_loss,
            "validation_loss": validation_loss,
            "validation_accuracy": validation_accuracy,
        }
        for measure, array in values.items():
            frame = pd.DataFrame(
                {
                    "key": keys,
                    "epoch": epoch,
                    "layer": pd.array([pd.NA] * len(keys), dtype="Int16"),
                    "measure": measure,
                    "value": np.asarray(array, np.float64)[self.running],
                }
            )
            self._measurements.append(frame)

    def add_outcome(self, split: str, loss, accuracy) -> None:
        """Adds the final loss and accuracy `(members,)` on a split."""
        self.trials[f"{split}_loss"] = np.asarray(loss, np.float64)
        self.trials[f"{split}_accuracy"] = np.asarray(accuracy, np.float64)

    def add_output(self, layer: int, name: str, values: np.ndarray) -> None:
        """Adds final values `(members, n)` that are not scalar measures."""
        num_members, size = values.shape
        last = self.trials["stopped_epoch"].fillna(self.trials["epochs"])
        self._outputs.append(
            pd.DataFrame(
                {
                    "key": np.repeat(self.keys, size),
                    "epoch": np.repeat(last.to_numpy(np.int64), size),
                    "layer": layer,
                    "name": name,
                    "index": np.tile(np.arange(size), num_members),
                    "value": values.ravel().astype(np.float64),
                }
            )
        )

    def tables(self) -> Tables:
        """Returns the frames. Call it once, at the end."""
        for epoch, which, is_dead in self._dead:
            # Who stopped early has stayed as it was.
            revived = is_dead * (1 - self._dead[-1][2])
            self._add_layers(epoch, "revived_units", revived.mean(axis=-1), which)
        trials = self.trials.assign(
            # Accuracy hides it: a net of NaN still guesses a class.
            diverged=(self.trials["epochs"] > 0)
            & ~np.isfinite(self.trials["train_loss"])
        )
        return Tables(
            trials=trials,
            measurements=pd.concat(self._measurements, ignore_index=True),
            outputs=pd.concat([_NO_OUTPUTS, *self._outputs], ignore_index=True),
        )

    def _add_layers(
        self, epoch: int, measure: str, array: np.ndarray, which: np.ndarray
    ) -> None:
        """Adds a measure `(members, layers)` of some members, booleans."""
        keys, num_layers = self.keys[which], array.shape[1]
        frame = pd.DataFrame(
            {
                "key": np.repeat(keys, num_layers),
                "epoch": epoch,
                "layer": np.tile(np.arange(num_layers), len(keys)),
                "measure": measure,
                "value": array[which].ravel().astype(np.float64),
            }
        )
        self._measurements.append(frame.astype({"layer": "Int16"}))
