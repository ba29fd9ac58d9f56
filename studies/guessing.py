"""The accuracy and the loss of guessing, for any number and frequencies of classes."""

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
        unchanged.
    """
    found = trials["test_accuracy"].to_numpy(dtype=float, copy=True)
    guess = _of_data(trials, "test", _accuracy)
    others = guess != 0.1
    guess = guess[others]
    found[others] = 0.1 + 0.9 * (found[others] - guess) / (1 - guess)
    return pd.Series(found.round(_DECIMALS), index=trials.index)


def loss_of_guessing(trials: pd.DataFrame) -> pd.Series:
    """The least mean cross-entropy of a net that does not look at its input, in nats.

    Args:
        trials: rows with the column `dataset`.

    Returns:
        The logarithm of the number of classes if they are balanced, otherwise the entropy
        of their frequencies, with the index of `trials`.
    """
    return pd.Series(_of_data(trials, "train", _entropy), index=trials.index)


def _of_data(
    trials: pd.DataFrame, split: str, what: Callable[[np.ndarray], float]
) -> np.ndarray:
    """What the frequencies of the classes in a split give, for each trial."""
    known = {}
    for name in trials["dataset"].unique():
        there = datasets.describe(Trial(dataset=name, batch_size=1, probe_size=1))
        known[name] = what(_frequencies(name, split, there.checksum))
    return trials["dataset"].map(known).to_numpy(dtype=float)


def _accuracy(frequencies: np.ndarray) -> float:
    return float(frequencies.max())


def _entropy(frequencies: np.ndarray) -> float:
    present = frequencies[frequencies > 0]
    return float(-np.sum(present * np.log(present)))


# Each precondition asks for them. The checksum tells files of one name apart.
@functools.lru_cache(maxsize=16)
def _frequencies(name: str, split: str, checksum: str) -> np.ndarray:
    """The share of each class in a split, all equal if they are balanced."""
    data = datasets.load(name)
    counts = np.bincount(getattr(data, f"y_{split}"), minlength=data.num_classes)
    if counts.max() <= _BALANCED * counts.mean():
        return np.full(data.num_classes, 1 / data.num_classes)
    return counts / counts.sum()
