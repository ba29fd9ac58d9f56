"""The nets whose units may die, and the shares of their units that are dead."""

from collections.abc import Callable

import pandas as pd

from keras_rectifiers.comparison.statistics import by_seed, measured, where
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from studies.points import in_points, side

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

# So much of all units has to die before it matters.
SMALLEST_EFFECT = 0.10


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


def dead_units(tables: Tables) -> pd.DataFrame:
    """Share of dead units of each trained net and epoch, over its layers."""
    return over_layers(tables, "dead_units")


def over_layers(tables: Tables, measure: str) -> pd.DataFrame:
    """A share of units of each trained net and epoch, the mean of its layers."""
    rows = measured(tables, measure, **NET)
    rows = rows[rows["epochs"] > 0]
    means = rows.groupby(["key", "epoch"], observed=True)["value"].mean(skipna=False)
    trials = tables.trials.drop(columns="epochs", errors="ignore")
    frame = means.reset_index().merge(trials, on="key", how="left")
    last = frame.groupby("key", observed=True)["epoch"].transform("max")
    return frame.assign(is_last=frame["epoch"] == last)


def rise(dead: pd.DataFrame, **settings) -> pd.Series:
    """The rise of a net's share of dead units from initialisation to the end."""
    rows = where(dead, **settings)
    return by_seed(rows[rows["is_last"]]) - by_seed(where(rows, epoch=0))


def more_or_fewer_units(than: str) -> Callable[[float], str]:
    def in_words(share: float) -> str:
        more = side(share, "more", "fewer")
        return f"{in_points(share)} {more} units are dead than {than}"

    return in_words
