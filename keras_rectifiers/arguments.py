"""Checks of the arguments and channels of functions and layers.

Each function returns the checked value, or raises an error with the layer, the
argument, what was received and what is expected.
"""

import math
import numbers

import numpy as np

# Numbers that float32 holds together with their inverse, with room for the arithmetic.
SMALLEST, LARGEST = 1e-30, 1e30

# So much of a value is shown in a message.
_SHOWN = 200


def check_number(
    argument, value, *, layer, least=-LARGEST, largest=LARGEST, condition=""
):
    """Checks for a real number within bounds, no boolean or tensor; returns a float."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{layer} expects `{argument}` to be a real number. "
            f"{received(argument, value, layer=layer)}"
        )
    try:
        value = float(value)
    except OverflowError:  # an integer of hundreds of digits
        value = math.inf
    if not least <= value <= largest:  # NaN is not either
        raise ValueError(
            f"{layer} expects `{argument}` to be from {least:g} to {largest:g}"
            f"{condition}. Received: {argument}={shown(value)}"
        )
    return value


def check_integer(argument, value, *, layer, least, largest=None):
    """Checks for an integer within bounds that is not a boolean."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"{layer} expects `{argument}` to be an integer. "
            f"{received(argument, value, layer=layer)}"
        )
    value = int(value)
    if value < least or (largest is not None and value > largest):
        allowed = (
            f"at least {least}" if largest is None else f"from {least} to {largest}"
        )
        raise ValueError(
            f"{layer} expects `{argument}` to be {allowed}. "
            f"Received: {argument}={shown(value)}"
        )
    return value


