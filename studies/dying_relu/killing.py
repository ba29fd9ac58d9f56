"""What kills ReLU units, and whether they recover: by learning rate and by bias."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE, Activation
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.statistics import by_seed, measured, minus, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import AtMost, Difference
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.properties import Property
from studies import sources
from studies.learning import NET_HAS_LEARNED, learned_by_seed

# Nets that are trained at rates from Adam's default on.
NET = {
    "architecture": "mlp",
    "depth": 6,
    "width": 32,
    "initializer": "gain",
    "optimizer": "adam",
    "batch_size": 32,
}
SMALL_RATE = 1e-3
RATES = (SMALL_RATE, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
LARGE_RATES = (3e-2, 0.1)
BIASES = (0.0, -0.25, -0.5, -1.0, -2.0)
LARGE_BIAS = -1.0

# So much of all units has to die before it matters.
SMALLEST_EFFECT = 0.10
GROWS = 0.05
# Units that seldom recover: one in ten at most.
SELDOM = 0.10


# The trials ---------------------------------------------------------------------------


def trials(*, seeds: range, epochs: int) -> list[Trial]:
    trained = {**NET, "epochs": epochs}
    return [
        Trial(**trained, learning_rate=rate, seed=seed)
        for rate in RATES
        for seed in seeds
    ] + [
        Trial(**trained, learning_rate=SMALL_RATE, bias=bias, seed=seed)
        for bias in BIASES[1:]
        for seed in seeds
    ]


# The claims ---------------------------------------------------------------------------


def _can_die(activation: Activation) -> bool:
    """Whether the derivative is exactly 0 on a whole range."""
    is_flat = activation.piecewise_linear and activation.derivative_range[0] == 0
    return is_flat or activation.flat_zero


def dead_units(tables: Tables) -> pd.DataFrame:
    """Share of dead units of each trained net and epoch, over its layers."""
    return over_layers(tables, "dead_units")


def over_layers(tables: Tables, measure: str) -> pd.DataFrame:
    """A share of units of each trained net and epoch, the mean of its layers."""
    rows = measured(tables, measure, **NET)
    rows = rows[rows["epochs"] > 0]
    means = rows.groupby(["key", "epoch"])["value"].mean(skipna=False)
    trials = tables.trials.drop(columns="epochs", errors="ignore")
    frame = means.reset_index().merge(trials, on="key", how="left")
    last = frame.groupby("key")["epoch"].transform("max")
    return frame.assign(is_last=frame["epoch"] == last)


def rise(dead: pd.DataFrame, **settings) -> pd.Series:
    """The rise of a net's share of dead units from initialisation to the end."""
    rows = where(dead, **settings)
    return by_seed(rows[rows["is_last"]]) - by_seed(where(rows, epoch=0))


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


def _dead_by_bias(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", learning_rate=SMALL_RATE)
    first, last = where(dead, epoch=0), dead[dead["is_last"]]
    return {
        f"bias −{-LARGE_BIAS:g}, {when}": minus(
            by_seed(where(rows, bias=LARGE_BIAS)), by_seed(where(rows, bias=0.0))
        )
        for when, rows in (("before training", first), ("after training", last))
    }


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


def _learned_at_small_rate(tables: Tables) -> dict[str, pd.Series]:
    dead = where(dead_units(tables), activation="relu", bias=0.0)
    keys = where(dead, learning_rate=SMALL_RATE)["key"]
    trials = where(tables.trials, key=list(keys.unique()))
    return {f"Adam, rate {SMALL_RATE:g}": learned_by_seed(trials)}


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


def _units(than: str) -> Callable[[float], str]:
    def in_words(share: float) -> str:
        side = "more" if share >= 0 else "fewer"
        return (
            f"{abs(share) * 100:.1f} percentage points {side} units are dead than "
            f"{than}"
        )

    return in_words


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
        criterion="MLPs of 6 layers of 32 units: the rise of dead_units from "
        "initialisation to the end of training is larger than at Adam's default rate "
        f"by at least {SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_dead_by_rate,
        quantity="rise of the share of dead units minus that at the default rate",
        in_words=_units(
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
        "rise of dead_units from initialisation to the end of training is at or below "
        f"{SMALLEST_EFFECT:g}.",
        rule=AtMost(threshold=SMALLEST_EFFECT),
        effects=_spared,
        quantity="rise of the share of dead units",
        in_words=_units("at initialisation"),
    ),
    Claim(
        id="dead-by-bias",
        statement="A large negative bias kills ReLU units.",
        sources=(sources.TUTORIAL,),
        nets="MLPs of 6 layers",
        criterion="The same nets with all hidden biases initialised to "
        f"−{-LARGE_BIAS:g} instead of 0: dead_units is larger by at least "
        f"{SMALLEST_EFFECT:g}. Paired by seed.",
        rule=Difference(smallest_effect=SMALLEST_EFFECT),
        effects=_dead_by_bias,
        quantity="share of dead units minus that with a bias of 0",
        in_words=_units("in nets with an initial bias of 0"),
    ),
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
        criterion="The same nets at rates that kill units: dead_units after the last "
        f"epoch is larger than after the first by at least {GROWS:g}. Paired by seed.",
        rule=Difference(smallest_effect=GROWS),
        effects=_dead_grow,
        quantity="share of dead units after the last epoch minus that after the first",
        in_words=_units("after the first epoch"),
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


FIGURES: Sequence[StudyFigure] = (
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
    StudyFigure(
        name="bias",
        title="Dead ReLU units against the initial bias",
        caption="All hidden biases are initialised to the value shown. Adam at its "
        "default rate.",
        claims=("dead-by-bias",),
        draw=_dead_against_bias,
    ),
)
