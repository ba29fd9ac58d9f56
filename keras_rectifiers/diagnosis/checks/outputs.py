"""Whether the output, the loss and the targets belong together.

Nothing has to be run for it: what an activation can return and what a loss expects is
known from theory. Of each output the first rule that applies is told, because the others
mostly follow from it.
"""

import math
from collections.abc import Sequence

import numpy as np

from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.program import Output

BINARY = ("binary_crossentropy", "binary_focal_crossentropy")
CATEGORICAL = ("categorical_crossentropy", "categorical_focal_crossentropy")
SPARSE = ("sparse_categorical_crossentropy",)
CROSSENTROPIES = BINARY + CATEGORICAL + SPARSE
ABSOLUTE = ("mean_absolute_error", "mean_absolute_percentage_error")
REGRESSION = (
    *ABSOLUTE,
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
)
# What an activation can return at the least and at the most.
RANGES = {
    "sigmoid": (0, 1),
    "hard_sigmoid": (0, 1),
    "softmax": (0, 1),
    "tanh": (-1, 1),
    "hard_tanh": (-1, 1),
    "softsign": (-1, 1),
    "relu": (0, math.inf),
    "relu6": (0, 6),
    "softplus": (0, math.inf),
    "exponential": (0, math.inf),
    "elu": (-1, math.inf),
    "selu": (-1.76, math.inf),
}
# What can be outside by noise, of targets that the model could predict otherwise.
SHARE_OUTSIDE = 0.02

_PROBABILITIES = ("sigmoid", "softmax", "hard_sigmoid")
_SIGMOID = "Use one unit with a sigmoid, and binary_crossentropy."
_LINEAR = "Use a linear output (activation=None) with mean_squared_error."


def check(outputs: Sequence[Output]) -> list[Finding]:
    """Returns what is wrong with each output, at most one finding for each and rule."""
    rules = (_softmax_of_one, _labels, _distributions, _binary, _regression, _alike)
    found = []
    for output in outputs:
        first = next((f for rule in rules if (f := rule(output))), None)
        found += [f for f in (first, _metric(output)) if f is not None]
    return found


def _softmax_of_one(output):
    one = output.units == 1
    if one and output.activation == "softmax":
        return _finding(
            output,
            "softmax on one unit always returns 1, whatever the input",
            "Nothing can be learned, because the output is constant.",
            _output_for(output),
        )
    if one and output.loss in CATEGORICAL + SPARSE:
        value = "always 0" if output.loss in CATEGORICAL else "0 or NaN"
        return _finding(
            output,
            f"{output.loss} on one unit is {value}",
            "It compares the units with each other, so it needs one unit for each class.",
            _output_for(output),
            kind="loss",
        )
    return None


def _labels(output):
    """Labels of a sparse loss, which have to be the numbers of units."""
    if output.loss not in SPARSE:
        return None
    labels, units = output.targets, output.units
    if output.are_one_hot and output.width == units:
        return _targets(
            output,
            f"the targets are one-hot, but {output.loss} expects the number of the "
            "class",
            "Their shape does not fit the loss.",
            "Use categorical_crossentropy, or labels np.argmax(y, axis=-1).",
        )
    if not output.are_whole:
        part = labels[labels % 1 != 0].flat[0]
        return _targets(
            output,
            f"the labels are not whole numbers, such as {number(part)}",
            f"{output.loss} takes the whole part, so different classes become the same. "
            "They may have been divided together with the inputs.",
            f"Use integer labels from 0 to {units - 1}; for a regression, "
            + _LINEAR[0].lower()
            + _LINEAR[1:],
        )
    low, high = labels.min(), labels.max()
    if low >= 1 and high == units:
        return _targets(
            output,
            f"the labels go from {number(low)} to {number(high)}, but the {units} units "
            f"stand for 0 to {units - 1}",
            "The last class has no unit.",
            "Use labels from 0: y - 1.",
        )
    if low < 0 or high >= units:
        return _targets(
            output,
            f"the labels go from {number(low)} to {number(high)}, but the last layer has "
            f"{units} units, for the labels 0 to {units - 1}",
            "Labels without a unit have no loss or a loss of NaN.",
            f"Give the last layer {max(int(high) + 1, 2)} units, and use labels from 0.",
        )
    return _activation_of_crossentropy(output, "softmax")


