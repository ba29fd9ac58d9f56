"""The examples of a task on the device, as one row of tensors whatever their nest."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.comparison.training.task import Data


class Examples:
    """Inputs, targets and sample weights of all examples.

    Args:
        data: the examples.

    Attributes:
        tensors: those of all arrays in a row; numbers with a fraction are of Keras's
            default type, as in `model.fit`.
    """

    def __init__(self, data: Data):
        self._nest = (data.x, data.y, data.sample_weight)
        arrays = [
            np.asarray(a) for a in keras.tree.flatten(self._nest) if a is not None
        ]
        self.tensors = [ops.convert_to_tensor(_of_default_type(a)) for a in arrays]

    def nest(self, tensors) -> tuple[Any, Any, Any]:
        """Puts tensors, in the order of `tensors`, back into x, y and sample weights."""
        remaining = iter(tensors)
        flat = [
            None if leaf is None else next(remaining)
            for leaf in keras.tree.flatten(self._nest)
        ]
        return keras.tree.pack_sequence_as(self._nest, flat)


def examples_of(data: Data, indices: np.ndarray) -> tuple[Any, Any, Any]:
    """Inputs, targets and sample weights of some examples, as arrays."""
    return keras.tree.map_structure(
        lambda array: None if array is None else np.asarray(array)[indices],
        (data.x, data.y, data.sample_weight),
    )


def taken(tensors, indices) -> list:
    """The examples with these indices, of any shape."""
    return [ops.take(tensor, indices, axis=0) for tensor in tensors]


def _of_default_type(array: np.ndarray) -> np.ndarray:
    is_fraction = np.issubdtype(array.dtype, np.floating)
    return array.astype(keras.config.floatx()) if is_fraction else array
