"""Nets of one hidden layer as functions, from the weights that a recipe stores."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables

# What makes a net that of a chapter: one step an example, by plain gradient descent.
STEPS = {
    "inputs": "raw",
    "architecture": "mlp",
    "depth": 1,
    "optimizer": "sgd",
    "batch_size": 1,
}

_SLOPES = {
    "relu": 0.0,
    "leaky_relu": 0.01,
    "leaky_relu_0.1": 0.1,
    "very_leaky_relu": 1 / 5.5,
    "rrelu": 1 / 5.5,  # in inference
    "linear": 1.0,
}
_CURVED = {
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "smooth_relu": lambda z: np.logaddexp(z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
}


class SmallNet(NamedTuple):
    """A net of one hidden layer with one output.

    Args:
        activation: the name of its activation.
        kernel: `(inputs, units)`.
        bias: `(units,)`.
        output_kernel: `(units,)`.
        output_bias: a number.
        slope: the slopes that a PReLU has learned, `(units,)`; else None.
    """

    activation: str
    kernel: np.ndarray
    bias: np.ndarray
    output_kernel: np.ndarray
    output_bias: float
    slope: np.ndarray | None = None


def small_nets(tables: Tables, trials: pd.DataFrame) -> list[SmallNet]:
    """The nets of trials after training.

    Args:
        tables: the tables of a study.
        trials: rows of the table `trials`, of nets that followed a recipe.

    Returns:
        One net for each row, in their order.
    """
    rows = tables.outputs[tables.outputs["key"].isin(trials["key"])]
    rows = rows.sort_values(["key", "layer", "name", "index"])
    groups = rows.groupby(["key", "layer", "name"], observed=True)["value"]
    values = {of: group.to_numpy(float) for of, group in groups}
    found = []
    for key, activation in zip(trials["key"], trials["activation"], strict=True):
        bias = values[key, 0, "bias"]
        found.append(
            SmallNet(
                activation=activation,
                kernel=values[key, 0, "kernel"].reshape(-1, len(bias)),
                bias=bias,
                output_kernel=values[key, 1, "kernel"],
                output_bias=values[key, 1, "bias"].item(),
                slope=values.get((key, 0, "negative_slope")),
            )
        )
    return found


def predicted(net: SmallNet, x: np.ndarray) -> np.ndarray:
    """The outputs `(points,)` of a net at points `(points, inputs)`."""
    z = x @ net.kernel + net.bias
    return _activated(net, z) @ net.output_kernel + net.output_bias


def kinks(net: SmallNet, low: float, high: float) -> np.ndarray:
    """Where the curve of a net of one input bends, ascending, from `low` to `high`.

    A unit bends it where its pre-activation is 0. The activation must be piecewise
    linear, with its kink at 0.
    """
    weights = net.kernel[0]
    bends = (weights != 0) & (net.output_kernel != 0)
    where = np.sort(-net.bias[bends] / weights[bends])
    return where[(where >= low) & (where <= high)]


def edges(net: SmallNet) -> np.ndarray:
    """The lines on which the units of a net of two inputs switch.

    Returns:
        The ends of a stretch of each line, `(units, 2 ends, 2 coordinates)`, long enough
        to cross a square from -1 to 1. A line that stays away from it lies outside.
    """
    weights, biases = net.kernel.T, net.bias[:, np.newaxis]
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    nearest = -biases * weights / lengths**2
    along = np.stack([-weights[:, 1], weights[:, 0]], axis=1) / lengths
    return np.stack([nearest - 2 * along, nearest + 2 * along], axis=1)


def _activated(net: SmallNet, z: np.ndarray) -> np.ndarray:
    if net.activation in _CURVED:
        return _CURVED[net.activation](z)
    slope = net.slope if net.slope is not None else _SLOPES[net.activation]
    return np.where(z > 0, z, slope * z)
