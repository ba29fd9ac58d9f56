"""Whether a large learning rate kills ReLU units, and a small one spares them."""

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE, Activation
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import measured, minus, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.properties import Property
from studies import sources
from studies.dying_relu.units import (
    LARGE_RATES,
    NET,
    RATES,
    SMALL_RATE,
    SMALLEST_EFFECT,
    dead_units,
    more_or_fewer_units,
    rise,
)
from studies.learning import NET_HAS_LEARNED, learned_by_seed

# The claims ---------------------------------------------------------------------------


def _can_die(activation: Activation) -> bool:
    """Whether the derivative is exactly 0 on a whole range."""
    is_flat = activation.piecewise_linear and activation.derivative_range[0] == 0
    return is_flat or activation.flat_zero


def _dead_by_rate(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", bias=0.0)
    spared = rise(dead, learning_rate=SMALL_RATE)
    return {
        f"Adam, rate {rate:g} against {SMALL_RATE:g}": minus(
            rise(dead, learning_rate=rate), spared
        )
        for rate in LARGE_RATES
    }


def _spared(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", bias=0.0)
    return {f"Adam, rate {SMALL_RATE:g}": rise(dead, learning_rate=SMALL_RATE)}


def _learned_at_small_rate(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", bias=0.0)
    keys = where(dead, learning_rate=SMALL_RATE)["key"]
    trials = where(tables.trials, key=list(keys.unique()))
    return {f"Adam, rate {SMALL_RATE:g}": learned_by_seed(trials)}


CLAIMS = (
    Claim(
        id="dead-by-rate",
        statement="A large learning rate kills ReLU units.",
        sources=(
            sources.CHAPTER,
            sources.ARTICLE.at(sources.PROBLEMS),
            sources.TUTORIAL,
        ),
        nets="MLPs of 6 layers",
        criterion="MLPs of 6 layers of 32 units: the rise of the share of dead_units from "
        "initialisation to the end of training is larger than at Adam's default rate "
        f"by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_dead_by_rate,
        quantity="rise of the share of dead units minus that at the default rate",
        in_words=more_or_fewer_units(
            "after training at the default rate, relative to initialisation"
        ),
    ),
    Claim(
        id="small-rate-spares",
        statement="A small learning rate does not kill ReLU units.",
        sources=(
            sources.CHAPTER,
            sources.ARTICLE.at(sources.PROBLEMS),
            sources.TUTORIAL,
        ),
        nets="MLPs of 6 layers",
        precondition=Precondition(text=NET_HAS_LEARNED, holds=_learned_at_small_rate),
        criterion="The same nets at Adam's default rate: the whole interval of the "
        "rise of the share of dead_units from initialisation to the end of training is "
        f"at or below {SMALLEST_EFFECT:g}.",
        rule=AtMost(threshold=SMALLEST_EFFECT),
        effects=_spared,
        quantity="rise of the share of dead units",
        in_words=more_or_fewer_units("at initialisation"),
    ),
)


# The properties -----------------------------------------------------------------------


def _killed(tables: Tables) -> dict[str, pd.Series]:
    rows = where(dead_units(tables), bias=0.0, learning_rate=LARGE_RATES[-1])
    return {"relu": rise(rows, activation="relu")}


PROPERTIES = (
    Property(
        name="dying",
        title="Units that die",
        nets="MLPs of 6 layers",
        explanation="The share of units that die in training by Adam at a rate of "
        f"{LARGE_RATES[-1]:g}, 100 times the default. Where the derivative is nowhere "
        "exactly 0, it is 0 by definition.",
        values=_killed,
        rule=AtMost(threshold=SMALLEST_EFFECT),
        bad_in_words="can die at a large learning rate",
        by_definition={
            name: 0.0
            for name, activation in CATALOGUE.items()
            if activation.elementwise and not _can_die(activation)
        },
        shown=lambda share: f"{share:.0%}",
        claim="dead-by-rate",
    ),
)


# The figures --------------------------------------------------------------------------


def _dead_against_rate(tables: Tables):
    dead = where(dead_units(tables), bias=0.0, activation="relu")
    rows = dead[dead["is_last"] | (dead["epoch"] == 0)]
    when = np.where(rows["epoch"] == 0, "before training", "after training")
    kinds = ["before training", "after training"]
    return figures.lines_against(
        rows.assign(when=pd.Categorical(when, kinds, ordered=True)),
        "learning_rate",
        xlabel="learning rate (Adam)",
        ylabel="share of dead units",
        column="when",
        log_x=True,
    )


def _dead_by_layer(tables: Tables):
    rows = measured(tables, "dead_units", **NET, activation="relu", bias=0.0)
    # Other nets at some of these rates are trained for longer.
    budgets = where(rows, learning_rate=RATES[-1])["epochs"].unique()
    rows = where(rows, epochs=list(budgets))
    rates = [f"rate {rate:g}" for rate in RATES]
    named = rows["learning_rate"].map(dict(zip(RATES, rates, strict=True)))
    return figures.pictures_by_layer(
        rows.assign(rate=pd.Categorical(named, rates, ordered=True)),
        panel="rate",
        xlabel="hidden layer (0 is nearest to the input)",
        label="share of dead units",
    )


FIGURES = (
    StudyFigure(
        name="rate",
        title="Dead ReLU units against the learning rate",
        caption="The share of units whose derivative is 0 for every example of the "
        "fixed probe batch, before and after training. Healthy nets also have some at "
        "initialisation. Dots are estimates over seeds, vertical lines their 95% "
        "intervals.",
        claims=("dead-by-rate", "small-rate-spares"),
        draw=_dead_against_rate,
    ),
    StudyFigure(
        name="layers",
        title="Where and when ReLU units die",
        caption="The share of dead units in each layer after each epoch, the median over "
        "the seeds. Each panel is a learning rate of Adam; from left to right the layers, "
        "from bottom to top the epochs, 0 before training.",
        claims=("dead-by-rate",),
        draw=_dead_by_layer,
    ),
)
