"""Whether leaky variants learn where ReLU dies, and learn faster."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import convergence, sources
from studies.dying_relu.killing import NET, RATES, dead_units, rise
from studies.learning import BETTER_HAS_LEARNED, better_learned

LEAKY = ("leaky_relu", "leaky_relu_0.1", "very_leaky_relu", "prelu", "rrelu")
ACTIVATIONS = ("relu", *LEAKY)

# The leaky variants are judged at the least rate that kills so many.
KILLS = 0.30
NUM_PILOTS = 3
POINTS = 0.05
# A quarter more epochs is what we call slower.
SLOWER = float(np.log2(1.25))


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int) -> list[Trial]:
    trained = {**NET, "epochs": epochs}
    leaky = [
        Trial(**trained, activation=activation, learning_rate=rate, seed=seed)
        for activation in LEAKY
        for rate in RATES
        for seed in seeds
    ]
    # They choose the rate at which the leaky variants are judged, and report nothing.
    pilots = [
        Trial(**trained, learning_rate=rate, seed=TUNING_SEEDS + i)
        for rate in RATES
        for i in range(NUM_PILOTS)
    ]
    return leaky + pilots


# The claims ---------------------------------------------------------------------------


def _killing_rate(tables: Tables) -> float:
    """The lowest rate that kills enough of the pilots' units.

    NaN if no rate does, or if a pilot at a lower rate is lost or missing: that rate
    might have qualified.
    """
    dead = where(dead_units(tables), activation="relu", bias=0.0, is_pilot=True)
    for rate in RATES:
        rises = rise(dead, learning_rate=rate).dropna()
        if len(rises) < NUM_PILOTS:
            break
        if rises.mean() >= KILLS:
            return rate
    return float("nan")


def _at_killing_rate(tables: Tables) -> tuple[pd.DataFrame, str]:
    """The nets at the rate at which the leaky variants are judged, and its words."""
    rate = _killing_rate(tables)
    trials = where(tables.trials, **NET, bias=0.0, learning_rate=rate)
    at = "" if np.isnan(rate) else f", rate {rate:g}"
    return trials[trials["seed"] < TUNING_SEEDS], at


def _leaky_lives(tables: Tables) -> dict[str, pd.Series]:
    trials, at = _at_killing_rate(tables)
    return {
        name + at: paired_outcomes(trials, "test_accuracy", name, "relu")
        for name in LEAKY
    }


def _learned(tables: Tables) -> dict[str, pd.Series]:
    trials, at = _at_killing_rate(tables)
    return {name + at: better_learned(trials, name, "relu") for name in LEAKY}


def _leaky_faster(tables: Tables) -> dict[str, pd.DataFrame]:
    return {"leaky_relu": convergence.doublings(tables, "relu", "leaky_relu")}


def _one_reaches(tables: Tables) -> dict[str, pd.Series]:
    return {c: convergence.one_reaches(r) for c, r in _leaky_faster(tables).items()}


CLAIMS = (
    Claim(
        id="leaky-lives",
        statement="Leaky variants train where ReLU dies.",
        sources=(
            sources.CHAPTER,
            sources.ARTICLE.at(sources.VARIANTS),
            sources.OVERVIEW,
            sources.INTRODUCTION.at(sources.EXTENSIONS),
            sources.TUTORIAL,
        ),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=BETTER_HAS_LEARNED, holds=_learned),
        criterion=f"At the lowest rate of {', '.join(f'{r:g}' for r in RATES)} at "
        f"which at least {KILLS:.0%} of the units die in ReLU nets of three other "
        f"seeds: test accuracy is above that of ReLU by at least {POINTS:g}. Paired "
        "by seed. A net that diverged has no value.",
        rule=Difference(smallest_effect=POINTS),
        effects=_leaky_lives,
        outcomes=("test_accuracy",),
        quantity="test accuracy minus that of ReLU",
        in_words=lambda d: (
            f"{abs(d) * 100:.1f} percentage points {'above' if d >= 0 else 'below'} "
            "ReLU"
        ),
    ),
    Claim(
        id="leaky-faster",
        statement="Constant zero gradients make ReLU slower than a leaky variant.",
        sources=(
            sources.OVERVIEW,
            sources.INTRODUCTION.at(sources.EXTENSIONS),
        ),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=convergence.ONE_REACHES, holds=_one_reaches),
        criterion="MLPs of 6 layers of 32 units, Adam, batches of 128, each net at "
        "its own best rate (see the study of convergence): ReLU needs at least 25% "
        f"more epochs to reach a training loss of {convergence.THRESHOLD:g} nats. "
        "Paired by seed. A net that never reaches the loss counts as censored.",
        rule=Difference(smallest_effect=SLOWER),
        effects=_leaky_faster,
        quantity="ratio of the epochs of ReLU to those of leaky_relu",
        unit="doublings",
        digits=2,
        in_words=lambda value: f"ReLU needs {convergence.times(value)} as leaky_relu",
    ),
)


# The figures --------------------------------------------------------------------------


def _accuracy_against_rate(tables: Tables):
    trials = where(tables.trials, **NET, bias=0.0)
    trials = where(trials, activation=list(ACTIVATIONS), learning_rate=list(RATES))
    trials = trials[(trials["seed"] < TUNING_SEEDS) & (trials["epochs"] > 0)]
    value = unless_diverged(trials, "test_accuracy")
    return figures.lines_against(
        trials.assign(value=value, panel="MLP of 6 layers"),
        "learning_rate",
        xlabel="learning rate (Adam)",
        ylabel="test accuracy",
        column="panel",
        log_x=True,
    )


FIGURES = (
    StudyFigure(
        name="leaky",
        title="Test accuracy of ReLU and its leaky variants against the learning rate",
        caption="If only the accuracy of ReLU falls, dead units are the likely cause. "
        "If all fall together, the rate is too large for all of them.",
        draw=_accuracy_against_rate,
    ),
)
