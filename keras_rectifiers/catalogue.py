"""The catalogue: every activation that can be compared, under one name.

Keras's own activations stand here by reference, always with their parameters
spelled out; ours stand beside them. Everything else in the package that needs to
know something of an activation (how to make its layer, where it has kinks, whether
it is flat, which colour it has in every figure) asks the catalogue.
"""

import dataclasses
import difflib
import functools
import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers import layers


@dataclass(frozen=True, kw_only=True)
class Activation:
    """An activation: how to make its layer, and what is known of its function.

    Args:
        name: the name in code, tables and figures.
        make: makes a new, unbuilt layer; takes the layer's arguments, beside or
            instead of those that it sets.
        formula: the function of `x`, as text.
        reference: where it was introduced.
        colour: a matplotlib colour, the same in every figure.
        line_style: a matplotlib line style; tells apart neighbours of one family.
        derivative_range: the smallest and the largest value of the derivative, or
            the limits that it tends to; for a drawn slope over all draws.
        kinks: the points where the derivative jumps, in ascending order.
        piecewise_linear: whether it is element-wise and its derivative constant
            between kinks. Only then does a derivative of exactly 0 mean that a unit is
            dead.
        bounded: whether it is element-wise and bounded on both sides, so that it can
            saturate.
        flat_zero: whether the function is exactly 0 on a whole interval. Elsewhere
            an activation is exactly 0 by underflow, or where `x` is 0.
        elementwise: whether each output depends on one input only. Of other functions
            there is no single derivative, and no gain.
    """

    name: str
    make: Callable[..., keras.layers.Layer]
    formula: str
    reference: str
    colour: str
    line_style: str = "-"
    derivative_range: tuple[float, float]
    kinks: tuple[float, ...] = ()
    piecewise_linear: bool = False
    bounded: bool = False
    flat_zero: bool = False
    elementwise: bool = True


def _function(name: str) -> Callable[..., keras.layers.Layer]:
    return functools.partial(keras.layers.Activation, name)


_MAAS = "Maas, Hannun, Ng 2013"
_XU = "Xu, Wang, Chen, Li 2015"

