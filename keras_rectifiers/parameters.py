"""The parameters of the functions, checked and as tensors."""

import numbers
from typing import Any

from keras import ops, random

from keras_rectifiers import arguments


def as_tensor(argument, value: Any, dtype, *, function, least=-arguments.LARGEST):
    """A parameter of a function as a tensor, with the full precision of `dtype`."""
    if hasattr(value, "shape") and not isinstance(value, numbers.Number):
        if _holds_no_real_numbers(value.dtype):
            raise TypeError(
                f"{function} expects `{argument}` to hold real numbers. "
                f"Received: a tensor of dtype {value.dtype}"
            )
        return ops.cast(value, dtype)
    if not isinstance(value, (list, tuple)):
        value = arguments.check_number(argument, value, layer=function, least=least)
    try:
        # `ops.cast` would take it through float32.
        return ops.convert_to_tensor(value, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{function} expects `{argument}` to be a number, or a tensor or list of "
            f"numbers. {arguments.received(argument, value, layer=function)}"
        ) from error


def as_number_or_tensor(argument, value: Any, dtype, **checks):
    """As `as_tensor`, but leaves a number a number."""
    if isinstance(value, numbers.Number):
        return arguments.check_number(
            argument, value, layer=checks.pop("function"), **checks
        )
    return as_tensor(argument, value, dtype, **checks)


def _holds_no_real_numbers(dtype) -> bool:
    # The types of bfloat16 and of 8 bits are of a kind of their own to NumPy.
    known = getattr(dtype, "kind", "") in ("O", "U", "S", "M", "m")
    return known or any(name in str(dtype) for name in ("complex", "string"))


def seed_state(seed: Any):
    """The state that `SeedGenerator.next` returns, for every kind of seed."""
    if seed is None:
        return None
    if isinstance(seed, random.SeedGenerator):
        return seed.next()
    if not hasattr(seed, "shape") or isinstance(seed, numbers.Number):
        words: Any = [seed, 0]
        if isinstance(seed, (list, tuple)) and len(seed) == 2:
            words = seed
        for word in words:
            arguments.check_integer(
                "seed", word, layer="rrelu", least=0, largest=2**31 - 1
            )
        return ops.convert_to_tensor(words, dtype="int32")
    if arguments.rank_of(seed) is not None and tuple(seed.shape) != (2,):
        raise ValueError(
            "rrelu expects `seed` to be an integer, a keras.random.SeedGenerator or a "
            f"tensor of shape (2,). Received: a tensor of shape {tuple(seed.shape)}"
        )
    if "int" not in str(seed.dtype):
        raise TypeError(
            "rrelu expects `seed` to be an integer, a keras.random.SeedGenerator or an "
            f"integer tensor of shape (2,). Received: a tensor of dtype {seed.dtype}"
        )
    return seed
