"""The accuracy and the loss of guessing, for any number of classes."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.trials.trial import Trial


def as_of_ten_classes(trials: pd.DataFrame) -> pd.Series:
    """The test accuracies that are equally far above guessing among ten classes.

    These have the same kappa (Cohen 1960), (a - c) / (1 - c), for an accuracy a and an
    accuracy c of guessing among balanced classes. For example, 0.3 among ten classes
    corresponds to 0.61 among two.

    Args:
        trials: rows with the columns `dataset` and `test_accuracy`.

    Returns:
        The accuracies, with the index of `trials`; those for ten classes are unchanged.
    """
    found = trials["test_accuracy"].to_numpy(dtype=float, copy=True)
    num_classes = _num_classes(trials).to_numpy()
    others = num_classes != 10
    guess = 1 / num_classes[others]
    found[others] = 0.1 + 0.9 * (found[others] - guess) / (1 - guess)
    return pd.Series(found, index=trials.index)


def loss_of_guessing(trials: pd.DataFrame) -> pd.Series:
    """The mean cross-entropy of guessing among balanced classes, in nats.

    Args:
        trials: rows with the column `dataset`.

    Returns:
        The logarithm of the number of classes, with the index of `trials`.
    """
    return np.log(_num_classes(trials))


def _num_classes(trials: pd.DataFrame) -> pd.Series:
    known = {
        name: datasets.describe(
            Trial(dataset=name, batch_size=1, probe_size=1)
        ).num_classes
        for name in trials["dataset"].unique()
    }
    return trials["dataset"].map(known).astype(float)