def _distributions(output):
    """Targets of a softmax, which are one-hot or sum to 1."""
    is_softmax = output.activation == "softmax"
    if output.loss not in CATEGORICAL:
        return _several_labels(output) if is_softmax else None
    if output.width == 1:
        return _targets(
            output,
            f"the targets are labels, but {output.loss} expects one number for each of "
            f"the {output.units} units",
            "Their shape does not fit the loss.",
            "Use sparse_categorical_crossentropy, or keras.utils.to_categorical(y).",
        )
    if output.width != output.units:
        return _finding(
            output,
            f"the last layer has {output.units} units, but the targets have "
            f"{output.width} classes",
            "Each class needs a unit.",
            f"Give the last layer {output.width} units.",
        )
    return _several_labels(output) or _activation_of_crossentropy(output, "softmax")


def _several_labels(output):
    if output.width != output.units or output.units < 2:
        return None
    sums = output.targets.sum(-1)
    if np.mean(np.abs(sums - 1) > 1e-3) < SHARE_OUTSIDE:
        return None
    if output.are_binary:
        return _finding(
            output,
            "softmax makes the outputs sum to 1, but several labels may be true at "
            f"once: the targets sum to {number(sums.min())} up to {number(sums.max())}",
            "It makes the labels compete, so not all of them can be predicted.",
            "Use a sigmoid on each unit, and binary_crossentropy.",
        )
    return _finding(
        output,
        "softmax makes the outputs sum to 1, but the targets sum to "
        f"{number(sums.min())} up to {number(sums.max())}",
        "It cannot reach them.",
        _LINEAR,
    )


def _activation_of_crossentropy(output, expected):
    """A crossentropy needs probabilities, or logits if it is told so."""
    activation, loss = output.activation, output.loss
    if output.from_logits and activation in _PROBABILITIES:
        return _finding(
            output,
            f"the output is a {activation}, and {loss} with from_logits=True applies "
            "another one",
            "The second flattens all differences, so the loss stays high.",
            "Use a linear output (activation=None), or from_logits=False.",
            kind="loss",
        )
    bounded = activation in RANGES and activation not in _PROBABILITIES
    if output.from_logits and bounded:
        return _finding(
            output,
            f"{activation} on the output cuts the logits that {loss} expects",
            "Logits have to reach all values, negative ones too.",
            "Use a linear output (activation=None).",
        )
    if not output.from_logits and (bounded or activation in ("linear", "leaky_relu")):
        named = "a linear output" if activation == "linear" else f"{activation} output"
        return _finding(
            output,
            f"{named} with {loss}, which expects probabilities",
            "Outputs outside 0 to 1 are cut off, and get no gradient there.",
            f"Use {expected} on the output, or a linear output with from_logits=True.",
        )
    return None


def _binary(output):
    if output.loss not in BINARY:
        return None
    targets, units = output.targets, output.units
    if output.width != units and units > 1:
        return _unequal(output)
    low, high = targets.min(), targets.max()
    if low < 0 or high > 1:
        classes = output.num_classes
        if classes > 2 or (classes == 2 and high > 2):
            return _targets(
                output,
                f"the targets have {classes} classes, from {number(low)} to "
                f"{number(high)}, but binary crossentropy expects 0 and 1",
                "Values outside 0 to 1 push the output to an end, and the loss below 0.",
                f"Use {int(high) + 1} units with softmax, and "
                "sparse_categorical_crossentropy.",
            )
        if classes:
            return _targets(
                output,
                f"the targets are {number(low)} and {number(high)}, but binary "
                "crossentropy expects 0 and 1",
                "Values outside 0 to 1 push the output to an end, and the loss below 0.",
                f"Encode the labels as 0 and 1: (y == {number(high)}).",
            )
        return _targets(
            output,
            f"the targets go from {number(low)} to {number(high)}, but binary "
            "crossentropy expects 0 to 1",
            "It is a loss for probabilities, not for a regression.",
            _LINEAR,
        )
    return _activation_of_crossentropy(output, "sigmoid")


def _unequal(output):
    return _targets(
        output,
        f"the targets have {output.width} number for each example, but the model has "
        f"{output.units} outputs",
        "The same number becomes the target of all outputs.",
        f"Give the last layer {output.width} unit, or encode the classes: "
        "sparse_categorical_crossentropy with softmax.",
    )


