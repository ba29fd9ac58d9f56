"""What holds by definition: identities of rectifiers, in numbers and figures.

Everything is computed here in NumPy from the formulas, in float64. The tests compare the
layers and functions of the library with the same formulas.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure
from scipy import special

from keras_rectifiers.comparison.figures import Curve, function_curves, share_bars
from keras_rectifiers.comparison.reporting.identities import Identity
from studies import sources

X = np.linspace(-5, 5, 2001)
_POINTS = "2,001 points from −5 to 5"
_STEP = 1e-5  # of central differences

FACTORS = (0.25, 2.0)
SLOPES = (-0.5, 0.0, 0.25, 1.0)
SHARPNESSES = (1.0, 2.0, 5.0)
ALPHAS = (0.5, 1.0)

# Where the derivative of GELU is 0, and GELU there.
BUMP_AT, BUMP = -0.7517915246, -0.1699712075

# The inputs of softmax, and its shares as the text gives them, with three digits.
EXAMPLES = (
    ((3.0, 0.7, 0.5), (0.846, 0.085, 0.069)),
    ((1.2, 1.0, 1.5), (0.316, 0.258, 0.426)),
    ((1.5, *[1.2] * 9), (0.130, *[0.097] * 9)),
)


# The functions ------------------------------------------------------------------------


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def prelu(x: np.ndarray, slope: float) -> np.ndarray:
    return np.where(x > 0, x, slope * x)


def softplus(x: np.ndarray, sharpness: float = 1.0) -> np.ndarray:
    return np.logaddexp(0, sharpness * x) / sharpness


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def gelu(x: np.ndarray) -> np.ndarray:
    return x * special.ndtr(x)


def gelu_derivative(x: np.ndarray) -> np.ndarray:
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return special.ndtr(x) + x * density


def elu(x: np.ndarray, alpha: float) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def log_sum_exp(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    largest = x.max(axis=-1)
    return largest + np.log(np.exp(x - largest[..., None]).sum(axis=-1))


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# The deviations -----------------------------------------------------------------------


def _largest(*differences: np.ndarray) -> float:
    return max(float(np.abs(difference).max()) for difference in differences)


def _outside(y: np.ndarray, low, high) -> float:
    """By how much y leaves the range from low to high at most."""
    return float(np.maximum(np.maximum(low - y, y - high), 0).max())


def _slope(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    return (function(x + _STEP) - function(x - _STEP)) / (2 * _STEP)


def _scaling() -> float:
    return _largest(*(relu(c * X) - c * relu(X) for c in FACTORS))


def _monotony() -> float:
    falls = [np.minimum(np.diff(y), 0) for y in (relu(X), (X > 0) * 1.0)]
    left, right = X[X < BUMP_AT], X[X > BUMP_AT]
    bump = np.array([BUMP_AT])
    return _largest(
        *falls,
        # Falling on the left of the bump and rising on its right.
        np.maximum(np.diff(gelu(left)), 0),
        np.minimum(np.diff(gelu(right)), 0),
        gelu_derivative(bump),
        gelu(bump) - BUMP,
    )


def _maximum() -> float:
    return _largest(*(prelu(X, a) - np.maximum(X, a * X) for a in SLOPES))


def _softplus_slope() -> float:
    return _largest(_slope(softplus, X) - logistic(X))


def _softplus_bound() -> float:
    gaps = {k: softplus(X, k) - relu(X) for k in SHARPNESSES}
    at_0 = np.array(
        [softplus(np.zeros(1), k)[0] - math.log(2) / k for k in SHARPNESSES]
    )
    outside = [_outside(gap, 0, math.log(2) / k) for k, gap in gaps.items()]
    return max(_largest(at_0), *outside)


def _log_sum_exp() -> float:
    pairs = np.stack([np.zeros_like(X), X], axis=-1)
    x = np.random.default_rng(0).normal(size=(200, 4))
    slopes = np.stack(
        [
            _slope(lambda column, i=i: log_sum_exp(_with(x, i, column)), x[:, i])
            for i in range(x.shape[1])
        ],
        axis=-1,
    )
    return _largest(log_sum_exp(pairs) - softplus(X), slopes - softmax(x))


def _with(x: np.ndarray, i: int, column: np.ndarray) -> np.ndarray:
    changed = x.copy()
    changed[:, i] = column
    return changed


def _elu_bound() -> float:
    found = []
    for alpha in ALPHAS:
        gap = elu(X, alpha) - np.maximum(-alpha, X)
        most = alpha * math.exp(-alpha)
        at_kink = elu(np.array([-alpha]), alpha) + alpha
        found += [_outside(gap, 0, most), _largest(at_kink - most)]
    return max(found)


def _worked() -> float:
    return _largest(*(softmax(np.array(x)) - shares for x, shares in EXAMPLES))


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


def _derivative() -> Figure:
    return function_curves(
        {
            "function": [
                Curve(label="softplus", x=X, y=softplus(X), activation="smooth_relu")
            ],
            "derivative": [
                Curve(label="logistic", x=X, y=logistic(X), activation="sigmoid"),
                Curve(
                    label="slope of softplus", x=X, y=_slope(softplus, X), kind="dots"
                ),
            ],
        }
    )


def _gaps() -> Figure:
    near = X[np.abs(X) <= 3]
    return function_curves(
        {
            f"sharpness {k:g}": [
                Curve(
                    label="softplus − ReLU",
                    x=near,
                    y=softplus(near, k) - relu(near),
                    activation="smooth_relu",
                ),
                Curve(
                    label="ln 2 / k",
                    x=near,
                    y=np.full_like(near, math.log(2) / k),
                    kind="bound",
                ),
            ]
            for k in (1.0, 5.0)
        }
    )


def _log_sum() -> Figure:
    pairs = np.stack([np.zeros_like(X), X], axis=-1)
    slope = _slope(lambda x: log_sum_exp(np.stack([np.zeros_like(x), x], axis=-1)), X)
    return function_curves(
        {
            "function": [
                Curve(label="softplus", x=X, y=softplus(X), activation="smooth_relu"),
                Curve(label="LSE(0, x)", x=X, y=log_sum_exp(pairs), kind="dots"),
            ],
            "derivative": [
                Curve(
                    label="softmax(0, x)",
                    x=X,
                    y=softmax(pairs)[:, 1],
                    activation="sigmoid",
                ),
                Curve(label="slope of LSE(0, x)", x=X, y=slope, kind="dots"),
            ],
        }
    )


def _elus() -> Figure:
    return function_curves(
        {
            f"α = {alpha:g}": [
                Curve(label="ELU", x=X, y=elu(X, alpha), activation="elu"),
                Curve(
                    label="max(−α, x)",
                    x=X,
                    y=np.maximum(-alpha, X),
                    activation="shifted_relu",
                ),
                Curve(
                    label="αe^(−α) above it",
                    x=X,
                    y=np.maximum(-alpha, X) + alpha * math.exp(-alpha),
                    kind="bound",
                ),
            ]
            for alpha in ALPHAS
        }
    )


def _examples() -> Figure:
    titles = ("one is much larger", "three of a size", "one among ten")
    return share_bars(
        {
            title: list(zip(x, softmax(np.array(x)), strict=True))
            for title, (x, _) in zip(titles, EXAMPLES, strict=True)
        }
    )


def _rows() -> list[Sequence[str]]:
    return [
        (_listed(x, "{:g}"), _listed(shares, "{:.3f}"), _listed(softmax(np.array(x))))
        for x, shares in EXAMPLES
    ]


def _listed(numbers: Sequence[float] | np.ndarray, form: str = "{:.5f}") -> str:
    """Numbers in words, with those at the end that are equal only once."""
    shown = [form.format(number) for number in numbers]
    last = shown[-1]
    num_last = next(
        (i for i, text in enumerate(reversed(shown)) if text != last), len(shown)
    )
    if num_last < 3:
        return ", ".join(shown)
    return ", ".join([*shown[:-num_last], f"{num_last} times {last}"])


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
        checked=f"Both sides at {_POINTS}, with the factors 0.25 and 2.",
        draw=_scaled,
        caption="The dots are the function times c, the line is the function of c times "
        "x. Of ReLU they are the same, of GELU they differ.",
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
        checked=f"Steps of both functions and of ReLU's derivative at {_POINTS}; GELU and "
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
        checked=f"Both sides at {_POINTS}, with the slopes −0.5, 0, 0.25 and 1.",
        draw=_pieces,
        caption="The dashed lines are the two pieces. The dots, their maximum, lie on "
        "PReLU.",
    ),
    Identity(
        name="softplus-derivative",
        statement="The derivative of softplus is the logistic function.",
        formula="d/dx ln(1 + e^x) = 1 / (1 + e^(−x))",
        reason="By the chain rule, the derivative of ln(1 + e^x) is e^x / (1 + e^x). "
        "Divided by e^x above and below, it is the logistic function.",
        sources=(sources.ARTICLE.at(sources.VARIANTS),),
        deviation=_softplus_slope,
        checked=f"Central differences of softplus and the logistic function at {_POINTS}.",
        draw=_derivative,
        caption="On the right, the dots are the slope of softplus from differences of its "
        "values. They lie on the logistic function.",
    ),
    Identity(
        name="softplus-gap",
        statement="Softplus is above ReLU, by ln 2 / k at most.",
        formula="0 < softplus(x) − ReLU(x) ≤ ln 2 / k, softplus(x) = ln(1 + e^(kx)) / k",
        reason="The difference is ln(1 + e^(−k|x|)) / k. It is largest at x = 0, where it "
        "is ln 2 / k. So softplus becomes ReLU as the sharpness k grows.",
        sources=(sources.ARTICLE.at(sources.VARIANTS),),
        deviation=_softplus_bound,
        checked=f"How far the difference leaves this range at {_POINTS}, and the "
        "difference at 0, with the sharpnesses 1, 2 and 5.",
        draw=_gaps,
        caption="The difference touches the dashed bound at 0 and vanishes on both sides, "
        "sooner if softplus is sharper.",
    ),
    Identity(
        name="log-sum-exp",
        statement="Softplus is the logarithm of a sum of exponentials, and softmax is the "
        "gradient of one.",
        formula="LSE(0, x) = softplus(x), and the gradient of LSE is softmax",
        reason="LSE(x₁, …, xₙ) = ln(e^x₁ + … + e^xₙ). With a first argument of 0 and a "
        "second one it is ln(1 + e^x). Its derivative with respect to xᵢ is e^xᵢ over the "
        "sum of all, which is softmax.",
        sources=(sources.ARTICLE.at(sources.VARIANTS),),
        deviation=_log_sum_exp,
        checked=f"LSE(0, x) and softplus at {_POINTS}; central differences of LSE and "
        "softmax for 200 random vectors of 4 numbers.",
        draw=_log_sum,
        caption="The dots are computed from LSE, the lines from softplus and softmax. "
        "With a first argument of 0, softmax is the logistic function.",
    ),
    Identity(
        name="elu-gap",
        statement="ELU is a smoothed shifted ReLU.",
        formula="0 ≤ ELU(x) − max(−α, x) ≤ α e^(−α) for 0 < α ≤ 1",
        reason="Above 0 both are x. Below 0 the difference is largest at the kink, x = "
        "−α, where ELU is α(e^(−α) − 1) and the other is −α. Far below, both are −α.",
        sources=(sources.ARTICLE.at(sources.VARIANTS), sources.CLEVERT),
        deviation=_elu_bound,
        checked=f"How far the difference leaves this range at {_POINTS}, and the "
        "difference at the kink, with α of 0.5 and 1.",
        draw=_elus,
        caption="ELU lies between max(−α, x) and the dashed line, which it touches above "
        "the kink.",
    ),
    Identity(
        name="softmax-examples",
        statement="Softmax makes shares of numbers, in which the largest stands out.",
        formula="softmax(x)ᵢ = e^xᵢ / (e^x₁ + … + e^xₙ)",
        reason="Only differences between the inputs count: a number that is larger by d "
        "has a share that is larger by the factor e^d. So the same 1.5 has 43% beside "
        "two others, and 13% beside nine.",
        sources=(sources.OVERVIEW,),
        deviation=_worked,
        checked="The three worked examples of the text, given there with three digits.",
        tolerance=5e-4,
        headings=("Inputs", "Shares in the text", "Computed"),
        rows=_rows(),
        draw=_examples,
        caption="The three examples. Hollow bars: each input divided by their sum. Filled "
        "bars: softmax. Here it exaggerates the differences, but with many inputs the "
        "largest share is small all the same.",
    ),
)
