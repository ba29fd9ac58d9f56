"""A rehearsal: some steps of the user's own optimizer, on a copy of all values.

Neither the model nor its optimizer nor any random stream changes: the values are
passed in and returned (`stateless_call`, `stateless_apply`).
"""

import importlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis.own_optimizer import copy_of
from keras_rectifiers.inspection.batch import mode_of, random_stream_kept
from keras_rectifiers.inspection.batch_statistics import at_most_momentum
from keras_rectifiers.inspection.example_losses import per_example
from keras_rectifiers.inspection.gradients import gradients
from keras_rectifiers.inspection.patching import computing_in_float32

NUM_EXAMPLES = 128
NUM_STEPS = 60
BATCH_SIZE = 32
# Averages that forget slowly would still be far from the batches after the steps.
MOMENTUM = 0.8
# With fewer examples a loss is not known well enough.
FEWEST_UNSEEN = 64
# A rehearsal of a large model ends after these seconds, with fewer steps.
MOST_SECONDS = 8.0
FEWEST_STEPS = 5


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What some steps did.

    Args:
        losses: the loss of the batch of each step, in training mode, without penalties.
        before, after: the loss of all rehearsed examples in inference mode.
        unseen_before, unseen_after: the same of the other examples, NaN if they are too
            few to tell.
        is_cut: whether it ended early for want of time.
        update: the median over the steps of the largest relative change of a kernel,
            norm of the update divided by the norm of the kernel.
    """

    losses: np.ndarray
    before: float
    after: float
    update: float
    unseen_before: float = math.nan
    unseen_after: float = math.nan
    is_cut: bool = False

    @property
    def lost_at(self) -> int | None:
        """The first step whose loss is NaN or infinite, from 1."""
        lost = np.flatnonzero(~np.isfinite(self.losses))
        return int(lost[0]) + 1 if len(lost) else None

    @property
    def end(self) -> float:
        """The loss after it; infinite if it is no number."""
        return self.after if np.isfinite(self.after) else np.inf


class Rehearser:
    """Rehearses the training of a model on some examples.

    Args:
        model: a compiled model.
        x, y: tensors, as `checked_batch` returns them.
        loss: as for `diagnose`.
        values: `(trainable, non_trainable)` to begin with, as for `probe`.
        continues: whether the optimizer goes on from its state, or begins anew.
        penalised: whether regularisation counts.
        clipnorm: the largest norm of a gradient, None for that of the optimizer.
        batch_size: of each step.
    """

    def __init__(
        self,
        model: keras.Model,
        x,
        y,
        *,
        loss: Any = None,
        values: tuple[Sequence, Sequence],
        continues: bool = True,
        penalised: bool = True,
        clipnorm: float | None = None,
        batch_size: int = BATCH_SIZE,
    ):
        self._model, self._loss = model, per_example(model, loss)
        num_examples = len(keras.tree.flatten(x)[0])
        rows = evenly(np.arange(num_examples))
        others = evenly(np.setdiff1d(np.arange(num_examples), rows))
        self._x, self._y = self._taken(x, rows), self._taken(y, rows)
        self._unseen = None
        if len(others) >= FEWEST_UNSEEN:
            self._unseen = self._taken(x, others), self._taken(y, others)
        self._num_rows = len(rows)
        self._batch_size = min(batch_size, self._num_rows)
        self._penalised = penalised
        self._values = [[ops.copy(v) for v in half] for half in values]
        self._optimizer, self._slots = copy_of(
            model, continues=continues, clipnorm=clipnorm
        )
        rate = keras_internals.rate_variable(self._optimizer)
        ids = [id(v) for v in self._optimizer.variables]
        self._rate = None if rate is None else ids.index(id(rate))
        compiled = _COMPILERS[keras.backend.backend()]
        self._step, self._evaluate = compiled(self._one_step), compiled(self._losses)

    @property
    def has_rate(self) -> bool:
        """Whether the learning rate is a number, and no schedule."""
        return self._rate is not None

    def first_loss(self, values: tuple[Sequence, Sequence]) -> float:
        """The loss of the first batch in training mode, at these values."""
        trainable, states = ([ops.copy(v) for v in half] for half in values)
        rows = np.random.default_rng(0).permutation(self._num_rows)[: self._batch_size]
        x, y = self._taken(self._x, rows), self._taken(self._y, rows)
        slots = [ops.copy(v) for v in self._slots]
        *_, loss, _ = self._step(trainable, states, slots, x, y)
        return float(ops.convert_to_numpy(loss))

    def run(self, *, factor: float = 1.0, num_steps: int = NUM_STEPS) -> Rehearsal:
        """Takes some steps.

        Args:
            factor: by which the learning rate is multiplied.
            num_steps: how many steps.
        """
        trainable, states = ([ops.copy(v) for v in half] for half in self._values)
        slots = [ops.copy(v) for v in self._slots]
        if self._rate is not None:
            slots[self._rate] = slots[self._rate] * factor
        before, unseen_before = self._evaluated(trainable, states)
        rng = np.random.default_rng(0)
        losses, updates = [], []
        order: list[int] = []
        began, late = math.inf, False
        for step in range(num_steps):
            if len(order) < self._batch_size:
                order = [*order, *rng.permutation(self._num_rows)]
            rows, order = order[: self._batch_size], order[self._batch_size :]
            x, y = self._taken(self._x, rows), self._taken(self._y, rows)
            trainable, states, slots, loss, update = self._step(
                trainable, states, slots, x, y
            )
            losses.append(float(ops.convert_to_numpy(loss)))
            updates.append(float(ops.convert_to_numpy(update)))
            # The first step may have to be compiled.
            began = min(began, time.monotonic())
            late = time.monotonic() - began > MOST_SECONDS and step + 1 >= FEWEST_STEPS
            if late or not np.isfinite(losses[-1]):
                break
        after, unseen_after = self._evaluated(trainable, states)
        return Rehearsal(
            losses=np.array(losses),
            before=before,
            after=after if np.isfinite(losses[-1]) else np.nan,
            update=float(np.median(updates)),
            unseen_before=unseen_before,
            unseen_after=unseen_after,
            is_cut=late and len(losses) < num_steps,
        )

    def _evaluated(self, *values) -> tuple[float, float]:
        """The mean losses in inference mode: of the rehearsed and of other examples."""
        parts = [(self._x, self._y), *([self._unseen] if self._unseen else [])]
        means = [
            float(np.mean(ops.convert_to_numpy(self._evaluate(*values, *part))))
            for part in parts
        ]
        return means[0], means[1] if self._unseen else math.nan

    def _losses(self, trainable, states, x, y):
        with random_stream_kept(), computing_in_float32(self._model):
            prediction, _ = self._model.stateless_call(
                trainable, states, x, **mode_of(self._model.call, False)
            )
        return self._loss(y, prediction)

    def _one_step(self, trainable, states, slots, x, y):
        model = self._model

        def run(values, mark):
            with (
                random_stream_kept(),
                computing_in_float32(model),
                at_most_momentum(model, MOMENTUM),
            ):
                prediction, updated, penalties = model.stateless_call(
                    values, states, x, return_losses=True, **mode_of(model.call, True)
                )
            loss = ops.mean(self._loss(y, prediction))
            total = loss
            for penalty in penalties if self._penalised else []:
                total = total + ops.cast(penalty, total.dtype)
            return total, (loss, updated)

        (loss, updated), found, _ = gradients(run, trainable)
        # On PyTorch the optimizers change the tensors themselves.
        before = [ops.copy(value) for value in trainable]
        with keras_internals.stateless_optimizers():
            moved, slots = self._optimizer.stateless_apply(slots, found, trainable)
        kernels = [
            (ops.cast(old, "float32"), ops.cast(new, "float32"))
            for old, new in zip(before, moved, strict=True)
            if len(old.shape) > 1
        ]
        update = ops.max(
            ops.stack(
                [_norm(new - old) / (_norm(old) + 1e-12) for old, new in kernels]
                or [ops.zeros(())]
            )
        )
        return moved, updated, slots, loss, update

    @staticmethod
    def _taken(nest, rows):
        indices = ops.convert_to_tensor(np.asarray(rows, "int32"))
        return keras.tree.map_structure(lambda t: ops.take(t, indices, axis=0), nest)


def evenly(rows):
    """At most `NUM_EXAMPLES` of the rows, from all parts, as they may be sorted."""
    places = np.linspace(0, len(rows) - 1, min(NUM_EXAMPLES, len(rows)))
    return rows[places.astype(int)]


def _norm(tensor):
    return ops.sqrt(ops.sum(ops.square(tensor)))


def _with_tensorflow(function):
    tensorflow = importlib.import_module("tensorflow")
    return tensorflow.function(function, autograph=False, reduce_retracing=True)


def _with_jax(function):
    return importlib.import_module("jax").jit(function)


_COMPILERS = {
    "tensorflow": _with_tensorflow,
    "jax": _with_jax,
    "torch": lambda function: function,
}
