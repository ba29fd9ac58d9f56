"""Weights that have one entry per channel, and masks beside a changed axis."""

import keras
from keras import ops

from keras_rectifiers import arguments


def input_spec(channel_axis, num_channels):
    """What a layer with a weight per channel takes: this axis, of this size."""
    min_ndim = channel_axis + 1 if channel_axis > 0 else 1 - channel_axis
    return keras.layers.InputSpec(min_ndim=min_ndim, axes={channel_axis: num_channels})


def channel_shape(input_shape, channel_axis, *, layer):
    """`(channels,)`: the shape of a weight that has one entry per channel."""
    axis = arguments.resolve_axis(
        "channel_axis", channel_axis, len(input_shape), layer=layer
    )
    if input_shape[axis] is None:
        raise ValueError(
            f"{layer} expects the number of channels to be known, for it has a weight "
            "per channel. Give the input a size along `channel_axis`, or pass "
            f"shared=True. Received: channel_axis={channel_axis} for the input shape "
            f"{tuple(input_shape)}"
        )
    return (input_shape[axis],)


def align_channels(values, x, channel_axis):
    """`values`, one per channel, reshaped so that they broadcast against `x`.

    They get an axis of size 1 for each axis of `x` behind the channel axis, and
    none before it: exported slopes must broadcast from the right (ONNX).
    """
    rank = len(x.shape)
    axis = channel_axis + rank if channel_axis < 0 else channel_axis
    num_trailing = rank - 1 - axis
    if values.shape[0] == 1 or num_trailing == 0:
        return values
    return ops.reshape(values, (values.shape[0],) + (1,) * num_trailing)


def check_mask(mask, axis, rank, *, layer):
    """A mask that stays as it is, since no axis of it changes its size."""
    if mask is not None and axis % rank < len(mask.shape):
        raise ValueError(
            f"{layer} cannot carry a mask along the axis that it changes. "
            f"Received: axis={axis} and a mask of shape {tuple(mask.shape)} for an "
            f"input of rank {rank}"
        )
    return mask
