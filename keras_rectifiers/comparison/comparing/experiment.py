"""What is trained: every activation at every learning rate with every seed."""

import functools
import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import keras
import pandas as pd

from keras_rectifiers.comparison.comparing.code import code_of
from keras_rectifiers.comparison.comparing.compiling import ModelBuilder
from keras_rectifiers.comparison.comparing.examples import Examples
from keras_rectifiers.comparison.comparing.splitting import split_for
from keras_rectifiers.comparison.training.engine import train_members
from keras_rectifiers.comparison.training.task import Member, Task
from keras_rectifiers.comparison.trials.store import Tables

# Part of every key: raise it when the same settings give other tables.
SCHEMA = 1
# So many members are trained at once, so that an end before the end loses little.
MOST_MEMBERS = 60


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the work: an activation with some of the seeds, at every rate.

    Args:
        activation: its name.
        seeds: the seeds.
    """

    activation: str
    seeds: tuple[int, ...]

    def __str__(self) -> str:
        first, last = self.seeds[0], self.seeds[-1]
        seeds = f"seed {first}" if first == last else f"seeds {first} to {last}"
        return f"{self.activation}, {seeds}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Experiment:
    """All that decides what is trained.

    Args:
        builders: name of an activation -> what makes its compiled model.
        configs: name of an activation -> what its model is made of, as text.
        examples: the data.
        seeds: the seeds.
        rates: the learning rates; None stands for that of the optimizer.
        own_rate: the rate of the optimizer; None if it has a schedule.
        epochs, batch_size, patience, measures: as for `compare`.
        version: what the user says of code that cannot be seen, for the keys.
    """

    builders: Mapping[str, ModelBuilder]
    configs: Mapping[str, str]
    examples: Examples
    seeds: Sequence[int]
    rates: Sequence[float | None]
    own_rate: float | None = None
    epochs: int
    batch_size: int
    patience: int = 0
    measures: Mapping[str, bool]
    version: str = ""

    def parts(self, done: Collection[str] = (), *, at_once: int = 0) -> list[Part]:
        """Lists what is to be trained, so that seeds are finished in their order.

        Args:
            done: the keys of what is finished.
            at_once: the number of seeds in a part. Default: as many as are well
                trained together.
        """
        at_once = at_once or max(1, MOST_MEMBERS // len(self.rates))
        parts = []
        for start in range(0, len(self.seeds), at_once):
            seeds = self.seeds[start : start + at_once]
            for name in self.builders:
                left = [s for s in seeds if not self._keys(name, s) <= set(done)]
                if left:
                    parts.append(Part(activation=name, seeds=tuple(left)))
        return parts

    def keys(self) -> set[str]:
        """The keys of all trainings."""
        names = self.builders
        return {k for name in names for s in self.seeds for k in self._keys(name, s)}

    def train(
        self, part: Part, *, progress: Callable[[float], None] | None = None
    ) -> Tables:
        """Trains a part, and returns its tables.

        Args:
            part: what is trained.
            progress: is called with the share that is done, up to 1.
        """
        builder = self.builders[part.activation]
        task = Task(
            build=builder,
            data=self.examples.data,
            batch_size=self.batch_size,
            epochs=self.epochs,
            patience=self.patience,
            measures=self.measures[part.activation],
        )
        settings = [(seed, rate) for seed in part.seeds for rate in self.rates]
        members = [
            Member(seed=seed, split=split_for(self.examples, seed), learning_rate=rate)
            for seed, rate in settings
        ]
        results = train_members(task, members, progress=progress)
        told = pd.DataFrame(
            {
                "key": [self.key(part.activation, *of_one) for of_one in settings],
                "activation": part.activation,
                "seed": [seed for seed, _ in settings],
                "learning_rate": [
                    self.own_rate if rate is None else rate for _, rate in settings
                ],
                "schema": SCHEMA,
                "keras_version": keras.__version__,
                "backend": keras.backend.backend(),
            }
        )
        keys = told["key"].to_numpy()

        def keyed(frame: pd.DataFrame) -> pd.DataFrame:
            rows = frame.drop(columns="member")
            rows.insert(0, "key", keys[frame["member"].to_numpy(int)])
            return rows

        outcomes = keyed(results.outcomes).drop(columns="key")
        order = results.outcomes["member"].to_numpy(int)
        return Tables(
            trials=pd.concat(
                [
                    told.iloc[order].reset_index(drop=True),
                    outcomes.reset_index(drop=True),
                ],
                axis=1,
            ),
            measurements=keyed(results.measurements),
            outputs=keyed(results.outputs),
        )

    def key(self, activation: str, seed: int, rate: float | None) -> str:
        """The identity of a training in the store: a hash of all it depends on."""
        identity = [
            self._shared,
            self.configs[activation],
            self.builders[activation].contender.code,
            self.measures[activation],
            activation,
            seed,
            rate,
        ]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]

    @functools.cached_property
    def _shared(self) -> list:
        builder = next(iter(self.builders.values()))
        examples = self.examples
        return [
            code_of(builder.build_model),
            str(builder.recipe),
            examples.data.checksum,
            [examples.num_train, examples.num_validation, examples.num_test],
            [self.epochs, self.batch_size, self.patience],
            self.version,
            keras.backend.backend(),
            keras.__version__,
            SCHEMA,
        ]

    def _keys(self, name: str, seed: int) -> set[str]:
        return {self.key(name, seed, rate) for rate in self.rates}
