"""Estimates of a centre and of a share, with their confidence intervals."""

import functools
from dataclasses import dataclass

import numpy as np
from statsmodels.stats.proportion import proportion_confint


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its confidence interval.

    Args:
        estimate: the point estimate.
        low: lower end of the interval.
        high: upper end of the interval.
        confidence: the requested confidence.
        attained: the actual confidence of the interval. An exact interval of few values
            can have only certain confidences: usually a little more than requested, or
            less if there are too few values.
        n: number of values.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    attained: float
    n: int

    @property
    def is_attained(self) -> bool:
        """Whether there were enough values for the requested confidence."""
        return self.attained >= self.confidence


def hodges_lehmann(values, confidence: float = 0.95) -> Interval:
    """The Hodges-Lehmann estimate of a centre, with its exact signed-rank interval.

    The estimate is the median of the Walsh averages `(v_i + v_j) / 2`, i <= j. It
    estimates the centre of a symmetric distribution. The interval inverts the exact
    Wilcoxon signed-rank test: it runs from the k-th smallest to the k-th largest Walsh
    average, with the largest k whose confidence `1 - 2 P(T <= k - 1)` is not below the
    requested one. With ties the confidence is at least that.

    Args:
        values: at least one number, such as the paired differences of the seeds.
            Infinite values are ordered like any other, so a value known only to be
            extreme can be given as infinite. Infinite values of both signs are not
            allowed.
        confidence: strictly between 0 and 1. If there are too few values to attain it
            (fewer than 6 for 0.95), the interval is the widest possible, from the
            smallest to the largest value, and its `attained` is below `confidence`.

    Returns:
        The `Interval`.

    Raises:
        ValueError: if there is no value, a value is NaN, there are infinite values of
            both signs, or the confidence is out of range.

    Example:

    >>> interval = hodges_lehmann([1.0, 2.0, 3.0, 4.0, 5.0, 16.0])
    >>> interval.estimate, interval.low, interval.high, interval.attained
    (3.5, 1.0, 16.0, 0.96875)

    References:
        - Hollander, Wolfe, Chicken 2014, "Nonparametric statistical methods", 3rd
          edition, sections 3.2 and 3.3
    """
    values = _checked(values)
    return _estimate(_pseudomedian(values), values, values, confidence)


def pseudomedian(values) -> float:
    """The Hodges-Lehmann estimate alone, without its interval.

    Args:
        values: as for `hodges_lehmann`.
    """
    return _pseudomedian(_checked(values))


def bounded_hodges_lehmann(least, most, confidence: float = 0.95) -> Interval:
    """The Hodges-Lehmann estimate and interval if some values are known only by bounds.

    The interval contains the interval of `hodges_lehmann` for any values within the
    bounds, because no Walsh average decreases when a value increases: its lower end is
    that of the smallest possible values, its upper end that of the largest.

    Args:
        least: the lower bound of each value; -inf if unknown.
        most: the upper bound of each value; inf if unknown. For a known value, both
            bounds are that value.
        confidence: as for `hodges_lehmann`.

    Returns:
        The `Interval`. Its estimate is over the `n` values with at least one finite
        bound. A value with a single finite bound is placed at that bound, so that it is
        too close to the others rather than too far; a value between two bounds is
        placed midway. With no finite bound at all, the estimate is NaN.

    Raises:
        ValueError: if there are no bounds, `least` and `most` differ in length, a bound
            is NaN, or a lower bound exceeds its upper bound.
    """
    least, most = _checked(least), _checked(most)
    if least.shape != most.shape or (least > most).any():
        raise ValueError(
            "Expected `least` and `most` of equal length, with no least above its "
            f"most. Received: least={least.tolist()} and most={most.tolist()}."
        )
    has_least, has_most = np.isfinite(least), np.isfinite(most)
    known = has_least | has_most
    low_side = np.where(has_least, least, most)[known]
    high_side = np.where(has_most, most, least)[known]
    middles = low_side / 2 + high_side / 2
    centre = _pseudomedian(middles) if known.any() else np.nan
    return _estimate(centre, least, most, confidence, n=int(known.sum()))


