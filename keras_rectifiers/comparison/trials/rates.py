"""The best learning rate of each net for each seed, by the results of that seed alone.

A seed is a whole experiment: every rate of the grid is trained with it, its best rate
is chosen by its validation results, and the test results at that rate count. So what is
measured over seeds includes how much chance the choice of a rate holds (Bouthillier
2021, "Accounting for variance in machine learning benchmarks"). The test split plays no
part in the choice.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial

# What tells nets apart: all that a trial sets but its rate and its seed.
NET_FIELDS = [f.name for f in fields(Trial) if f.name not in ("learning_rate", "seed")]

# What `rate_curves` says of each rate.
_OF_RATES = ["score", "n", "num_lost", "num_chosen", "is_best", "is_at_edge"]

# Tables -> what a rate is judged by: a Series by key, of which less is better. NaN or
# infinite is a lost training.
Score = Callable[[Tables], pd.Series]


def validation_error(tables: Tables) -> pd.Series:
    """The share of the validation split that is misclassified, by key."""
    trials = tables.trials
    if trials.empty:  # it may have the column `key` alone
        return pd.Series(dtype=float)
    return 1 - trials.set_index("key")["validation_accuracy"]


def validation_loss(tables: Tables) -> pd.Series:
    """The loss on the validation split after training, by key.

    It is the score for targets that are numbers, which have no error rate.
    """
    trials = tables.trials
    if trials.empty:
        return pd.Series(dtype=float)
    return trials.set_index("key")["validation_loss"]


def at_best_rate(tables: Tables, score: Score = validation_error) -> pd.DataFrame:
    """The trials of each net at the best rate of each seed.

    The rate with the lowest score is the best. If several have it, as is frequent for
    an error on a few hundred images, the one with the lowest validation loss; and if
    these are equal too, the smallest rate. A training that diverged, or whose score is
    not finite, is lost, and worse than any other. If all are lost, the smallest rate is
    taken, and the net counts as lost.

    Args:
        tables: any trials. The grid of a net consists of the rates at which it was
            trained with any seed. A seed that lacks one of them is left out.
        score: what decides. It should be the measure that the claim judges, on the
            validation split if it has one, because the best rate may differ between
            measures.

    Returns:
        Rows of `trials`, one for each net and seed. Nets that were not trained are left
        out.
    """
    return _at_best_rate(tables, score).copy()


def scored_trials(tables: Tables, score: Score = validation_error) -> pd.DataFrame:
    """The trials from which `at_best_rate` chooses.

    Args:
        tables, score: as for `at_best_rate`.

    Returns:
        Rows of `trials`, with the columns `score` (NaN if lost) and `is_chosen`.
    """
    return _scored_trials(tables, score).copy()


def rate_curves(tables: Tables, score: Score = validation_error) -> pd.DataFrame:
    """The results of each net at each learning rate, over the seeds.

    Args:
        tables, score: as for `at_best_rate`.

    Returns:
        One row for each net and rate, sorted: the settings, `learning_rate`, `score`
        (the mean; NaN if all are lost), `n` (seeds), `num_lost`, `num_chosen` (the
        seeds whose best rate it is), `is_best` (of the rates that lose the fewest nets
        the one with the lowest mean, and in a tie the smallest), and `is_at_edge`:
        whether it is the smallest or the largest rate of the grid.
    """
    scored = _scored_trials(tables, score)
    if scored.empty:
        return pd.DataFrame(columns=[*NET_FIELDS, "learning_rate", *_OF_RATES])
    return curves_of(scored, NET_FIELDS)


def choose(
    trials: pd.DataFrame, scores: pd.Series, of_net: Sequence[str]
) -> pd.DataFrame:
    """Chooses the best rate of each net and seed, see `at_best_rate`.

    Args:
        trials: one row for each net, rate and seed: `seed`, `learning_rate`,
            `validation_loss`, `diverged`, and the columns that tell nets apart. A seed
            that lacks a rate of its net is left out.
        scores: of each row, less is better.
        of_net: the columns that tell nets apart.

    Returns:
        The rows, with the columns `score` (NaN if lost) and `is_chosen`.
    """
    nets = trials.groupby(list(of_net), sort=False).ngroup()
    rates = trials["learning_rate"]
    num_of_net = rates.groupby(nets).transform("nunique")
    num_of_seed = rates.groupby([nets, trials["seed"]]).transform("nunique")
    is_whole = num_of_seed == num_of_net
    trials, nets, scores = trials[is_whole], nets[is_whole], scores[is_whole]
    is_lost = ~np.isfinite(scores) | trials["diverged"].astype(bool)
    order = pd.DataFrame(
        {
            "net": nets,
            "seed": trials["seed"],
            "score": scores.mask(is_lost),
            "loss": trials["validation_loss"].astype(np.float64).mask(is_lost),
            "rate": trials["learning_rate"],
        }
    ).sort_values(["score", "loss", "rate"])  # NaN is last
    is_first = ~order.duplicated(["net", "seed"])
    return trials.assign(
        score=scores.mask(is_lost), is_chosen=is_first.reindex(trials.index)
    )


def curves_of(scored: pd.DataFrame, of_net: Sequence[str]) -> pd.DataFrame:
    """The results at each learning rate, see `rate_curves`.

    Args:
        scored: rows of `choose`, at least one.
        of_net: the columns that tell nets apart.
    """
    of_net = list(of_net)
    by_rate = scored.groupby([*of_net, "learning_rate"])
    curves = by_rate.agg(
        score=("score", "mean"),
        n=("score", "size"),
        num_known=("score", "count"),
        num_chosen=("is_chosen", "sum"),
    ).reset_index()
    curves["num_lost"] = curves["n"] - curves["num_known"]
    # Rounded, so that a tie does not depend on the order of a sum.
    order = curves.assign(score=curves["score"].round(9)).sort_values(
        ["num_lost", "score", "learning_rate"]
    )
    curves["is_best"] = ~order.duplicated(of_net).sort_index()
    rates = curves.groupby(of_net)["learning_rate"]
    is_smallest = curves["learning_rate"] == rates.transform("min")
    is_largest = curves["learning_rate"] == rates.transform("max")
    curves["is_at_edge"] = is_smallest | is_largest
    return curves[[*of_net, "learning_rate", *_OF_RATES]]


# Each claim and figure of a study asks for them.
@functools.lru_cache(maxsize=4)
def _at_best_rate(tables: Tables, score: Score) -> pd.DataFrame:
    scored = _scored_trials(tables, score)
    chosen = scored[scored["is_chosen"]]
    return chosen.drop(columns=["score", "is_chosen"]).reset_index(drop=True)


@functools.lru_cache(maxsize=4)
def _scored_trials(tables: Tables, score: Score) -> pd.DataFrame:
    trials = tables.trials
    if trials.empty:
        none = pd.Series(index=trials.index, dtype=bool)
        return trials.assign(score=none.astype(float), is_chosen=none)
    trials = trials[trials["epochs"] > 0]
    scores = trials["key"].map(score(tables)).astype(np.float64)
    return choose(trials, scores, NET_FIELDS)
