"""Whether a large negative bias kills ReLU units."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import by_seed, minus, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from studies import sources
from studies.dying_relu.units import (
    SMALL_RATE,
    SMALLEST_EFFECT,
    dead_units,
    more_or_fewer_units,
)

LARGE_BIAS = -1.0


# The claims ---------------------------------------------------------------------------


def _dead_by_bias(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", learning_rate=SMALL_RATE)
    first, last = where(dead, epoch=0), dead[dead["is_last"]]
    return {
        f"bias −{-LARGE_BIAS:g}, {when}": minus(
            by_seed(where(rows, bias=LARGE_BIAS)), by_seed(where(rows, bias=0.0))
        )
        for when, rows in (("before training", first), ("after training", last))
    }


CLAIMS = (
    Claim(
        id="dead-by-bias",
        statement="A large negative bias kills ReLU units.",
        sources=(sources.TUTORIAL,),
        nets="MLPs of 6 layers",
        criterion="The same nets with all hidden biases initialised to "
        f"−{-LARGE_BIAS:g} instead of 0: the share of dead_units is larger by at least "
        f"{SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_dead_by_bias,
        quantity="share of dead units minus that with a bias of 0",
        in_words=more_or_fewer_units("in nets with an initial bias of 0"),
    ),
)


# The figures --------------------------------------------------------------------------


def _dead_against_bias(tables: Tables):
    rows = where(dead_units(tables), activation="relu", learning_rate=SMALL_RATE)
    rows = rows[rows["is_last"] | (rows["epoch"] == 0)]
    when = np.where(rows["epoch"] == 0, "before training", "after training")
    kinds = ["before training", "after training"]
    return figures.lines_against(
        rows.assign(when=pd.Categorical(when, kinds, ordered=True)),
        "bias",
        xlabel="initial bias of the hidden layers",
        ylabel="share of dead units",
        column="when",
    )


FIGURES = (
    StudyFigure(
        name="bias",
        title="Dead ReLU units against the initial bias",
        caption="All hidden biases are initialised to the value shown. Adam at its "
        "default rate.",
        claims=("dead-by-bias",),
        draw=_dead_against_bias,
    ),
)
