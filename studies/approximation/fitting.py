"""How well nets of ReLUs and of sigmoids fit a curve that they are trained on."""

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import title
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.data import curve, datasets
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import minus, where
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtLeast, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.small_nets import STEPS, kinks, predicted, small_nets

# The chapter's net has 30 hidden units and starts at a rate of 0.0003.
UNITS, RATE = 30, 3e-4
NET = {"dataset": "curve", "recipe": "curve", "probe_size": 90, **STEPS}
WIDTHS = {
    "quick": (5, 10, 30),
    "standard": (5, 10, 20, 30),
    "full": (5, 10, 20, 30, 60),
}
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
ACTIVATIONS = ("relu", "sigmoid")

# What a net explains of the variance of the curve, if it fits it.
FITS = 0.95
# What it explains at least if it has learned it in part.
LEARNED = 0.5
# The logarithm of an error twice as large.
TWICE = 1.0
# By so much of the variance a fit has to be worse before we call that a failure.
WORSE = 0.05


# The trials ---------------------------------------------------------------------------


def _grid(widths, seeds: range) -> RateGrid:
    return RateGrid(
        title="Curve, nets of one hidden layer, one example a step",
        nets=[
            Trial(**NET, activation=activation, width=width, epochs=21)
            for width in widths
            for activation in ACTIVATIONS
        ],
        rates=RATES,
        seeds=seeds,
        score=validation_loss,
        score_name="validation loss",
    )


GRIDS = {
    profile: [_grid(widths, range(50 if profile == "full" else 20))]
    for profile, widths in WIDTHS.items()
}


# The claims ---------------------------------------------------------------------------


def explained(trials: pd.DataFrame) -> pd.Series:
    """The share of the curve's variance that each net explains, by seed; 0 at worst.

    A net that diverged explains none of it.
    """
    share = 1 - trials["test_loss"].astype(float) / _variance()
    share = share.where(~trials["diverged"].astype(bool), 0.0).fillna(0.0).clip(lower=0)
    return share.set_axis(pd.Index(trials["seed"], name="seed")).sort_index()


def _variance() -> float:
    return float(np.var(datasets.load("curve", inputs="raw").y_test, dtype=np.float64))


def _fit(tables: Tables) -> dict[str, pd.Series]:
    trials = where(
        tables.trials, **NET, activation="relu", width=UNITS, learning_rate=RATE
    )
    return {f"{UNITS} ReLUs, rate {RATE:g}": explained(trials)}


def _more_error(tables: Tables) -> dict[str, pd.Series]:
    best = at_best_rate(tables, validation_loss)
    best = where(best, **NET) if len(best) else best
    cases = {}
    for width in WIDTHS["full"]:
        errors = [
            np.log2(_errors(where(best, activation=name, width=width)))
            for name in ACTIVATIONS
        ]
        cases[f"{width} units"] = minus(*errors)
    return cases


def _both_fit(tables: Tables) -> dict[str, pd.Series]:
    """Whether both nets of a width have learned the curve, at least in part."""
    best = at_best_rate(tables, validation_loss)
    best = where(best, **NET) if len(best) else best
    cases = {}
    for width in WIDTHS["full"]:
        shares = [
            explained(where(best, activation=name, width=width)) for name in ACTIVATIONS
        ]
        worst = pd.concat(shares, axis=1).min(axis=1, skipna=False)
        cases[f"{width} units"] = worst >= LEARNED
    return cases


def _errors(trials: pd.DataFrame) -> pd.Series:
    lost = trials["diverged"].astype(bool)
    errors = trials["test_loss"].astype(float).where(~lost)
    return errors.set_axis(pd.Index(trials["seed"], name="seed"))


def _worse(tables: Tables) -> dict[str, pd.Series]:
    trials = where(tables.trials, **NET, activation="relu", width=UNITS)
    small = explained(where(trials, learning_rate=RATE))
    return {
        f"rate {rate:g}": minus(small, explained(where(trials, learning_rate=rate)))
        for rate in RATES[1:]
    }


_STEPS_IN_WORDS = (
    "trained by gradient descent on one example a step: 30 rounds of random points, then "
    "600 rounds through the points in order, the rate times 0.995 after each of these"
)


