"""What a loss of the user's own does with predictions that are right, and wrong.

Nothing is known of such a loss but its values, so it is computed for some predictions.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.checks.misfits import misfit, wrong_targets
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.program import Output

# By rounding, sums in another order differ by far less.
TOLERANCE = 1e-3
# As a multiple of the spread of the targets.
FAR = 10.0


def check(
    outputs: Sequence[Output], losses: Callable, y: Any, prediction: Any
) -> list[Finding]:
    """Returns what is wrong with a loss of the user's own.

    Args:
        outputs: the outputs of the model; of several, a loss is not known by itself.
        losses: the loss of each example, from targets and predictions.
        y, prediction: tensors.
    """
    if len(outputs) != 1 or outputs[0].loss or not hasattr(prediction, "shape"):
        return []
    (output,) = outputs
    if output.targets.size != output.prediction.size:
        return []

    def loss_of(targets, predicted) -> float:
        return float(np.mean(ops.convert_to_numpy(losses(targets, predicted))))

    rules = (_pairs, _wrong_sign)
    found = (rule(output, loss_of, y, prediction) for rule in rules)
    return [finding for finding in found if finding is not None][:1]


def _pairs(output, loss_of, y, prediction):
    """Targets (n,) and predictions (n, 1), of which the difference is (n, n)."""
    given, expected = tuple(y.shape), tuple(prediction.shape)
    if given == expected:
        return None
    own, alike = loss_of(y, prediction), loss_of(ops.reshape(y, expected), prediction)
    if not np.isfinite(alike) or abs(own - alike) <= TOLERANCE * abs(alike):
        return None
    return wrong_targets(
        output,
        f"the loss depends on the shape of the targets: with {given} beside predictions "
        f"of {expected} it is {number(own)}, with {expected} it is {number(alike)}",
        "It compares each prediction with the targets of all examples, because arrays of "
        "these shapes are broadcast.",
        f"Give the targets the shape of the predictions: y.reshape({(-1, *expected[1:])}).",
    )


def _wrong_sign(output, loss_of, y, prediction):
    spread = float(output.targets.std())
    if not spread:
        return None
    targets = output.targets.reshape(output.prediction.shape)
    right, above, below = (
        loss_of(y, ops.convert_to_tensor(targets + step * spread, prediction.dtype))
        for step in (0.0, FAR, -FAR)
    )
    if not (np.isfinite(right) and above < right and below < right):
        return None
    return misfit(
        output,
        f"the loss has the wrong sign: it is {number(right)} for predictions that equal "
        f"the targets, and {number(max(above, below))} or less for those far off",
        "Training makes the loss small, so it drives the predictions away from the "
        "targets.",
        "Return it with the other sign, such as 1 - score for a score.",
        kind="loss",
    )
