"""Whether ELU is robust to noise where it is deactivated: computed from formulas."""

import functools

import keras
import numpy as np
import pandas as pd
from scipy import stats

from keras_rectifiers import activations
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind
from keras_rectifiers.comparison.verdicts.criteria import Difference
from studies import sources

# Leaky functions, against which ELU is said to be robust where it is deactivated.
LEAKY_SLOPES = {
    "leaky_relu": "slope 0.01",
    "leaky_relu_0.1": "slope 0.1",
    "very_leaky_relu": "slope 1/5.5",
}
# A unit is taken for deactivated from here on; the noise is normal.
DEACTIVATED = -3.0
NOISE = 0.5
NUM_POINTS = 1000
# Twice the variance is what we call less robust.
TWICE = 1.0


# The claims ---------------------------------------------------------------------------


def passed_on(activation: str, z) -> np.ndarray:
    """The share of the variance of its input noise that an activation passes on.

    Var f(z + e) / Var e for e ~ N(0, NOISE^2), by the trapezium rule.

    Args:
        activation: a name of the catalogue.
        z: floats `(n,)`, the pre-activations to which the noise is added.

    Returns:
        Floats `(n,)`.
    """
    deviations = np.linspace(-8, 8, 801)
    weights = stats.norm.pdf(deviations)
    weights /= weights.sum()
    layer = activations.get(activation, dtype="float64")
    noisy = np.asarray(z, np.float64)[:, np.newaxis] + NOISE * deviations
    responses = keras.ops.convert_to_numpy(layer(noisy))
    means = responses @ weights
    return (responses - means[:, np.newaxis]) ** 2 @ weights / NOISE**2


def _more_noise(tables: Tables) -> dict[str, pd.Series]:
    """The noise that each leaky function passes on, relative to ELU, without training."""
    return {
        f"{name}, {slope}": pd.Series(
            [np.log2(_mean_passed_on(name) / _mean_passed_on("elu"))]
        )
        for name, slope in LEAKY_SLOPES.items()
    }


@functools.cache
def _mean_passed_on(activation: str) -> float:
    # Of a standard normal: pre-activations of a wide net at random initialisation.
    tail = stats.truncnorm(-np.inf, DEACTIVATED)
    # The middles of intervals that are equally likely.
    z = tail.ppf((np.arange(NUM_POINTS) + 0.5) / NUM_POINTS)
    return float(np.mean(passed_on(activation, z)))


CLAIMS = (
    Claim(
        id="elu-noise",
        statement="The deactivated state of ELU is robust to noise; that of leaky "
        "functions is not.",
        sources=(sources.OVERVIEW,),
        kind=Kind.IDENTITY,
        kind_reason="It is computed from the formulas; no net is trained.",
        criterion="Computed from the formulas, without training: normal noise of "
        f"standard deviation {NOISE:g} is added to pre-activations below "
        f"−{-DEACTIVATED:g}, in the tail of a standard normal distribution. "
        "The variance of the noise in the output of the leaky function is at least "
        f"twice that in the output of ELU (1 doubling). ReLU passes on no noise there.",
        rule=Difference(smallest_effect=TWICE),
        effects=_more_noise,
        quantity="ratio of the output noise variance of the leaky function to that of "
        "ELU",
        unit="doublings",
        digits=2,
        in_words=lambda value: (
            f"the leaky function passes on {2**value:.3g} times ELU's noise"
        ),
    ),
)


# The figures --------------------------------------------------------------------------


def _noise_passed_on(tables: Tables):
    if where(tables.trials, activation="elu").empty:
        raise figures.NothingToDraw("The tables have no trials for this figure.")
    z = np.linspace(-6, 2, 33)
    frames = [
        # One of everything: what is computed does not scatter.
        pd.DataFrame({"z": z, "value": passed_on(name, z), "activation": name})
        for name in ("relu", "elu", *LEAKY_SLOPES)
    ]
    rows = pd.concat(frames, ignore_index=True)
    shown = rows["value"] >= 1e-6
    return figures.lines_against(
        rows[shown].assign(seed=0, panel="computed from the formulas"),
        "z",
        xlabel="pre-activation z to which noise is added",
        ylabel="share of noise variance passed on",
        column="panel",
        log_y=True,
    )


FIGURES = (
    StudyFigure(
        name="noise",
        title="The share of input noise that an activation passes on",
        caption=f"Normal noise of standard deviation {NOISE:g}. A share of 1 means "
        "all of the noise variance. A leaky function passes on the square of its "
        "slope, however negative z is; ELU passes on less the more negative z is. The "
        "claim is reversed to the right of the point where the lines cross: for small "
        "noise this is at z = ln(slope), that is at −4.6, −2.3 and −1.7. Shares below "
        "one millionth are not drawn, such as the 0 of ReLU.",
        claims=("elu-noise",),
        draw=_noise_passed_on,
    ),
)
