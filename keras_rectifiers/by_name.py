"""Creates the layer of an activation from its name."""

import difflib
import importlib
import inspect
import math
import re
from collections.abc import Mapping
from typing import Any

import keras

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
            `"very_leaky_relu"`, `"prelu"`, `"rrelu"`, `"s_shaped_relu"`,
            `"smooth_relu"`, `"softplus"`, `"elu"`, `"shifted_relu"`, `"squared_relu"`,
            `"gelu"`, `"silu"`, `"learned_swish"`, `"sigmoid"`, `"tanh"`, `"linear"`,
            `"softmax"`, `"maxout"`, `"crelu"`, `"glu"`, `"reglu"`, `"geglu"` or
            `"swiglu"`; `"leaky_relu_"` followed by any other slope; or a function of
            `keras.activations`, such as `"mish"`.
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
    kind, own = layer_and_settings(name)
    return kind(**{**own, **settings})


def layer_class(known: Activation) -> type[keras.layers.Layer]:
    """Returns the class of an entry's layer."""
    module, _, name = known.layer.rpartition(".")
    return getattr(importlib.import_module(module), name)


def layer_and_settings(name) -> tuple[type[keras.layers.Layer], Mapping[str, Any]]:
    """Returns the layer of a name, of the catalogue or of Keras, and its arguments."""
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
