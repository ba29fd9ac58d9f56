"""What is wrong with the inputs and the targets as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from keras_rectifiers.diagnosis.checks import codes, duplicates
from keras_rectifiers.diagnosis.findings import Finding, first_few, number
from keras_rectifiers.diagnosis.program import REGRESSION, Output

# Counts up to 16 and pixels within 0 and 1 train well; the age of a person does not.
LARGEST_COLUMN = 30.0
# A weight for the smaller column has to become so many times as large.
COLUMNS_APART = 1000.0
# The mean of a column, as a multiple of its standard deviation.
LARGEST_OFFSET = 30.0
# Weights and biases start near 1, and move by the learning rate in each step.
LARGEST_TARGET = 100.0
SUSPECT_TARGET = 10.0
SMALLEST_TARGET = 0.01
# With fewer examples all may be of one class by chance.
FEWEST_EXAMPLES = 10
CONTRADICTED_SHARE = 0.3


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns (channels for images) that a first layer with a kernel reads.

    Args:
        root_mean_square, mean, std: `(columns,)`.
        zeros: `(columns,)`, the share of exact zeros.
    """

    root_mean_square: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    zeros: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> "Columns":
        table = values.reshape(-1, values.shape[-1] if values.ndim > 1 else 1)
        return cls(
            root_mean_square=np.sqrt(np.mean(table**2, axis=0)),
            mean=table.mean(0),
            std=table.std(0),
            zeros=np.mean(table == 0, axis=0),
        )

    @property
    def scale(self) -> float:
        """The root mean square of all columns together."""
        return float(np.sqrt(np.mean(self.root_mean_square**2)))


def check_inputs(columns: Mapping[str, Columns], x: Any) -> list[Finding]:
    """Returns what is wrong with the inputs.

    Args:
        columns: first layer with a kernel -> what it reads. Inputs that are normalised
            first, or looked up in an embedding, are in it as the layer gets them.
        x: a nest of arrays with the examples along the first axis.
    """
    arrays = keras.tree.flatten(x)
    num_examples = len(arrays[0])
    if not any(a.any() for a in arrays):
        return []  # The rules on layers say of which.
    if num_examples >= FEWEST_EXAMPLES and all((a == a[:1]).all() for a in arrays):
        return [
            Finding(
                kind="constant inputs",
                where="data",
                certainty="certain",
                observation="all examples have the same inputs",
                meaning="The model cannot tell them apart.",
                advice="Check how the inputs are loaded and scaled.",
            )
        ]
    found = [_columns(layer, seen) for layer, seen in columns.items()]
    unscaled = [finding for finding in found if finding is not None][:1]
    return duplicates.check(arrays) + unscaled


def _columns(layer, seen: Columns) -> Finding | None:
    scales = seen.root_mean_square
    largest = float(scales.max())
    normalise = (
        "Scale the inputs to mean 0 and variance 1 in each column, for example with "
        "keras.layers.Normalization() adapted to them."
    )
    large = np.flatnonzero(scales > LARGEST_COLUMN)
    # Where all are large, the rules on layers say so.
    if 0 < len(large) < len(scales):
        listed = first_few(large)
        return _inputs(
            layer,
            largest,
            f"its inputs are unscaled: {len(large)} of {len(scales)} columns ({listed}) "
            f"have a root mean square above {LARGEST_COLUMN:g}, up to {number(largest)}, "
            f"the smallest has {number(scales.min())}",
            "The large columns decide alone, and make every training step too large.",
            normalise,
        )
    dense = (seen.zeros < 0.5) & (seen.std > 0)
    if dense.sum() > 1:
        smallest = float(scales[dense].min())
        if largest > COLUMNS_APART * smallest:
            return _inputs(
                layer,
                largest,
                "its inputs are unscaled: the columns have very different sizes, from "
                f"{number(smallest)} to {number(largest)} as a root mean square",
                "The small columns hardly count.",
                normalise,
                certainty="possible",
            )
    offset = np.abs(seen.mean[dense]) > LARGEST_OFFSET * seen.std[dense]
    if dense.any() and 2 * offset.sum() > dense.sum():
        worst = np.argmax(np.abs(seen.mean[dense]) / seen.std[dense])
        return _inputs(
            layer,
            largest,
            "its inputs are unscaled: they hardly vary, with a mean of "
            f"{number(seen.mean[dense][worst])} and a standard deviation of "
            f"{number(seen.std[dense][worst])}",
            "All examples look nearly the same to the model.",
            normalise,
        )
    return None