CLAIMS = (
    Claim(
        id="piecewise-linear",
        statement="A net of 30 ReLUs fits the chapter's curve by straight pieces.",
        sources=(sources.CHAPTER,),
        nets="1-30-1 nets",
        data="points on a noisy sine wave",
        criterion=f"A 1-30-1 net of ReLUs, {_STEPS_IN_WORDS}, first rate {RATE:g}: it "
        f"explains at least {FITS:g} of the variance of the curve without noise (R²). "
        "That the pieces are straight follows from the formula.",
        rule=AtLeast(threshold=FITS),
        effects=_fit,
        quantity="share of the variance explained",
        outcomes=("test_loss",),
    ),
    Claim(
        id="more-neurons",
        statement="ReLU needs more neurons than the sigmoid for the same fit.",
        sources=(sources.CHAPTER,),
        nets="nets of one hidden layer",
        data="points on a noisy sine wave",
        comparable_if=Precondition(
            text=f"both nets explain at least {LEARNED:.0%} of the variance",
            holds=_both_fit,
        ),
        criterion="Nets with equally many hidden units, each at its own best learning "
        f"rate (by validation loss), {_STEPS_IN_WORDS}: the squared error of ReLU on the "
        "curve without noise is at least twice that of the sigmoid (1 doubling). Paired "
        "by seed.",
        rule=Difference(smallest_effect=TWICE),
        effects=_more_error,
        quantity="ratio of the error of ReLU to that of the sigmoid",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"ReLU's error is {2**value:.3g} times the sigmoid's",
        outcomes=("test_loss",),
    ),
    Claim(
        id="small-rate",
        statement="A small learning rate is needed at the start.",
        sources=(sources.CHAPTER,),
        nets="1-30-1 nets",
        data="points on a noisy sine wave",
        criterion=f"A 1-30-1 net of ReLUs, {_STEPS_IN_WORDS}: with a larger first rate it "
        f"explains at least {WORSE:g} less of the variance of the curve than with "
        f"{RATE:g}. A net that diverged explains none. Paired by seed.",
        rule=Difference(smallest_effect=WORSE),
        effects=_worse,
        quantity=f"share of the variance explained at {RATE:g} minus that at the rate",
        outcomes=("test_loss",),
    ),
)


# The figures --------------------------------------------------------------------------


def _fitted(tables: Tables):
    trials = where(tables.trials, **NET, width=UNITS, seed=0)
    if trials.empty:
        raise figures.NothingToDraw("The tables have no trials for this figure.")
    best = where(at_best_rate(tables, validation_loss), **NET, width=UNITS, seed=0)
    own = where(trials, activation="relu", learning_rate=RATE)
    x = np.linspace(-1, 1, 401)
    curves, bends = [], []
    shown = pd.concat([own, where(best, activation=list(ACTIVATIONS))])
    shown = shown[shown["key"].isin(tables.outputs["key"])]
    if shown.empty:
        raise figures.NothingToDraw("No weights are kept of the nets of seed 0.")
    for net, row in zip(
        small_nets(tables, shown), shown.to_dict("records"), strict=True
    ):
        at = kinks(net, -1, 1) if net.activation == "relu" else np.empty(0)
        count = f", {len(at)} kinks" if net.activation == "relu" else ""
        panel = f"{title(net.activation)}, rate {row['learning_rate']:g}{count}"
        curves.append(
            pd.DataFrame(
                {
                    "panel": panel,
                    "activation": net.activation,
                    "x": x,
                    "value": predicted(net, x[:, np.newaxis]),
                    "target": curve.height(x),
                }
            )
        )
        heights = predicted(net, at[:, np.newaxis])
        bends.append(pd.DataFrame({"panel": panel, "x": at, "value": heights}))
    arrays = curve.make()
    points = pd.DataFrame({"x": arrays["x_train"][:, 0], "y": arrays["y_train"][:, 0]})
    return figures.fits(
        pd.concat(curves, ignore_index=True),
        points,
        pd.concat(bends, ignore_index=True).drop_duplicates(),
        target="without noise",
    )


def _errors_against(trials: pd.DataFrame, x: str, xlabel: str):
    lost = trials["diverged"].astype(bool)
    share = trials["test_loss"].astype(float) / _variance()
    return figures.lines_against(
        trials.assign(value=share.where(~lost), panel="curve"),
        x,
        xlabel=xlabel,
        ylabel="share of the variance not explained",
        column="panel",
        log_x=True,
        log_y=True,
    )


def _against_width(tables: Tables):
    best = at_best_rate(tables, validation_loss)
    return _errors_against(
        where(best, **NET) if len(best) else best, "width", "hidden units"
    )


def _against_rate(tables: Tables):
    return _errors_against(
        where(tables.trials, **NET, width=UNITS), "learning_rate", "first learning rate"
    )


FIGURES = (
    StudyFigure(
        name="fits",
        title="Fitted curves, with their kinks",
        caption="Nets of 30 hidden units after training, of seed 0: ReLU at the "
        "chapter's rate, and ReLU and the sigmoid at the best rates of this seed. A "
        "circle marks each kink, where a ReLU starts to act; between them the curve "
        "is straight.",
        claims=("piecewise-linear",),
        draw=_fitted,
    ),
    StudyFigure(
        name="error-by-width",
        title="Error against the number of hidden units",
        caption="Each net at the best rate of its seed. Vertical lines are 95% "
        "intervals. The error is on the curve without noise, relative to its variance.",
        claims=("more-neurons",),
        draw=_against_width,
    ),
    StudyFigure(
        name="error-by-rate",
        title="Error against the first learning rate",
        caption="Nets of 30 hidden units. Vertical lines are 95% intervals of the nets "
        "that did not diverge.",
        claims=("small-rate",),
        draw=_against_rate,
    ),
)
