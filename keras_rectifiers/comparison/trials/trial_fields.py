"""Checks of the fields of a `Trial`, alone and in combination."""

import math
import numbers
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import numpy as np

from keras_rectifiers import catalogue
from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.trials.recipes import RECIPES

CONVOLUTIONAL = ("cnn", "cnn_pooled", "nin", "nin_lin")
RECURRENT = ("rnn", "lstm")
# The net of a paper, which has one size.
SIZE_OF_NIN_LIN = {"depth": 8, "width": 192}

# The data sets that have a name; `keras_rectifiers.comparison.data.datasets` loads them.
DATASETS = (
    "digits",
    "ring",
    "spiral",
    "checkerboard",
    "circle",
    "two_moons",
    "curve",
    "adding_10",
    "adding_20",
    "adding_40",
    "noisy_digits",
    "mnist",
    "fashion_mnist",
    "cifar10",
    "cifar100",
)

# What an auto-encoder has no place for.
_IF_PRETRAINED = {
    "architecture": "mlp",
    "batch_normalization": False,
    "weight_l1": 0.0,
    "weight_l2": 0.0,
    "activity_l1": 0.0,
}
# What a recurrent net has no place for.
_IF_RECURRENT = {
    "derivative_at_zero": 0.0,
    "weight_scale": 1.0,
    "weight_l1": 0.0,
    "weight_l2": 0.0,
    "activity_l1": 0.0,
    "batch_normalization": False,
    "dropout": 0.0,
}
# What a recipe sets itself, or has no place for.
_IF_RECIPE = {
    "architecture": "mlp",
    "initializer": "gain",
    "weight_scale": 1.0,
    "bias": 0.0,
    "pretraining": 0,
    "schedule": "constant",
    "batch_size": 1,
}
# Type of a field -> what is taken for it.
_TAKEN: dict[type, Any] = {
    bool: bool | np.bool_,
    int: numbers.Integral,
    float: numbers.Real,
    str: str,
}
# What float32 holds; most processors take what is smaller for 0.
_SMALLEST, _LARGEST = (float(getattr(np.finfo(np.float32), n)) for n in ("tiny", "max"))


def converted(name: str, value: Any, kind: type) -> Any:
    """Converts a field's value from NumPy's or an integer type to Python's type.

    Args:
        name: the name of the field.
        value: the given value.
        kind: the field's type: bool, int, float or str.

    Raises:
        TypeError: if it has a different type.
        ValueError: if it is not finite, or is 0 or infinite in float32.
    """
    if type(value) is not kind:
        # A boolean is no number, though Python counts it among them.
        is_boolean = isinstance(value, _TAKEN[bool])
        if is_boolean is not (kind is bool) or not isinstance(value, _TAKEN[kind]):
            raise TypeError(
                f"Trial's {name} must be of type {kind.__name__}. "
                f"Received: {shown(value)}, of type {type(value).__name__}."
            )
        if kind is not float:
            return str.__str__(value) if kind is str else kind(value)
    elif kind is not float:
        return value
    try:
        number = float(value)
    except OverflowError:  # an integer of hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(
            f"Trial's {name} must be a finite number. Received: {shown(value)}."
        )
    if number and not _SMALLEST <= abs(number) <= _LARGEST:
        taken_for = "0" if abs(number) < _SMALLEST else "infinity"
        raise ValueError(
            f"Trial's {name} must be from {_SMALLEST:.2g} to {_LARGEST:.2g} in size, "
            "because in float32, in which trials are trained, it becomes "
            f"{taken_for}. Received: {shown(value)}."
        )
    return number or 0.0  # of -0.0, equal trials had two keys


def one_of(default: str, *others: str) -> Any:
    """A field with one of several names; the default is the first."""
    choices = (default, *others)

    def check(name: str, value: str) -> None:
        if value not in choices:
            raise ValueError(
                f"Trial's {name} must be one of {', '.join(map(repr, choices))}. "
                f"Received: {shown(value)}."
            )

    return field(default=default, metadata={"check": check})


