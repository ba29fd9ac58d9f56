"""What the end of a model makes of its outputs."""

from typing import Any

import keras
import numpy as np

from keras_rectifiers import keras_internals


def last_layer(model: keras.Model) -> Any:
    """The layer that makes the output, or None if that is not known."""
    if isinstance(model, keras.Sequential):
        return model.layers[-1]
    outputs = getattr(model, "outputs", None)
    return keras_internals.origin(outputs[0])[0] if outputs else None


def function_of(last: Any) -> str:
    """The name of the function of Keras with which a layer ends, else empty."""
    if isinstance(last, keras.layers.Softmax):
        return "softmax"
    function = getattr(last, "activation", None)
    for name in ("softmax", "sigmoid"):
        if function is getattr(keras.activations, name):
            return name
    return ""


def applies(last: Any, name: str, output: np.ndarray) -> bool:
    """Tells whether a layer turns logits into probabilities by softmax or sigmoid.

    Args:
        last: the last layer; None if it is not known.
        name: `"softmax"` or `"sigmoid"`.
        output: what the model returns for some examples.
    """
    if isinstance(last, keras.layers.Softmax) or hasattr(last, "activation"):
        return function_of(last) == name
    if not ((output >= 0) & (output <= 1)).all():
        return False
    # One of the user's own, such as a subclassed model.
    is_sum_one = np.allclose(output.sum(axis=-1), 1, atol=1e-4)
    return is_sum_one if name == "softmax" else bool((output != 0).all())
