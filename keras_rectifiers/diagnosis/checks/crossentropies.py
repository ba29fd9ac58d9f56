"""Whether a crossentropy gets the targets and the output that it expects."""

import numpy as np

from keras_rectifiers.diagnosis.checks.misfits import (
    LINEAR,
    misfit,
    unequal,
    wrong_targets,
)
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.program import (
    BINARY,
    CATEGORICAL,
    PROBABILITIES,
    RANGES,
    SPARSE,
    Output,
)

# Smoothed or rounded distributions sum to nearly 1.
SHARE_OF_SUMS = 0.02
# Of two classes the larger number; a smoothed one is larger.
LARGEST_SCALED = 0.5


def check_labels(output: Output) -> Finding | None:
    """The labels of a sparse loss, which have to be the numbers of units."""
    if output.loss not in SPARSE:
        return None
    labels, units = output.labels, output.units
    if not len(labels):
        return None
    if output.are_one_hot and output.width == units:
        return wrong_targets(
            output,
            f"the targets are one-hot, but {output.loss} expects the number of the "
            "class",
            "Their shape does not fit the loss.",
            "Use categorical_crossentropy, or labels np.argmax(y, axis=-1).",
        )
    if (labels % 1).any():
        part = labels[labels % 1 != 0].flat[0]
        return wrong_targets(
            output,
            f"the labels are not whole numbers, such as {number(part)}",
            f"{output.loss} takes the whole part, so different classes become the same. "
            "They may have been divided together with the inputs.",
            f"Use integer labels from 0 to {units - 1}; for a regression, "
            + LINEAR[0].lower()
            + LINEAR[1:],
        )
    low, high = labels.min(), labels.max()
    if low >= 1 and high == units:
        return wrong_targets(
            output,
            f"the labels go from {number(low)} to {number(high)}, but the {units} units "
            f"stand for 0 to {units - 1}",
            "The last class has no unit.",
            "Use labels from 0: y - 1.",
        )
    if low < 0 or high >= units:
        return wrong_targets(
            output,
            f"the labels go from {number(low)} to {number(high)}, but the last layer has "
            f"{units} units, for the labels 0 to {units - 1}",
            "Labels without a unit have no loss or a loss of NaN.",
            f"Give the last layer {max(int(high) + 1, 2)} units, and use labels from 0.",
        )
    return _activation_of_crossentropy(output, "softmax")


def check_distributions(output: Output) -> Finding | None:
    """The targets of a softmax, which are one-hot or sum to 1."""
    is_softmax = output.activation == "softmax"
    if output.loss not in CATEGORICAL:
        return _several_labels(output) if is_softmax else None
    if output.width == 1:
        return wrong_targets(
            output,
            f"the targets are labels, but {output.loss} expects one number for each of "
            f"the {output.units} units",
            "Their shape does not fit the loss.",
            "Use sparse_categorical_crossentropy, or keras.utils.to_categorical(y).",
        )
    if output.width != output.units:
        return misfit(
            output,
            f"the last layer has {output.units} units, but the targets have "
            f"{output.width} classes",
            "Each class needs a unit.",
            f"Give the last layer {output.width} units.",
        )
    return (
        _scaled_labels(output)
        or _several_labels(output)
        or _activation_of_crossentropy(output, "softmax")
    )


def _scaled_labels(output):
    """Classes of 0 and a small number, which were 0 and 1 before."""
    values = np.unique(output.targets)
    if len(values) != 2 or values[0] != 0 or not 0 < values[1] < LARGEST_SCALED:
        return None
    if output.loss in CATEGORICAL and np.allclose(output.targets.sum(-1), 1):
        return None  # several classes are equally likely
    return wrong_targets(
        output,
        f"the targets are 0 and {number(values[1])}, but {output.loss} expects 0 and 1",
        "They may have been divided together with the inputs, so hardly anything says "
        "that an example is of a class.",
        f"Leave the labels as 0 and 1, and scale the inputs alone: y / {values[1]:.4g}.",
    )


