"""Compares nets, each at its own best learning rate from a common grid."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import pandas as pd

from keras_rectifiers.comparison.trials.rates import (
    NET_FIELDS,
    TUNING_SEEDS,
    Score,
    rate_curves,
    validation_error,
)
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial, distinct


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """Nets that are compared, each at its own best learning rate.

    Every net is trained at every rate of the grid with the same tuning seeds, and
    `rate_curves` chooses the best. If the best rate of any net is at an edge of the
    grid, the grid is widened there by one rate, for all nets, up to `num_rounds` times.
    Then every net is trained with `seeds`, at its own best rate and at a common rate.

    Args:
        title: a name of the nets, such as `"MLP of 20 layers, SGD"`.
        nets: one `Trial` for each; its learning rate and seed are not used.
        rates: the grid: at least three rates, ascending, > 0.
        common_rate: one of the rates.
        seeds: the seeds whose results are reported, each below `TUNING_SEEDS`.
        num_tuning_seeds: number of seeds for choosing the rates, >= 1.
        num_rounds: how often the grid may be widened.
        score: the score by which a rate is judged in `rate_curves`. It should be the
            measure that the claims judge, because the best rate may differ between
            measures.
        score_name: the name of the score, in words.

    Raises:
        TypeError: if `nets`, `rates` or `seeds` contain anything else.
        ValueError: if the rates or the seeds are not valid, there is no net, or a net
            is given twice.
    """

    title: str
    nets: Sequence[Trial]
    rates: Sequence[float]
    common_rate: float
    seeds: Sequence[int]
    num_tuning_seeds: int = 5
    num_rounds: int = 2
    score: Score = validation_error
    score_name: str = "validation error"

    def __post_init__(self):
        for name in ("nets", "rates", "seeds"):
            given = getattr(self, name)
            if isinstance(given, Iterable):
                object.__setattr__(self, name, tuple(given))
        if not distinct(self.nets, argument="nets"):
            raise ValueError(
                f"Tuning {self.title!r} needs at least one net. Received: none."
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
        if self.common_rate not in rates:
            raise ValueError(
                f"common_rate must be one of {rates}. Received: {self.common_rate!r}."
            )
        if not self.seeds or max(self.seeds) >= TUNING_SEEDS:
            raise ValueError(
                f"Expected seeds from 0 to {TUNING_SEEDS - 1:,}, because larger seeds "
                f"are tuning seeds. Received: {list(self.seeds)}."
            )
        if self.num_tuning_seeds < 1:
            raise ValueError(
                "num_tuning_seeds must be at least 1. Received: "
                f"{self.num_tuning_seeds!r}."
            )
        if len(set(self.trials_at(self.common_rate, 0))) < len(self.nets):
            raise ValueError(
                f"Tuning {self.title!r} needs nets that differ in more than learning "
                "rate and seed. Received: a net more than once."
            )

    def expected(self, tables: Tables) -> list[Trial]:
        """Lists the expected trials, as far as they are known from the finished ones.

        Args:
            tables: the finished trials, including those of this tuning.

        Returns:
            The search, and the reported trials. As long as their rates are not known, a
            rate other than the common rate is used for them.
        """
        another = next(rate for rate in self.rates if rate != self.common_rate)
        likely = [
            trial
            for rate in (another, self.common_rate)
            for seed in self.seeds
            for trial in self.trials_at(rate, seed)
        ]
        return [*self.search(tables), *(self.reports(tables) or likely)]

    def search(self, tables: Tables) -> list[Trial]:
        """Lists the trials that choose the rates, as far as they are known so far.

        Args:
            tables: the finished trials, including those of this tuning.

        Returns:
            The grid of every net; when all of it is finished and a best rate is at an
            edge, the wider grid; and so on.
        """
        return list(_rounds(self, tables)[0])

    def rates_chosen(self, tables: Tables) -> pd.DataFrame:
        """The results of each rate of the search, as returned by `rate_curves`.

        Empty as long as the search is not finished.
        """
        return _rounds(self, tables)[1].copy()

    def reports(self, tables: Tables) -> list[Trial]:
        """Lists the trials that are reported: at the chosen and at the common rate.

        Empty as long as the search is not finished.
        """
        curves = self.rates_chosen(tables)
        if curves.empty:
            return []
        chosen = curves[curves["is_chosen"]].set_index(NET_FIELDS)["learning_rate"]
        trials = []
        for net in self.nets:
            settings = tuple(getattr(net, name) for name in NET_FIELDS)
            for rate in (float(chosen[settings]), self.common_rate):
                trials += [
                    replace(net, learning_rate=rate, seed=seed) for seed in self.seeds
                ]
        return list(dict.fromkeys(trials))

    def trials_at(self, rate: float, seed: int) -> list[Trial]:
        """The nets, to be trained at a learning rate with a seed."""
        return [replace(net, learning_rate=rate, seed=seed) for net in self.nets]


def at_common_rates(tables: Tables, tunings: Sequence[Tuning]) -> Tables:
    """The tables of a study as if each tuning had tried only its common rate.

    So `at_best_rate`, and everything that uses it, finds the nets at that rate. Choices
    made without a tuning, such as that of a penalty, do not change.

    Args:
        tables: the tables of the study's trials.
        tunings: the tunings of the study.
    """
    common = pd.DataFrame(
        [
            {name: getattr(net, name) for name in NET_FIELDS}
            | {"learning_rate": tuning.common_rate}
            for tuning in tunings
            for net in tuning.nets
        ],
        columns=[*NET_FIELDS, "learning_rate"],
    ).drop_duplicates()
    trials = tables.trials[["key", "seed", *common]]
    nets = common[NET_FIELDS].drop_duplicates()
    tuned, at_common = (
        trials["key"].isin(trials.merge(which, on=list(which))["key"])
        for which in (nets, common)
    )
    is_kept = (trials["seed"] < TUNING_SEEDS) | at_common | ~tuned
    return tables.only(trials.loc[is_kept, "key"])


# Whoever asks for a search, its rates or its reports needs all rounds of it.
@functools.lru_cache(maxsize=8)
def _rounds(tuning: Tuning, tables: Tables) -> tuple[list[Trial], pd.DataFrame]:
    keys = _keys_by_settings(tables.trials)
    rates = [float(rate) for rate in tuning.rates]
    for rounds_left in range(tuning.num_rounds, -1, -1):
        search = [
            trial
            for rate in rates
            for i in range(tuning.num_tuning_seeds)
            for trial in tuning.trials_at(rate, TUNING_SEEDS + i)
        ]
        settings = [tuple(trial.settings().values()) for trial in search]
        if not all(one in keys for one in settings):
            return search, pd.DataFrame()
        curves = rate_curves(tables.only([keys[s] for s in settings]), tuning.score)
        best = curves.loc[curves["is_chosen"], "learning_rate"]
        wider = _widened(rates, best) if rounds_left else rates
        if wider == rates:
            break
        rates = wider
    return search, curves


def _keys_by_settings(trials: pd.DataFrame) -> dict[tuple, str]:
    names = [f.name for f in fields(Trial)]
    if trials.empty:
        return {}
    rows = trials[names].itertuples(index=False, name=None)
    return dict(zip(rows, trials["key"], strict=True))


def _widened(rates: list[float], best: pd.Series) -> list[float]:
    """The rates with one more at each end at which a best rate lies, in proportion."""
    wider = list(rates)
    if (best == rates[0]).any():
        wider = [float(f"{rates[0] ** 2 / rates[1]:.3g}"), *wider]
    if (best == rates[-1]).any():
        wider = [*wider, float(f"{rates[-1] ** 2 / rates[-2]:.3g}")]
    return wider
