"""Whether the output, the loss and the targets belong together.

Nothing has to be run for it: what an activation can return and what a loss expects is
known from theory. Of each output the first rule that applies is told, because the others
mostly follow from it.
"""

import math
from collections.abc import Sequence

import numpy as np

from keras_rectifiers.diagnosis.checks.crossentropies import (
    check_binary,
    check_distributions,
    check_labels,
)
from keras_rectifiers.diagnosis.checks.metrics import check_metric
from keras_rectifiers.diagnosis.checks.misfits import (
    LINEAR,
    misfit,
    unequal,
    wrong_targets,
)
from keras_rectifiers.diagnosis.checks.positions import check_positions
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.program import (
    ABSOLUTE,
    BINARY,
    CATEGORICAL,
    CROSSENTROPIES,
    PROBABILITIES,
    RANGES,
    REGRESSION,
    SPARSE,
    Output,
)
from keras_rectifiers.inspection.call_trace import LayerCall

# What can be out of reach by noise.
SHARE_OUTSIDE = 0.02
# Of the mean size of the targets; as a percentage, an error there counts a hundred times.
NEAR_0 = 0.01

_SIGMOID = "Use one unit with a sigmoid, and binary_crossentropy."


def check(outputs: Sequence[Output], calls: Sequence[LayerCall] = ()) -> list[Finding]:
    """Returns what is wrong with each output, at most one finding for each and rule.

    Args:
        outputs: the outputs of the model.
        calls: the calls of its layers.
    """

    def positions(output):
        return check_positions(output, calls)

    rules = (
        *(_softmax_of_one, positions, check_labels, check_distributions),
        *(check_binary, _regression, _may_harm),
    )
    found = []
    for output in outputs:
        first = next((f for rule in rules if (f := rule(output))), None)
        found += [f for f in (first, check_metric(output)) if f is not None]
    return found


def _softmax_of_one(output):
    one = output.units == 1
    if one and output.activation == "softmax":
        return misfit(
            output,
            "softmax on one unit always returns 1, whatever the input",
            "Nothing can be learned, because the output is constant.",
            _output_for(output),
        )
    if one and output.loss in CATEGORICAL + SPARSE:
        value = "always 0" if output.loss in CATEGORICAL else "0 or NaN"
        return misfit(
            output,
            f"{output.loss} on one unit is {value}",
            "It compares the units with each other, so it needs one unit for each class.",
            _output_for(output),
            kind="loss",
        )
    return None


def _regression(output):
    if output.loss not in REGRESSION:
        return None
    targets, activation = output.targets, output.activation
    if output.width != output.units:
        return unequal(output)
    if activation in RANGES:
        low, high = RANGES[activation]
        outside = np.mean((targets < low - 1e-6) | (targets > high + 1e-6))
        if outside > SHARE_OUTSIDE:
            return wrong_targets(
                output,
                f"{outside:.0%} of the targets are out of reach of the output: "
                f"{activation} returns {_range(low, high)}, the targets range from "
                f"{number(targets.min())} to {number(targets.max())}",
                "The output cannot reach these targets, whatever the weights"
                + (
                    ", and a relu whose targets are negative stops learning at 0."
                    if activation == "relu"
                    else "."
                ),
                "Use a linear output (activation=None)"
                + (", tanh if they are within -1 and 1," if low == 0 else "")
                + " or scale the targets into this range.",
            )
    of_domain = _outside_of_domain(output)
    if of_domain is not None:
        return of_domain
    is_class = output.are_binary or output.are_one_hot
    if output.loss in ABSOLUTE and activation in PROBABILITIES and is_class:
        kind = "categorical" if activation == "softmax" else "binary"
        is_choice = output.units > 1 and not output.are_one_hot
        return misfit(
            output,
            f"the mean absolute error of a {activation} output with binary labels, a "
            "classification",
            "Its gradient is smallest where the output is most wrong, and its optimum is "
            "the more frequent class, not a probability.",
            f"Use {kind}_crossentropy.",
            kind="loss",
            # Of many numbers, such as the pixels of an image, it may be wanted.
            certainty="possible" if is_choice else "likely",
        )
    return None


def _outside_of_domain(output):
    """Targets that a loss of shares or of logarithms is not made for."""
    targets, size = output.targets, np.abs(output.targets).mean()
    near_0 = float(np.mean(np.abs(targets) < NEAR_0 * size))
    if output.loss == "mean_absolute_percentage_error" and near_0 > SHARE_OUTSIDE:
        return misfit(
            output,
            f"the mean absolute percentage error, and {near_0:.0%} of the targets are 0 or "
            "nearly 0",
            "It divides the error by the target, so these examples decide alone, and "
            "drive all predictions to 0.",
            "Use mean_squared_error or mean_absolute_error.",
            kind="loss",
        )
    negative = float(np.mean(targets < 0))
    if output.loss == "mean_squared_logarithmic_error" and negative > SHARE_OUTSIDE:
        return misfit(
            output,
            f"the mean squared logarithmic error, and {negative:.0%} of the targets are "
            "negative",
            "It takes all of them for 0, before the logarithm.",
            "Use mean_squared_error.",
            kind="loss",
        )
    return None


def _may_harm(output):
    """What often harms, but may also learn."""
    activation, loss = output.activation, output.loss
    if loss in REGRESSION and output.are_one_hot and output.units > 2:
        return misfit(
            output,
            f"{loss} on {output.units} classes",
            "Its gradient is small where a class is predicted wrongly with confidence.",
            "Use softmax and categorical_crossentropy.",
            kind="loss",
            certainty="possible",
        )
    if loss in REGRESSION and activation == "linear" and output.are_binary:
        return misfit(
            output,
            f"{loss} of a linear output with targets of 0 and 1",
            "It is a classification by regression.",
            "Use a sigmoid and binary_crossentropy.",
            kind="loss",
            certainty="possible",
        )
    if loss in CATEGORICAL and activation == "sigmoid":
        return misfit(
            output,
            f"a sigmoid output with {loss}",
            "The classes exclude each other, which a sigmoid on each unit does not know.",
            "Use softmax.",
            certainty="possible",
        )
    if loss in BINARY and output.are_one_hot and output.units > 2:
        return misfit(
            output,
            f"{loss} on {output.units} classes that exclude each other",
            "Predicting none of them already has a small loss and a high accuracy.",
            "Use softmax and categorical_crossentropy.",
            kind="loss",
            certainty="possible",
        )
    return None


def _output_for(output) -> str:
    """The output and loss for these targets, in words."""
    if output.are_binary:
        return _SIGMOID
    classes = output.num_classes
    if classes and output.loss in CROSSENTROPIES:
        units = int(output.targets.max()) + 1
        return f"Use {units} units with softmax, and sparse_categorical_crossentropy."
    return LINEAR


def _range(low, high) -> str:
    if math.isinf(high):
        return f"{low:g} and more"
    return f"{low:g} to {high:g}"
