"""Batch normalisation whose moving averages are those of batches of one example."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.inspection.batch_statistics import with_batch_statistics
from keras_rectifiers.inspection.call_trace import paths

# Of the variance over examples. Trained averages lag behind it by a factor of a few; in
# a batch of one the variance is 0, and its average falls by the momentum in each step:
# that of each channel alike, which tells it from inputs that were smaller in training.
LOST_VARIANCE = 1e-3
ALIKE = 1.001


def check(model: keras.Model, values: tuple[Sequence, Sequence], x) -> list[Finding]:
    """Returns which layers have learned that all examples are the same.

    Args:
        model: a trained model.
        values: its values, as for `probe`.
        x: inputs from `checked_batch`.
    """
    layers = [
        layer
        for layer in keras_internals.layers_within(model)
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]
    if not layers:
        return []
    places = {id(v): n for n, v in enumerate(model.non_trainable_variables)}
    _, states = with_batch_statistics(model, values, x)
    named, lost = paths(model), []
    for layer in layers:
        place = places.get(id(layer.moving_variance))
        if place is None:
            continue
        kept, seen = (_array(v[place]) for v in (values[1], states))
        kept, seen = kept[seen > 0], seen[seen > 0]
        if not kept.size or np.median(kept / seen) >= LOST_VARIANCE:
            continue
        if kept.max() <= ALIKE * kept.min():
            lost.append(named.get(layer, layer.name))
    if not lost:
        return []
    return [
        Finding(
            kind="modes disagree",
            where="training",
            layer=lost[0],
            observation="batch normalisation whose moving variance is nearly 0, though its "
            "inputs vary from example to example",
            meaning="So it is after batches of a single example, in which nothing varies: "
            "each example is normalised to 0, and in inference to a huge number.",
            advice="Use a larger batch_size in fit, for example 32, or "
            "LayerNormalization.",
            others=tuple(lost[1:]),
        )
    ]


def _array(value) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(value), np.float64)
