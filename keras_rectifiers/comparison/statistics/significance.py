"""What p of several tests mean: Holm's correction, and what it takes to attain a p."""

import math

import numpy as np


def differences_needed(level: float) -> int:
    """How many non-zero differences it takes to attain a two-sided p of `level`.

    The least that n of them can give is 2^(1 - n), in the signed-rank test.

    >>> [differences_needed(0.05 / tests) for tests in (1, 9, 36, 66)]
    [6, 9, 11, 12]
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1. Received: {level!r}.")
    return math.ceil(1 - math.log2(level))


def holm(p_values) -> np.ndarray:
    """Corrects the p of several tests, so that one false rejection among all is rare.

    Holm's step-down procedure: the least of m is multiplied by m, the next by m - 1,
    and so on; none is less than the one before it, nor more than 1. To reject what is
    at most 0.05 afterwards rejects any true hypothesis with a probability of at most
    0.05, however the tests depend on each other.

    Args:
        p_values: any number of them, between 0 and 1.

    Returns:
        The corrected values, in the same order.

    Raises:
        ValueError: if one is NaN or not between 0 and 1.

    References:
        - Holm 1979, "A simple sequentially rejective multiple test procedure",
          Scandinavian Journal of Statistics 6
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    wrong = p_values[~((p_values >= 0) & (p_values <= 1))]
    if wrong.size:
        raise ValueError(
            f"Expected each p between 0 and 1. Received: {', '.join(map(str, wrong))}."
        )
    # statsmodels' multipletests gives the same, but collects garbage in each call, which
    # takes a tenth of a second or more where Keras is loaded.
    order = np.argsort(p_values)
    multiplied = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(np.maximum.accumulate(multiplied), 1.0)
    return corrected