def nested_intervals(least, most) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All exact signed-rank intervals of a sample, each contained in the one before.

    Args:
        least, most: as for `bounded_hodges_lehmann`; the same array twice if all values
            are known.

    Returns:
        Three arrays: 1 - confidence, the lower ends and the upper ends.
    """
    least, most = _checked(least), _checked(most)
    lows = _walsh_averages(least)
    # Most samples are known without bounds, and sorting takes most of the time.
    is_known = np.array_equal(least, most)
    highs = (lows if is_known else _walsh_averages(most))[::-1]
    tails = _tails(len(least))
    return tails, lows[: len(tails)], highs[: len(tails)]


def wilson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """A share with its Wilson score interval.

    Args:
        k: how many of the n have the property.
        n: >= 1.
        confidence: strictly between 0 and 1.

    Returns:
        The `Interval` of the share.

    Raises:
        ValueError: if not 0 <= k <= n or n < 1.
    """
    if not (n >= 1 and 0 <= k <= n):
        raise ValueError(
            f"Expected 0 <= k <= n and n >= 1. Received: k={k!r}, n={n!r}."
        )
    low, high = proportion_confint(k, n, alpha=1 - confidence, method="wilson")
    return Interval(
        estimate=k / n,
        low=float(low),
        high=float(high),
        confidence=confidence,
        attained=confidence,
        n=n,
    )


@functools.cache
def _tails(n: int) -> np.ndarray:
    """2 P(T <= k - 1) of the signed-rank statistic, at most 1, for k = 1, 2, ...

    T is a sum to which each rank is added or not, evenly: its distribution is the product
    of the polynomials (1 + x^rank) / 2. (SciPy has it too, but in no public function.)
    """
    # Of the Walsh averages each interval takes one off both ends.
    num_intervals = (n * (n + 1) // 2 + 1) // 2
    probabilities = np.zeros(num_intervals)
    probabilities[0] = 1.0
    for rank in range(1, n + 1):
        added = np.zeros_like(probabilities)
        added[rank:] = probabilities[:-rank]
        probabilities = (probabilities + added) / 2
    below = np.cumsum(probabilities)
    tails = np.minimum(2 * below, 1)
    tails.setflags(write=False)
    return tails


@functools.cache
def _pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(n)


def _walsh_averages(values: np.ndarray) -> np.ndarray:
    rows, columns = _pairs(len(values))
    # Halved before adding: the sum of two large numbers may overflow.
    halves = values / 2
    return np.sort(halves[rows] + halves[columns])


def _estimate(
    centre: float, least: np.ndarray, most: np.ndarray, confidence: float, n: int = -1
) -> Interval:
    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence must be between 0 and 1. Received: {confidence!r}."
        )
    tails, lows, highs = nested_intervals(least, most)
    narrowest = np.searchsorted(tails, 1 - confidence, side="right") - 1
    chosen = max(0, int(narrowest))
    return Interval(
        estimate=float(centre),
        low=float(lows[chosen]),
        high=float(highs[chosen]),
        confidence=confidence,
        attained=float(1 - tails[chosen]),
        n=len(least) if n < 0 else n,
    )


def _checked(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(
            f"Expected a list of at least one value. Received: the shape {values.shape}."
        )
    if np.isnan(values).any():
        raise ValueError(
            "Expected no NaN. Leave the missing values out and report their number, "
            "or replace a value by infinity if it is known to be extreme. Received: "
            f"{int(np.isnan(values).sum())} NaN among {len(values)} values."
        )
    if np.isposinf(values).any() and np.isneginf(values).any():
        raise ValueError(
            "Expected infinite values of one sign only. Received: infinite values of "
            "both signs."
        )
    return values


def _pseudomedian(values: np.ndarray) -> float:
    # np.median would return NaN for two infinities of the same sign.
    ordered = _walsh_averages(values)
    number = len(ordered)
    return float(ordered[(number - 1) // 2] / 2 + ordered[number // 2] / 2)
