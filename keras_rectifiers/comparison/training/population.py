"""The training loop of a population: epochs, measures in between, early stopping.

An epoch is one compiled program over data that stay on the device, and so is a probe of
every layer. Parts of a population train in parallel, and their state before an epoch is
measured while the epoch runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import ModuleType
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.training import evaluation, part_sizes
from keras_rectifiers.comparison.training.early_stopping import EarlyStopping
from keras_rectifiers.comparison.training.examples import Examples
from keras_rectifiers.comparison.training.first_values import FirstValues
from keras_rectifiers.comparison.training.programs import Programs
from keras_rectifiers.comparison.training.results import Recorder, Results
from keras_rectifiers.comparison.training.sites import warn_unmeasured
from keras_rectifiers.comparison.training.stacked_optimizer import first_rates
from keras_rectifiers.comparison.training.task import Member, Task
from keras_rectifiers.inspection.hidden_activations import Site


def train(
    task: Task,
    members: Sequence[Member],
    first: FirstValues,
    examples: Examples,
    sites: Sequence[Site],
    backend: ModuleType,
    *,
    size: int,
    jit_compile: bool,
    reason: str = "",
    progress: Callable[[float], None] | None = None,
) -> Results:
    """Trains and measures all members of a population at once.

    Args:
        task, members: as of `train_members`.
        first: the model and the members' first values.
        examples: those of the task.
        sites: where the layers are measured; none, if they are not.
        backend: the module `tensorflow` or `jax` of this package.
        size: how many members a program trains.
        jit_compile: whether XLA compiles the epochs.
        reason: for the column `reason`.
        progress: as of `train_members`.

    Raises:
        NotVectorisable: if the members can only be trained one at a time.
    """
    parts = _Parts(
        task,
        members,
        first,
        examples,
        sites,
        backend,
        size=size,
        jit_compile=jit_compile,
    )
    recorder = Recorder(
        len(members), task.epochs, mode=backend.mode(jit_compile), reason=reason
    )
    stopping = EarlyStopping(task.patience, len(members))
    followed = np.empty(0)
    with ThreadPoolExecutor(part_sizes.NUM_THREADS) as threads:
        for number in range(task.epochs + 1):
            running = []
            if number < task.epochs:
                running = parts.begin_epoch(number + 1, threads)
            for layers, values in parts.measure():
                recorder.add_measurements(number, layers, values)
            if number:
                validation = parts.evaluate("validation")
                curves = {f"validation_{name}": v for name, v in validation.items()}
                recorder.add_curves(
                    number, {f"train_{task.monitor}": followed, **curves}
                )
                recorder.stop(stopping.stops(validation[task.monitor]), number)
                if progress is not None:
                    progress(number / task.epochs)
                if not recorder.running.any():
                    break
            if running:
                followed = parts.end_epoch(running, recorder.running)
    parts.finalize()
    for split in SPLITS:
        recorder.add_outcome(
            split,
            parts.evaluate(split)
            if task.epochs
            else dict.fromkeys(["loss", *parts.programs.metric_names], np.nan),
        )
    for layer, slopes in parts.slopes():
        recorder.add_output(layer, "negative_slope", slopes)
    if task.keeps_values:
        recorder.add_values(parts.variables())
    return recorder.results()


class _Parts:
    """The members of a population, in parts of equal size: their values and programs."""

    def __init__(
        self,
        task: Task,
        members: Sequence[Member],
        first: FirstValues,
        examples: Examples,
        sites: Sequence[Site],
        backend: ModuleType,
        *,
        size: int,
        jit_compile: bool,
    ):
        self.task, self.members, self.size = task, members, size
        # The last part is filled up, as a program is compiled for one size only.
        everyone = [*members, *[members[-1]] * (-len(members) % size)]
        self.parts = [
            everyone[i : i + self.size] for i in range(0, len(everyone), self.size)
        ]
        optimizer: Any = first.model.optimizer
        rates = first_rates(optimizer, [m.learning_rate for m in everyone])
        self.programs = Programs(
            first.model,
            examples,
            size,
            backend,
            sites=sites,
            monitor=task.monitor,
            has_rates=rates is not None,
        )
        self.values = [
            self.programs.initial([first.of_member(m) for m in part])
            for part in self.parts
        ]
        self.rates = [[]] * len(self.parts)
        if rates is not None:
            column = np.reshape(rates, (-1, size, 1)).astype(np.float32)
            self.rates = [ops.convert_to_tensor(rates) for rates in column]
        self.tensors = examples.tensors
        self.measures = bool(sites)
        self.backend, self.jit_compile = backend, jit_compile
        self.compiled: dict[tuple[str, int], Callable] = {}
        self.indices = {name: _indices(self.parts, name) for name in SPLITS}

    def begin_epoch(self, number: int, threads: Executor) -> list[Future]:
        """Lets the parts train an epoch in threads."""
        arguments = [
            (values, rates, self._batches(part, number), self.tensors)
            for values, rates, part in zip(
                self.values, self.rates, self.parts, strict=True
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
            The means of what is monitored, `(members,)`.
        """
        results = [epoch.result() for epoch in running]
        padded = np.resize(which, self.size * len(self.parts))
        for i, (values, _) in enumerate(results):
            own = padded[i * self.size : (i + 1) * self.size]
            if own.all():
                self.values[i] = values
            elif own.any():
                self.values[i] = self.programs.chosen(own, values, self.values[i])
        (means,) = self._joined([ops.mean(followed, axis=0)] for _, followed in results)
        return means

    def measure(self) -> list[tuple[Sequence[int], Mapping[str, np.ndarray]]]:
        """Measures every layer: the layers that are alike, and what is measured of them."""
        if not self.measures:
            return []
        size = self.task.probe_size
        arguments = [
            (values, _to_tensor(indices[..., :size]), self.tensors)
            for values, indices in zip(self.values, self.indices["train"], strict=True)
        ]
        try:
            measure = self._program("measure", arguments[0])
        except ValueError as error:
            # As of a loss that has no value for each example.
            self.measures = False
            warn_unmeasured(error)
            return []
        measured = self._joined(measure(*some) for some in arguments)
        return list(zip(self.programs.runs, measured, strict=True))

    def evaluate(self, split: str) -> dict[str, np.ndarray]:
        """Loss and metrics `(members,)` on a split."""
        size = evaluation.EVALUATED_AT_ONCE
        num_examples = self.indices[split][0].shape[-1]
        names = self.programs.metric_names
        if not num_examples:
            return dict.fromkeys(["loss", *names], np.full(len(self.members), np.nan))
        starts = range(0, num_examples, size)
        losses, metrics = [], []
        totals = [self.programs.no_totals() for _ in self.parts]
        for start in starts:
            arguments = [
                (values, total, _to_tensor(i[..., start : start + size]), self.tensors)
                for values, total, i in zip(
                    self.values, totals, self.indices[split], strict=True
                )
            ]
            results = [self._evaluate(*some) for some in arguments]
            totals = [total for _, total, _ in results]
            loss, metrics = self._joined((loss, found) for loss, _, found in results)
            losses.append(loss)
        weights = [min(size, num_examples - start) for start in starts]
        loss = np.average(losses, axis=0, weights=weights)
        return {"loss": loss, **dict(zip(names, metrics, strict=True))}

    def finalize(self) -> None:
        """Lets the optimizer set the weights after training."""
        self.values = [self.programs.finalized(values) for values in self.values]

    def slopes(self) -> Iterable[tuple[int, np.ndarray]]:
        """The layer and the slopes `(members, units)` of each PReLU."""
        found = [list(self.programs.slopes(values)) for values in self.values]
        for parts in zip(*found, strict=True):
            yield parts[0][0], self._joined([slopes] for _, slopes in parts)[0]

    def variables(self) -> dict[str, np.ndarray]:
        """The values `(members, ...)` of each of `model.variables`, by its path."""
        values = self._joined(map(self.programs.variables, self.values))
        paths = (variable.path for variable in self.programs.model.variables)
        return dict(zip(paths, values, strict=True))

    def _evaluate(self, values, totals, indices, tensors):
        # One trace serves all sizes; but the members may share the examples of one split
        # and have their own of another.
        any_size = keras.KerasTensor((*indices.shape[:-1], None), indices.dtype)
        evaluate = self._program(
            "evaluate", (values, totals, any_size, tensors), rank=len(indices.shape)
        )
        return evaluate(values, totals, indices, tensors)

    def _program(
        self, name: str, arguments, *, rank: int = 0, jit_compile: bool = False
    ) -> Callable:
        """Traces what the members do, when it is first asked for.

        Never in a thread: what traces looks into the model, and others must not.
        """
        if (name, rank) not in self.compiled:
            self.compiled[name, rank] = self.backend.compiled(
                getattr(self.programs, name), *arguments, jit_compile=jit_compile
            )
        return self.compiled[name, rank]

    def _batches(self, part: Sequence[Member], number: int):
        orders = [
            m.split.train[
                self.task.examples_of_steps(m.seed, len(m.split.train), number)
            ]
            for m in part
        ]
        return _to_tensor(np.stack(orders, axis=1))

    def _joined(self, parts: Iterable) -> Any:
        """The results of all members as arrays, of the parts' nests of tensors."""
        return keras.tree.map_structure(
            lambda *tensors: np.concatenate(
                [ops.convert_to_numpy(tensor) for tensor in tensors]
            )[: len(self.members)],
            *parts,
        )


def _indices(parts: Sequence[Sequence[Member]], split: str) -> list[np.ndarray]:
    """The examples of a split for each part, once if all members have the same."""
    own = [[getattr(member.split, split) for member in part] for part in parts]
    first = own[0][0]
    if all(i is first or np.array_equal(i, first) for part in own for i in part):
        return [np.asarray(first)] * len(parts)
    return [np.stack(of_part) for of_part in own]


def _to_tensor(indices: np.ndarray):
    return ops.convert_to_tensor(indices.astype(np.int32))
