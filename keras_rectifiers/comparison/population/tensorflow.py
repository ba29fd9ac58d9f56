"""Trains a population in TensorFlow programs.

An epoch is one compiled function over data that stay on the device; so is a probe of
every layer of every member.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_rectifiers.comparison.datasets import Dataset
from keras_rectifiers.comparison.population import recipe
from keras_rectifiers.comparison.population.history import SPLITS, History
from keras_rectifiers.comparison.population.members import Members
from keras_rectifiers.comparison.population.plan import uses_xla
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Trial

OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


def train(
    trials: Sequence[Trial], dataset: Dataset, *, jit_compile: bool | None = None
) -> Tables:
    """Trains and measures all trials of a population at once.

    Args:
        trials: trials that share a graph (`Trial.population`).
        dataset: their data.
        jit_compile: whether XLA compiles the epochs. Default: where it pays.

    Returns:
        The frames of all trials.

    Raises:
        NotVectorisable: if the trials can only be trained one at a time.
    """
    trial = trials[0]
    if jit_compile is None:
        jit_compile = uses_xla(trial, len(dataset.y_train))
    members = Members(trials, dataset)
    history = History(
        trials, dataset, mode="tensorflow-xla" if jit_compile else "tensorflow-graph"
    )
    steps = len(dataset.y_train) // trial.batch_size
    epoch = _program(
        members.epoch,
        tf.TensorSpec((steps, len(trials), trial.batch_size), tf.int32),
        jit_compile=jit_compile,
    )
    observe = _program(members.observe)
    evaluate = _by_parts(
        _program(
            members.evaluate,
            # One trace serves the splits of all sizes.
            tf.TensorSpec((None, *dataset.x_train.shape[1:]), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        )
    )

    history.add_measurements(0, _numpy(observe()))
    stopping = recipe.EarlyStopping(trial.patience, len(trials))
    for number in range(1, trial.epochs + 1):
        batches = [recipe.order(t, len(dataset.y_train), number) for t in trials]
        before = members.values()
        losses = epoch(np.stack(batches, axis=1))
        if not history.running.all():
            members.put_back(before, ~history.running)
        history.add_measurements(number, _numpy(observe()))
        validation = evaluate(dataset.x_validation, dataset.y_validation)
        history.add_epoch(number, losses.numpy().mean(axis=0), *validation)
        history.stop(stopping.stops(validation[0]), number)
        if not history.running.any():
            break
    for split in SPLITS if trial.epochs else ():
        x, y = getattr(dataset, f"x_{split}"), getattr(dataset, f"y_{split}")
        history.add_outcome(split, *evaluate(x, y))
    for layer, values in members.slopes():
        history.add_output(layer, "negative_slope", values)
    return history.tables()


def _program(function: Callable, *signature, jit_compile: bool = False) -> Callable:
    """Compiles a function when it is first called."""

    @functools.cache
    def concrete():
        compiled = tf.function(function, jit_compile=jit_compile, autograph=False)
        return compiled.get_concrete_function(*signature)

    return lambda *arguments: concrete()(*map(tf.constant, arguments))


def _by_parts(evaluate: Callable) -> Callable:
    """Evaluates a split in parts, as all members' activations on all would not fit."""

    def means(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
        starts = range(0, len(y), recipe.EVALUATED_AT_ONCE)
        cuts = [slice(start, start + recipe.EVALUATED_AT_ONCE) for start in starts]
        parts = [_numpy(evaluate(x[cut], y[cut])) for cut in cuts]
        sizes = [len(y[cut]) for cut in cuts]
        return [
            np.average(part, axis=0, weights=sizes) for part in zip(*parts, strict=True)
        ]

    return means


def _numpy(structure: Any) -> Any:
    return tf.nest.map_structure(lambda tensor: tensor.numpy(), structure)
