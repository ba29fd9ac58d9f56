"""The best learning rate of each net, on the validation data of tuning seeds.

Seeds from `TUNING_SEEDS` on are used only to choose the rates, and the results of
smaller seeds are reported, so reported nets play no part in the choice. Neither does
the test split.
"""

import functools
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial

# Seeds from here on choose learning rates, in every study; those below report.
TUNING_SEEDS = 1_000_000

# What tells nets apart: all that a trial sets but its rate and its seed.
NET_FIELDS = [f.name for f in fields(Trial) if f.name not in ("learning_rate", "seed")]

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
    """The share of the validation split that is misclassified, by key.

    A diverged net counts as lost, because a net with NaN still predicts a class.
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


def rate_curves(tables: Tables, score: Score = validation_error) -> pd.DataFrame:
    """The results of the tuning seeds at each learning rate.

    The candidates are the rates that lose the fewest nets; of those, the one with the
    lowest score, and all whose score exceeds it by at most the standard error of the
    difference, paired by seed. Among the candidates the lowest smoothed score decides,
    and in a tie the smallest rate. A net that is lost at every rate is therefore
    reported at the smallest rate, and counted as lost.

    The smoothed score of a rate is the mean of its own score, counted twice, and those
    of its neighbours on the grid, counted once, if there are any. Near its optimum a
    net does about equally well at several rates, and which of them comes first for a
    few seeds is mostly chance. Which of them has the better neighbourhood depends much
    less on chance.

    Args:
        tables: any trials; only those of tuning seeds are used.
        score: the score by which rates are judged.

    Returns:
        One row for each net and rate, sorted: the settings, `learning_rate`, `score`
        (the mean; NaN if all are lost), `smoothed_score`, `n` (tuning seeds),
        `num_lost`, `is_chosen`, `is_at_edge`: whether the rate is the smallest or the
        largest that was tried, and `stability`: the share of bootstrap resamples of the
        tuning seeds in which the choice is the same. A net is left out if a seed is
        missing at one rate but not at another, because its search is not finished.
    """
    return _rate_curves(tables, score).copy()


# Each claim and figure of a study asks for them, and for the trials at the best rates.
@functools.lru_cache(maxsize=4)
def _rate_curves(tables: Tables, score: Score) -> pd.DataFrame:
    columns = [*NET_FIELDS, "learning_rate", *_OF_RATES]
    if tables.trials.empty:
        return pd.DataFrame(columns=columns)
    trials = tables.trials[tables.trials["seed"] >= TUNING_SEEDS]
    values = trials["key"].map(score(tables)).astype(np.float64)
    trials = trials.assign(score=values.where(np.isfinite(values)))
    nets = trials.groupby(NET_FIELDS, sort=True).ngroup()
    settings = trials[NET_FIELDS].set_axis(nets)[~nets.duplicated().to_numpy()]
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
    """The reported trials of each net at its chosen rate.

    Args:
        tables: the tables of a study with tunings.
        score: the score by which the rate was judged.

    Returns:
        Rows of `trials`, without tuning seeds.
    """
    return _at_best_rate(tables, score).copy()


@functools.lru_cache(maxsize=4)
def _at_best_rate(tables: Tables, score: Score) -> pd.DataFrame:
    curves = _rate_curves(tables, score)
    chosen = curves.loc[curves["is_chosen"], [*NET_FIELDS, "learning_rate"]]
    if chosen.empty:
        return tables.trials.iloc[:0]
    trials = tables.trials[tables.trials["seed"] < TUNING_SEEDS]
    return trials.merge(
        chosen, on=[*NET_FIELDS, "learning_rate"], validate="many_to_one"
    )


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
    means, smoothed, num_lost = _means(scores)
    is_fewest = num_lost == num_lost.min(axis=-1, keepdims=True)
    lowest = _first_lowest(means, is_fewest)
    excess = scores - np.take_along_axis(scores, lowest[..., None, None], axis=-1)
    is_close = np.isfinite(means) & ~_exceeds_its_standard_error(excess)
    return _first_lowest(smoothed, is_fewest & is_close)


def _first_lowest(values: np.ndarray, is_eligible: np.ndarray) -> np.ndarray:
    # Rounded, so that of equals the first is taken whatever the order of a sum was.
    known = np.where(is_eligible & np.isfinite(values), values.round(9), np.inf)
    return known.argmin(axis=-1)


def _exceeds_its_standard_error(differences: np.ndarray) -> np.ndarray:
    """Whether the mean over seeds is above its standard error; of one seed, above 0."""
    is_known = np.isfinite(differences)
    number = np.maximum(is_known.sum(axis=-2), 1)
    means = np.where(is_known, differences, 0).sum(axis=-2) / number
    deviations = np.where(is_known, differences - means[..., None, :], 0)
    variance = np.square(deviations).sum(axis=-2) / np.maximum(number - 1, 1)
    return means.round(9) > np.sqrt(variance / number).round(9)


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
