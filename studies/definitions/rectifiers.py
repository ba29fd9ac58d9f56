"""What holds by definition of ReLU, PReLU and GELU."""

import math

import numpy as np
from matplotlib.figure import Figure
from scipy import special

from keras_rectifiers.comparison.figures import Curve, function_curves
from keras_rectifiers.comparison.reporting.identities import Identity
from studies import sources
from studies.definitions.deviations import POINTS, X, largest_deviation

FACTORS = (0.25, 2.0)
SLOPES = (-0.5, 0.0, 0.25, 1.0)

# Where the derivative of GELU is 0, and GELU there.
BUMP_AT, BUMP = -0.7517915246, -0.1699712075


# The functions ------------------------------------------------------------------------


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def prelu(x: np.ndarray, slope: float) -> np.ndarray:
    return np.where(x > 0, x, slope * x)


def gelu(x: np.ndarray) -> np.ndarray:
    return x * special.ndtr(x)


def gelu_derivative(x: np.ndarray) -> np.ndarray:
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return special.ndtr(x) + x * density


# The deviations -----------------------------------------------------------------------


def _scaling() -> float:
    return largest_deviation(*(relu(c * X) - c * relu(X) for c in FACTORS))


def _monotony() -> float:
    falls = [np.minimum(np.diff(y), 0) for y in (relu(X), (X > 0) * 1.0)]
    left, right = X[X < BUMP_AT], X[X > BUMP_AT]
    bump = np.array([BUMP_AT])
    return largest_deviation(
        *falls,
        # Falling on the left of the bump and rising on its right.
        np.maximum(np.diff(gelu(left)), 0),
        np.minimum(np.diff(gelu(right)), 0),
        gelu_derivative(bump),
        gelu(bump) - BUMP,
    )


def _maximum() -> float:
    return largest_deviation(*(prelu(X, a) - np.maximum(X, a * X) for a in SLOPES))


# The figures --------------------------------------------------------------------------


def _scaled() -> Figure:
    c = FACTORS[0]
    return function_curves(
        {
            f"{title}, c = {c:g}": [
                Curve(label="f(cx)", x=X, y=f(c * X), activation=title.lower()),
                Curve(label="c f(x)", x=X, y=c * f(X), kind="dots"),
            ]
            for title, f in (("ReLU", relu), ("GELU", gelu))
        }
    )


def _bump() -> Figure:
    near = X[np.abs(X) <= 3]
    step = (near > 0) * 1.0
    return function_curves(
        {
            "function": [
                Curve(label="ReLU", x=near, y=relu(near), activation="relu"),
                Curve(label="GELU", x=near, y=gelu(near), activation="gelu"),
            ],
            "derivative": [
                Curve(label="ReLU", x=near, y=step, activation="relu"),
                Curve(label="GELU", x=near, y=gelu_derivative(near), activation="gelu"),
            ],
        }
    )


def _pieces() -> Figure:
    return function_curves(
        {
            f"slope {a:g}".replace("-", "−"): [
                Curve(label="PReLU", x=X, y=prelu(X, a), activation="prelu"),
                Curve(label="max(x, ax)", x=X, y=np.maximum(X, a * X), kind="dots"),
                Curve(label="x and ax", x=X, y=X, kind="bound"),
                Curve(label="x and ax", x=X, y=a * X, kind="bound"),
            ]
            for a in (-0.5, 0.25)
        }
    )


IDENTITIES = (
    Identity(
        name="scaling",
        statement="A positive factor may be taken out of ReLU.",
        formula="ReLU(cx) = c ReLU(x) for c > 0",
        reason="A positive factor changes the sign of no input: where x is above 0, both "
        "sides are cx, and elsewhere both are 0. Smooth rectifiers such as GELU have no "
        "such property, because they bend at a fixed distance from 0.",
        sources=(sources.ARTICLE.at(sources.ADVANTAGES),),
        deviation=_scaling,
        checked=f"Both sides at {POINTS}, with the factors 0.25 and 2.",
        draw=_scaled,
        caption="The dots are the function times c, the line is the function of c times "
        "x. For ReLU they are the same, for GELU they differ.",
    ),
    Identity(
        name="monotony",
        statement="ReLU and its derivative never fall; GELU has a bump below 0.",
        formula="GELU(x) = x Φ(x) falls to −0.170 at x = −0.752",
        reason="The derivative of ReLU is 0, then 1. That of GELU is Φ(x) + x φ(x), the "
        "distribution and the density of the normal distribution, and the second term "
        "outweighs the first one below x = −0.752.",
        sources=(sources.ARTICLE.at(sources.VARIANTS),),
        deviation=_monotony,
        checked=f"Steps of both functions and of ReLU's derivative at {POINTS}; GELU and "
        "its derivative at the bump.",
        draw=_bump,
        caption="On the left, GELU falls below 0 before it rises. On the right, its "
        "derivative is negative there, and above 1 on the other side.",
    ),
    Identity(
        name="maximum",
        statement="PReLU with a slope of at most 1 is a maximum, a maxout of two pieces.",
        formula="PReLU(x) = max(x, ax) for a ≤ 1",
        reason="Above 0, x is at least ax; below 0, ax is at least x, since a is at most "
        "1. With a larger slope it is the minimum. Maxout takes the maximum of any "
        "linear functions, and x and ax are two of them.",
        sources=(sources.ARTICLE.at(sources.VARIANTS), sources.GOODFELLOW),
        deviation=_maximum,
        checked=f"Both sides at {POINTS}, with the slopes −0.5, 0, 0.25 and 1.",
        draw=_pieces,
        caption="The dashed lines are the two pieces. The dots, their maximum, lie on "
        "PReLU.",
    ),
)
