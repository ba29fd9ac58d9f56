"""TimingPlan, what is timed of activations, and the tables of their times."""

import dataclasses
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from keras_rectifiers import catalogue
from keras_rectifiers.comparison.trials import atomic_write, parquet_files
from keras_rectifiers.comparison.trials.results_folder import TIMINGS
from keras_rectifiers.comparison.trials.trial import Trial

# Part of every plan's key: raise it when the same plan gives other tables.
SCHEMA = 1

FORWARD = "forward"
BACKWARD = "forward and backward"
STEP = "training step"

COLUMNS = {
    "backend": "str",
    "mode": "str",
    "part": "str",
    "work": "str",
    "activation": "str",
    "round": "int64",
    "milliseconds": "float64",
    "load": "float64",
    "num_cores": "int64",
    "keras_version": "str",
}


@dataclass(frozen=True, kw_only=True)
class TimingPlan:
    """What is timed: activations alone, and training steps of nets with them.

    Args:
        activations: the activations that are timed alone, on random numbers.
        shapes: name -> the shape of these numbers, examples first, channels last.
        net_activations: the activations that are timed in nets.
        nets: name -> a net, of which a training step is timed on the first batch; its
            activation is not used.
        num_rounds: number of rounds, in each of which everything is timed once.

    Raises:
        ValueError: if an activation is unknown, or a number is not positive.
    """

    activations: Sequence[str]
    shapes: Mapping[str, Sequence[int]]
    net_activations: Sequence[str]
    nets: Mapping[str, Trial]
    num_rounds: int = 30

    def __post_init__(self):
        for name in (*self.activations, *self.net_activations):
            catalogue.entry(name)
        for what, numbers in {**self.shapes, "num_rounds": [self.num_rounds]}.items():
            if not (numbers and all(number >= 1 for number in numbers)):
                raise ValueError(
                    f"{what} must consist of whole numbers of at least 1. Received: "
                    f"{numbers!r}."
                )

    @property
    def key(self) -> str:
        """Its identity in a results folder: a hash of all that it says."""
        identity = json.dumps([SCHEMA, json.loads(self.to_json())], sort_keys=True)
        return hashlib.sha256(identity.encode()).hexdigest()[:24]

    def to_json(self) -> str:
        """Returns the plan as text, for another process."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "TimingPlan":
        """Returns the plan of a text from `to_json`."""
        fields = json.loads(text)
        nets = {name: Trial(**net) for name, net in fields["nets"].items()}
        return cls(**fields | {"nets": nets})


def no_timings() -> pd.DataFrame:
    """Returns the table without any time.

    Its columns: `backend` and `mode` (how it is computed); `part`, the name of a shape
    or of a net; `work`, which is `"forward"` or `"forward and backward"` of an
    activation alone, or the `"training step"` of a net; `activation`, `round` and
    `milliseconds`; `load`, the share of the time of all processors that other programs
    took meanwhile; `num_cores` and `keras_version`.
    """
    return pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)


def read(folder: Path, plan: TimingPlan) -> pd.DataFrame:
    """Returns the table of a plan in a results folder; empty if there is none.

    A damaged one counts as none, and is replaced when the plan is timed again.

    Raises:
        OSError: if it cannot be opened.
    """
    try:
        content = _path(folder, plan).read_bytes()
    except FileNotFoundError:
        return no_timings()
    if not parquet_files.is_whole(content):
        return no_timings()
    return pd.read_parquet(io.BytesIO(content))


def write(folder: Path, plan: TimingPlan, table: pd.DataFrame) -> None:
    """Writes the table of a plan into a results folder, in place of an earlier one.

    Raises:
        OSError: if it cannot be written; an existing one is not changed.
    """
    atomic_write.write(_path(folder, plan), parquet_files.content(table))


def _path(folder: Path, plan: TimingPlan) -> Path:
    return folder / TIMINGS / f"{plan.key}.parquet"