def check_flag(argument, value, *, layer):
    """Checks for a boolean of Python or NumPy, to refuse misplaced numbers."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(
            f"{layer} expects `{argument}` to be True or False. "
            f"{received(argument, value, layer=layer)}"
        )
    return bool(value)


def check_choice(argument, value, *, layer, choices):
    """Checks for one of several names. `choices`: name -> its meaning."""
    if not isinstance(value, str) or value not in choices:
        names = " or ".join(f"{name!r} ({what})" for name, what in choices.items())
        raise ValueError(
            f"{layer} expects `{argument}` to be {names}. Received: {argument}={shown(value)}"
        )
    return value


def check_axis(argument, axis, *, layer):
    """Checks for an integer other than 0; the rest is checked when a layer is built."""
    if isinstance(axis, bool) or not isinstance(axis, numbers.Integral):
        raise TypeError(
            f"{layer} expects `{argument}` to be an integer. "
            f"{received(argument, axis, layer=layer)}"
        )
    if axis == 0:
        raise ValueError(
            f"{layer} expects `{argument}` to be an axis other than the batch axis; "
            "use -1 for the last axis and 1 for channels-first inputs. Received: "
            f"{argument}=0"
        )
    return int(axis)


def check_channel_axis(channel_axis, keywords, *, layer):
    """Like `check_axis`; also removes the argument's old name `axis` from the keywords.

    Models saved by earlier versions use the old name.
    """
    axis = keywords.pop("axis", channel_axis)
    if channel_axis not in (-1, axis):
        raise ValueError(
            f"{layer} expects `channel_axis` or its old name `axis`, not both. "
            f"Received: channel_axis={shown(channel_axis)} and axis={shown(axis)}"
        )
    return check_axis("channel_axis", axis, layer=layer)


def check_keywords(keywords, *, layer, advice):
    """Refuses keywords of other libraries, and names our argument instead.

    Args:
        keywords: The keyword arguments that are not in the layer's signature.
        layer: Name of the layer, for the message.
        advice: Keyword of another library -> what to write here, as a clause.

    Raises:
        ValueError: If there is such a keyword, or a `dtype` that is not floating-point.
            Keras refuses other keywords.
    """
    advice = {**_PYTORCH_KEYWORDS, **advice}
    for name, value in keywords.items():
        if name in advice:
            raise ValueError(
                f"{layer} has no argument `{name}`: {advice[name]}. "
                f"Received: {name}={value!r}"
            )
    if keywords.get("dtype") is not None:
        import keras  # What reads stored tables uses this module too, without Keras.

        dtype = keras.dtype_policies.get(keywords["dtype"]).compute_dtype
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(
                f"{layer} expects `dtype` to be a floating-point dtype, such as "
                "'float32'; it casts integer inputs itself. Received: "
                f"dtype={keywords['dtype']!r}"
            )


def check_tensor(x, *, layer):
    """Checks for a single tensor, because Keras would stack a list of them."""
    if not hasattr(x, "shape"):
        raise TypeError(
            f"{layer} expects one tensor or array. {received('inputs', x, layer=layer)}"
        )


_PYTORCH_KEYWORDS = {
    "inplace": "leave it out, because Keras layers never change their input",
    "device": "leave it out; choose a device by `with keras.device(...)`",
}


def resolve_axis(argument, axis, rank, *, layer):
    """Returns the axis counted from the front, from 1 to `rank - 1`.

    Args:
        argument: Name of the argument, for the message.
        axis: Integer, negative to count from the end.
        rank: Number of axes of the input, including the batch axis; None if unknown.
        layer: Name of the layer, for the message.

    Returns:
        Integer; if the rank is unknown, the axis unchanged.

    Raises:
        TypeError: If the axis is not an integer.
        ValueError: If the axis lies outside the input or is the batch axis.
    """
    axis = check_axis(argument, axis, layer=layer)
    if rank is None:
        return axis
    position = axis + rank if axis < 0 else axis
    if not 1 <= position < rank:
        raise ValueError(
            f"{layer} expects `{argument}` to name an axis of its input other than "
            f"the batch axis 0. Received: {argument}={axis} for an input of rank {rank}"
        )
    return position


def rank_of(x):
    """Returns the number of axes of a tensor; None if unknown (TensorFlow)."""
    return x.shape.rank if hasattr(x.shape, "rank") else len(x.shape)


def check_pieces(channels, units, *, axis, input_shape):
    """Returns the number of channels per unit of Maxout."""
    if channels is None:
        is_known = getattr(input_shape, "rank", 0) is not None
        raise ValueError(
            "Maxout expects the number of channels to be known. Give the input a size "
            f"along `channel_axis`. Received: channel_axis={axis} for "
            + (f"the input shape {tuple(input_shape)}" if is_known else "unknown rank")
        )
    if channels % units or channels == 0:
        raise ValueError(
            "Maxout expects the number of channels to be a multiple of `units`. "
            f"Received: units={units} for {channels} channels, along axis {axis} of "
            f"the input shape {tuple(input_shape)}"
        )
    return channels // units


def check_halves(channels, *, axis, input_shape):
    """Returns the number of channels in each half of the input of GatedLinearUnit."""
    if channels is None:
        is_known = getattr(input_shape, "rank", 0) is not None
        raise ValueError(
            "GatedLinearUnit expects the number of channels to be known. Give the "
            f"input a size along `channel_axis`. Received: channel_axis={axis} for "
            + (f"the input shape {tuple(input_shape)}" if is_known else "unknown rank")
        )
    if channels % 2:
        raise ValueError(
            "GatedLinearUnit expects an even number of channels, because one half "
            "gates the other. Give the layer before it twice as many channels as you "
            f"want. Received: {channels} channels, along axis {axis} of the input shape "
            f"{tuple(input_shape)}"
        )
    return channels // 2


def received(argument, value, *, layer):
    """Says what was received, and what was probably meant if it is a tensor."""
    hint = ""
    if hasattr(value, "shape") and not isinstance(value, numbers.Number):
        hint = f"To apply the layer to a tensor, write {layer}(...)(x). "
    return f"{hint}Received: {argument}={shown(value)} of type {type(value).__name__}"


def shown(value):
    """Formats a value for a message: in one line, shortened if too long."""
    try:
        text = " ".join(line.strip() for line in repr(value).splitlines())
    except ValueError:  # Python writes no integer of thousands of digits
        text = f"a value of type {type(value).__name__} that is too long to show"
    except Exception:  # of the value's own, as of a deleted array
        text = f"a value of type {type(value).__name__} that cannot be shown"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
