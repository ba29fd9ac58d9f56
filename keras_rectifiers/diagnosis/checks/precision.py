"""Whether what a model computes fits into half precision."""

from collections.abc import Sequence
from contextlib import ExitStack

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.inspection.batch import run_model
from keras_rectifiers.inspection.call_trace import is_composite, paths, replaced
from keras_rectifiers.inspection.patching import computing_in_float32

LARGEST = float(np.finfo("float16").max)


def check(model: keras.Model, values: tuple[Sequence, Sequence], x) -> list[Finding]:
    """Returns where float16 overflows; bfloat16 reaches as far as float32.

    Args:
        model: a built model.
        values: as for `probe`.
        x: inputs from `checked_batch`.
    """
    halves = {
        path: layer
        for layer, path in paths(model).items()
        if isinstance(layer, keras.layers.Layer)
        and layer.compute_dtype == "float16"
        and not is_composite(layer)
    }
    if not halves:
        return []
    reached: dict[str, float] = {}

    def noting(path, layer):
        call = layer.call

        def noted(*args, **kwargs):
            result = call(*args, **kwargs)
            arrays = map(ops.convert_to_numpy, keras.tree.flatten(result))
            largest = max((float(np.abs(a).max(initial=0)) for a in arrays), default=0)
            reached[path] = max(largest, reached.get(path, 0.0))
            return result

        return noted

    with ExitStack() as stack:
        stack.enter_context(computing_in_float32(model))
        for path, layer in halves.items():
            stack.enter_context(replaced(layer, "call", noting(path, layer)))
        run_model(model, values, x)
    beyond = [path for path, largest in reached.items() if largest > LARGEST]
    if not beyond:
        return []
    first, *others = beyond
    return [
        Finding(
            kind="overflow",
            layer=first,
            value=reached[first],
            certainty="certain",
            observation=f"its results reach {number(reached[first])}, but float16 ends "
            f"at {LARGEST:,.0f}",
            meaning="In half precision they become infinite, and the loss NaN.",
            advice="Scale the inputs, normalise the layers, or use bfloat16 "
            '(dtype="mixed_bfloat16").',
            others=tuple(others),
        )
    ]
