"""How large a difference must be for the signed-rank test to find it.

For a power of 80%, whether the seeds' scores are normal or in steps as large as their
spread, such as an accuracy on few examples. The results are from simulated differences
with a fixed seed, in units of their standard deviation.
"""

import functools

import numpy as np

from keras_rectifiers.comparison.statistics.intervals import nested_intervals
from keras_rectifiers.comparison.statistics.significance import differences_needed

POWER = 0.8

# Of the probability POWER, with the 2% by which the Hodges-Lehmann estimate scatters
# more than the mean.
_NORMAL_QUANTILE = 0.86
_NUM_SIMULATED = 4000
# Two standard errors of a simulated share, so that what is promised is kept.
_MARGIN = 0.013
_MOST_SEEDS = 200


def signed_rank_p(least, most) -> float:
    """The two-sided p of the exact signed-rank test that the centre is 0.

    Args:
        least, most: as for `bounded_hodges_lehmann`; p is the largest for any values
            within the bounds.

    Example:

    >>> signed_rank_p([1.0, 2.0, 3.0, 4.0, 5.0, 16.0], [1.0, 2.0, 3.0, 4.0, 5.0, 16.0])
    0.03125
    """
    tails, lows, highs = nested_intervals(least, most)
    excludes_zero = (lows > 0) | (highs < 0)
    return float(tails[np.argmax(excludes_zero)]) if excludes_zero.any() else 1.0


@functools.cache
def detectable(num_seeds: int, num_comparisons: int) -> float:
    """The difference that is found with a probability of 80%, in standard deviations.

    Args:
        num_seeds: the number of paired differences.
        num_comparisons: the number of tests for which Holm's method corrects p.

    Returns:
        The mean of the differences divided by their standard deviation; infinite if so
        few seeds can find nothing.

    Example:

    >>> round(detectable(10, 1), 1), detectable(5, 1)
    (1.0, inf)
    """
    if num_seeds < differences_needed(0.05 / num_comparisons):
        return np.inf
    low, high = 0.0, 20.0
    while high - low > 0.001:
        middle = (low + high) / 2
        if _finds(num_seeds, middle, num_comparisons):
            high = middle
        else:
            low = middle
    return high


def found_difference(
    num_seeds: int, num_comparisons: int, *, spread: float, smallest_effect: float
) -> float:
    """The difference that is called better or worse with a probability of 80%.

    It must be told from chance, and its estimate must not fall under what matters.

    Args:
        num_seeds, num_comparisons: as for `detectable`.
        spread: the standard deviation of the paired differences.
        smallest_effect: the smallest effect of interest, which the estimate must reach.

    Returns:
        The difference, in the units of `spread`; infinite if the seeds are too few.

    Example:

    >>> found_difference(10, 1, spread=0.0, smallest_effect=0.01)
    0.01
    """
    size = detectable(num_seeds, num_comparisons)
    if not np.isfinite(size):
        return np.inf
    estimated = smallest_effect + _NORMAL_QUANTILE * spread / num_seeds**0.5
    return max(size * spread, estimated)


def seeds_needed(difference: float, num_comparisons: int) -> int:
    """The number of seeds with which a difference is found with a probability of 80%.

    Args:
        difference: in standard deviations of the paired differences, > 0.
        num_comparisons: as for `detectable`.

    Returns:
        The number of seeds; 200 if no fewer suffice.
    """
    least = differences_needed(0.05 / num_comparisons)
    low, high = least - 1, least
    while high < _MOST_SEEDS and not _finds(high, difference, num_comparisons):
        low, high = high, min(2 * high, _MOST_SEEDS)
    while high - low > 1:
        middle = (low + high) // 2
        if _finds(middle, difference, num_comparisons):
            high = middle
        else:
            low = middle
    return high


def _finds(num_seeds: int, difference: float, num_comparisons: int) -> bool:
    critical = _critical(num_seeds, 0.05 / num_comparisons)
    kinds = _drawn(num_seeds)
    shares = (_share_found(kind + difference, critical) for kind in kinds)
    return all(share >= POWER + _MARGIN for share in shares)


@functools.lru_cache(maxsize=1)  # of a search
def _drawn(num_seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Differences of standard deviation 1: of continuous scores, and in steps."""
    rng = np.random.default_rng(0)
    pairs = rng.standard_normal((2, _NUM_SIMULATED, num_seeds))
    in_steps = np.rint(pairs[0]) - np.rint(pairs[1])
    # Rounding to whole numbers adds a variance of 1 / 12.
    return (pairs[0] - pairs[1]) / 2**0.5, in_steps / (2 * 13 / 12) ** 0.5


@functools.cache
def _critical(num_seeds: int, level: float) -> int:
    """The largest sum of the ranks of one sign that is significant."""
    tails, _, _ = nested_intervals(np.zeros(num_seeds), np.zeros(num_seeds))
    return int(np.searchsorted(tails, level, side="right")) - 1


def _share_found(differences: np.ndarray, critical: int) -> float:
    is_negative = differences <= 0
    # Of equal sizes the negative ones rank last, as the exact test assumes the worst.
    sizes = np.where(is_negative, 1e-9 - (1 + 1e-9) * differences, differences)
    in_order = np.take_along_axis(is_negative, np.argsort(sizes, axis=1), axis=1)
    negative = in_order @ np.arange(1, differences.shape[1] + 1)
    return float((negative <= critical).mean())
