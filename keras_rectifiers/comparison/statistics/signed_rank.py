"""The exact Wilcoxon signed-rank test, and Holm's correction of several tests."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.stats

from keras_rectifiers.comparison.statistics.intervals import subset_sum_probabilities


@dataclass(frozen=True, kw_only=True)
class SignedRankTest:
    """What the Wilcoxon signed-rank test says of paired differences.

    Args:
        statistic: the sum of the ranks of the positive differences.
        p: the exact two-sided p: how often chance alone, which would give each
            difference either sign evenly, is as far from the middle as they are.
        attainable: the least p that so many non-zero differences can give. Where it
            is above the level that is asked for, no data could have reached it.
        num_zero: number of differences of exactly 0, which have no sign.
        n: number of all differences.
    """

    statistic: float
    p: float
    attainable: float
    num_zero: int
    n: int


def wilcoxon(differences) -> SignedRankTest:
    """The exact Wilcoxon signed-rank test that differences lie evenly around 0.

    All 2^k assignments of signs to the ranks of the k non-zero differences count, ties
    or not: their sums are enumerated by convolution, one rank after the other. Equal
    differences share the mean of their ranks. (SciPy's `wilcoxon` falls back to a
    normal approximation where there are ties or zeros.)

    Args:
        differences: at least one number. Infinite ones are the most extreme.

    Returns:
        The `SignedRankTest`.

    Raises:
        ValueError: if there is no difference, or one is NaN.

    Example:

    >>> test = wilcoxon([6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75])
    >>> test.statistic, test.p, test.attainable
    (96.0, 0.041259765625, 6.103515625e-05)

    References:
        - Hollander, Wolfe, Chicken 2014, "Nonparametric statistical methods", 3rd
          edition, section 3.1
    """
    differences = np.asarray(differences, dtype=np.float64)
    if differences.ndim != 1 or len(differences) == 0:
        raise ValueError(
            "Expected a list of at least one difference. Received: the shape "
            f"{differences.shape}."
        )
    num_nan = int(np.isnan(differences).sum())
    if num_nan:
        raise ValueError(
            f"{num_nan} of {len(differences)} differences are NaN. Decide what they "
            "mean first: leave them out and say how many, or put in an infinity where "
            "they are known to be extreme."
        )
    signed = differences[differences != 0]
    # Mean ranks are halves of whole numbers.
    doubled = np.rint(2 * scipy.stats.rankdata(np.abs(signed))).astype(int)
    probabilities = subset_sum_probabilities(doubled)
    observed = int(doubled[signed > 0].sum())
    below, above = probabilities[: observed + 1].sum(), probabilities[observed:].sum()
    return SignedRankTest(
        statistic=observed / 2,
        p=float(min(1.0, 2 * min(below, above))),
        attainable=attainable_p(len(signed)),
        num_zero=len(differences) - len(signed),
        n=len(differences),
    )


def attainable_p(n: int) -> float:
    """The least two-sided p of n non-zero differences: 2^(1 - n), at most 1."""
    return min(1.0, 2.0 ** (1 - n))


def differences_needed(level: float) -> int:
    """How many non-zero differences it takes to attain a two-sided p of `level`.

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
    order = np.argsort(p_values, kind="stable")
    multiplied = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(np.maximum.accumulate(multiplied), 1.0)
    return corrected
