"""Weights with one entry per channel, and masks next to a changed axis."""

import keras
from keras import ops

from keras_rectifiers import arguments


def prepare_call(layer, x, *, axis, num_channels):
    """Checks the input of a layer's call, and builds layers that need no shape.

    `keras.layers.InputSpec` would check the same, but it refuses inputs of unknown
    rank, on which Keras does not build layers either.

    Args:
        layer: The layer.
        x: The input of the call.
        axis: The axis of the channels, or None if the layer does not depend on them.
        num_channels: Number of channels for which the layer was built; None if it is
            not built.

    Raises:
        TypeError: If `x` is not a tensor.
        ValueError: If `x` has a different number of channels, or their number is not
            known in time.
    """
    name = type(layer).__name__
    arguments.check_tensor(x, layer=name)
    rank = arguments.rank_of(x)
    if rank is None and not layer.built:
        if axis is not None:
            raise ValueError(
                f"{name} must be built before it is called on an input of unknown "
                "rank, because it depends on the number of channels. Call "
                "build((None, channels)), or give the input a shape. Received: an "
                f"input of unknown rank for {layer.name!r}"
            )
        layer.build((None,))
    elif rank is not None and layer.built and axis is not None:
        resolved = arguments.resolve_axis("channel_axis", axis, rank, layer=name)
        if x.shape[resolved] not in (None, num_channels):
            raise ValueError(
                f"{name} expects {num_channels} channels along axis {axis}, for which "
                f"{layer.name!r} was built. Received: an input of shape "
                f"{tuple(x.shape)}"
            )


class ExactConstant(keras.initializers.Constant):
    """A constant with the full precision of its dtype; Keras's own rounds to float32."""

    def __call__(self, shape, dtype=None):
        """Returns a tensor of that shape and dtype."""
        return ops.full(shape, self.value, dtype)


def channel_shape(input_shape, channel_axis, *, layer):
    """`(channels,)`: the shape of a weight with one entry per channel."""
    axis = arguments.resolve_axis(
        "channel_axis", channel_axis, len(input_shape), layer=layer
    )
    if input_shape[axis] is None:
        raise ValueError(
            f"{layer} expects the number of channels to be known, because it has a "
            "weight per channel. Give the input a size along `channel_axis`, or pass "
            f"shared=True. Received: channel_axis={channel_axis} for the input shape "
            f"{tuple(input_shape)}"
        )
    return (input_shape[axis],)


def align_channels(values, x, channel_axis):
    """Reshapes `values`, one per channel, so that they broadcast against `x`.

    They get an axis of size 1 for each axis of `x` after the channel axis, and none
    before it, because exported slopes must broadcast from the right (ONNX).
    """
    rank = arguments.rank_of(x)
    if values.shape[0] == 1:
        return ops.reshape(values, ()) if rank == 0 else values
    if channel_axis >= 0 and rank is None:
        raise ValueError(
            "A channel_axis counted from the front needs an input of known rank. Give "
            "the input a shape, or count from the end. Received: "
            f"channel_axis={channel_axis} and an input of unknown rank"
        )
    num_trailing = -1 - channel_axis if channel_axis < 0 else rank - 1 - channel_axis
    if num_trailing == 0:
        return values
    return ops.reshape(values, (values.shape[0],) + (1,) * num_trailing)


def check_mask(mask, axis, x, *, layer):
    """Checks that a mask can be kept, because none of its axes changes its size."""
    rank = arguments.rank_of(x)
    if mask is not None and rank is not None and axis % rank < len(mask.shape):
        raise ValueError(
            f"{layer} cannot propagate a mask along the axis that it changes. "
            f"Received: channel_axis={axis} and a mask of shape {tuple(mask.shape)} "
            f"for an input of rank {rank}"
        )
    return mask
