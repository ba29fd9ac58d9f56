"""Whether ReLU units die at too large a learning rate."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import (
    after_training,
    by_seed,
    measured,
    minus,
    unless_diverged,
    where,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import Difference
from studies import sources
from studies.decision_boundary.nets import (
    RATE,
    RATES,
    SHAPE,
    STEPS_IN_WORDS,
    accuracy_by_seed,
)

TOO_FAST = RATES[2:]
# A tenth of the units, and a tenth of the points.
MUCH = 0.10


# The claims ---------------------------------------------------------------------------


def _rates(tables: Tables) -> pd.DataFrame:
    return where(tables.trials, **SHAPE, dataset="circle", activation="relu")


def _dead(tables: Tables) -> pd.DataFrame:
    """The dead units after training; no value of a net that diverged.

    Its units did not die: their numbers are lost.
    """
    rows = after_training(measured(tables, "dead_units"))
    rows = where(rows, **SHAPE, dataset="circle", activation="relu")
    return rows.assign(value=unless_diverged(rows, "value"))


def _failure(tables: Tables) -> dict[str, pd.Series]:
    dead, trials = _dead(tables), _rates(tables)
    cases = {}
    for rate in TOO_FAST:
        more = [by_seed(where(dead, learning_rate=r)) for r in (rate, RATE)]
        cases[f"dead units, rate {rate:g}"] = minus(*more)
        less = [accuracy_by_seed(where(trials, learning_rate=r)) for r in (RATE, rate)]
        cases[f"accuracy, rate {rate:g}"] = minus(*less)
    return cases


CLAIMS = (
    Claim(
        id="too-fast-dies",
        statement="With too large a learning rate ReLU fails because neurons die.",
        sources=(sources.CHAPTER.at("exercise 2"),),
        nets="2-20-1 nets",
        data="500 points in a square, of which half are in a circle",
        criterion=f"A 2-20-1 net of ReLUs on the circle, {STEPS_IN_WORDS}: at a larger "
        f"rate at least {MUCH:g} more of the units are dead than at {RATE:g}, and the "
        f"test accuracy is lower by at least {MUCH:g}. A net that diverged has half "
        "of the points right, and no value for dead units, as its numbers are lost and "
        "not its units dead. Paired by seed.",
        rule=Difference(smallest_effect=MUCH),
        effects=_failure,
        quantity="rise of dead units, or fall of accuracy",
        outcomes=("test_accuracy",),
    ),
)


# The figures --------------------------------------------------------------------------


def _against_rate(tables: Tables):
    accuracy = _rates(tables)
    lost = accuracy["diverged"].astype(bool)
    accuracy = accuracy.assign(
        value=accuracy["test_accuracy"].where(~lost), panel="test accuracy"
    )
    rows = pd.concat([accuracy, _dead(tables).assign(panel="dead units")])
    return figures.lines_against(
        rows,
        "learning_rate",
        xlabel="first learning rate",
        ylabel="share",
        column="panel",
        log_x=True,
    )


FIGURES = (
    StudyFigure(
        name="too-fast",
        title="Dead units and accuracy against the learning rate",
        caption="ReLU on the circle. A net that diverged is in neither panel. "
        "Vertical lines are 95% intervals.",
        claims=("too-fast-dies",),
        draw=_against_rate,
    ),
)
