"""What is kept of the training of members, in tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

_NO_OUTPUTS = pd.DataFrame(
    {
        name: pd.Series(dtype=kind)
        for name, kind in {
            "member": "int64",
            "epoch": "int64",
            "layer": "int64",
            "name": "str",
            "index": "int64",
            "value": "float64",
        }.items()
    }
)
# In the place of the layer of what has none, such as a learning curve.
_NO_LAYER = -1


@dataclass(frozen=True, kw_only=True)
class Results:
    """Frames that are joined by `member`, the number of a member in the order given.

    Args:
        outcomes: a row for each member: `mode`, how it was trained; `reason`, why not
            together with others, or empty; `stopped_epoch`; `diverged`, whether its
            training loss became NaN or infinite; and the loss and each metric on each
            split at the end, such as `validation_loss`.
        measurements: `member, epoch, layer, measure, value`. Curves have no layer:
            `train_loss`, `validation_loss`, and each metric likewise on the validation
            split.
        outputs: `member, epoch, layer, name, index, value`: what each unit has learned,
            such as the slopes of PReLU.
        values: of each of `model.variables` after training, `(members, ...)`, by its
            path; empty if the task does not keep them.
    """

    outcomes: pd.DataFrame
    measurements: pd.DataFrame
    outputs: pd.DataFrame
    values: Mapping[str, np.ndarray] = field(default_factory=dict)


class Recorder:
    """The tables of some members during their training.

    Args:
        num_members: how many.
        epochs: the number of epochs of those that do not stop early.
        mode, reason: of all, for these columns.
    """

    def __init__(self, num_members: int, epochs: int, *, mode: str, reason: str = ""):
        self.members, self.epochs = np.arange(num_members), epochs
        self.outcomes = pd.DataFrame({"member": self.members})
        self.outcomes["mode"], self.outcomes["reason"] = mode, reason
        self.outcomes["stopped_epoch"] = pd.array([pd.NA] * num_members, dtype="Int32")
        # Arrays until the end, as to make a frame takes longer than to fill it.
        self._measured: list[_Measured] = []
        # Epoch, layers, who was watched, and which units were dead, (members, layers,
        # units).
        self._dead: list[tuple[int, tuple[int, ...], np.ndarray, np.ndarray]] = []
        self._outputs: list[pd.DataFrame] = []
        self._values: Mapping[str, np.ndarray] = {}

    @property
    def running(self) -> np.ndarray:
        """Which members are still training, booleans `(members,)`."""
        return self.outcomes["stopped_epoch"].isna().to_numpy()

    def stop(self, members: np.ndarray, epoch: int) -> None:
        """Records that members `(members,)`, booleans, stop after an epoch."""
        self.outcomes.loc[members & self.running, "stopped_epoch"] = epoch

    def add_measurements(
        self, epoch: int, layers: Sequence[int], values: Mapping[str, np.ndarray]
    ) -> None:
        """Adds measurements of the members that are still training.

        Args:
            epoch: the epoch after which they were taken.
            layers: the numbers of the layers.
            values: measure -> `(members, layers)`; and `is_dead`, `(members, layers,
                units)`, from which `revived_units` is computed at the end.
        """
        values = dict(values)
        if (is_dead := values.pop("is_dead", None)) is not None:
            self._dead.append((epoch, tuple(layers), self.running, is_dead))
        for measure, array in values.items():
            self._add_layers(epoch, layers, measure, array, self.running)

    def add_curves(self, epoch: int, values: Mapping[str, np.ndarray]) -> None:
        """Adds the values `(members,)` of learning curves after an epoch."""
        for measure, array in values.items():
            self._add_layers(
                epoch, [_NO_LAYER], measure, np.asarray(array)[:, None], self.running
            )

    def add_outcome(self, split: str, values: Mapping[str, np.ndarray | float]) -> None:
        """Adds the final loss and metrics, by name, `(members,)` on a split."""
        for name, array in values.items():
            self.outcomes[f"{split}_{name}"] = np.asarray(array, np.float64)

    def add_output(self, layer: int, name: str, values: np.ndarray) -> None:
        """Adds final values `(members, n)` that are not scalar measures."""
        num_members, size = values.shape
        last = self.outcomes["stopped_epoch"].fillna(self.epochs)
        self._outputs.append(
            pd.DataFrame(
                {
                    "member": np.repeat(self.members, size),
                    "epoch": np.repeat(last.to_numpy(np.int64), size),
                    "layer": layer,
                    "name": name,
                    "index": np.tile(np.arange(size), num_members),
                    "value": values.ravel().astype(np.float64),
                }
            )
        )

    def add_values(self, values: Mapping[str, np.ndarray]) -> None:
        """Adds the variables after training, see `Results`."""
        self._values = values

    def results(self) -> Results:
        """Returns the frames. Call it once, at the end."""
        last = {layers: is_dead for _, layers, _, is_dead in self._dead}
        for epoch, layers, which, is_dead in self._dead:
            # Who stopped early has stayed as it was.
            revived = (is_dead * (1 - last[layers])).mean(axis=-1)
            self._add_layers(epoch, layers, "revived_units", revived, which)
        outcomes = self.outcomes.assign(
            # Accuracy hides it: a net of NaN still guesses a class.
            diverged=(self.epochs > 0) & ~np.isfinite(self.outcomes["train_loss"])
        )
        return Results(
            outcomes=outcomes,
            measurements=_frame(self._measured),
            outputs=pd.concat([_NO_OUTPUTS, *self._outputs], ignore_index=True),
            values=self._values,
        )

    def _add_layers(
        self,
        epoch: int,
        layers: Sequence[int],
        measure: str,
        array: np.ndarray,
        which: np.ndarray,
    ) -> None:
        """Adds a measure `(members, layers)` of some members, booleans."""
        members = self.members[which]
        self._measured.append(
            _Measured(
                measure=measure,
                epoch=epoch,
                members=np.repeat(members, len(layers)),
                layers=np.tile(layers, len(members)),
                values=array[which].ravel().astype(np.float64),
            )
        )


class _Measured(NamedTuple):
    """The values of one measure after an epoch, one for each member and layer."""

    measure: str
    epoch: int
    members: np.ndarray
    layers: np.ndarray
    values: np.ndarray


def _frame(measured: Sequence[_Measured]) -> pd.DataFrame:
    """By epoch and measure, and of each the layers of a member after one another.

    Layers of different kinds are measured apart.
    """
    sizes = [len(some.values) for some in measured]
    epochs = np.array([some.epoch for some in measured], np.int64)
    measures = pd.Series([some.measure for some in measured], dtype="str")
    none = np.empty(0, np.int64)
    layers = np.concatenate([none, *(some.layers for some in measured)])
    frame = pd.DataFrame(
        {
            "member": np.concatenate([none, *(some.members for some in measured)]),
            "epoch": np.repeat(epochs, sizes),
            "layer": pd.array(layers, dtype="Int16"),
            "measure": measures.repeat(sizes).array,
            "value": np.concatenate([np.empty(0), *(some.values for some in measured)]),
        }
    )
    kinds, _ = pd.factorize(frame["measure"])
    order = np.lexsort((layers, frame["member"], kinds, frame["epoch"]))
    frame = frame.iloc[order].reset_index(drop=True)
    return frame.assign(layer=frame["layer"].mask(frame["layer"] == _NO_LAYER))


def joined(parts: Sequence[Results]) -> Results:
    """The results of members that were trained in several groups, one after another."""
    starts = np.cumsum([0, *(len(part.outcomes) for part in parts)])

    def frame(table: str) -> pd.DataFrame:
        frames = [
            getattr(part, table).assign(member=getattr(part, table)["member"] + start)
            for part, start in zip(parts, starts, strict=False)
        ]
        return pd.concat(frames, ignore_index=True)

    tables = ("outcomes", "measurements", "outputs")
    values = {
        path: np.concatenate([part.values[path] for part in parts])
        for path in parts[0].values
    }
    return Results(**{table: frame(table) for table in tables}, values=values)
