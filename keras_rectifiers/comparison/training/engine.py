"""Trains members of any task: all at once where that is possible, else one by one."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from keras_rectifiers.arguments import check_flag
from keras_rectifiers.comparison.data.splits import SPLITS
from keras_rectifiers.comparison.training import (
    backends,
    by_fit,
    memory,
    part_sizes,
    population,
    stacked_optimizer,
)
from keras_rectifiers.comparison.training.examples import Examples, examples_of
from keras_rectifiers.comparison.training.first_values import FirstValues
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.training.results import Results, joined
from keras_rectifiers.comparison.training.sites import sites_of
from keras_rectifiers.comparison.training.task import Member, Task


def train_members(
    task: Task,
    members: Sequence[Member],
    *,
    jit_compile: bool | None = None,
    progress: Callable[[float], None] | None = None,
) -> Results:
    """Trains and measures the members of a population.

    Equal seeds mean equal initial weights, noise and order of the examples, whatever the
    activations of the model are. No random stream of the process is moved.

    Args:
        task: what the members share.
        members: what they differ in.
        jit_compile: whether XLA compiles the training. Default: if it is faster; on JAX
            always.
        progress: is called with the share that is done, up to 1.

    Returns:
        The frames `outcomes`, `measurements` and `outputs`, joined by `member`. A
        training whose loss becomes NaN or infinite is a result, marked `diverged`. The
        column `mode` shows how a member was trained: `"tensorflow-graph"`,
        `"tensorflow-xla"` or `"jax-xla"` by the engine, `"fit"` by `model.fit`; the
        column `reason`, why it was trained separately.

    Raises:
        MemoryError, or the backend's own error: if there is not enough memory for a
        single member; a population that does not fit is halved.
        TypeError: if `build` does not return a Keras model.
        ValueError: if there is no member, or model, data and splits do not fit.
    """
    if jit_compile is not None:
        check_flag("jit_compile", jit_compile, layer="train_members")
    members = list(members)
    _check(task, members)
    example, *_ = examples_of(task.data, np.arange(1))
    recorded = RecordedModel(task.build, example)
    _check_model(recorded.model)
    recorded.warn()
    if reason := _why_by_fit(recorded.model):
        return by_fit.train(
            task, members, reason=reason, jit_compile=jit_compile, progress=progress
        )
    first, examples = FirstValues(recorded), Examples(task.data)
    sites = sites_of(first.model, example, task.sites) if task.measures else []
    backend = backends.current()
    steps = task.epochs * (len(members[0].split.train) // task.batch_size)
    uses_xla = jit_compile
    if uses_xla is None:
        uses_xla = part_sizes.uses_xla(first.model, steps)

    most = memory.most_members(
        first.model,
        example,
        epochs=task.epochs,
        batch_size=task.batch_size,
        probe_size=task.probe_size if sites else 0,
    )
    num_groups = -(-len(members) // most)
    at_once = -(-len(members) // num_groups)
    results: list[Results] = []

    def tell(share: float) -> None:
        if progress is not None:
            progress((len(results) + share) / num_groups)

    def train(some: Sequence[Member], size: int, reason: str = "") -> Results:
        return population.train(
            task,
            some,
            first,
            examples,
            sites,
            backend,
            size=size,
            jit_compile=bool(uses_xla),
            reason=reason,
            progress=tell,
        )

    def halved(some: Sequence[Member]) -> Results:
        nonlocal uses_xla
        reason, is_refused = "", False
        try:
            if part_sizes.has_convolutions(first.model):
                return train(some, 1, "convolutions are no faster together")
            size = part_sizes.part_size(len(some), jit_compile=bool(uses_xla))
            return train(some, size)
        except backend.NOT_VECTORISABLE as error:
            reason = str(error)
        except Exception as error:
            is_refused = jit_compile is None and backend.is_not_compilable(error)
            is_too_large = len(some) > 1 and backend.is_out_of_memory(error)
            if not (is_refused or is_too_large):
                raise
        # Out of the handler, which keeps what the failed population holds.
        if reason:
            return train(some, 1, reason)
        if is_refused:
            uses_xla = False
            return halved(some)
        half = len(some) // 2
        return joined([halved(some[:half]), halved(some[half:])])

    for start in range(0, len(members), at_once):
        results.append(halved(members[start : start + at_once]))
    return joined(results)


def _why_by_fit(model: keras.Model) -> str:
    """Why the members of a population can only be trained by `model.fit`; or empty."""
    name = keras.backend.backend()
    if name not in backends.MODULES:
        return f"the backend is {name}"
    kind = type(model)
    for method in ("train_step", "test_step", "fit"):
        if getattr(kind, method) is not getattr(keras.Model, method):
            return f"{kind.__name__} has a {method} of its own"
    return stacked_optimizer.why_not_stacked(model)


def _check_model(model: Any) -> None:
    if not model.compiled or model.optimizer is None:
        raise ValueError(
            "Expected `build` to return a compiled model. Call model.compile(optimizer, "
            f"loss=...) in it. Received: {model.name!r}, which is not compiled."
        )
    if not model.trainable_variables:
        raise ValueError(
            "Expected `build` to return a model with trainable weights. Received: "
            f"{model.name!r}, which has none."
        )


def _check(task: Task, members: Sequence[Member]) -> None:
    if not members:
        raise ValueError("Expected at least one Member to train. Received: none.")
    sizes = {tuple(map(len, member.split)) for member in members}
    if len(sizes) > 1:
        raise ValueError(
            "Expected splits of equal sizes in all members. Received: the sizes "
            f"{', '.join(map(str, sorted(sizes)))}."
        )
    (num_train, *_), num_examples = sizes.pop(), task.data.num_examples
    if task.epochs and num_train < task.batch_size:
        raise ValueError(
            "Expected a training split of at least one batch. Lower batch_size. "
            f"Received: {num_train} examples in batches of {task.batch_size}."
        )
    for member in members:
        for name, indices in zip(SPLITS, member.split, strict=True):
            outside = (np.asarray(indices) < 0) | (np.asarray(indices) >= num_examples)
            if outside.any():
                raise ValueError(
                    f"Expected the indices of the {name} split to be from 0 to "
                    f"{num_examples - 1}, as there are {num_examples} examples. "
                    f"Received: {np.asarray(indices)[outside][0]}."
                )