def at_least(least: int, *, default: float, below: int | None = None) -> Any:
    """A field with a number of at least `least`, and optionally below a limit."""

    def check(name: str, value: float) -> None:
        if value < least:
            raise ValueError(
                f"Trial's {name} must be at least {least}. Received: {shown(value)}."
            )
        # What float32 rounds up to 1 is not below it.
        if below and (value >= below or (below == 1 and np.float32(value) >= 1)):
            raise ValueError(
                f"Trial's {name} must be below {below}. Received: {shown(value)}."
            )

    return field(default=default, metadata={"check": check})


def above_zero(*, default: float) -> Any:
    """A field with a number above 0."""

    def check(name: str, value: float) -> None:
        if value <= 0:
            raise ValueError(f"Trial's {name} must be above 0. Received: {value!r}.")

    return field(default=default, metadata={"check": check})


def check_together(settings: Mapping[str, Any]) -> None:
    """Refuses settings of a `Trial` that do not exist or are not compatible.

    Args:
        settings: all of its fields, each of which has passed its own check.

    Raises:
        ValueError: if there are such settings.
    """
    check_dataset(settings["dataset"])
    _check_activation(settings["activation"], settings["derivative_at_zero"])
    _check_recurrent(settings)
    _check_optimizer(settings)
    _check_size(settings)
    if settings["subset_seed"] and not settings["train_size"]:
        raise ValueError(
            "Trial's subset_seed selects training examples, so it needs a train_size "
            f"above 0. Received: subset_seed {settings['subset_seed']!r} with all."
        )
    if settings["subset_seed"] and settings["split"] == "by_seed":
        raise ValueError(
            "Trial's subset_seed is for the split 'fixed': with 'by_seed' the seed "
            f"selects the examples. Received: {settings['subset_seed']!r} with 'by_seed'."
        )
    others = {n: settings[n] for n, v in _IF_PRETRAINED.items() if settings[n] != v}
    if settings["pretraining"] and others:
        raise ValueError(
            "Trial's pretraining is for the architecture 'mlp' without batch "
            f"normalisation and penalties. Received: {settings['pretraining']!r} with "
            f"{_listed(others)}; leave it at 0."
        )
    if settings["recipe"] != "standard":
        _check_recipe(settings)


def _check_recipe(settings: Mapping[str, Any]) -> None:
    name, recipe = settings["recipe"], RECIPES[settings["recipe"]]
    others = {n: settings[n] for n, v in _IF_RECIPE.items() if settings[n] != v}
    if others:
        needed = {n: _IF_RECIPE[n] for n in others}
        raise ValueError(
            f"Trial's recipe {name!r} needs {_listed(needed)}. Received: "
            f"{_listed(others)}."
        )
    if settings["epochs"] <= recipe.first_epochs and recipe.first_activation:
        raise ValueError(
            f"Trial's recipe {name!r} has {recipe.first_activation!r} in its first "
            f"{recipe.first_epochs} epochs, so it needs more. Received: epochs "
            f"{settings['epochs']!r}."
        )


def _listed(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in settings.items())


