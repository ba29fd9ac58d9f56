"""Whether the layers pass on enough numbers."""

import math
from collections.abc import Sequence

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.program import CATEGORICAL, SPARSE, Output
from keras_rectifiers.inspection.call_trace import LayerCall


def check(calls: Sequence[LayerCall], outputs: Sequence[Output]) -> list[Finding]:
    """Finds a layer that passes on too few numbers to tell the classes apart.

    Args:
        calls: the calls of the layers.
        outputs: the outputs of the model.
    """
    if len(outputs) != 1 or outputs[0].loss not in CATEGORICAL + SPARSE:
        return []
    # So many numbers that are on or off have this many patterns.
    fewest = math.log2(max(outputs[0].units, 2))
    hidden = [call for call in calls if hasattr(call.layer, "kernel")][:-1]
    sizes = [
        (math.prod(call.output_shape[1:]), call)
        for call in hidden
        if call.output_shape and None not in call.output_shape[1:]
    ]
    size, call = min(sizes, key=lambda pair: pair[0], default=(math.inf, None))
    if call is None or size >= fewest:
        return []
    numbers = "a single number" if size == 1 else f"only {size} numbers"
    return [
        Finding(
            kind="narrow",
            layer=call.path,
            value=size,
            certainty="possible",
            observation=f"it passes on {numbers} for {outputs[0].units} classes, a "
            "bottleneck",
            meaning="So few numbers hardly tell the classes apart.",
            advice="Give it more units (or filters, or a smaller kernel and stride), at "
            "least as many as there are classes.",
        )
    ]
