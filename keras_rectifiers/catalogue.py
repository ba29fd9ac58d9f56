"""The catalogue: every activation that can be compared, by name.

It has Keras's own activations, with explicit parameters, and ours. All other modules
look up the properties of an activation here (its layer, its kinks, whether it is flat,
its colour in figures). The catalogue has only facts and does not load Keras;
`keras_rectifiers.activations` creates the layers.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Activation:
    """An activation: its layer, and the properties of its function.

    Args:
        name: the name in code and tables.
        title: the name in a text, as people say it; empty if that is `name`.
        layer: the class of its layer, as an import path.
        settings: the arguments with which the layer is this activation.
        formula: the function of `x`, as text.
        reference: the publication that introduced it.
        colour: a matplotlib colour, the same in every figure.
        line_style: a matplotlib line style, the same in every figure; it distinguishes
            members of one family, which share a colour.
        derivative_range: the smallest and the largest value of the derivative, or its
            limits; for a random slope, over all draws.
        kinks: the points where the derivative jumps, in ascending order.
        piecewise_linear: whether it is element-wise and its derivative is constant
            between kinks. Only then does a derivative of exactly 0 mean that a unit is
            dead.
        bounded: whether it is element-wise and bounded on both sides, so that it can
            saturate.
        flat_zero: whether the function is exactly 0 on a whole interval. Otherwise an
            activation is exactly 0 only by underflow, or if `x` is 0.
        elementwise: whether each output depends on a single input. Other functions have
            no single derivative, and no gain.
    """

    name: str
    title: str = ""
    layer: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
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

    @property
    def gate(self) -> str:
        """The activation of the gate of a gated linear unit, otherwise empty."""
        is_gated = self.layer == "keras_rectifiers.layers.GatedLinearUnit"
        return self.settings["activation"] if is_gated else ""


_MAAS = "Maas, Hannun, Ng 2013"
_XU = "Xu, Wang, Chen, Li 2015"

CATALOGUE: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation(
            name="relu",
            title="ReLU",
            layer="keras.layers.ReLU",
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
            title="leaky ReLU (0.01)",
            layer="keras.layers.LeakyReLU",
            settings={"negative_slope": 0.01},
            formula="x if x > 0 else 0.01 x",
            reference=_MAAS,
            colour="#e06c00",
            derivative_range=(0.01, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="leaky_relu_0.1",
            title="leaky ReLU (0.1)",
            layer="keras.layers.LeakyReLU",
            settings={"negative_slope": 0.1},
            formula="x if x > 0 else 0.1 x",
            reference=_MAAS,
            colour="#e06c00",
            line_style="--",
            derivative_range=(0.1, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="very_leaky_relu",
            title="very leaky ReLU (1/5.5)",
            layer="keras.layers.LeakyReLU",
            settings={"negative_slope": 1 / 5.5},
            formula="x if x > 0 else x / 5.5",
            reference=_XU,
            colour="#e06c00",
            line_style=":",
            derivative_range=(1 / 5.5, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="prelu",
            title="PReLU",
            layer="keras_rectifiers.layers.PReLU",
            formula="x if x > 0 else negative_slope x, learned per channel",
            reference="He, Zhang, Ren, Sun 2015",
            colour="#8c564b",
            derivative_range=(-math.inf, math.inf),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="rrelu",
            title="RReLU",
            layer="keras_rectifiers.layers.RReLU",
            formula="x if x > 0 else x / U(3, 8); 5.5 at inference",
            reference=_XU,
            colour="#8c564b",
            line_style="--",
            derivative_range=(1 / 8, 1.0),
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="s_shaped_relu",
            title="S-shaped ReLU",
            layer="keras_rectifiers.layers.SShapedReLU",
            formula="t + slope (x - t) beyond two thresholds t, all learned",
            reference="Jin, Xu, Feng, Wei, Xiong, Yan 2016",
            colour="#8c564b",
            line_style=":",
            derivative_range=(-math.inf, math.inf),
            # As it starts; the upper slope is 1 then.
            kinks=(0.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="smooth_relu",
            title="smooth ReLU",
            layer="keras_rectifiers.layers.SmoothReLU",
            formula="log(1 + exp(sharpness x)) / sharpness",
            reference="Dugas, Bengio, Belisle, Nadeau, Garcia 2001",
            colour="#2ca02c",
            derivative_range=(0.0, 1.0),
        ),
        Activation(
            name="softplus",
            layer="keras.layers.Activation",
            settings={"activation": "softplus"},
            formula="log(1 + exp(x))",
            reference="Dugas, Bengio, Belisle, Nadeau, Garcia 2001",
            colour="#2ca02c",
            line_style="--",
            derivative_range=(0.0, 1.0),
        ),
        Activation(
            name="elu",
            title="ELU",
            layer="keras.layers.ELU",
            settings={"alpha": 1.0},
            formula="x if x > 0 else exp(x) - 1",
            reference="Clevert, Unterthiner, Hochreiter 2016",
            colour="#0e9aa8",
            derivative_range=(0.0, 1.0),
            # The first derivative is continuous at 0 with alpha = 1.
        ),
        Activation(
            name="shifted_relu",
            title="shifted ReLU",
            layer="keras_rectifiers.layers.ShiftedReLU",
            formula="max(x, -1)",
            reference="Clevert, Unterthiner, Hochreiter 2016",
            colour="#0e9aa8",
            line_style="--",
            derivative_range=(0.0, 1.0),
            kinks=(-1.0,),
            piecewise_linear=True,
        ),
        Activation(
            name="squared_relu",
            title="squared ReLU",
            layer="keras_rectifiers.layers.SquaredReLU",
            formula="max(x, 0)^2",
            reference="So, Manke, Liu, Dai, Shazeer, Le 2021",
            colour="#d62728",
            line_style="--",
            derivative_range=(0.0, math.inf),
            flat_zero=True,
        ),
        Activation(
            name="gelu",
            title="GELU",
            layer="keras.layers.Activation",
            settings={"activation": "gelu"},
            formula="x Phi(x)",
            reference="Hendrycks, Gimpel 2016",
            colour="#1f77b4",
            derivative_range=(-0.12890, 1.12890),
        ),
        Activation(
            name="silu",
            title="SiLU",
            layer="keras.layers.Activation",
            settings={"activation": "silu"},
            formula="x / (1 + exp(-x))",
            reference="Elfwing, Uchibe, Doya 2018",
            colour="#1f77b4",
            line_style="--",
            derivative_range=(-0.09984, 1.09984),
        ),
        Activation(
            # Keras calls silu swish too.
            name="learned_swish",
            title="learned Swish",
            layer="keras_rectifiers.layers.Swish",
            formula="x / (1 + exp(-beta x)), learned beta",
            reference="Ramachandran, Zoph, Le 2017",
            colour="#1f77b4",
            line_style=":",
            # The same for any beta, which only scales the axes.
            derivative_range=(-0.09984, 1.09984),
        ),
        Activation(
            name="sigmoid",
            layer="keras.layers.Activation",
            settings={"activation": "sigmoid"},
            formula="1 / (1 + exp(-x))",
            reference="the logistic function",
            colour="#7f7f7f",
            derivative_range=(0.0, 0.25),
            bounded=True,
        ),
        Activation(
            name="tanh",
            layer="keras.layers.Activation",
            settings={"activation": "tanh"},
            formula="tanh(x)",
            reference="LeCun, Bottou, Orr, Mueller 1998",
            colour="#7f7f7f",
            line_style="--",
            derivative_range=(0.0, 1.0),
            bounded=True,
        ),
        Activation(
            name="linear",
            layer="keras.layers.Activation",
            settings={"activation": "linear"},
            formula="x",
            reference="no activation",
            colour="#8f9000",
            derivative_range=(1.0, 1.0),
            piecewise_linear=True,
        ),
        Activation(
            name="softmax",
            layer="keras.layers.Softmax",
            formula="exp(x_j) / sum_i exp(x_i)",
            reference="Bridle 1990",
            colour="#8f9000",
            line_style="--",
            derivative_range=(-0.25, 0.25),
            elementwise=False,
        ),
        Activation(
            name="maxout",
            layer="keras_rectifiers.layers.Maxout",
            formula="max_i x_ij, for units of several pieces",
            reference="Goodfellow, Warde-Farley, Mirza, Courville, Bengio 2013",
            colour="#9467bd",
            derivative_range=(0.0, 1.0),
            elementwise=False,
        ),
        Activation(
            name="crelu",
            title="CReLU",
            layer="keras_rectifiers.layers.CReLU",
            formula="[max(x, 0), max(-x, 0)]",
            reference="Shang, Sohn, Almeida, Lee 2016",
            colour="#9467bd",
            line_style="--",
            derivative_range=(-1.0, 1.0),
            kinks=(0.0,),
            flat_zero=True,
            elementwise=False,
        ),
        Activation(
            name="glu",
            title="GLU",
            layer="keras_rectifiers.layers.GatedLinearUnit",
            settings={"activation": "sigmoid"},
            formula="a sigmoid(b), for the halves a and b of x",
            reference="Dauphin, Fan, Auli, Grangier 2016",
            colour="#d45db0",
            derivative_range=(-math.inf, math.inf),
            elementwise=False,
        ),
        Activation(
            name="reglu",
            title="ReGLU",
            layer="keras_rectifiers.layers.GatedLinearUnit",
            settings={"activation": "relu"},
            formula="a relu(b), for the halves a and b of x",
            reference="Shazeer 2020",
            colour="#d45db0",
            line_style="--",
            derivative_range=(-math.inf, math.inf),
            kinks=(0.0,),
            flat_zero=True,
            elementwise=False,
        ),
        Activation(
            name="geglu",
            title="GEGLU",
            layer="keras_rectifiers.layers.GatedLinearUnit",
            settings={"activation": "gelu"},
            formula="a gelu(b), for the halves a and b of x",
            reference="Shazeer 2020",
            colour="#d45db0",
            line_style=":",
            derivative_range=(-math.inf, math.inf),
            elementwise=False,
        ),
        Activation(
            name="swiglu",
            title="SwiGLU",
            layer="keras_rectifiers.layers.GatedLinearUnit",
            settings={"activation": "silu"},
            formula="a silu(b), for the halves a and b of x",
            reference="Shazeer 2020",
            colour="#d45db0",
            line_style="-.",
            derivative_range=(-math.inf, math.inf),
            elementwise=False,
        ),
    )
}


def title(name: str) -> str:
    """Returns the name of an activation as people say it; one's own name as it is.

    >>> title("leaky_relu_0.1"), title("my_activation")
    ('leaky ReLU (0.1)', 'my_activation')
    """
    known = CATALOGUE.get(name)
    return known.title or name if known else name


def entry(name: str) -> Activation:
    """Returns the catalogue's entry with a name.

    Args:
        name: a name of the catalogue, such as `"rrelu"`.

    Returns:
        The `Activation`.

    Raises:
        ValueError: if there is no such entry; the message lists similar names.
        TypeError: if `name` is not a string.
    """
    if not isinstance(name, str):
        raise TypeError(
            "Expected the name of an activation in the catalogue, such as 'rrelu'. "
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
