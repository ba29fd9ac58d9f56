"""The evidence of one case under a rule: its interval, its verdict and its p."""

import bisect
import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import (
    Interval,
    bounded_hodges_lehmann,
    bounded_wilson,
    nested_intervals,
    nested_wilson,
    pseudomedian,
)
from keras_rectifiers.comparison.verdicts.criteria import (
    INCONCLUSIVE,
    LEVEL,
    SUPPORTED,
    Rule,
)

# What is nearer to a bound than this has met it: accuracies are shares of examples in
# float32, so effects that are equal differ by up to 1e-7, and effects that are not by
# more than this.
_RESOLUTION = 1e-6


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The evidence of a single case, before any correction for other cases.

    Args:
        num_seeds: all seeds of the case, with or without a value.
        num_censored: the seeds for which only a bound is known.
        num_above_zero: the seeds whose effect is above 0 for any value within its
            bounds.
        interval: the estimate with the interval shown; None if no seed has a value.
        by_interval: the verdict from that interval.
        decision: the verdict from the widest interval that decides.
        p: 1 minus the confidence of that interval (half of that if the rule is
            one-sided); 1 if no interval decides.
        is_clearest: whether this number of seeds cannot give a smaller p.
    """

    num_seeds: int
    num_censored: int
    num_above_zero: int
    interval: Interval | None = None
    by_interval: str = INCONCLUSIVE
    decision: str = INCONCLUSIVE
    p: float = 1.0
    is_clearest: bool = False

    @property
    def n(self) -> int:
        """Number of seeds for which a value or a bound is known."""
        return self.interval.n if self.interval else 0

    @property
    def num_excluded(self) -> int:
        """Number of seeds for which nothing is known, see `Verdict`."""
        return self.num_seeds - self.n


def weigh(
    rule: Rule, values: pd.Series | pd.DataFrame, *, is_share: bool = False
) -> Evidence:
    """Applies the rule to the seeds' values.

    Args:
        rule: the claim's rule.
        values: one value for each seed, or a frame of its bounds, `least` and `most`.
            NaN if a seed has none: both ends of the interval assume the worst case for
            it.
        is_share: whether each value is 1 or 0, so that the effect is the share of ones.

    Returns:
        The `Evidence`.
    """
    least, most = bounds_of(values)
    num_known = _num_known(least, most)
    evidence = Evidence(
        num_seeds=len(values),
        num_censored=num_known - int((least == most).sum()),
        num_above_zero=int((least > 0).sum()),
    )
    if not num_known:
        return evidence
    if is_share:
        interval = bounded_wilson(least, most, 1 - rule.level)
    else:
        interval = bounded_hodges_lehmann(least, most, 1 - rule.level)
        interval = replace(
            interval, low=_met(rule, interval.low), high=_met(rule, interval.high)
        )
    least_estimate = _least_estimate(rule, least, is_share=is_share)
    decision, p, is_clearest = decision_on(rule, least, most, is_share=is_share)
    return replace(
        evidence,
        interval=interval,
        by_interval=rule.verdict(least_estimate, interval.low, interval.high),
        decision=decision,
        p=p,
        is_clearest=is_clearest,
    )


def decision_on(
    rule: Rule, least: np.ndarray, most: np.ndarray, *, is_share: bool = False
) -> tuple[str, float, bool]:
    """The fields `decision`, `p` and `is_clearest` of the `Evidence` alone.

    Args:
        rule, is_share: as for `weigh`.
        least, most: the bounds of each seed's value, as `bounds_of` returns them.
    """
    if not _num_known(least, most):
        return INCONCLUSIVE, 1.0, False
    least_estimate = _least_estimate(rule, least, is_share=is_share)
    if is_share:
        tails, lows, highs = nested_wilson(least, most)
    else:
        tails, lows, highs = nested_intervals(least, most)

    def verdict(i: int) -> str:
        low, high = lows[i], highs[i]
        if not is_share:
            low, high = _met(rule, low), _met(rule, high)
        return rule.verdict(least_estimate, low, high)

    # If an interval decides, all intervals within it give the same verdict.
    widest = bisect.bisect_left(
        range(len(tails)), True, key=lambda i: verdict(i) != INCONCLUSIVE
    )
    if widest == len(tails):
        return INCONCLUSIVE, 1.0, False
    decision = verdict(widest)
    share = LEVEL / rule.level if decision == SUPPORTED else 1.0
    return decision, float(tails[widest]) * share, widest == 0


def of_value(rule: Rule, values: pd.Series) -> Evidence:
    """The evidence of what is computed from formulas: the value decides alone.

    Args:
        rule: the claim's rule.
        values: the value, under any seed; empty if it is not computed.
    """
    evidence = Evidence(num_seeds=len(values), num_censored=0, num_above_zero=0)
    if values.empty:
        return evidence
    value = _met(rule, values.iloc[0])
    verdict = rule.verdict(value, value, value)
    return replace(
        evidence,
        interval=Interval(
            estimate=value, low=value, high=value, confidence=1.0, attained=1.0, n=1
        ),
        by_interval=verdict,
        decision=verdict,
        p=0.0,
        is_clearest=True,
    )


def bounds_of(values: pd.Series | pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most that the value of each seed can be.

    Args:
        values: as for `weigh`.
    """
    if isinstance(values, pd.DataFrame):
        least = values["least"].to_numpy(dtype=np.float64, na_value=-math.inf)
        most = values["most"].to_numpy(dtype=np.float64, na_value=math.inf)
        return least, most
    numbers = values.to_numpy(dtype=np.float64, na_value=math.nan)
    usable = np.isfinite(numbers)
    return np.where(usable, numbers, -math.inf), np.where(usable, numbers, math.inf)


def _num_known(least: np.ndarray, most: np.ndarray) -> int:
    return int((np.isfinite(least) | np.isfinite(most)).sum())


def _least_estimate(rule: Rule, least: np.ndarray, *, is_share: bool) -> float:
    if is_share:
        return float((least > 0).mean())
    return _met(rule, pseudomedian(least))


def _met(rule: Rule, value: float) -> float:
    """The value; a bound instead of one that differs from it by rounding alone."""
    for bound in (0.0, *rule.bounds):
        if abs(value - bound) <= _RESOLUTION:
            return bound
    return float(value)
