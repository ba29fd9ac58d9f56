"""Cures by other inputs and targets: scaled, filled, without what is no number."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.program import REGRESSION
from keras_rectifiers.diagnosis.rehearsed_program import Program, cloned


def scaled_inputs(program: Program) -> Program | None:
    """Inputs of mean 0 and variance 1 in each column."""

    def scaled(tensor):
        array = ops.convert_to_numpy(tensor)
        if array.dtype.kind != "f":
            return tensor
        axes = tuple(range(max(1, array.ndim - 1)))
        std = array.std(axes, keepdims=True)
        array = (array - array.mean(axes, keepdims=True)) / np.where(std > 0, std, 1)
        return ops.convert_to_tensor(array, tensor.dtype)

    return replace(program, x=keras.tree.map_structure(scaled, program.x))


def scaled_targets(program: Program) -> Program | None:
    """Targets of mean 0 and variance 1 for a regression."""
    if len(program.outputs) != 1 or program.outputs[0].loss not in REGRESSION:
        return None
    (output,) = program.outputs
    targets = (output.targets - output.targets.mean(0)) / (
        output.targets.std(0) + 1e-12
    )
    return replace(
        program,
        y=ops.convert_to_tensor(targets.astype("float32")),
        outputs=[replace(output, targets=targets)],
    )


def both_scaled(program: Program) -> Program | None:
    """Inputs and targets of mean 0 and variance 1."""
    scaled = scaled_targets(program)
    return None if scaled is None else scaled_inputs(scaled)


def with_lost(program: Program) -> Program:
    """The program with the examples that are NaN or infinite, as it was given."""
    if program.as_given is None:
        return program
    x, y = program.as_given
    return replace(program, x=x, y=y)


def without_lost(program: Program) -> Program | None:
    """The examples that are finite, as the program has them."""
    return program if program.as_given is not None else None


def filled(program: Program) -> Program | None:
    """Missing inputs become the mean of their column; where a target is missing, none."""
    if program.as_given is None:
        return None
    x, y = keras.tree.map_structure(ops.convert_to_numpy, program.as_given)
    known = np.all([_are_finite(array) for array in keras.tree.flatten(y)], axis=0)
    x, y = keras.tree.map_structure(lambda array: array[known], (x, y))
    if all(_are_finite(array).all() for array in keras.tree.flatten(x)):
        return None
    x = keras.tree.map_structure(_with_means, x)
    x, y = keras.tree.map_structure(ops.convert_to_tensor, (x, y))
    return replace(program, x=x, y=y)


def _are_finite(array):
    return np.isfinite(array).reshape(len(array), -1).all(1)


def _with_means(array):
    finite = np.isfinite(array)
    num = finite.sum(0)
    means = np.where(finite, array, 0).sum(0) / np.maximum(num, 1)
    return np.where(finite, array, means).astype(array.dtype)


def rows_for_tokens(program: Program) -> Program | None:
    """An embedding with a row for each number, which begin at 0."""
    x = program.x
    tokens = None if isinstance(x, (dict, list)) else ops.convert_to_numpy(x)
    embeddings = _embeddings(program)
    if tokens is None or not embeddings or (tokens % 1).any():
        return None
    if tokens.min() >= 0 and tokens.max() < min(e.input_dim for e in embeddings):
        return None
    tokens = tokens - min(tokens.min(), 0)
    return _with_rows(program, tokens, int(tokens.max()) + 1)


def whole_tokens(program: Program) -> Program | None:
    """Tokens that were divided by something, numbered from 0 again."""
    x = program.x
    tokens = None if isinstance(x, (dict, list)) else ops.convert_to_numpy(x)
    if tokens is None or not (tokens % 1).any():
        return None
    values, numbers = np.unique(tokens, return_inverse=True)
    # Of numbers that were never tokens nearly all differ.
    if len(values) > tokens.size / 2:
        return None
    return _with_rows(program, numbers.reshape(tokens.shape), len(values))


def _with_rows(program, tokens, num_rows):
    def changed(layer, config):
        if isinstance(layer, keras.layers.Embedding):
            return {**config, "input_dim": max(config["input_dim"], num_rows)}
        return config

    x = ops.convert_to_tensor(
        tokens.astype(keras.backend.standardize_dtype(program.x.dtype))
    )
    return cloned(replace(program, x=x), changed)


def _embeddings(program) -> list[Any]:
    return [
        layer
        for layer in program.model.layers
        if isinstance(layer, keras.layers.Embedding)
    ]


def masked(program: Program) -> Program | None:
    """An embedding that masks its padding, before a recurrent layer."""
    tokens = keras.tree.flatten(program.x)[0]
    recurrent = (keras.layers.RNN, keras.layers.Bidirectional)
    if not any(isinstance(layer, recurrent) for layer in program.model.layers):
        return None
    if not _embeddings(program) or (ops.convert_to_numpy(tokens) % 1).any():
        return None

    def changed(layer, config):
        if isinstance(layer, keras.layers.Embedding):
            return {**config, "mask_zero": True}
        return config

    return cloned(program, changed)
