"""Nets that are compared, each at its own best learning rate of one grid for all."""

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
    """Nets that are compared, each at the learning rate that suits it best.

    Every net is trained at every rate of the grid, from the same tuning seeds, and
    `rate_curves` says which one suits it best. If any
    net does best at an end of the grid, the grid is widened there by one rate, for all
    nets, up to `num_rounds` times. Then every net is trained from the reporting seeds,
    at its own best rate and at one that is common to all.

    Args:
        title: which nets they are, such as `"MLP of 20 layers, SGD"`.
        nets: one `Trial` for each; its learning rate and seed do not matter.
        rates: the grid: at least three, ascending, > 0.
        common_rate: one of them.
        seeds: the reporting seeds, each below `TUNING_SEEDS`.
        num_tuning_seeds: how many seeds choose, >= 1.
        num_rounds: how often the grid may be widened.
        score: by what a rate is judged, as `rate_curves` says; what the claims judge is
            the best, as another measure may be least at another rate.
        score_name: what that is, in words.

    Raises:
        TypeError: if `nets`, `rates` or `seeds` hold anything else.
        ValueError: if the rates or the seeds are not as they should be, there is no
            net, or one stands twice.
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
            raise ValueError(f"Tuning {self.title!r} has no net.")
        # Each is as a trial has it, or is refused now, and not in the midst of a run.
        for rate in self.rates:
            replace(self.nets[0], learning_rate=rate)
        for seed in self.seeds:
            replace(self.nets[0], seed=seed)
        rates = list(self.rates)
        if len(rates) < 3 or rates != sorted(set(rates)):
            raise ValueError(
                f"Expected at least three rates, ascending and above 0. Received: {rates}."
            )
        if self.common_rate not in rates:
            raise ValueError(
                f"The common rate must be one of {rates}. Received: {self.common_rate!r}."
            )
        if not self.seeds or max(self.seeds) >= TUNING_SEEDS:
            raise ValueError(
                f"Expected reporting seeds from 0 to {TUNING_SEEDS - 1:,}; from there "
                f"on seeds choose the rates. Received: {list(self.seeds)}."
            )
        if self.num_tuning_seeds < 1:
            raise ValueError(
                f"It takes at least 1 tuning seed. Received: {self.num_tuning_seeds!r}."
            )
        if len(set(self.trials_at(self.common_rate, 0))) < len(self.nets):
            raise ValueError(
                f"Tuning {self.title!r} has a net more than once; its nets must differ "
                "in more than learning rate and seed."
            )

    def expected(self, tables: Tables) -> list[Trial]:
        """Lists the trials that there will be, as far as the finished ones tell.

        Args:
            tables: the finished trials, these among them.

        Returns:
            The search, and the trials that are reported. As long as it is not known at
            which rates those will be, another one than the common rate stands for them.
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
        """Lists the trials that choose the rates, as far as the finished ones tell.

        Args:
            tables: the finished trials, these among them.

        Returns:
            The grid of every net; once all of that is finished and a best rate lies at
            an end, the wider grid; and so on.
        """
        return list(_rounds(self, tables)[0])

    def rates_chosen(self, tables: Tables) -> pd.DataFrame:
        """What each rate of the search gave, as `rate_curves` returns it.

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
    """The tables of a study as if each tuning had tried its common rate alone.

    So `at_best_rate`, and whatever is judged by it, finds the nets at that rate. What
    seeds of no tuning chose, such as a penalty, stays.

    Args:
        tables: the tables of the study's trials.
        tunings: those of the study.
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
