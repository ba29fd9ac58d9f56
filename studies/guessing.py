"""How far above guessing an accuracy is, for any number of classes."""

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
    for name in trials["dataset"].unique():
        data = datasets.describe(Trial(dataset=name, batch_size=1, probe_size=1))
        if data.num_classes == 10:
            continue
        rows = (trials["dataset"] == name).to_numpy()
        guess = 1 / data.num_classes
        found[rows] = 0.1 + 0.9 * (found[rows] - guess) / (1 - guess)
    return pd.Series(found, index=trials.index)
