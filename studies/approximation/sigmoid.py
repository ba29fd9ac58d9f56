"""How near two shifted ReLUs come to a sigmoid: computed from formulas."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import AtMost
from studies import sources

# Half the distance between the two functions whose difference is taken.
HALF_SHIFTS = {"smooth_relu": (0.5, 1.0, 2.0), "relu": (2.0,)}
# A sharp corner of a ramp from -2 to 2 is so far from the sigmoid: 0.1192.
FAR = 0.12


# The claims ---------------------------------------------------------------------------


def ramp(activation: str, x: np.ndarray, half_shift: float) -> np.ndarray:
    """The difference of two shifted functions, scaled to rise from 0 to 1.

    Args:
        activation: `"relu"` or `"smooth_relu"` (softplus).
        x: any array.
        half_shift: s in (f(x + s) - f(x - s)) / 2s.
    """
    function = {
        "relu": lambda z: np.maximum(z, 0),
        "smooth_relu": lambda z: np.logaddexp(z, 0),
    }[activation]
    return (function(x + half_shift) - function(x - half_shift)) / (2 * half_shift)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The logistic sigmoid."""
    return 1 / (1 + np.exp(-x))


_NAMES = {"relu": "two ReLUs", "smooth_relu": "two softplus"}


def _deviations(tables: Tables) -> dict[str, pd.Series]:
    x = np.linspace(-12, 12, 24001)
    return {
        f"{_NAMES[name]}, half-shift {shift:g}": pd.Series(
            [float(np.abs(ramp(name, x, shift) - sigmoid(x)).max())]
        )
        for name, shifts in HALF_SHIFTS.items()
        for shift in shifts
    }


CLAIMS = (
    Claim(
        id="sigmoid-from-two",
        statement="The difference of two shifted ReLUs is a sigmoid with sharp corners; "
        "that of two shifted softplus functions is nearly the sigmoid.",
        sources=(sources.CHAPTER,),
        kind=Kind.IDENTITY,
        kind_reason="It is computed from the formulas; no net is trained.",
        criterion="Computed from the formulas, without training: (f(x + s) − f(x − s)) / "
        f"2s differs from the logistic sigmoid by at most {FAR:g} at any x.",
        rule=AtMost(threshold=FAR),
        effects=_deviations,
        quantity="largest difference from the sigmoid",
    ),
)


# The figures --------------------------------------------------------------------------


def _two_functions(tables: Tables):
    x = np.linspace(-6, 6, 241)
    panels = [
        (f"{_NAMES[name]}, half-shift {shift:g}", name, shift)
        for name, shift in (("relu", 2.0), ("smooth_relu", 2.0), ("smooth_relu", 1.0))
    ]
    curves = pd.concat(
        [
            pd.DataFrame(
                {
                    "panel": panel,
                    "activation": name,
                    "x": x,
                    "value": ramp(name, x, shift),
                    "target": sigmoid(x),
                }
            )
            for panel, name, shift in panels
        ],
        ignore_index=True,
    )
    corners = pd.DataFrame(
        {"panel": panels[0][0], "x": [-2.0, 2.0], "value": [0.0, 1.0]}
    )
    none = pd.DataFrame({"x": [], "y": []})
    return figures.fits(curves, none, corners, target="sigmoid", kink="corner")


FIGURES = (
    StudyFigure(
        name="two-functions",
        title="A sigmoid from two functions",
        caption="The difference of two shifted functions, divided by their distance, "
        "and the logistic sigmoid. Computed from the formulas.",
        claims=("sigmoid-from-two",),
        draw=_two_functions,
    ),
)
