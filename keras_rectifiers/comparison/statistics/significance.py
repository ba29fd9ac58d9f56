"""Holm's correction for several tests, and the number of differences needed for a p."""

import math

import numpy as np


def differences_needed(level: float) -> int:
    """The number of non-zero differences needed for a two-sided p of `level`.

    In the signed-rank test, the smallest p of n differences is 2^(1 - n).

    >>> [differences_needed(0.05 / tests) for tests in (1, 9, 36, 66)]
    [6, 9, 11, 12]
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1. Received: {level!r}.")
    return math.ceil(1 - math.log2(level))


def holm(p_values) -> np.ndarray:
    """Corrects the p of several tests, so that any false rejection among them is rare.

    Holm's step-down procedure: the smallest of m values is multiplied by m, the next by
    m - 1, and so on; no value is below the one before it or above 1. Rejecting the
    hypotheses whose corrected p is at most 0.05 rejects any true hypothesis with a
    probability of at most 0.05, however the tests depend on each other.

    Args:
        p_values: any number of p-values, between 0 and 1.

    Returns:
        The corrected values, in the same order.

    Raises:
        ValueError: if a value is NaN or not between 0 and 1.

    References:
        - Holm 1979, "A simple sequentially rejective multiple test procedure",
          Scandinavian Journal of Statistics 6
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    wrong = p_values[~((p_values >= 0) & (p_values <= 1))]
    if wrong.size:
        raise ValueError(
            "Expected every p-value to be between 0 and 1. Received: "
            f"{', '.join(map(str, wrong))}."
        )
    # statsmodels' multipletests gives the same, but collects garbage in each call, which
    # takes a tenth of a second or more where Keras is loaded.
    order = np.argsort(p_values)
    multiplied = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(np.maximum.accumulate(multiplied), 1.0)
    return corrected