def check_dataset(name: str) -> None:
    """Refuses anything but the name of a data set or the path of an .npz file."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(
            "Trial's dataset must be a name or a path in UTF-8, because the tables "
            f"store it. Rename the file or its folder. Received: {name!r}."
        ) from None
    if name not in DATASETS and not name.lower().endswith(".npz"):
        raise ValueError(
            f"Trial's dataset must be one of {', '.join(map(repr, DATASETS))}, or the "
            f"path of an .npz file. Received: {shown(name)}."
        )


def _check_activation(name: str, derivative_at_zero: float) -> None:
    known = catalogue.entry(name)
    if not (known.elementwise or known.gate or name == "maxout"):
        raise ValueError(
            "Trial's activation must act on each unit separately, or be 'maxout' or "
            f"gated, such as 'swiglu'. Received: {name!r}."
        )
    if derivative_at_zero > 1:
        raise ValueError(
            f"Trial's derivative_at_zero must be at most 1. Received: {derivative_at_zero!r}."
        )
    if derivative_at_zero and name != "relu":
        raise ValueError(
            "Trial's derivative_at_zero is for the activation 'relu'. Received: "
            f"{derivative_at_zero!r} with {name!r}; leave it at 0."
        )


def _check_recurrent(settings: Mapping[str, Any]) -> None:
    """Refuses settings that only recurrent nets have, or that they do not have."""
    architecture, initializer = settings["architecture"], settings["initializer"]
    if initializer == "identity" and architecture != "rnn":
        raise ValueError(
            "Trial's initializer 'identity' is for the architecture 'rnn'. Received: "
            f"'identity' with {architecture!r}."
        )
    if architecture not in RECURRENT:
        return
    if initializer not in ("glorot", "identity"):
        also = " or 'identity'" if architecture == "rnn" else ""
        raise ValueError(
            f"Trial's initializer must be 'glorot', Keras's default,{also} with "
            f"{architecture!r}. Received: {initializer!r}."
        )
    others = {n: settings[n] for n, v in _IF_RECURRENT.items() if settings[n] != v}
    if others:
        raise ValueError(
            f"Trial's architecture {architecture!r} has none of these settings; leave "
            "them at their defaults. Received: "
            f"{', '.join(f'{n} {v!r}' for n, v in others.items())}."
        )
    known = catalogue.entry(settings["activation"])
    names = ("tanh", "relu") if architecture == "lstm" else ()
    if not known.elementwise or (names and known.name not in names):
        expected = " or ".join(map(repr, names)) or "element-wise"
        raise ValueError(
            f"Trial's activation must be {expected} with {architecture!r}. Received: "
            f"{known.name!r}."
        )


def _check_size(settings: Mapping[str, Any]) -> None:
    """Refuses sizes that an architecture cannot have, and layers that do not fit it."""
    architecture, depth = settings["architecture"], settings["depth"]
    if architecture == "nin" and depth % 2:
        raise ValueError(
            "Trial's depth must be even for the architecture 'nin', whose layers come in "
            f"pairs. Received: {depth}."
        )
    if architecture != "nin_lin":
        return
    size = {name: settings[name] for name in SIZE_OF_NIN_LIN}
    if size != SIZE_OF_NIN_LIN:
        raise ValueError(
            "Trial's architecture 'nin_lin' is the net of a paper: depth must be "
            f"{SIZE_OF_NIN_LIN['depth']} and width {SIZE_OF_NIN_LIN['width']}. For other "
            f"sizes, use 'nin'. Received: depth {size['depth']} and width {size['width']}."
        )
    if not catalogue.entry(settings["activation"]).elementwise:
        raise ValueError(
            "Trial's architecture 'nin_lin' needs an activation that acts on each unit "
            "separately, because its layers have the widths of the paper. Received: "
            f"{settings['activation']!r}."
        )


def _check_optimizer(settings: Mapping[str, Any]) -> None:
    """Refuses settings that the optimizer would ignore."""
    optimizer, momentum = settings["optimizer"], settings["momentum"]
    if momentum and optimizer not in ("sgd", "rmsprop"):
        raise ValueError(
            "Trial's momentum is for the optimizers 'sgd' and 'rmsprop'. Received: "
            f"{momentum!r} with {optimizer!r}; leave it at 0."
        )
    if settings["nesterov"] and not (optimizer == "sgd" and momentum):
        raise ValueError(
            "Trial's nesterov is for the optimizer 'sgd' with a momentum above 0. "
            f"Received: {optimizer!r} with momentum {momentum!r}."
        )
    if settings["weight_decay"] and optimizer == "adam":
        raise ValueError(
            "Trial's weight_decay needs AdamW instead of Adam: use optimizer='adamw'. "
            f"Received: {settings['weight_decay']!r} with 'adam'."
        )
    if optimizer == "adamw" and not settings["weight_decay"]:
        raise ValueError(
            "Trial's optimizer 'adamw' needs a weight_decay above 0, for example "
            "0.004, the default of Keras. Without weight decay, use 'adam'. Received: "
            "0.0."
        )
    clips = [settings[name] for name in ("clipnorm", "global_clipnorm")]
    if all(clips):
        raise ValueError(
            "Only one of Trial's clipnorm and global_clipnorm may be above 0. "
            f"Received: {clips[0]!r} and {clips[1]!r}."
        )
