"""The loss of each example, as `model.fit` computes it before it takes the mean."""

from collections.abc import Callable

import keras
from keras import ops


def per_example(model: keras.Model, loss: Callable | str | None = None) -> Callable:
    """Returns the function that gives the loss of each example.

    Args:
        model: its loss is taken if none is given.
        loss: a Keras loss or its name, or a function `(y, prediction) -> (examples,)`.

    Returns:
        A function `(y, prediction) -> losses`. As in `model.fit`, the targets are cast
        to the type of the prediction, and a last axis of size 1 that only one of the
        two has is no matter. The loss is computed in float32 at least.

    Raises:
        ValueError: if no loss is given and the model is not compiled.
    """
    if loss is None:
        loss = getattr(model, "loss", None)
        if loss is None:
            raise ValueError(
                f"The model {model.name!r} is not compiled, so its loss is not known. "
                "Compile it, or give loss=, for example "
                "loss=keras.losses.MeanSquaredError()."
            )
    function = keras.losses.get(loss)

    def losses(y, prediction):
        dtype = keras.backend.result_type(prediction.dtype, "float32")
        y, prediction = ops.cast(y, dtype), ops.cast(prediction, dtype)
        if isinstance(function, keras.losses.Loss):
            # It reduces over the batch when it is called; its `call` does not.
            return function.call(y, prediction)
        # Else the difference of (n,) and (n, 1) would be (n, n).
        y, prediction = _of_equal_rank(y, prediction)
        prediction, y = _of_equal_rank(prediction, y)
        return function(y, prediction)

    return losses


def _of_equal_rank(shorter, longer):
    """The two, alike in rank if a last axis of size 1 was all that `shorter` lacked."""
    if longer.shape[-1:] != (1,) or len(longer.shape) != len(shorter.shape) + 1:
        return shorter, longer
    if len(shorter.shape) == 1:
        return ops.expand_dims(shorter, -1), longer
    return shorter, ops.squeeze(longer, -1)
