"""How much the nets learn of long sequences, and of images read row by row."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    paired_outcomes,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference, Equivalence
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.points import in_points, side
from studies.recurrent.nets import ADDING, NETS_IN_WORDS, ROWS, as_series, named

# The mean squared error of guessing the mean of the sum.
GUESSING = 1 / 6
# So much of the variance has to be explained by a net that has learned to add, ...
LEARNED = 0.5
# ... and this is the smallest effect of interest.
SMALLEST_EFFECT = 0.1
# The least share of the variance that is drawn.
LEAST_SHOWN = -0.5


# The claims ---------------------------------------------------------------------------


def _explained(tables: Tables) -> pd.DataFrame:
    """The nets at their best rates, with the share of the variance that they explain."""
    trials = named(at_best_rate(tables, validation_loss))
    trials = trials[trials["task"] != ROWS]
    share = 1 - trials["test_loss"].astype(float) / GUESSING
    return trials.assign(explained=share)


def _better(a: str, b: str):
    """The variance that one net explains minus that of another, for each length."""

    def effects(tables: Tables) -> dict[str, pd.Series]:
        trials = _explained(tables)
        return {
            task: paired_outcomes(where(trials, task=task), "explained", a, b, by="net")
            for task in ADDING
        }

    return effects


def _learned(a: str, b: str, *, both: bool) -> Precondition:
    """That one of two nets has learned to add, or both."""

    def holds(tables: Tables) -> dict[str, pd.Series]:
        trials = _explained(tables)
        found = {}
        for task in ADDING:
            rows = where(trials, task=task, net=[a, b])
            of_nets = rows.groupby("net", observed=True)["seed"].agg(set)
            seeds = sorted(set().union(*of_nets)) if len(of_nets) == 2 else []
            shares = unless_diverged(rows, "explained").fillna(-np.inf)
            shares = shares.groupby(rows["seed"])
            judged = shares.min() if both else shares.max()
            found[task] = (judged.reindex(seeds) >= LEARNED).rename_axis("seed")
        return found

    text = f"{'each' if both else 'one'} of the nets explains at least {LEARNED:.0%} of the variance"
    return Precondition(text=text, holds=holds)


_SHARE = "of the variance of the sum"


def _explains(net: str, other: str) -> Callable[[float], str]:
    def in_words(difference: float) -> str:
        size = in_points(difference, digits=2)
        more = side(difference, "more", "less")
        return f"{net} explains {size} {more} {_SHARE} than {other}"

    return in_words


CLAIMS = (
    Claim(
        id="irnn",
        statement="A recurrent net with ReLU trains if its weights from state to state "
        "start as the identity, and not with the default start.",
        sources=(sources.INTRODUCTION.at(sources.TIPS), sources.LE.at("section 4.1")),
        nets=NETS_IN_WORDS,
        data="the adding problem",
        precondition=_learned("IRNN clipped", "ReLU clipped", both=False),
        comparable_if=_learned("IRNN clipped", "ReLU clipped", both=True),
        criterion="Each net at its own best learning rate for each seed, gradients "
        f"clipped to a norm of 1: the share {_SHARE} that is explained on the test split "
        "is larger with the identity than with Keras's default (orthogonal weights), "
        f"by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_better("IRNN clipped", "ReLU clipped"),
        outcomes=("test_loss",),
        quantity=f"share {_SHARE} explained: identity minus default",
        in_words=_explains("the start as the identity", "the default start"),
    ),
    Claim(
        id="irnn-lstm",
        statement="A recurrent net with ReLU that starts from the identity does as well as "
        "an LSTM.",
        sources=(sources.LE.at("section 4.1"),),
        nets=f"{NETS_IN_WORDS} and LSTMs",
        data="the adding problem",
        precondition=_learned("IRNN clipped", "LSTM tanh", both=False),
        comparable_if=_learned("IRNN clipped", "LSTM tanh", both=True),
        criterion="Each net at its own best learning rate for each seed, the ReLU net "
        "from the identity with gradients clipped to a norm of 1: the shares "
        f"{_SHARE} that are explained differ by at most {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Equivalence(margin=SMALLEST_EFFECT),
        effects=_better("IRNN clipped", "LSTM tanh"),
        outcomes=("test_loss",),
        quantity=f"share {_SHARE} explained: ReLU net minus LSTM",
        in_words=_explains("the ReLU net", "the LSTM"),
        published="Le 2015: at 150 and 200 steps of the adding problem, recurrent nets "
        "of 100 ReLU units from the identity learn as well as LSTMs of 100 units; tanh "
        "nets do not beat guessing.",
    ),
    Claim(
        id="relu-in-lstm",
        statement="ReLU inside an LSTM needs a careful start: with the default one it "
        "does worse than tanh.",
        sources=(sources.INTRODUCTION.at(sources.TIPS),),
        nets="LSTMs of 16 units",
        data="the adding problem",
        precondition=_learned("LSTM tanh", "LSTM ReLU", both=False),
        comparable_if=_learned("LSTM tanh", "LSTM ReLU", both=True),
        criterion="Each LSTM at its own best learning rate for each seed, with Keras's "
        f"default start: the share {_SHARE} that is explained is larger with tanh "
        f"inside than with ReLU, by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_better("LSTM tanh", "LSTM ReLU"),
        outcomes=("test_loss",),
        quantity=f"share {_SHARE} explained: tanh minus ReLU",
        in_words=_explains("tanh", "ReLU"),
    ),
)


# The figures --------------------------------------------------------------------------


def _by_net(tables: Tables):
    trials = _explained(tables)
    # Of nets that have lost their way, only that they are worse than guessing counts.
    value = unless_diverged(trials, "explained").clip(lower=LEAST_SHOWN)
    return figures.dots(
        as_series(trials, value=value),
        xlabel="share of the variance explained",
        column="task",
        sort=False,
    )


def _accuracy_by_net(tables: Tables):
    trials = where(named(at_best_rate(tables, validation_loss)), task=ROWS)
    value = unless_diverged(trials, "test_accuracy")
    return figures.dots(
        as_series(trials, value=value),
        xlabel="test accuracy",
        column="task",
        sort=False,
    )


FIGURES = (
    StudyFigure(
        name="explained",
        title="The adding problem",
        caption="0 is guessing the mean, 1 is adding without error. Each net at its own "
        "best rates. Dots are estimates over seeds, lines their 95% intervals; nets "
        "below −0.5 are drawn there.",
        claims=("irnn", "irnn-lstm", "relu-in-lstm"),
        draw=_by_net,
    ),
    StudyFigure(
        name="rows",
        title="Images read row by row",
        caption="Each net at its own best rates. Dots are estimates over seeds, lines "
        "their 95% intervals.",
        draw=_accuracy_by_net,
    ),
)
