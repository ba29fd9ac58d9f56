"""What the layers check of their arguments, and of their channel axis when built.

Each function returns the value to keep, or raises an error that names the layer,
the argument, what it received and what it expects.
"""

import math
import numbers

from keras import ops

from keras_rectifiers import functions


def check_number(argument, value, *, layer):
    """A finite real number, as a Python float. Booleans and tensors are refused."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{layer} expects `{argument}` to be a real number. To apply the layer to "
            f"a tensor, write {layer}()(x). Received: {argument}={value!r} of type "
            f"{type(value).__name__}"
        )
    value = float(value)
    if not math.isfinite(value):
        raise ValueError(
            f"{layer} expects `{argument}` to be finite. Received: {argument}={value!r}"
        )
    return value


def check_flag(argument, value, *, layer):
    """A boolean, so that a misplaced number is not taken for one."""
    if not isinstance(value, bool):
        raise TypeError(
            f"{layer} expects `{argument}` to be True or False. "
            f"Received: {argument}={value!r} of type {type(value).__name__}"
        )
    return value


def check_channel_axis(channel_axis, *, layer):
    """An integer other than 0; the rest is known only when the layer is built."""
    if isinstance(channel_axis, bool) or not isinstance(channel_axis, numbers.Integral):
        raise TypeError(
            f"{layer} expects `channel_axis` to be an integer. Received: "
            f"channel_axis={channel_axis!r} of type {type(channel_axis).__name__}"
        )
    if channel_axis == 0:
        raise ValueError(
            f"{layer} expects `channel_axis` to be another axis than the batch axis; "
            "use -1 for the last axis and 1 for channels-first inputs. "
            "Received: channel_axis=0"
        )
    return int(channel_axis)


def channel_shape(input_shape, channel_axis, *, layer):
    """`(channels,)`: the shape of a weight that has one entry per channel."""
    axis = functions.resolve_channel_axis(channel_axis, len(input_shape), name=layer)
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
