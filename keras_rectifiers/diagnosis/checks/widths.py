"""Whether the layers pass on enough numbers."""

import math
from collections.abc import Sequence

import numpy as np

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.program import (
    BINARY,
    CATEGORICAL,
    REGRESSION,
    SPARSE,
    Output,
)
from keras_rectifiers.inspection.call_trace import LayerCall

# Targets such as the pixels of an image, of which few numbers hold a part of the variance.
FEWEST_TARGETS = 8
LEAST_HELD = 0.5
MOST_EXAMPLES = 256


def check(calls: Sequence[LayerCall], outputs: Sequence[Output]) -> list[Finding]:
    """Finds a layer that passes on too few numbers for what is to be predicted.

    Args:
        calls: the calls of the layers.
        outputs: the outputs of the model.
    """
    if len(outputs) != 1:
        return []
    size, call = _narrowest(calls)
    if call is None:
        return []
    if outputs[0].loss in CATEGORICAL + SPARSE:
        return _of_classes(size, call, outputs[0])
    return _of_many_targets(size, call, outputs[0])


def _narrowest(calls):
    hidden = [call for call in calls if hasattr(call.layer, "kernel")][:-1]
    sizes = [
        (math.prod(call.output_shape[1:]), call)
        for call in hidden
        if call.output_shape and None not in call.output_shape[1:]
    ]
    return min(sizes, key=lambda pair: pair[0], default=(math.inf, None))


def _of_classes(size, call, output):
    # So many numbers that are on or off have this many patterns.
    if size >= math.log2(max(output.units, 2)):
        return []
    return [
        _finding(
            size,
            call,
            f"{output.units} classes, a bottleneck",
            "So few numbers hardly tell the classes apart.",
            "as many as there are classes.",
        )
    ]


def _of_many_targets(size, call, output):
    """Fewer numbers than the principal components that the targets consist of."""
    targets = output.targets.reshape(len(output.targets), -1)
    many = targets.shape[1] >= FEWEST_TARGETS and size < targets.shape[1]
    if output.loss not in REGRESSION + BINARY or not many:
        return []
    centred = targets[:MOST_EXAMPLES] - targets[:MOST_EXAMPLES].mean(0)
    variances = np.linalg.svd(centred, compute_uv=False) ** 2
    if not variances.sum() or len(centred) < 2 * size:
        return []
    held = np.cumsum(variances) / variances.sum()
    if held[size - 1] >= LEAST_HELD:
        return []
    needed = int(np.searchsorted(held, 0.9)) + 1
    return [
        _finding(
            size,
            call,
            f"{targets.shape[1]} targets, a bottleneck: the first "
            f"{'principal component holds' if size == 1 else f'{size} principal components hold'} "
            f"{held[size - 1]:.0%} of their variance",
            "So few numbers hardly tell the examples apart.",
            f"{needed}, with which they hold 90%.",
        )
    ]


def _finding(size, call, of, meaning, enough):
    numbers = "a single number" if size == 1 else f"only {size} numbers"
    return Finding(
        kind="narrow",
        layer=call.path,
        value=size,
        certainty="possible",
        observation=f"it passes on {numbers} for {of}",
        meaning=meaning,
        advice="Give it more units (or filters, or a smaller kernel and stride), at "
        f"least {enough}",
    )
