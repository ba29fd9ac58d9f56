"""What a function of the user's computes, as text, so that a change is noticed."""

import functools
import hashlib
import inspect
from collections.abc import Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

# So deep functions are followed that a function calls.
_DEPTH = 4


def code_of(given: Any) -> str:
    """Describes a function or class: its code, and what that uses.

    Functions and classes of the same module are followed, and those in closures.
    Numbers, text and arrays count by their values. What cannot be seen is code that
    other modules hold, and the contents of other objects.
    """
    return repr(_described(given, _DEPTH, set()))


def _described(value: Any, depth: int, seen: set[int]) -> Any:
    if value is None or isinstance(value, str | bytes | int | float | bool | complex):
        return value
    if isinstance(value, np.ndarray | np.generic):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return [str(value.dtype), list(value.shape), digest]
    if isinstance(value, list | tuple | set | frozenset):
        parts = [_described(part, depth, seen) for part in value]
        return sorted(parts, key=repr) if isinstance(value, set | frozenset) else parts
    if isinstance(value, dict):
        return [(str(k), _described(v, depth, seen)) for k, v in value.items()]
    if isinstance(value, functools.partial):
        parts = (value.func, value.args, value.keywords)
        return [_described(part, depth, seen) for part in parts]
    if isinstance(value, CodeType):
        constants = [_described(c, depth, seen) for c in value.co_consts]
        return [value.co_code.hex(), list(value.co_names), constants]
    if inspect.ismethod(value):
        value = value.__func__
    if isinstance(value, FunctionType) and depth and id(value) not in seen:
        seen.add(id(value))
        nonlocals = inspect.getclosurevars(value).nonlocals
        known = {**nonlocals, **_own(_globals_of(value), value.__module__)}
        return [
            _described(value.__code__, depth, seen),
            _described(value.__defaults__, depth, seen),
            _described(value.__kwdefaults__, depth, seen),
            [(n, _described(v, depth - 1, seen)) for n, v in sorted(known.items())],
        ]
    if isinstance(value, type) and depth and id(value) not in seen:
        seen.add(id(value))
        methods = {n: v for n, v in vars(value).items() if isinstance(v, FunctionType)}
        return [value.__qualname__, _described(methods, depth - 1, seen)]
    return type(value).__qualname__


def _globals_of(function: FunctionType) -> dict[str, Any]:
    """The globals that a function names, also in the functions within it."""
    names: set[str] = set()
    codes = [function.__code__]
    for code in codes:
        names |= set(code.co_names)
        codes += [c for c in code.co_consts if isinstance(c, CodeType)]
    known = function.__globals__
    return {name: known[name] for name in names if name in known}


def _own(used: Mapping[str, Any], module: str) -> dict[str, Any]:
    """Values, and functions and classes of the same module."""
    return {
        name: value
        for name, value in used.items()
        if not isinstance(value, ModuleType)
        and (
            isinstance(value, np.ndarray | np.generic)
            or getattr(value, "__module__", module) == module
        )
    }