CATALOGUE: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation(
            name="relu",
            make=keras.layers.ReLU,
            formula="max(x, 0)",
            reference="Nair, Hinton 2010",
            colour="#d62728",
            derivative_range=(0.0, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
            flat_zero=True,
        ),
        Activation(
            name="leaky_relu",
            make=functools.partial(keras.layers.LeakyReLU, negative_slope=0.01),
            formula="x if x > 0 else 0.01 x",
            reference=_MAAS,
            colour="#ff7f0e",
            derivative_range=(0.01, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="leaky_relu_0.1",
            make=functools.partial(keras.layers.LeakyReLU, negative_slope=0.1),
            formula="x if x > 0 else 0.1 x",
            reference=_MAAS,
            colour="#ff7f0e",
            line_style="--",
            derivative_range=(0.1, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="very_leaky_relu",
            make=functools.partial(keras.layers.LeakyReLU, negative_slope=1 / 5.5),
            formula="x if x > 0 else x / 5.5",
            reference=_XU,
            colour="#ff7f0e",
            line_style=":",
            derivative_range=(1 / 5.5, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="prelu",
            make=layers.PReLU,
            formula="x if x > 0 else negative_slope x, learned per channel",
            reference="He, Zhang, Ren, Sun 2015",
            colour="#8c564b",
            derivative_range=(-math.inf, math.inf),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="rrelu",
            make=layers.RReLU,
            formula="x if x > 0 else x / U(3, 8); 5.5 at inference",
            reference=_XU,
            colour="#8c564b",
            line_style="--",
            derivative_range=(1 / 8, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="smooth_relu",
            make=layers.SmoothReLU,
            formula="log(1 + exp(sharpness x)) / sharpness",
            reference="Dugas, Bengio, Belisle, Nadeau, Garcia 2001",
            colour="#2ca02c",
            derivative_range=(0.0, 1.0),
        ),
        Activation(
            name="softplus",
            make=_function("softplus"),
            formula="log(1 + exp(x))",
            reference="Dugas, Bengio, Belisle, Nadeau, Garcia 2001",
            colour="#2ca02c",
            line_style="--",
            derivative_range=(0.0, 1.0),
        ),
        Activation(
            name="elu",
            make=functools.partial(keras.layers.ELU, alpha=1.0),
            formula="x if x > 0 else exp(x) - 1",
            reference="Clevert, Unterthiner, Hochreiter 2016",
            colour="#17becf",
            derivative_range=(0.0, 1.0),
            # The first derivative is continuous at 0 with alpha = 1.
        ),
        Activation(
            name="shifted_relu",
            make=layers.ShiftedReLU,
            formula="max(x, -1)",
            reference="Clevert, Unterthiner, Hochreiter 2016",
            colour="#17becf",
            line_style="--",
            derivative_range=(0.0, 1.0),
            kinks=(-1.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="gelu",
            make=_function("gelu"),
            formula="x Phi(x)",
            reference="Hendrycks, Gimpel 2016",
            colour="#1f77b4",
            derivative_range=(-0.12890, 1.12890),
        ),
        Activation(
            name="silu",
            make=_function("silu"),
            formula="x / (1 + exp(-x))",
            reference="Elfwing, Uchibe, Doya 2018",
            colour="#1f77b4",
            line_style="--",
            derivative_range=(-0.09984, 1.09984),
        ),
        Activation(
            name="sigmoid",
            make=_function("sigmoid"),
            formula="1 / (1 + exp(-x))",
            reference="the logistic function",
            colour="#7f7f7f",
            derivative_range=(0.0, 0.25),
            bounded=True,
        ),
        Activation(
            name="tanh",
            make=_function("tanh"),
            formula="tanh(x)",
            reference="LeCun, Bottou, Orr, Mueller 1998",
            colour="#7f7f7f",
            line_style="--",
            derivative_range=(0.0, 1.0),
            bounded=True,
        ),
        Activation(
            name="linear",
            make=_function("linear"),
            formula="x",
            reference="no activation",
            colour="#bcbd22",
            derivative_range=(1.0, 1.0),
            piecewise_linear=True,
        ),
        Activation(
            name="softmax",
            make=keras.layers.Softmax,
            formula="exp(x_j) / sum_i exp(x_i)",
            reference="Bridle 1990",
            colour="#bcbd22",
            line_style="--",
            derivative_range=(-0.25, 0.25),
            elementwise=False,
        ),
        Activation(
            name="maxout",
            make=layers.Maxout,
            formula="max_i x_ij, for units of several pieces",
            reference="Goodfellow, Warde-Farley, Mirza, Courville, Bengio 2013",
            colour="#9467bd",
            derivative_range=(0.0, 1.0),
            elementwise=False,
        ),
        Activation(
            name="crelu",
            make=layers.CReLU,
            formula="[max(x, 0), max(-x, 0)]",
            reference="Shang, Sohn, Almeida, Lee 2016",
            colour="#9467bd",
            line_style="--",
            derivative_range=(-1.0, 1.0),
            kinks=(0.0,),
            flat_zero=True,
            elementwise=False,
        ),
    )
}

# Keras's activation functions, by each of their names.
FUNCTIONS = {
    name: function
    for name, function in vars(keras.activations).items()
    if inspect.isfunction(function) and name not in ("deserialize", "get", "serialize")
}


def entry(name: str) -> Activation:
    """Returns the catalogue's entry of that name.

    Args:
        name: a name of the catalogue, such as `"rrelu"`.

    Returns:
        The `Activation`.

    Raises:
        ValueError: if there is none; the message lists the names nearest to it.
        TypeError: if `name` is no string.
    """
    if not isinstance(name, str):
        raise TypeError(
            "The catalogue has activations by name, such as 'rrelu'. "
            f"Received: {name!r}, of type {type(name).__name__}."
        )
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(name.lower(), CATALOGUE, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ValueError(
        f"There is no activation named {name!r} in the catalogue. {hint or 'It has:'}"
        + ("" if near else f" {', '.join(CATALOGUE)}.")
    )


def get(name: str, /, **settings) -> keras.layers.Layer:
    """Makes the layer of an activation by its name.

    Keras resolves strings by itself and knows none of ours, so
    `activation="rrelu"` cannot work; `activation=get("rrelu")` does. The parameters
    are those of the texts and not always Keras's defaults: `"leaky_relu"` has the slope
    0.01, `"leaky_relu_0.1"` 0.1 and `"very_leaky_relu"` 1/5.5.

    Args:
        name: a name of the catalogue: `"relu"`, `"leaky_relu"`, `"leaky_relu_0.1"`,
            `"very_leaky_relu"`, `"prelu"`, `"rrelu"`, `"smooth_relu"`, `"softplus"`,
            `"elu"`, `"shifted_relu"`, `"gelu"`, `"silu"`, `"sigmoid"`, `"tanh"`,
            `"linear"`, `"softmax"`, `"maxout"` or `"crelu"`; `"leaky_relu_"` and any
            other slope; or else a function of `keras.activations`, such as `"mish"`.
        **settings: arguments of the layer. `"maxout"` needs its `units`.

    Returns:
        A new layer.

    Raises:
        ValueError: if there is none; the message lists the names nearest to it.
        TypeError: if `name` is no string. What the layer raises, if it does not take
            these settings.

    Example:

    >>> get("very_leaky_relu").negative_slope
    0.18181818181818182
    >>> get("leaky_relu_0.3").negative_slope
    0.3
    >>> get("maxout", units=8).units
    8
    """
    return _maker(name)(**settings)


def seeded(name: str, /, *, seed: int, **settings) -> keras.layers.Layer:
    """Makes the layer of an activation as `get` does, with a seed if it takes one.

    Without, Keras draws one from Python's global random state, and so moves it.
    """
    make = _maker(name)
    if make is layers.RReLU:
        settings["seed"] = seed
    return make(**settings)


def _maker(name) -> Callable[..., keras.layers.Layer]:
    """What makes the layer of that name, of the catalogue or of Keras."""
    if not isinstance(name, str):
        raise TypeError(
            "An activation is made by its name, such as 'rrelu'. "
            f"Received: {name!r}, of type {type(name).__name__}."
        )
    if name in CATALOGUE:
        return CATALOGUE[name].make
    slope = re.fullmatch(r"leaky_relu_(\d+(\.\d+)?(e-?\d+)?)", name)
    if slope and math.isfinite(float(slope[1])):
        return functools.partial(keras.layers.LeakyReLU, negative_slope=float(slope[1]))
    if name in FUNCTIONS:
        if name == "threshold":
            raise ValueError(
                "'threshold' of keras.activations has no layer, for it needs a threshold "
                "and a value. Use keras_rectifiers.ShiftedReLU(threshold), or "
                "keras.layers.ReLU(threshold=...)."
            )
        return _function(FUNCTIONS[name].__name__)
    names = sorted({*CATALOGUE, *FUNCTIONS})
    near = difflib.get_close_matches(name.lower(), names)
    raise ValueError(
        f"Neither the catalogue nor keras.activations has {name!r}. "
        f"{'Nearest' if near else 'They have'}: {', '.join(near or names)}."
    )


def identify(activation: Any) -> Activation | None:
    """Returns the entry that tells what is known of a layer or function.

    The entry's `kinks`, `piecewise_linear`, `bounded`, `flat_zero` and `elementwise`
    hold for `activation`; its `make` and `derivative_range` need not (a leaky ReLU of
    any slope is identified as `leaky_relu`).

    Args:
        activation: an activation layer, or an activation function of Keras.

    Returns:
        The `Activation`, or None if nothing is known of it.
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
        if known.make is kind:
            return known
    name = getattr(activation, "__name__", "")
    if name and getattr(keras.activations, name, None) is activation:
        # Keras's functions carry slopes of their own, which they hide.
        return CATALOGUE.get(name)
    return None