def _inputs(layer, value, observation, meaning, advice, certainty="likely"):
    return Finding(
        kind="unscaled inputs",
        where="data",
        layer=layer,
        measure="input_scale",
        value=value,
        certainty=certainty,
        observation=observation,
        meaning=meaning,
        advice=advice,
    )


def check_targets(
    outputs: Sequence[Output], x: Any, *, may_be_constant: bool = False
) -> list[Finding]:
    """Returns what is wrong with the targets.

    Args:
        outputs: the outputs of the model.
        x: a nest of arrays with the examples along the first axis.
        may_be_constant: whether there is something to learn from equal targets.
    """
    found = []
    for output in outputs:
        finding = None if may_be_constant else _constant(output)
        finding = finding or _scale(output) or _contradicted(output, x)
        finding = finding or codes.check(output, x)
        if finding is not None:
            layer = output.layer if len(outputs) > 1 else ""
            found.append(replace(finding, layer=layer))
    return found


def _constant(output):
    targets = output.targets
    # A loss of the user's may need no targets.
    if not output.loss or len(targets) < FEWEST_EXAMPLES:
        return None
    if not (targets == targets[:1]).all():
        return None
    is_class = output.num_classes or output.are_one_hot
    return _of_targets(
        "all examples are of one class"
        if is_class and output.loss not in REGRESSION
        else f"all targets are the same, {number(targets.flat[0])}",
        "There is nothing to learn from them.",
        "Check how the targets are loaded; take the examples in random order.",
        certainty="certain",
        kind="constant targets",
    )


def _scale(output):
    if output.loss not in REGRESSION or output.width != output.units:
        return None
    targets, predicted = output.targets.ravel(), output.prediction.ravel()
    if len(targets) != len(predicted):
        return None
    spread, mean = float(targets.std()), float(targets.mean())
    size = max(spread, abs(mean))
    # A model that scales its output itself, or has learned, predicts in their range.
    if np.std(predicted) > 0.1 * spread and abs(predicted.mean() - mean) < spread:
        return None
    if spread >= SMALLEST_TARGET and size <= SUSPECT_TARGET:
        return None
    large = size > SUSPECT_TARGET
    return _of_targets(
        f"the targets are unscaled, with a mean of {number(mean)} and a standard "
        f"deviation of {number(spread)}",
        "The outputs start near 0 and move by small steps, so they do not reach them, "
        "or the loss and its gradients are huge."
        if large
        else "The error is so small that the gradient hardly moves the weights.",
        "Scale the targets to mean 0 and variance 1, and the predictions back.",
        certainty="likely" if size > LARGEST_TARGET else "possible",
    )


def _contradicted(output, x):
    """Examples with the same inputs and different classes."""
    if not (output.num_classes or output.are_one_hot):
        return None
    arrays = [np.asarray(a).reshape(len(a), -1) for a in keras.tree.flatten(x)]
    targets = output.targets.reshape(len(output.targets), -1)
    if any(a.dtype.kind not in "fiub" for a in arrays):
        return None
    inputs = np.concatenate([a.astype(np.float64) for a in arrays], 1)
    _, group = np.unique(inputs, axis=0, return_inverse=True)
    group = group.ravel()
    low, high = (
        np.full((group.max() + 1, targets.shape[1]), s * np.inf) for s in (1, -1)
    )
    np.minimum.at(low, group, targets)
    np.maximum.at(high, group, targets)
    share = float(np.mean((low != high).any(1)[group]))
    if share < CONTRADICTED_SHARE:
        return None
    return _of_targets(
        f"{share:.0%} of the examples have the same inputs as others with different "
        "targets",
        "No model can tell them apart.",
        "Check whether inputs and targets are in the same order, and whether inputs "
        "were rounded or left out.",
        certainty="possible",
        kind="contradictions",
    )


def _of_targets(
    observation, meaning, advice, *, kind="unscaled targets", certainty
) -> Finding:
    return Finding(
        kind=kind,
        where="data",
        certainty=certainty,
        observation=observation,
        meaning=meaning,
        advice=advice,
    )
