"""Whether more units die as training goes on, and whether any recover."""

import pandas as pd

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import by_seed, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from studies import sources
from studies.dying_relu.units import (
    LARGE_RATES,
    RATES,
    dead_units,
    more_or_fewer_units,
    over_layers,
)

GROWS = 0.05
# Units that seldom recover: one in ten at most.
SELDOM = 0.10


# The claims ---------------------------------------------------------------------------


def _dead_grow(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", bias=0.0)
    dead = where(dead, learning_rate=list(LARGE_RATES))
    return {
        f"Adam, rate {rate:g}": by_seed(rows[rows["is_last"]])
        - by_seed(where(rows, epoch=1))
        for rate in LARGE_RATES
        for rows in [where(dead, learning_rate=rate)]
    }


def _revived(tables: Tables) -> pd.DataFrame:
    """The share of the units that are dead at an epoch and not dead at the end.

    NaN if none is dead.
    """
    dead = dead_units(tables)
    revived = over_layers(tables, "revived_units")[["key", "epoch", "value"]]
    both = dead.merge(revived, on=["key", "epoch"], suffixes=("", "_revived"))
    # The layers are of one width: the ratio of means is that of the counts.
    share = both["value_revived"] / both["value"].where(both["value"] > 0)
    rows = both.drop(columns="value_revived").assign(value=share)
    return where(rows, activation="relu", bias=0.0)


def _dead_recover(tables: Tables) -> dict[str, pd.Series]:
    rows = where(_revived(tables), epoch=1)
    return {
        f"Adam, rate {rate:g}": by_seed(where(rows, learning_rate=rate))
        for rate in LARGE_RATES
    }


def _units_died(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", bias=0.0)
    cases = {}
    for rate in LARGE_RATES:
        rows = where(dead, learning_rate=rate)
        born = by_seed(where(rows, epoch=0))
        later = rows[(rows["epoch"] == 1) | rows["is_last"]]
        most = later.groupby("seed")["value"].max()
        cases[f"Adam, rate {rate:g}"] = most > born.reindex(most.index)
    return cases


def _some_dead(tables: Tables) -> dict[str, pd.Series]:
    return {case: shares.notna() for case, shares in _dead_recover(tables).items()}


CLAIMS = (
    Claim(
        id="dead-grow",
        statement="The number of dead units grows during training.",
        sources=(sources.TUTORIAL,),
        nets="MLPs of 6 layers",
        precondition=Precondition(
            text="units have died: after the first or the last epoch more units are "
            "dead than before training",
            holds=_units_died,
        ),
        criterion="The same nets at rates that kill units: the share of dead_units after "
        f"the last epoch is larger than after the first by at least {GROWS:g}. Paired by seed.",
        rule=Difference(smallest_effect=GROWS),
        effects=_dead_grow,
        quantity="share of dead units after the last epoch minus that after the first",
        in_words=more_or_fewer_units("after the first epoch"),
    ),
    Claim(
        id="dead-stay-dead",
        statement="Dead units rarely recover.",
        sources=(sources.TUTORIAL,),
        nets="MLPs of 6 layers",
        precondition=Precondition(
            text="a unit is dead after the first epoch", holds=_some_dead
        ),
        criterion="The same nets at rates that kill units: of the units that are dead "
        "after the first epoch (their derivative is 0 for every example of the fixed "
        "probe batch), the share that is not dead after the last epoch. Its whole "
        f"interval is at or below {SELDOM:g}. A net without dead units after the "
        "first epoch has no value.",
        rule=AtMost(threshold=SELDOM),
        effects=_dead_recover,
        quantity="share of dead units that recover",
        in_words=lambda share: (
            f"{share:.1%} of the units that are dead after the first epoch recover"
        ),
    ),
)


# The figures --------------------------------------------------------------------------


def _dead_over_time(tables: Tables):
    dead = where(dead_units(tables), bias=0.0, activation="relu")
    dead = where(dead, learning_rate=list(RATES[2:5])).sort_values("learning_rate")
    return figures.lines_against(
        dead.assign(rate=dead["learning_rate"].map("rate {:g}".format)),
        "epoch",
        xlabel="epoch (0 is before training)",
        ylabel="share of dead units",
        column="rate",
    )


def _revived_over_time(tables: Tables):
    rows = where(_revived(tables), learning_rate=list(RATES[2:5]))
    # In the last one none can have come back.
    rows = rows[(rows["epoch"] > 0) & ~rows["is_last"]].sort_values("learning_rate")
    return figures.lines_against(
        rows.assign(rate=rows["learning_rate"].map("rate {:g}".format)),
        "epoch",
        xlabel="epoch after which the units were dead",
        ylabel="share that recovers by the end",
        column="rate",
    )


FIGURES = (
    StudyFigure(
        name="time",
        title="Dead ReLU units during training",
        caption="At three learning rates. A falling line means that units have "
        "recovered.",
        claims=("dead-grow",),
        draw=_dead_over_time,
    ),
    StudyFigure(
        name="revived",
        title="Dead units that recover",
        caption="Of the units that were dead after an epoch, the share that is not "
        "dead after the last epoch. Nets without dead units are left out.",
        claims=("dead-stay-dead",),
        draw=_revived_over_time,
    ),
)
