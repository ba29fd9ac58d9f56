"""A grid of learning rates, at each of which nets are trained with each seed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import pandas as pd

from keras_rectifiers.comparison.trials.rates import (
    NET_FIELDS,
    Score,
    validation_error,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial, distinct


@dataclass(frozen=True, kw_only=True)
class RateGrid:
    """Nets that are compared, each at its own best learning rate from a common grid.

    Every net is trained at every rate with every seed. `at_best_rate` then finds the
    best rate of each net and seed.

    Args:
        title: a name of the nets, such as `"MLP of 20 layers, SGD"`.
        nets: one `Trial` for each; its learning rate and seed are not used.
        rates: the learning rates: at least three, ascending, > 0.
        seeds: the seeds.
        score: the score by which the best rate is found, see `at_best_rate`.
        score_name: the name of the score, in words.

    Raises:
        TypeError: if `nets`, `rates` or `seeds` contain anything else.
        ValueError: if the rates or the seeds are not valid, there is no net or no seed,
            or a net is given twice.
    """

    title: str
    nets: Sequence[Trial]
    rates: Sequence[float]
    seeds: Sequence[int]
    score: Score = validation_error
    score_name: str = "validation error"

    def __post_init__(self):
        for name in ("nets", "rates", "seeds"):
            given = getattr(self, name)
            if isinstance(given, Iterable):
                object.__setattr__(self, name, tuple(given))
        if not distinct(self.nets, argument="nets"):
            raise ValueError(
                f"RateGrid {self.title!r} needs at least one net. Received: none."
            )
        # Each is as a trial has it, or is refused now, and not in the midst of a run.
        for rate in self.rates:
            replace(self.nets[0], learning_rate=rate)
        for seed in self.seeds:
            replace(self.nets[0], seed=seed)
        rates = list(self.rates)
        if len(rates) < 3 or rates != sorted(set(rates)):
            raise ValueError(
                "Expected at least three rates in ascending order, all above 0. "
                f"Received: {rates}."
            )
        if not self.seeds:
            raise ValueError(
                f"RateGrid {self.title!r} needs at least one seed. Received: none."
            )
        unseeded = {replace(net, learning_rate=rates[0], seed=0) for net in self.nets}
        if len(unseeded) < len(self.nets):
            raise ValueError(
                f"RateGrid {self.title!r} needs nets that differ in more than learning "
                "rate and seed. Received: a net more than once."
            )

    def trials(self) -> list[Trial]:
        """Lists the trials: every net at every rate with every seed, each once."""
        return list(
            dict.fromkeys(
                replace(net, learning_rate=rate, seed=seed)
                for net in self.nets
                for rate in self.rates
                for seed in self.seeds
            )
        )


def finished(tables: Tables, grids: Sequence[RateGrid]) -> Tables:
    """The tables of a study without the seeds whose grid is not finished.

    A best rate among some of the rates would not be that of the grid.

    Args:
        tables: the tables of the study's trials.
        grids: the grids of the study.
    """
    lacking = _lacking(tables, grids)
    if tables.trials.empty or not lacking:
        return tables
    of_seed = [*NET_FIELDS, "seed"]
    seeds = pd.DataFrame([trial.settings() for trial in lacking])[of_seed]
    unfinished = tables.trials[["key", *of_seed]].merge(seeds.drop_duplicates())
    return tables.only(set(tables.trials["key"]) - set(unfinished["key"]))


def at_common_rate(tables: Tables, grid: RateGrid, rate: float) -> Tables:
    """The tables of a study as if a grid had one rate alone.

    So `at_best_rate`, and everything that uses it, finds its nets at that rate.

    Args:
        tables: the tables of the study's trials.
        grid: one of the study's grids.
        rate: one of its rates.

    Raises:
        ValueError: if the rate is not one of the grid.
    """
    if rate not in grid.rates:
        raise ValueError(
            f"rate must be one of the grid's, {list(grid.rates)}. Received: {rate!r}."
        )
    nets = pd.DataFrame([net.settings() for net in grid.nets])[NET_FIELDS]
    trials = tables.trials
    of_grid = trials[[*NET_FIELDS, "key", "learning_rate"]].merge(nets, on=NET_FIELDS)
    others = of_grid.loc[of_grid["learning_rate"] != rate, "key"]
    return tables.only(set(trials["key"]) - set(others))


def _lacking(tables: Tables, grids: Sequence[RateGrid]) -> set[Trial]:
    """The trials of the grids that are not in the tables."""
    trials = {trial for grid in grids for trial in grid.trials()}
    if tables.trials.empty:
        return trials
    rows = tables.trials[[f.name for f in fields(Trial)]]
    there = set(rows.itertuples(index=False, name=None))
    return {t for t in trials if tuple(t.settings().values()) not in there}
