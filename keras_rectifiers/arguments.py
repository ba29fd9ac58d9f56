"""What functions and layers check of their arguments and of their channels.

Each function returns the value to keep, or raises an error that names the layer,
the argument, what it received and what it expects.
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
    """A real number within bounds, as a Python float; no boolean and no tensor."""
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
    """An integer within bounds; no boolean."""
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
    """A boolean, NumPy's too, so that a misplaced number is not taken for one."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(
            f"{layer} expects `{argument}` to be True or False. "
            f"{received(argument, value, layer=layer)}"
        )
    return bool(value)


def check_choice(argument, value, *, layer, choices):
    """One of several names. `choices`: name -> what it stands for."""
    if not isinstance(value, str) or value not in choices:
        names = " or ".join(f"{name!r} ({what})" for name, what in choices.items())
        raise ValueError(
            f"{layer} expects `{argument}` to be {names}. Received: {argument}={shown(value)}"
        )
    return value


def check_axis(argument, axis, *, layer):
    """An integer other than 0; the rest is known only when the layer is built."""
    if isinstance(axis, bool) or not isinstance(axis, numbers.Integral):
        raise TypeError(
            f"{layer} expects `{argument}` to be an integer. "
            f"{received(argument, axis, layer=layer)}"
        )
    if axis == 0:
        raise ValueError(
            f"{layer} expects `{argument}` to be another axis than the batch axis; "
            "use -1 for the last axis and 1 for channels-first inputs. "
            f"Received: {argument}=0"
        )
    return int(axis)


def resolve_axis(argument, axis, rank, *, layer):
    """The axis counted from the front, from 1 to `rank - 1`.

    Args:
        argument: Name of the argument, for the message.
        axis: Integer, negative to count from the end.
        rank: Number of axes of the input, the batch axis included.
        layer: Name of the layer, for the message.

    Returns:
        Integer.

    Raises:
        ValueError: If the axis lies outside the input or is the batch axis.
    """
    position = axis + rank if axis < 0 else axis
    if not 1 <= position < rank:
        raise ValueError(
            f"{layer} expects `{argument}` to name an axis of its input other than "
            f"the batch axis 0. Received: {argument}={axis} for an input of rank {rank}"
        )
    return position


def check_pieces(channels, units, *, axis, input_shape):
    """The number of channels of which Maxout takes the largest for each unit."""
    if channels is None:
        raise ValueError(
            "Maxout expects the number of channels to be known. Give the input a size "
            f"along `axis`. Received: axis={axis} for the input shape "
            f"{tuple(input_shape)}"
        )
    if channels % units or channels == 0:
        raise ValueError(
            "Maxout expects the number of channels to be a multiple of `units`. "
            f"Received: units={units} for {channels} channels, along axis {axis} of "
            f"the input shape {tuple(input_shape)}"
        )
    return channels // units


def received(argument, value, *, layer):
    """What was received, and what was probably meant if that is a tensor."""
    hint = ""
    if hasattr(value, "shape") and not isinstance(value, numbers.Number):
        hint = f"To apply the layer to a tensor, write {layer}(...)(x). "
    return f"{hint}Received: {argument}={shown(value)} of type {type(value).__name__}"


def shown(value):
    """A value as a message shows it: in one line, cut where it is too long."""
    try:
        text = " ".join(line.strip() for line in repr(value).splitlines())
    except ValueError:  # Python writes no integer of thousands of digits
        text = f"a value of type {type(value).__name__} that is too long to show"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
