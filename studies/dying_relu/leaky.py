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
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import convergence, sources
from studies.dying_relu.units import NET, RATES, dead_units, rise
from studies.learning import BETTER_HAS_LEARNED, better_learned
from studies.points import in_points, side

LEAKY = ("leaky_relu", "leaky_relu_0.1", "very_leaky_relu", "prelu", "rrelu")
ACTIVATIONS = ("relu", *LEAKY)

# The leaky variants are judged at the lowest rate that kills so many.
KILLS = 0.30
POINTS = 0.05


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int) -> list[Trial]:
    return [
        Trial(
            **NET, epochs=epochs, activation=activation, learning_rate=rate, seed=seed
        )
        for activation in LEAKY
        for rate in RATES
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _killing_rates(tables: Tables) -> pd.Series:
    """The lowest rate that kills enough units of the ReLU net of each seed.

    By the dead units of that net, because the claim is about nets in which they died,
    and not by its accuracy. NaN if no rate does, or if the net of a lower rate is lost
    or missing: that rate might have qualified.
    """
    dead = where(dead_units(tables), activation="relu", bias=0.0)
    seeds = pd.Index(sorted(set(dead["seed"])), name="seed")
    found = pd.Series(np.nan, index=seeds)
    is_open = pd.Series(True, index=seeds)
    for rate in RATES:
        rises = rise(dead, learning_rate=rate).reindex(seeds)
        found[is_open & (rises >= KILLS)] = rate
        is_open &= rises < KILLS
    return found


def _at_rates(tables: Tables, rates: pd.Series) -> pd.DataFrame:
    """The nets of each seed at its rate, where the leaky variants are judged."""
    trials = where(tables.trials, **NET, bias=0.0)
    return trials[trials["learning_rate"] == trials["seed"].map(rates)]


def _leaky_lives(tables: Tables) -> dict[str, pd.Series]:
    rates = _killing_rates(tables)
    trials = _at_rates(tables, rates)
    trained = set(where(tables.trials, **NET, bias=0.0)["activation"])
    # A seed without such a rate has no value; a variant that was not trained, no seed.
    return {
        name: paired_outcomes(trials, "test_accuracy", name, "relu").reindex(
            rates.index if name in trained else []
        )
        for name in LEAKY
    }


def _died_and_learned(tables: Tables) -> dict[str, pd.Series]:
    trials = _at_rates(tables, _killing_rates(tables))
    return {name: better_learned(trials, name, "relu") for name in LEAKY}


def _leaky_faster(tables: Tables) -> dict[str, pd.DataFrame]:
    return {"leaky_relu": convergence.doublings(tables, "relu", "leaky_relu")}


def _one_reaches(tables: Tables) -> dict[str, pd.Series]:
    return {c: convergence.one_reaches(r) for c, r in _leaky_faster(tables).items()}


def _both_reach(tables: Tables) -> dict[str, pd.Series]:
    return {
        case: convergence.both_reach(ratios)
        for case, ratios in _leaky_faster(tables).items()
    }


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
        precondition=Precondition(
            text=f"at one of the rates at least {KILLS:.0%} of the ReLU net's units die, "
            f"and at the lowest of these {BETTER_HAS_LEARNED}",
            holds=_died_and_learned,
        ),
        criterion="For each seed, at the lowest rate of "
        f"{', '.join(f'{r:g}' for r in RATES)} at which at least {KILLS:.0%} of the "
        "units of its ReLU net die: test accuracy is above that of ReLU by at least "
        f"{POINTS:g}. Paired by seed. A net that diverged has no value.",
        rule=Difference(smallest_effect=POINTS),
        effects=_leaky_lives,
        outcomes=("test_accuracy",),
        quantity="test accuracy minus that of ReLU",
        in_words=lambda d: (
            f"the accuracy is {in_points(d)} {side(d, 'above', 'below')} that of ReLU"
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
        comparable_if=Precondition(text=convergence.BOTH_REACH, holds=_both_reach),
        criterion=convergence.RELU_IS_SLOWER,
        rule=Difference(smallest_effect=convergence.SLOWER),
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
    trials = trials[trials["epochs"] > 0]
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
        claims=("leaky-lives",),
        draw=_accuracy_against_rate,
    ),
)