def _several_labels(output):
    if output.width != output.units or output.units < 2:
        return None
    sums = output.targets.sum(-1)
    if np.mean(np.abs(sums - 1) > 1e-3) < SHARE_OF_SUMS:
        return None
    if output.are_binary:
        return misfit(
            output,
            "softmax makes the outputs sum to 1, but several labels may be true at "
            f"once: the targets sum to {number(sums.min())} up to {number(sums.max())}",
            "It makes the labels compete, so not all of them can be predicted.",
            "Use a sigmoid on each unit, and binary_crossentropy.",
        )
    return misfit(
        output,
        "softmax makes the outputs sum to 1, but the targets sum to "
        f"{number(sums.min())} up to {number(sums.max())}",
        "It cannot reach them.",
        LINEAR,
    )


def _other_axis(output):
    """Probabilities that sum to 1 over something else than the classes."""
    predicted = output.prediction
    if (
        output.from_logits
        or output.units < 2
        or output.loss not in CATEGORICAL + SPARSE
    ):
        return None
    axes = [
        axis
        for axis in range(predicted.ndim)
        if predicted.shape[axis] > 1 and np.allclose(predicted.sum(axis), 1, atol=1e-3)
    ]
    if not axes or predicted.ndim - 1 in axes or predicted.min() < 0:
        return None
    return misfit(
        output,
        f"the outputs sum to 1 along axis {axes[0]}, not over the {output.units} classes "
        "of the last axis",
        "They are no probabilities of the classes, so the class with the largest one is "
        "not the predicted one.",
        "Use softmax over the last axis (axis=-1).",
    )


def _activation_of_crossentropy(output, expected):
    """A crossentropy needs probabilities, or logits if it is told so."""
    activation, loss = output.activation, output.loss
    other_axis = _other_axis(output)
    if other_axis is not None:
        return other_axis
    if output.from_logits and activation in PROBABILITIES:
        return misfit(
            output,
            f"the output is a {activation}, and {loss} with from_logits=True applies "
            "another one",
            "The second flattens all differences, so the loss stays high.",
            "Use a linear output (activation=None), or from_logits=False.",
            kind="loss",
        )
    bounded = activation in RANGES and activation not in PROBABILITIES
    if output.from_logits and bounded:
        return misfit(
            output,
            f"{activation} on the output cuts the logits that {loss} expects",
            "Logits have to reach all values, negative ones too.",
            "Use a linear output (activation=None).",
        )
    if not output.from_logits and (bounded or activation in ("linear", "leaky_relu")):
        is_linear = activation == "linear"
        named = "a linear output" if is_linear else f"{activation} on the output"
        return misfit(
            output,
            f"{named} with {loss}, which expects probabilities",
            "Outputs outside 0 to 1 are cut off, and get no gradient there.",
            f"Use {expected} on the output, or a linear output with from_logits=True.",
        )
    return None


def check_binary(output: Output) -> Finding | None:
    """The targets of a binary crossentropy, which are within 0 and 1."""
    if output.loss not in BINARY:
        return None
    targets = output.targets
    if output.width != output.units:
        return unequal(output)
    low, high = targets.min(), targets.max()
    if low < 0 or high > 1:
        classes = output.num_classes
        if classes > 2 or (classes == 2 and high > 2):
            return wrong_targets(
                output,
                f"the targets have {classes} classes, from {number(low)} to "
                f"{number(high)}, but binary crossentropy expects 0 and 1",
                "Values outside 0 to 1 push the output to an end, and the loss below 0.",
                f"Use {int(high) + 1} units with softmax, and "
                "sparse_categorical_crossentropy.",
            )
        if classes:
            return wrong_targets(
                output,
                f"the targets are {number(low)} and {number(high)}, but binary "
                "crossentropy expects 0 and 1",
                "Values outside 0 to 1 push the output to an end, and the loss below 0.",
                f"Encode the labels as 0 and 1: (y == {number(high)}).",
            )
        return wrong_targets(
            output,
            f"the targets go from {number(low)} to {number(high)}, but binary "
            "crossentropy expects 0 to 1",
            "It is a loss for probabilities, not for a regression.",
            LINEAR,
        )
    return _scaled_labels(output) or _activation_of_crossentropy(output, "sigmoid")
