"""What a user should know of models that can be trained, but may not be meant so."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_rectifiers.comparison.comparing.losses import from_logits, kind_of
from keras_rectifiers.comparison.comparing.outputs import last_layer


def remarks_on(
    model: keras.Model, made: Sequence[keras.layers.Layer], y: Any
) -> list[str]:
    """Tells what is probably a mistake, in sentences.

    Args:
        model: a compiled model.
        made: the layers of the activation in it.
        y: the targets of all examples.
    """
    return [
        *_at_the_output(model, made),
        *_logits(model),
        *_unused_class(model, y),
        *_several_labels(model, y),
    ]


def _at_the_output(model: keras.Model, made: Sequence[keras.layers.Layer]) -> list[str]:
    last = last_layer(model)
    ends = (last, getattr(last, "activation", None))
    if not any(layer is end for layer in made for end in ends):
        return []
    return [
        "The activation is also that of the outputs, so it decides which values they can "
        "have: relu gives none below 0. If this is not meant, end the model without it."
    ]


def _logits(model: keras.Model) -> list[str]:
    loss = _loss(model)
    if not from_logits(loss, kind_of(loss)):
        return []
    for metric in model.metrics:
        for part in getattr(metric, "metrics", [metric]):
            if (
                isinstance(part, keras.metrics.BinaryAccuracy)
                and part.get_config()["threshold"] == 0.5
            ):
                return [
                    f"The outputs are logits, but the metric {part.name} counts outputs "
                    "above 0.5 as class 1, and logits are above 0 then. Use "
                    "keras.metrics.BinaryAccuracy(threshold=0)."
                ]
    return []


def _unused_class(model: keras.Model, y: Any) -> list[str]:
    loss, targets = _loss(model), keras.tree.flatten(y)
    if kind_of(loss) != "SparseCategoricalCrossentropy" or len(targets) != 1:
        return []
    least = int(np.min(targets[0]))
    if least == 0:
        return []
    return [
        f"No example has a class below {least}, but classes are counted from 0. If "
        "this is not meant, number them: y = numpy.unique(y, return_inverse=True)[1]."
    ]


def _several_labels(model: keras.Model, y: Any) -> list[str]:
    targets = keras.tree.flatten(y)
    if kind_of(_loss(model)) != "CategoricalCrossentropy" or len(targets) != 1:
        return []
    if np.allclose(targets[0].sum(axis=-1), 1, atol=1e-3):
        return []
    return [
        "The targets of some examples do not add up to 1, as shares of classes do. If an "
        "example may have several labels or none, end the model with a sigmoid and use "
        "binary_crossentropy."
    ]


def _loss(model: keras.Model) -> Any:
    try:
        return keras.losses.get(model.loss)
    except (TypeError, ValueError):  # several
        return None
