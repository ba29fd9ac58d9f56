"""Learning rates: the same grid for every net, chosen on validation data, then reported.

Seeds from `TUNING_SEEDS` on serve to choose the rates, those below it to report: what
is reported was never looked at before. The test split takes no part in the choice.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Trial

# Seeds from here on choose learning rates, in every study; those below report.
TUNING_SEEDS = 1_000_000

# What tells nets apart: all that a trial sets but its rate and its seed.
_NET = [f.name for f in fields(Trial) if f.name not in ("learning_rate", "seed")]

# What `rate_curves` gives of each.
_OF_RATES = [
    "score",
    "smoothed_score",
    "n",
    "num_lost",
    "is_chosen",
    "is_at_edge",
    "stability",
]
_NUM_RESAMPLES = 1000

# Tables -> what a rate is judged by: a Series by key, of which less is better. NaN or
# infinite is a lost training.
Score = Callable[[Tables], pd.Series]


def validation_error(tables: Tables) -> pd.Series:
    """The share of the validation split that is classified wrongly, by key.

    Lost where a training has diverged: a net of NaN still guesses a class.
    """
    trials = tables.trials
    if trials.empty:  # it may have the column `key` alone
        return pd.Series(dtype=float)
    trials = trials.set_index("key")
    return (1 - trials["validation_accuracy"]).where(~trials["diverged"].astype(bool))


def validation_loss(tables: Tables) -> pd.Series:
    """The loss on the validation split after training, by key, in nats."""
    trials = tables.trials
    if trials.empty:
        return pd.Series(dtype=float)
    return trials.set_index("key")["validation_loss"]


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
        ValueError: if the rates or the seeds are not as they should be, or a net
            stands twice.
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
        rates = list(self.rates)
        if len(rates) < 3 or rates != sorted(set(rates)) or rates[0] <= 0:
            raise ValueError(
                f"Expected at least three rates, ascending and above 0. Got {rates}."
            )
        if self.common_rate not in rates:
            raise ValueError(
                f"The common rate must be one of {rates}. Got {self.common_rate!r}."
            )
        if not self.seeds or max(self.seeds) >= TUNING_SEEDS or min(self.seeds) < 0:
            raise ValueError(
                f"Expected reporting seeds from 0 to {TUNING_SEEDS - 1:,}; from there "
                f"on seeds choose the rates. Got {list(self.seeds)}."
            )
        if self.num_tuning_seeds < 1:
            raise ValueError(
                f"It takes at least 1 tuning seed. Got {self.num_tuning_seeds!r}."
            )
        if len(set(self._at(self.common_rate, 0))) < len(self.nets):
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
            for trial in self._at(rate, seed)
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
        return self._rounds(tables)[0]

    def rates_chosen(self, tables: Tables) -> pd.DataFrame:
        """What each rate of the search gave, as `rate_curves` returns it.

        Empty as long as the search is not finished.
        """
        return self._rounds(tables)[1]

    def reports(self, tables: Tables) -> list[Trial]:
        """Lists the trials that are reported: at the chosen and at the common rate.

        Empty as long as the search is not finished.
        """
        curves = self.rates_chosen(tables)
        if curves.empty:
            return []
        chosen = curves[curves["is_chosen"]].set_index(_NET)["learning_rate"]
        trials = []
        for net in self.nets:
            settings = tuple(getattr(net, name) for name in _NET)
            for rate in (float(chosen[settings]), self.common_rate):
                trials += [
                    replace(net, learning_rate=rate, seed=seed) for seed in self.seeds
                ]
        return list(dict.fromkeys(trials))

    def _rounds(self, tables: Tables) -> tuple[list[Trial], pd.DataFrame]:
        keys = _keys_by_settings(tables.trials)
        rates = [float(rate) for rate in self.rates]
        for rounds_left in range(self.num_rounds, -1, -1):
            search = [
                trial
                for rate in rates
                for i in range(self.num_tuning_seeds)
                for trial in self._at(rate, TUNING_SEEDS + i)
            ]
            settings = [tuple(trial.settings().values()) for trial in search]
            if not all(one in keys for one in settings):
                return search, pd.DataFrame()
            curves = rate_curves(tables.only([keys[s] for s in settings]), self.score)
            best = curves.loc[curves["is_chosen"], "learning_rate"]
            wider = _widened(rates, best) if rounds_left else rates
            if wider == rates:
                break
            rates = wider
        return search, curves

    def _at(self, rate: float, seed: int) -> list[Trial]:
        return [replace(net, learning_rate=rate, seed=seed) for net in self.nets]


def rate_curves(tables: Tables, score: Score = validation_error) -> pd.DataFrame:
    """What the tuning seeds say of each learning rate.

    Of two rates the better one loses fewer nets; of those that lose as many, it has the
    lower smoothed score; of those that are equal, it is the smaller. So a net that every
    rate loses is reported at the smallest, and counted as lost there.

    The smoothed score of a rate is the mean of its own score, counted twice, and those of
    its neighbours on the grid, counted once, as far as there are any: near its optimum a
    net does about equally well at several rates, and which of them a few seeds put first
    is mostly chance. Which of them has the better neighbourhood is much less so.

    Args:
        tables: any trials; those of tuning seeds count.
        score: by what a rate is judged.

    Returns:
        One row for each net and rate, sorted: the settings, `learning_rate`, `score`
        (the mean; NaN if all are lost), `smoothed_score`, `n` (tuning seeds),
        `num_lost`, `is_chosen`, `is_at_edge`: whether the rate is the least or the
        largest that was tried, and `stability`: in which share of resamples of the
        tuning seeds, with replacement, the net's choice is the same.
        A net of which a rate lacks a seed that another has is left out: its search is
        not finished.
    """
    return _rate_curves(tables, score).copy()


# Every claim and figure of a study asks for them.
@functools.lru_cache(maxsize=4)
def _rate_curves(tables: Tables, score: Score) -> pd.DataFrame:
    columns = [*_NET, "learning_rate", *_OF_RATES]
    if tables.trials.empty:
        return pd.DataFrame(columns=columns)
    trials = tables.trials[tables.trials["seed"] >= TUNING_SEEDS]
    values = trials["key"].map(score(tables)).astype(np.float64)
    trials = trials.assign(score=values.where(np.isfinite(values)))
    nets = trials.groupby(_NET, sort=True).ngroup()
    settings = trials[_NET].set_axis(nets)[~nets.duplicated().to_numpy()]
    curves = []
    for net, rows in trials.groupby(nets, sort=True):
        scores = rows.pivot(index="seed", columns="learning_rate", values="score")
        if len(rows) == scores.size:
            curve = _curve(scores)
            curves.append(curve.set_axis([net] * len(curve)))
    if not curves:
        return pd.DataFrame(columns=columns)
    found = pd.concat(curves)
    of_rates = settings.loc[found.index]
    return pd.concat([of_rates, found], axis=1).reset_index(drop=True)


def at_best_rate(tables: Tables, score: Score = validation_error) -> pd.DataFrame:
    """The reported trials of each net at the rate that was chosen for it.

    Args:
        tables: the tables of a study with tunings.
        score: by what the rate was judged.

    Returns:
        Rows of `trials`, none of a tuning seed.
    """
    curves = rate_curves(tables, score)
    chosen = curves.loc[curves["is_chosen"], [*_NET, "learning_rate"]]
    if chosen.empty:
        return tables.trials.iloc[:0]
    trials = tables.trials[tables.trials["seed"] < TUNING_SEEDS]
    return trials.merge(chosen, on=[*_NET, "learning_rate"], validate="many_to_one")


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
            {name: getattr(net, name) for name in _NET}
            | {"learning_rate": tuning.common_rate}
            for tuning in tunings
            for net in tuning.nets
        ],
        columns=[*_NET, "learning_rate"],
    ).drop_duplicates()
    trials = tables.trials[["key", "seed", *common]]
    nets = common[_NET].drop_duplicates()
    tuned, at_common = (
        trials["key"].isin(trials.merge(which, on=list(which))["key"])
        for which in (nets, common)
    )
    is_kept = (trials["seed"] < TUNING_SEEDS) | at_common | ~tuned
    return tables.only(trials.loc[is_kept, "key"])


def _curve(scores: pd.DataFrame) -> pd.DataFrame:
    """What seeds x rates say of one net; NaN is lost."""
    values = scores.to_numpy()
    num_seeds, num_rates = values.shape
    chosen = int(_best(values))
    # The same resamples for every net, and at every call.
    drawn = np.random.default_rng(0).integers(
        num_seeds, size=(_NUM_RESAMPLES, num_seeds)
    )
    means, smoothed, num_lost = _means(values)
    rates = np.arange(num_rates)
    return pd.DataFrame(
        {
            "learning_rate": scores.columns.to_numpy(),
            "score": means,
            "smoothed_score": smoothed,
            "n": num_seeds,
            "num_lost": num_lost,
            "is_chosen": rates == chosen,
            "is_at_edge": np.isin(rates, [0, num_rates - 1]),
            "stability": (_best(values[drawn]) == chosen).mean(),
        }
    )


def _best(scores: np.ndarray) -> np.ndarray:
    """The position of the best rate, of `(..., seeds, rates)`."""
    _, smoothed, num_lost = _means(scores)
    is_fewest = num_lost == num_lost.min(axis=-1, keepdims=True)
    # Rounded, so that of equals the first is taken whatever the order of a sum was.
    known = np.where(is_fewest & np.isfinite(smoothed), smoothed.round(9), np.inf)
    return known.argmin(axis=-1)


def _means(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means and smoothed means over the seeds that are not lost, and how many are."""
    is_lost = np.isnan(scores)
    num_lost = is_lost.sum(axis=-2)
    kept = scores.shape[-2] - num_lost
    sums = np.where(is_lost, 0, scores).sum(axis=-2)
    means = np.divide(sums, kept, out=np.full(sums.shape, np.nan), where=kept > 0)
    padded = np.pad(
        means, [(0, 0)] * (means.ndim - 1) + [(1, 1)], constant_values=np.nan
    )
    around = np.stack([padded[..., :-2], means, means, padded[..., 2:]])
    known = np.isfinite(around)
    total, num_known = np.where(known, around, 0).sum(axis=0), known.sum(axis=0)
    smoothed = np.divide(total, num_known, out=means.copy(), where=np.isfinite(means))
    return means, smoothed, num_lost


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
