"""The accuracy and the loss of guessing, for classes of any frequencies and numbers."""

import functools
from collections.abc import Callable

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.trials.trial import Trial

# Classes are balanced if the most frequent one is no more frequent than this, relative
# to their mean: 1.1 among MNIST's digits. A guess then names any of them.
_BALANCED = 1.5
# Accuracies are shares of examples in float32, which may differ from theirs by so much.
_DECIMALS = 6


def as_of_ten_classes(trials: pd.DataFrame) -> pd.Series:
    """The test accuracies that are equally far above guessing among ten classes.

    These have the same kappa (Cohen 1960), (a - c) / (1 - c), for an accuracy a and the
    accuracy c of a guess: 1 / n for n balanced classes, otherwise the share of the most
    frequent class. For example, 0.3 among ten classes corresponds to 0.61 among two, and
    to 0.92 among classes of which one has nine tenths of the examples.

    Args:
        trials: rows with the columns `dataset` and `test_accuracy`.

    Returns:
        The accuracies, with the index of `trials`; those for ten balanced classes are
        unchanged. NaN if the targets are numbers.
    """
    found = trials["test_accuracy"].to_numpy(dtype=float, copy=True)
    guess = _of_data(trials, _accuracy)
    others = guess != 0.1
    guess = guess[others]
    found[others] = 0.1 + 0.9 * (found[others] - guess) / (1 - guess)
    return pd.Series(found.round(_DECIMALS), index=trials.index)


def loss_of_guessing(trials: pd.DataFrame) -> pd.Series:
    """The least mean loss of a net that does not look at its input.

    Args:
        trials: rows with the column `dataset`.

    Returns:
        Of classes the cross-entropy in nats: the logarithm of their number if they are
        balanced, otherwise the entropy of their frequencies. Of numbers the squared error
        of their mean, which is their variance. With the index of `trials`.
    """
    return pd.Series(_of_data(trials, _loss), index=trials.index)


def _of_data(trials: pd.DataFrame, what: Callable[[str, str], float]) -> np.ndarray:
    """What the name and the checksum of the data set of each trial give."""
    known = {}
    for name in trials["dataset"].unique():
        there = datasets.describe(Trial(dataset=name, batch_size=1, probe_size=1))
        known[name] = what(name, there.checksum)
    if len(known) == 1:
        return np.full(len(trials), *known.values(), dtype=float)
    return trials["dataset"].map(known).to_numpy(dtype=float)


# Each precondition asks for both. The checksum tells files of one name apart.
@functools.lru_cache(maxsize=16)
def _accuracy(name: str, checksum: str) -> float:
    data = datasets.load(name)
    return float(_frequencies(data, data.y_test).max()) if data.num_classes else np.nan


@functools.lru_cache(maxsize=16)
def _loss(name: str, checksum: str) -> float:
    data = datasets.load(name)
    if not data.num_classes:
        return float(np.var(data.y_train, axis=0, dtype=np.float64).mean())
    frequencies = _frequencies(data, data.y_train)
    present = frequencies[frequencies > 0]
    return float(-np.sum(present * np.log(present)))


def _frequencies(data: datasets.Dataset, labels: np.ndarray) -> np.ndarray:
    """The share of each class among labels, all equal if they are balanced."""
    counts = np.bincount(labels, minlength=data.num_classes)
    if counts.max() <= _BALANCED * counts.mean():
        return np.full(data.num_classes, 1 / data.num_classes)
    return counts / counts.sum()
