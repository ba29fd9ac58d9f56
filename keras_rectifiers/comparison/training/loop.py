"""The training loop of a population: epochs, measures in between, early stopping.

An epoch is one compiled program over data that stay on the device, and so is a probe of
every layer. Parts of a population train in parallel, and their state before an epoch is
measured while the epoch runs.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import ModuleType
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.data.datasets import Pool
from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.training import (
    early_stopping,
    evaluation,
    layerwise,
    plan,
)
from keras_rectifiers.comparison.training.example_order import example_order
from keras_rectifiers.comparison.training.history import History
from keras_rectifiers.comparison.training.members import Members
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial


def train(
    trials: Sequence[Trial],
    backend: ModuleType,
    *,
    jit_compile: bool | None = None,
) -> Tables:
    """Trains and measures all trials of a population at once.

    Args:
        trials: trials that share a graph (`Trial.population`).
        backend: the module `tensorflow` or `jax` of this package.
        jit_compile: whether XLA compiles the epochs. Default: if it is faster.

    Returns:
        The frames of all trials.

    Raises:
        NotVectorisable: if the trials can only be trained one at a time.
    """
    trial = trials[0]
    pool = datasets.pool(trials)
    # Pre-training has so many small steps that compilation always pays.
    compiles_pretraining = jit_compile is not False
    if jit_compile is None:
        jit_compile = plan.uses_xla(trial, len(pool.splits[0].train))
    parts = _Parts(
        trials,
        pool,
        backend,
        jit_compile=jit_compile,
        compiles_pretraining=compiles_pretraining,
    )
    history = History(trials, mode=backend.mode(jit_compile))
    stopping = early_stopping.EarlyStopping(trial.patience, len(trials))
    losses = None
    with ThreadPoolExecutor(plan.NUM_THREADS) as threads:
        for number in range(trial.epochs + 1):
            running = []
            if number < trial.epochs:
                running = parts.begin_epoch(number + 1, threads)
            history.add_measurements(number, parts.measure())
            if number:
                validation = parts.evaluate("validation")
                history.add_epoch(number, losses, *validation)
                history.stop(stopping.stops(validation[0]), number)
                if not history.running.any():
                    break
            if running:
                losses = parts.end_epoch(running, history.running)
    for split in SPLITS if trial.epochs else ():
        history.add_outcome(split, *parts.evaluate(split))
    for layer, slopes in parts.slopes():
        history.add_output(layer, "negative_slope", slopes)
    return history.tables()


class _Parts:
    """The members of a population, in parts of equal size: their values and programs."""

    def __init__(
        self,
        trials: Sequence[Trial],
        pool: Pool,
        backend: ModuleType,
        *,
        jit_compile: bool,
        compiles_pretraining: bool,
    ):
        self.trials, self.backend = trials, backend
        self.size = plan.part_size(trials[0], len(trials), jit_compile=jit_compile)
        # The last part is filled up, as a program is compiled for one size only.
        missing = -len(trials) % self.size
        everyone = [*trials, *[trials[-1]] * missing]
        self.splits = [*pool.splits, *[pool.splits[-1]] * missing]
        self.parts = [
            everyone[i : i + self.size] for i in range(0, len(everyone), self.size)
        ]
        description = datasets.describe(trials[0])
        self.members = Members(trials[0], description, self.size, backend)
        initial = layerwise.draw_and_pretrain(
            everyone,
            self.members.model,
            self.members.sites,
            pool.x,
            [split.train for split in self.splits],
            backend,
            jit_compile=compiles_pretraining,
        )
        self.values = [
            self.members.initial(initial[i : i + self.size])
            for i in range(0, len(everyone), self.size)
        ]
        self.rates = [
            ops.convert_to_tensor([[t.learning_rate] for t in part], "float32")
            for part in self.parts
        ]
        self.examples = [ops.convert_to_tensor(array) for array in (pool.x, pool.y)]
        probed = self._rows(
            split.train[: trials[0].probe_size] for split in self.splits
        )
        self.probed = [ops.convert_to_tensor(rows) for rows in probed]
        self.jit_compile = jit_compile
        self.programs: dict[str, Callable] = {}

    def begin_epoch(self, number: int, threads: Executor) -> list[Future]:
        """Lets the parts train an epoch in threads."""
        arguments = [
            (values, rates, self._batches(index, number), *self.examples)
            for index, (values, rates) in enumerate(
                zip(self.values, self.rates, strict=True)
            )
        ]
        epoch = self._program("epoch", arguments[0], jit_compile=self.jit_compile)
        return [threads.submit(epoch, *some) for some in arguments]

    def end_epoch(self, running: Sequence[Future], which: np.ndarray) -> np.ndarray:
        """Waits for an epoch, and leaves as they were those that have stopped.

        Args:
            running: of `begin_epoch`.
            which: who trains on, booleans `(members,)`.

        Returns:
            The mean losses `(members,)`.
        """
        results = [epoch.result() for epoch in running]
        padded = np.resize(which, self.size * len(self.parts))
        for i, (values, _) in enumerate(results):
            own = padded[i * self.size : (i + 1) * self.size]
            if own.all():
                self.values[i] = values
            elif own.any():
                self.values[i] = self.members.chosen(own, values, self.values[i])
        (losses,) = self._joined([ops.mean(loss, axis=0)] for _, loss in results)
        return losses

    def measure(self) -> dict[str, np.ndarray]:
        """Measures every layer, as `Members.measure`."""
        arguments = [
            (values, *self.examples, rows)
            for values, rows in zip(self.values, self.probed, strict=True)
        ]
        measure = self._program("measure", arguments[0])
        return self._joined(measure(*some) for some in arguments)

    def evaluate(self, split: str) -> list[np.ndarray]:
        """Loss and accuracy `(members,)` on a split."""
        rows = self._rows(getattr(own, split) for own in self.splits)
        size = rows[0].shape[-1]
        starts = range(0, size, evaluation.EVALUATED_AT_ONCE)
        cuts = [slice(start, start + evaluation.EVALUATED_AT_ONCE) for start in starts]
        means = [self._evaluate([own[..., cut] for own in rows]) for cut in cuts]
        sizes = [len(range(size)[cut]) for cut in cuts]
        return [
            np.average(part, axis=0, weights=sizes) for part in zip(*means, strict=True)
        ]

    def slopes(self) -> Iterable[tuple[int, np.ndarray]]:
        """The layer and the slopes `(members, units)` of each PReLU."""
        found = [list(self.members.slopes(values)) for values in self.values]
        for parts in zip(*found, strict=True):
            yield parts[0][0], self._joined([slopes] for _, slopes in parts)[0]

    def _evaluate(self, rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        # One trace serves all sizes.
        any_size = keras.KerasTensor((*rows[0].shape[:-1], None), "int32")
        arguments = (self.values[0], *self.examples, any_size)
        evaluate = self._program("evaluate", arguments)
        return self._joined(
            evaluate(values, *self.examples, ops.convert_to_tensor(own))
            for values, own in zip(self.values, rows, strict=True)
        )

    def _rows(self, indices: Iterable[np.ndarray]) -> list[np.ndarray]:
        """The examples of each part: `(examples,)` if they are the same for all members.

        Otherwise `(members, examples)`.
        """
        rows = np.stack(list(indices)).astype(np.int32)
        if (rows == rows[0]).all():
            return [rows[0]] * len(self.parts)
        return np.split(rows, len(self.parts))

    def _program(self, name: str, arguments, *, jit_compile: bool = False) -> Callable:
        """Traces what the members do, when it is first asked for.

        Never in a thread: what traces looks into the model, and others must not.
        """
        if name not in self.programs:
            self.programs[name] = self.backend.compiled(
                getattr(self.members, name), *arguments, jit_compile=jit_compile
            )
        return self.programs[name]

    def _batches(self, part: int, number: int):
        own = self.splits[part * self.size : (part + 1) * self.size]
        orders = [
            split.train[example_order(trial, len(split.train), number)]
            for trial, split in zip(self.parts[part], own, strict=True)
        ]
        return ops.convert_to_tensor(np.stack(orders, axis=1).astype(np.int32))

    def _joined(self, parts: Iterable) -> Any:
        """The results of all members as arrays, of the parts' nests of tensors."""
        return keras.tree.map_structure(
            lambda *tensors: np.concatenate(
                [ops.convert_to_numpy(tensor) for tensor in tensors]
            )[: len(self.trials)],
            *parts,
        )
