"""Intervals for a share of seeds, some of which may have no value."""

import functools

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from keras_rectifiers.comparison.statistics.intervals import Interval, wilson

# Wilson's interval can have any confidence; this many levels suffice to find p.
_NUM_LEVELS = 2000
_TAILS = np.arange(1, _NUM_LEVELS + 1) / _NUM_LEVELS
_TAILS.setflags(write=False)


def bounded_wilson(least, most, confidence: float = 0.95) -> Interval:
    """A share with an interval that holds for any values of the seeds without one.

    Args:
        least: for each seed 1 if it has the property, otherwise 0; -inf if unknown.
        most: the same, but inf if unknown.
        confidence: strictly between 0 and 1.

    Returns:
        The `Interval`: the share among the `n` known seeds (NaN if there are none). It
        runs from the lower end of Wilson's interval if no unknown seed has the property to
        its upper end if all unknown seeds have it.

    Raises:
        ValueError: if there is no seed, or a seed has another value.

    Example:

    >>> interval = bounded_wilson([1, 1, 0, 0], [1, 1, 0, 0])
    >>> interval.estimate, round(interval.low, 3), round(interval.high, 3)
    (0.5, 0.15, 0.85)
    """
    least, most = _checked(least), _checked(most)
    known = least[np.isfinite(least)]
    return Interval(
        estimate=float(known.mean()) if len(known) else np.nan,
        low=wilson(_count(least), len(least), confidence).low,
        high=wilson(_count(most), len(most), confidence).high,
        confidence=confidence,
        attained=confidence,
        n=len(known),
    )


def nested_wilson(least, most) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wilson's intervals of a share at 2,000 levels, each contained in the one before.

    Args:
        least, most: as for `bounded_wilson`.

    Returns:
        Three arrays: 1 - confidence (1/2000, 2/2000, ..., 1), the lower ends and the
        upper ends.
    """
    least, most = _checked(least), _checked(most)
    lows, _ = _all_wilson(_count(least), len(least))
    _, highs = _all_wilson(_count(most), len(most))
    return _TAILS, lows, highs


# The resamples of a case share few counts.
@functools.lru_cache(maxsize=1000)
def _all_wilson(k: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    counts = np.full(_NUM_LEVELS, k)
    lows, highs = proportion_confint(counts, n, alpha=_TAILS, method="wilson")
    lows.setflags(write=False)
    highs.setflags(write=False)
    return lows, highs


def _count(values: np.ndarray) -> int:
    return int((values > 0).sum())


def _checked(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    wrong = values[~(np.isinf(values) | (values == 0) | (values == 1))]
    if len(wrong) or not len(values):
        raise ValueError(
            "Expected at least one seed, and for each seed 1 or 0: whether it has the "
            f"property. Received: {wrong[0] if len(wrong) else 'none'}."
        )
    return values