def _regression(output):
    if output.loss not in REGRESSION:
        return None
    targets, activation = output.targets, output.activation
    if output.width != output.units and output.units > 1:
        return _unequal(output)
    if output.prediction.ndim > targets.ndim + (output.units == 1):
        return _targets(
            output,
            f"the model predicts an array of shape {output.prediction.shape[1:]} for "
            f"each example, but the targets have the shape {targets.shape[1:]}",
            "The target is repeated at each position.",
            "Flatten before the last layer, or use return_sequences=False in the last "
            "recurrent layer.",
        )
    if activation in RANGES:
        low, high = RANGES[activation]
        outside = np.mean((targets < low - 1e-6) | (targets > high + 1e-6))
        if outside > SHARE_OUTSIDE:
            return _targets(
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
    is_class = output.are_binary or output.are_one_hot
    if output.loss in ABSOLUTE and activation in _PROBABILITIES and is_class:
        loss, start = ("binary_crossentropy", "sigmoid")
        if activation == "softmax":
            loss, start = "categorical_crossentropy", "softmax"
        return _finding(
            output,
            f"the mean absolute error of a {start} output with binary labels, a "
            "classification",
            "Its gradient is smallest where the output is most wrong, and its optimum is "
            "the more frequent class, not a probability.",
            f"Use {loss}.",
            kind="loss",
            certainty="likely",
        )
    return None


def _alike(output):
    """What often harms, but may also learn."""
    activation, loss = output.activation, output.loss
    if loss in REGRESSION and output.are_one_hot and output.units > 2:
        return _finding(
            output,
            f"{loss} on {output.units} classes",
            "Its gradient is small where a class is predicted wrongly with confidence.",
            "Use softmax and categorical_crossentropy.",
            kind="loss",
            certainty="possible",
        )
    if loss in REGRESSION and activation == "linear" and output.are_binary:
        return _finding(
            output,
            f"{loss} of a linear output with targets of 0 and 1",
            "It is a classification by regression.",
            "Use a sigmoid and binary_crossentropy.",
            kind="loss",
            certainty="possible",
        )
    if loss in CATEGORICAL and activation == "sigmoid":
        return _finding(
            output,
            f"a sigmoid output with {loss}",
            "The classes exclude each other, which a sigmoid on each unit does not know.",
            "Use softmax.",
            certainty="possible",
        )
    if loss in BINARY and output.are_one_hot and output.units > 2:
        return _finding(
            output,
            f"{loss} on {output.units} classes that exclude each other",
            "Predicting none of them already has a small loss and a high accuracy.",
            "Use softmax and categorical_crossentropy.",
            kind="loss",
            certainty="possible",
        )
    return None


def _metric(output):
    names = [name.lower().replace("_", "") for name in output.metrics]
    is_accuracy = any(name in ("acc", "accuracy", "binaryaccuracy") for name in names)
    if not is_accuracy or output.loss not in REGRESSION or output.are_whole:
        return None
    return Finding(
        kind="metric",
        where="compile",
        certainty="certain",
        observation="accuracy as a metric of a regression",
        meaning="It counts predictions that equal the target exactly, so it stays near "
        "0 however good the model is.",
        advice='Use metrics=["mae"].',
    )


def _output_for(output) -> str:
    """The output and loss for these targets, in words."""
    if output.are_binary:
        return _SIGMOID
    classes = output.num_classes
    if classes and output.loss in CROSSENTROPIES:
        units = int(output.targets.max()) + 1
        return f"Use {units} units with softmax, and sparse_categorical_crossentropy."
    return _LINEAR


def _range(low, high) -> str:
    if math.isinf(high):
        return f"{low:g} and more"
    return f"{low:g} to {high:g}"


def _finding(output, observation, meaning, advice, **more) -> Finding:
    more = {"kind": "output", "certainty": "certain"} | more
    return Finding(
        where="compile" if more["kind"] == "loss" else "model",
        layer=output.layer,
        observation=observation,
        meaning=meaning,
        advice=advice,
        **more,
    )


def _targets(output, observation, meaning, advice) -> Finding:
    """What the targets are wrong for, told of the output that they are for."""
    return Finding(
        kind="targets",
        where="data",
        layer=output.layer,
        certainty="certain",
        observation=observation,
        meaning=meaning,
        advice=advice,
    )
