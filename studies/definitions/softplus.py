"""What holds by definition of softplus: its slope, its distance from ReLU, and sums."""

import math

import numpy as np
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures import Curve, function_curves
from keras_rectifiers.comparison.reporting.identities import Identity
from studies import sources
from studies.definitions.deviations import (
    POINTS,
    X,
    deviation_outside,
    largest_deviation,
    slope_of,
)
from studies.definitions.rectifiers import relu
from studies.definitions.softmax import softmax

SHARPNESSES = (1.0, 2.0, 5.0)


# The functions ------------------------------------------------------------------------


def softplus(x: np.ndarray, sharpness: float = 1.0) -> np.ndarray:
    return np.logaddexp(0, sharpness * x) / sharpness


def logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def log_sum_exp(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    largest = x.max(axis=-1)
    return largest + np.log(np.exp(x - largest[..., None]).sum(axis=-1))


# The deviations -----------------------------------------------------------------------


def _softplus_slope() -> float:
    return largest_deviation(slope_of(softplus, X) - logistic(X))


def _softplus_bound() -> float:
    gaps = {k: softplus(X, k) - relu(X) for k in SHARPNESSES}
    at_0 = np.array(
        [softplus(np.zeros(1), k)[0] - math.log(2) / k for k in SHARPNESSES]
    )
    outside = [deviation_outside(gap, 0, math.log(2) / k) for k, gap in gaps.items()]
    return max(largest_deviation(at_0), *outside)


def _log_sum_exp() -> float:
    pairs = np.stack([np.zeros_like(X), X], axis=-1)
    x = np.random.default_rng(0).normal(size=(200, 4))
    slopes = np.stack(
        [
            slope_of(lambda column, i=i: log_sum_exp(_with(x, i, column)), x[:, i])
            for i in range(x.shape[1])
        ],
        axis=-1,
    )
    return largest_deviation(log_sum_exp(pairs) - softplus(X), slopes - softmax(x))


def _with(x: np.ndarray, i: int, column: np.ndarray) -> np.ndarray:
    changed = x.copy()
    changed[:, i] = column
    return changed


# The figures --------------------------------------------------------------------------


def _derivative() -> Figure:
    return function_curves(
        {
            "function": [
                Curve(label="softplus", x=X, y=softplus(X), activation="smooth_relu")
            ],
            "derivative": [
                Curve(label="logistic", x=X, y=logistic(X), activation="sigmoid"),
                Curve(
                    label="slope of softplus", x=X, y=slope_of(softplus, X), kind="dots"
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
    slope = slope_of(lambda x: log_sum_exp(np.stack([np.zeros_like(x), x], axis=-1)), X)
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


IDENTITIES = (
    Identity(
        name="softplus-derivative",
        statement="The derivative of softplus is the logistic function.",
        formula="d/dx ln(1 + e^x) = 1 / (1 + e^(−x))",
        reason="By the chain rule, the derivative of ln(1 + e^x) is e^x / (1 + e^x). "
        "Divided by e^x above and below, it is the logistic function.",
        sources=(sources.ARTICLE.at(sources.VARIANTS),),
        deviation=_softplus_slope,
        checked=f"Central differences of softplus and the logistic function at {POINTS}.",
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
        checked=f"How far the difference leaves this range at {POINTS}, and the "
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
        reason="LSE(x₁, …, xₙ) = ln(e^x₁ + … + e^xₙ). Of 0 and x it is ln(1 + e^x), "
        "which is softplus. Its derivative with respect to xᵢ is e^xᵢ over the sum of "
        "all, which is softmax.",
        sources=(sources.ARTICLE.at(sources.VARIANTS),),
        deviation=_log_sum_exp,
        checked=f"LSE(0, x) and softplus at {POINTS}; central differences of LSE and "
        "softmax for 200 random vectors of 4 numbers.",
        draw=_log_sum,
        caption="The dots are computed from LSE, the lines from softplus and softmax. "
        "With a first argument of 0, softmax is the logistic function.",
    ),
)
