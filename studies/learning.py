"""Whether nets have learned: without that, comparing them tests no claim about training.

A net has learned if it is clearly better than guessing in its accuracy, and better in
its loss too. One that predicts wildly can be right more often than a guess, while its
loss is a thousand times larger.
"""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import where
from studies.guessing import as_of_ten_classes, loss_of_guessing

# Three times as good as guessing among ten classes.
LEARNED = 0.3

HAS_LEARNED = (
    f"has learned (a test accuracy of at least {LEARNED:g} among ten classes, or equally "
    "far above guessing among others, and a training loss below that of guessing)"
)
BETTER_HAS_LEARNED = f"the more accurate of the two nets {HAS_LEARNED}"
EACH_HAS_LEARNED = f"each of the nets {HAS_LEARNED}"
ONE_HAS_LEARNED = f"at least one of the nets {HAS_LEARNED}"
NET_HAS_LEARNED = f"the net {HAS_LEARNED}"


def has_learned(trials: pd.DataFrame) -> pd.Series:
    """Whether each net has learned; one that diverged has not.

    Args:
        trials: rows of the table `trials`.

    Returns:
        Booleans with the index of `trials`.
    """
    is_accurate = as_of_ten_classes(trials) >= LEARNED
    is_sure = trials["train_loss"].astype(float) < loss_of_guessing(trials)
    return is_accurate & is_sure & ~trials["diverged"].astype(bool)


def learned_by_seed(trials: pd.DataFrame) -> pd.Series:
    """Whether the net of each seed has learned.

    Args:
        trials: rows of the table `trials`, one for each seed.
    """
    learned = has_learned(trials)
    return learned.set_axis(pd.Index(trials["seed"], name="seed")).sort_index()


def any_learned(trials: pd.DataFrame) -> pd.Series:
    """Whether any net of each seed has learned.

    Args:
        trials: rows of the table `trials`, any number for each seed.
    """
    return has_learned(trials).groupby(trials["seed"]).any()


def all_learned(trials: pd.DataFrame) -> pd.Series:
    """Whether all nets of each seed have learned.

    Args:
        trials: rows of the table `trials`, any number for each seed.
    """
    return has_learned(trials).groupby(trials["seed"]).all()


def each_learned(trials: pd.DataFrame, *sides, by: str = "activation") -> pd.Series:
    """Whether all nets of each seed have learned. One that is missing has not.

    Args:
        trials: rows of the table `trials`, one for each seed and side.
        *sides: the values of the column `by` that distinguish the nets.
        by: that column.
    """
    nets = [learned_by_seed(where(trials, **{by: side})) for side in sides]
    return pd.Series(_table(nets, missing=False).all(axis=1), _seeds(nets))


def better_learned(trials: pd.DataFrame, a, b, *, by: str = "activation") -> pd.Series:
    """Whether the more accurate of two nets has learned, for each seed.

    The less accurate one may have failed: that is what the comparison is to show. If
    they are equally accurate, one of them must have learned.

    Args:
        trials, a, b, by: as for `paired_outcomes`.
    """
    sides = [where(trials, **{by: side}) for side in (a, b)]
    learned = [learned_by_seed(side) for side in sides]
    accuracy = [
        side["test_accuracy"]
        .astype(float)
        .where(~side["diverged"].astype(bool))
        .set_axis(pd.Index(side["seed"], name="seed"))
        for side in sides
    ]
    heights = _table(accuracy, missing=-np.inf)
    heights = np.where(np.isnan(heights), -np.inf, heights)
    is_best = heights == heights.max(axis=1, keepdims=True)
    found = (is_best & _table(learned, missing=False)).any(axis=1)
    return pd.Series(found, _seeds(learned))


def _seeds(nets) -> pd.Index:
    seeds = sorted({seed for net in nets for seed in net.index})
    return pd.Index(seeds, name="seed", dtype=np.int64)


def _table(nets, *, missing) -> np.ndarray:
    """Seeds x nets."""
    seeds = _seeds(nets)
    columns = [net.reindex(seeds, fill_value=missing) for net in nets]
    return np.stack([np.asarray(column, type(missing)) for column in columns], axis=1)
