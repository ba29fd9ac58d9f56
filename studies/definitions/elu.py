"""What holds by definition of ELU."""

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
)

ALPHAS = (0.5, 1.0)


# The functions ------------------------------------------------------------------------


def elu(x: np.ndarray, alpha: float) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


# The deviations -----------------------------------------------------------------------


def _elu_bound() -> float:
    found = []
    for alpha in ALPHAS:
        gap = elu(X, alpha) - np.maximum(-alpha, X)
        most = alpha * math.exp(-alpha)
        at_kink = elu(np.array([-alpha]), alpha) + alpha
        found += [deviation_outside(gap, 0, most), largest_deviation(at_kink - most)]
    return max(found)


# The figures --------------------------------------------------------------------------


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


IDENTITIES = (
    Identity(
        name="elu-gap",
        statement="ELU is a smoothed shifted ReLU.",
        formula="0 ≤ ELU(x) − max(−α, x) ≤ α e^(−α) for 0 < α ≤ 1",
        reason="Above 0 both are x. Below 0 the difference is largest at the kink, x = "
        "−α, where ELU is α(e^(−α) − 1) and the other is −α. Far below, both are −α.",
        sources=(sources.ARTICLE.at(sources.VARIANTS), sources.CLEVERT),
        deviation=_elu_bound,
        checked=f"How far the difference leaves this range at {POINTS}, and the "
        "difference at the kink, with α of 0.5 and 1.",
        draw=_elus,
        caption="ELU lies between max(−α, x) and the dashed line, which it touches above "
        "the kink.",
    ),
)
