"""Creates the layer of an activation from its name, and finds the name of a layer."""

import dataclasses
import difflib
import importlib
import inspect
import math
import re
from collections.abc import Mapping
from typing import Any

import keras

from keras_rectifiers import layers
from keras_rectifiers.catalogue import CATALOGUE, Activation

# Keras's activation functions, by each of their names.
FUNCTIONS = {
    name: function
    for name, function in vars(keras.activations).items()
    if inspect.isfunction(function) and name not in ("deserialize", "get", "serialize")
}


def get(name: str, /, **settings) -> keras.layers.Layer:
    """Creates the layer of an activation from its name.

    Keras resolves strings itself and does not know our names, so `activation="rrelu"`
    does not work; use `activation=get("rrelu")`. The parameters are those of the
    literature, which are not always Keras's defaults: `"leaky_relu"` has the slope
    0.01, `"leaky_relu_0.1"` 0.1 and `"very_leaky_relu"` 1/5.5.

    Args:
        name: a name of the catalogue: `"relu"`, `"leaky_relu"`, `"leaky_relu_0.1"`,
            `"very_leaky_relu"`, `"prelu"`, `"rrelu"`, `"smooth_relu"`, `"softplus"`,
            `"elu"`, `"shifted_relu"`, `"gelu"`, `"silu"`, `"sigmoid"`, `"tanh"`,
            `"linear"`, `"softmax"`, `"maxout"` or `"crelu"`; `"leaky_relu_"` followed
            by any other slope; or a function of `keras.activations`, such as `"mish"`.
        **settings: arguments of the layer. `"maxout"` needs its `units`.

    Returns:
        A new layer.

    Raises:
        ValueError: if there is no such activation; the message lists similar names.
        TypeError: if `name` is not a string. The layer's own errors, if it does not
            accept these settings.

    Example:

    >>> get("very_leaky_relu").negative_slope
    0.18181818181818182
    >>> get("leaky_relu_0.3").negative_slope
    0.3
    >>> get("maxout", units=8).units
    8
    """
    kind, own = _layer_of(name)
    return kind(**{**own, **settings})


def seeded(name: str, /, *, seed: int, **settings) -> keras.layers.Layer:
    """Creates the layer of an activation like `get`, with a seed if it accepts one.

    Without a seed, Keras draws one from Python's global random state, which changes it.
    """
    seeds = {"seed": seed} if _layer_of(name)[0] is layers.RReLU else {}
    return get(name, **settings | seeds)


def layer_class(known: Activation) -> type[keras.layers.Layer]:
    """Returns the class of an entry's layer."""
    module, _, name = known.layer.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _layer_of(name) -> tuple[type[keras.layers.Layer], Mapping[str, Any]]:
    """The layer of that name, of the catalogue or of Keras, and its arguments."""
    if not isinstance(name, str):
        raise TypeError(
            "Expected the name of an activation, such as 'rrelu'. Received: "
            f"{name!r}, of type {type(name).__name__}."
        )
    if name in CATALOGUE:
        known = CATALOGUE[name]
        return layer_class(known), known.settings
    slope = re.fullmatch(r"leaky_relu_(\d+(\.\d+)?(e-?\d+)?)", name)
    if slope and math.isfinite(float(slope[1])):
        return keras.layers.LeakyReLU, {"negative_slope": float(slope[1])}
    if name in FUNCTIONS:
        if name == "threshold":
            raise ValueError(
                "'threshold' of keras.activations has no layer, because it needs a "
                "threshold and a value. Use keras_rectifiers.ShiftedReLU(threshold) "
                "or keras.layers.ReLU(threshold=...)."
            )
        return keras.layers.Activation, {"activation": FUNCTIONS[name].__name__}
    names = sorted({*CATALOGUE, *FUNCTIONS})
    near = difflib.get_close_matches(name.lower(), names)
    raise ValueError(
        f"Neither the catalogue nor keras.activations has {name!r}. "
        f"{'Nearest' if near else 'They have'}: {', '.join(near or names)}."
    )


def identify(activation: Any) -> Activation | None:
    """Returns the catalogue's entry for a layer or function.

    The entry's `kinks`, `piecewise_linear`, `bounded`, `flat_zero` and `elementwise`
    hold for `activation`; its `settings` and `derivative_range` may differ (a leaky
    ReLU with any slope is identified as `leaky_relu`).

    Args:
        activation: an activation layer, or an activation function of Keras.

    Returns:
        The `Activation`, or None if the catalogue has no entry for it.
    """
    if isinstance(activation, keras.layers.Activation):
        activation = activation.activation
    # A subclass may compute anything.
    kind = type(activation)
    if kind is keras.layers.ReLU:
        plain = not (
            activation.max_value or activation.negative_slope or activation.threshold
        )
        return CATALOGUE["relu"] if plain else None
    if kind is keras.layers.LeakyReLU:
        leaky = activation.negative_slope > 0
        return CATALOGUE["leaky_relu" if leaky else "relu"]
    if kind is layers.RReLU:
        leaky = activation.upper > 0
        return CATALOGUE["rrelu" if leaky else "relu"]
    if kind is layers.ShiftedReLU:
        kink = activation.threshold
        shifted = dataclasses.replace(CATALOGUE["shifted_relu"], kinks=(kink,))
        return shifted if kink else CATALOGUE["relu"]
    if kind is keras.layers.ELU:
        kinked = dataclasses.replace(CATALOGUE["elu"], kinks=(0.0,))
        known = {0: CATALOGUE["relu"], 1: CATALOGUE["elu"]}
        return known.get(activation.alpha, kinked)
    if kind is keras.layers.PReLU:
        return CATALOGUE["prelu"]
    # No parameter of the others changes what is asked here.
    for known in CATALOGUE.values():
        if not known.settings and layer_class(known) is kind:
            return known
    name = getattr(activation, "__name__", "")
    if name and getattr(keras.activations, name, None) is activation:
        # Keras's functions carry slopes of their own, which they hide.
        return CATALOGUE.get(name)
    return None
