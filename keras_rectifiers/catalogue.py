"""The catalogue: every activation that can be compared, under one name.

Keras's own activations stand here by reference, always with their parameters
spelled out; ours stand beside them. Everything else in the package that needs to
know something of an activation (how to make its layer, where it has kinks, whether
it is flat, which colour it has in every figure) asks the catalogue.
"""

import difflib
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
        make: makes a new, unbuilt layer.
        formula: the function of `x`, as text.
        reference: where it was introduced.
        colour: a matplotlib colour, the same in every figure.
        line_style: a matplotlib line style; tells apart neighbours of one family.
        kinks: the points where the derivative jumps, in ascending order.
        piecewise_linear: whether the derivative is constant between kinks. Only
            then does a derivative of exactly 0 mean that a unit is dead.
        bounded: whether the function is bounded on both sides, so that it can
            saturate.
        flat_zero: whether the function is exactly 0 on a whole interval. Elsewhere
            an activation is exactly 0 by underflow, or where `x` is 0.
    """

    name: str
    make: Callable[[], keras.layers.Layer]
    formula: str
    reference: str
    colour: str
    line_style: str = "-"
    kinks: tuple[float, ...] = ()
    piecewise_linear: bool = False
    bounded: bool = False
    flat_zero: bool = False


def _function(name: str) -> Callable[[], keras.layers.Layer]:
    return lambda: keras.layers.Activation(name)


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
            kinks=(0.0,),
            piecewise_linear=True,
            flat_zero=True,
        ),
        Activation(
            name="leaky_relu",
            make=lambda: keras.layers.LeakyReLU(negative_slope=0.01),
            formula="x if x > 0 else 0.01 x",
            reference=_MAAS,
            colour="#ff7f0e",
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="leaky_relu_0.1",
            make=lambda: keras.layers.LeakyReLU(negative_slope=0.1),
            formula="x if x > 0 else 0.1 x",
            reference=_MAAS,
            colour="#ff7f0e",
            line_style="--",
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="very_leaky_relu",
            make=lambda: keras.layers.LeakyReLU(negative_slope=1 / 5.5),
            formula="x if x > 0 else x / 5.5",
            reference=_XU,
            colour="#ff7f0e",
            line_style=":",
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="prelu",
            make=layers.PReLU,
            formula="x if x > 0 else negative_slope x, learned per channel",
            reference="He, Zhang, Ren, Sun 2015",
            colour="#8c564b",
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
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="smooth_relu",
            make=layers.SmoothReLU,
            formula="log(1 + exp(sharpness x)) / sharpness",
            reference="Dugas, Bengio, Belisle, Nadeau, Garcia 2001",
            colour="#2ca02c",
        ),
        Activation(
            name="elu",
            make=lambda: keras.layers.ELU(alpha=1.0),
            formula="x if x > 0 else exp(x) - 1",
            reference="Clevert, Unterthiner, Hochreiter 2016",
            colour="#17becf",
            # The first derivative is continuous at 0 with alpha = 1.
        ),
        Activation(
            name="shifted_relu",
            make=layers.ShiftedReLU,
            formula="max(x, -1)",
            reference="Clevert, Unterthiner, Hochreiter 2016",
            colour="#17becf",
            line_style="--",
            kinks=(-1.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="gelu",
            make=lambda: keras.layers.Activation(keras.activations.gelu),
            formula="x Phi(x)",
            reference="Hendrycks, Gimpel 2016",
            colour="#1f77b4",
        ),
        Activation(
            name="silu",
            make=_function("silu"),
            formula="x / (1 + exp(-x))",
            reference="Elfwing, Uchibe, Doya 2018",
            colour="#1f77b4",
            line_style="--",
        ),
        Activation(
            name="sigmoid",
            make=_function("sigmoid"),
            formula="1 / (1 + exp(-x))",
            reference="the logistic function",
            colour="#7f7f7f",
            bounded=True,
        ),
        Activation(
            name="tanh",
            make=_function("tanh"),
            formula="tanh(x)",
            reference="LeCun, Bottou, Orr, Mueller 1998",
            colour="#7f7f7f",
            line_style="--",
            bounded=True,
        ),
        Activation(
            name="linear",
            make=_function("linear"),
            formula="x",
            reference="no activation",
            colour="#bcbd22",
            piecewise_linear=True,
        ),
    )
}

# Layers and functions of which no parameter changes what is asked here.
_BY_LAYER = {
    layers.PReLU: "prelu",
    layers.RReLU: "rrelu",
    layers.SmoothReLU: "smooth_relu",
    keras.layers.PReLU: "prelu",
    keras.layers.ELU: "elu",
}


def entry(name: str) -> Activation:
    """Returns the catalogue's entry of that name.

    Args:
        name: a name of the catalogue, such as `"rrelu"`.

    Returns:
        The `Activation`.

    Raises:
        ValueError: if there is none; the message lists the names nearest to it.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(str(name), CATALOGUE, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ValueError(
        f"There is no activation named {name!r} in the catalogue. {hint or 'It has:'}"
        + ("" if near else f" {', '.join(CATALOGUE)}.")
    )


def get(name: str) -> keras.layers.Layer:
    """Makes the layer of an activation by its name in the catalogue.

    Keras resolves strings by itself and knows none of ours, so
    `activation="rrelu"` cannot work; `activation=get("rrelu")` does.

    Args:
        name: a name of the catalogue: `"relu"`, `"leaky_relu"`, `"leaky_relu_0.1"`,
            `"very_leaky_relu"`, `"prelu"`, `"rrelu"`, `"smooth_relu"`, `"elu"`,
            `"shifted_relu"`, `"gelu"`, `"silu"`, `"sigmoid"`, `"tanh"` or
            `"linear"`.

    Returns:
        A new layer.

    Raises:
        ValueError: if there is none; the message lists the names nearest to it.

    Example:

    >>> get("very_leaky_relu").negative_slope
    0.18181818181818182
    """
    return entry(name).make()


def identify(activation: Any) -> Activation | None:
    """Returns the entry that tells what is known of a layer or function.

    The entry's `kinks`, `piecewise_linear`, `bounded` and `flat_zero` hold for
    `activation`; its `make` need not (a leaky ReLU of any slope is identified as
    `leaky_relu`).

    Args:
        activation: an activation layer, or an activation function of Keras.

    Returns:
        The `Activation`, or None if nothing is known of it.
    """
    if isinstance(activation, keras.layers.Activation):
        activation = activation.activation
    if isinstance(activation, keras.layers.ReLU):
        plain = not (
            activation.max_value or activation.negative_slope or activation.threshold
        )
        return CATALOGUE["relu"] if plain else None
    if isinstance(activation, keras.layers.LeakyReLU):
        leaky = activation.negative_slope > 0
        return CATALOGUE["leaky_relu" if leaky else "relu"]
    if isinstance(activation, layers.ShiftedReLU):
        shifted = activation.threshold != 0
        return CATALOGUE["shifted_relu" if shifted else "relu"]
    if type(activation) in _BY_LAYER:
        return CATALOGUE[_BY_LAYER[type(activation)]]
    name = getattr(activation, "__name__", "")
    if name and getattr(keras.activations, name, None) is activation:
        # Keras's functions carry slopes of their own, which they hide.
        return CATALOGUE.get({"softplus": "smooth_relu"}.get(name, name))
    return None
