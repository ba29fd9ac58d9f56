"""Which of several activations is better, from the scores of their seeds.

A seed is a whole experiment: its score is that of the test split, at the learning rate
that was best for the seed on its validation split. Seeds pair the activations.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import (
    Interval,
    bounded_hodges_lehmann,
    found_difference,
    holm,
    signed_rank_p,
)
from keras_rectifiers.comparison.verdicts.criteria import LEVEL, NOT_MEASURED

REFERENCE = "reference"
BETTER = "better"
WORSE = "worse"
EQUAL = "no difference that matters"
DIVERGED = "diverged"
OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """By what activations are compared.

    Args:
        name: the name of the metric, or `"loss"`, as in the columns of outcomes.
        higher_is_better: whether more of it is better.
        smallest_effect: the smallest effect of interest, > 0.
        is_share: whether it is a share of examples, whose differences are percentage
            points.
    """

    name: str
    higher_is_better: bool
    smallest_effect: float
    is_share: bool = False

    @property
    def sign(self) -> int:
        """1 if more is better, otherwise -1."""
        return 1 if self.higher_is_better else -1


@dataclass(frozen=True, kw_only=True)
class Contest:
    """The verdicts on the activations.

    Args:
        metric: by what they are compared.
        reference: with what the others are compared.
        lost_reference: the reference that was asked for, if it has no score with any
            seed and another took its place; else empty.
        table: one row for each activation, in the order in which they were given:
            `activation`; `score` with `low` and `high`, the estimate and its 95%
            interval; `num_seeds` and `num_lost` (their training diverged);
            `improvement` over the reference with `improvement_low` and
            `improvement_high`, above 0 if it is better; `p`, corrected; `verdict`; and
            `is_best`: whether nothing beats it.
        spread: the standard deviation of the paired differences between seeds, the
            median of the activations. NaN if no activation is compared.
        resolution: the difference that is found with a probability of 80% at this
            spread. NaN if no activation is compared, infinite if the seeds are too few
            to decide.
    """

    metric: Metric
    reference: str
    lost_reference: str = ""
    table: pd.DataFrame
    spread: float
    resolution: float

    @property
    def best(self) -> tuple[str, ...]:
        """The activations that nothing beats."""
        return tuple(self.table.loc[self.table["is_best"], "activation"])

    @property
    def num_comparisons(self) -> int:
        """The number of comparisons with the reference, for which p is corrected."""
        return max(1, len(self.table) - 1)


def judge(
    scores: pd.DataFrame, *, activations: Sequence[str], reference: str, metric: Metric
) -> Contest:
    """Compares each activation with the reference, and finds those that nothing beats.

    An activation is better than the reference if the exact signed-rank test of the
    paired differences is significant at 5%, corrected by Holm's method for all
    comparisons with the reference, and the estimate is at least the smallest effect
    of interest. There is no difference that matters if the 95% interval lies within
    the smallest effect on both sides of 0. Everything else is open.

    An activation that diverged with every seed is not among those that nothing beats,
    and not compared. If the reference is one, or has no score at all, the first
    activation that has scores takes its place.

    An activation is beaten if it is worse than the reference or another activation is
    better than it, corrected for the number of activations with which it is compared.
    So the best one is beaten by chance in at most 5% of comparisons.

    Args:
        scores: one row for each activation and seed that is finished: `activation`,
            `seed` and `value`, NaN if the training diverged. Intervals and tests assume
            the worst case for such a seed.
        activations: all activations, in the order of the table.
        reference: one of them.
        metric: what the scores are.

    Raises:
        ValueError: if the reference is not one of the activations, or a seed has an
            activation twice.
    """
    if reference not in activations:
        raise ValueError(
            f"Expected the reference to be one of the activations, "
            f"{', '.join(activations)}. Received: {reference!r}."
        )
    by_name = _by_seed(scores, activations)
    asked = reference
    measured = [name for name in activations if by_name[name].is_any_known]
    if measured and asked not in measured:
        reference = measured[0]
    rows = [_scored(name, by_name[name]) for name in activations]
    others = [name for name in activations if name != reference]
    differences = {
        name: metric.sign * _paired(by_name[name], by_name[reference])
        for name in others
    }
    corrected = holm([_p(differences[name]) for name in others])
    p_values = dict(zip(others, corrected, strict=True))
    for row in rows:
        name = row["activation"]
        is_lost = row["num_seeds"] > 0 and name not in measured
        of_name = None if is_lost else differences.get(name)
        row |= _compared(of_name, p_values.get(name), metric)
        if is_lost:
            row["verdict"] = DIVERGED
        elif name == reference and row["num_seeds"]:
            row["verdict"] = REFERENCE
    beaten = _beaten(by_name, metric, num_comparisons=len(others))
    for row in rows:
        row["is_best"] = (
            row["activation"] in measured
            and row["activation"] not in beaten
            and row["verdict"] != WORSE
        )
    for row in rows:
        if row["activation"] == reference:
            row["is_best"] &= all(other["verdict"] != BETTER for other in rows)
    compared = [differences[name] for name in others if name in measured]
    spread, resolution = _resolution(compared, len(others), metric)
    return Contest(
        metric=metric,
        reference=reference,
        lost_reference=asked if asked != reference else "",
        table=pd.DataFrame(rows),
        spread=spread,
        resolution=resolution,
    )


@dataclass(frozen=True)
class _Scores:
    """The scores of an activation, in the order of all seeds, and which are finished."""

    values: np.ndarray
    is_finished: np.ndarray

    @property
    def is_any_known(self) -> bool:
        return bool(np.isfinite(self.values).any())


def _by_seed(scores: pd.DataFrame, activations: Sequence[str]) -> dict[str, _Scores]:
    seeds, places_of = np.unique(scores["seed"].to_numpy(), return_inverse=True)
    names, given = scores["activation"].to_numpy(), scores["value"].to_numpy(np.float64)
    by_name = {}
    for name in activations:
        rows = names == name
        places = places_of[rows]
        if len(set(places)) < len(places):
            raise ValueError(
                f"Expected one score for each activation and seed. Received: {name!r} "
                "with a seed more than once."
            )
        values, is_finished = np.full(len(seeds), np.nan), np.zeros(len(seeds), bool)
        values[places] = given[rows]
        is_finished[places] = True
        by_name[name] = _Scores(values, is_finished)
    return by_name


def _scored(name: str, scores: _Scores) -> dict:
    values = scores.values[scores.is_finished]
    interval = _interval(values) if len(values) else None
    return {
        "activation": name,
        "score": interval.estimate if interval else np.nan,
        "low": interval.low if interval else np.nan,
        "high": interval.high if interval else np.nan,
        "num_seeds": len(values),
        "num_lost": int(np.isnan(values).sum()),
    }


def _compared(differences: np.ndarray | None, p, metric: Metric) -> dict:
    none = {
        "improvement": np.nan,
        "improvement_low": np.nan,
        "improvement_high": np.nan,
    }
    if differences is None or not len(differences):
        return {**none, "p": np.nan, "verdict": NOT_MEASURED}
    interval = _interval(differences)
    return {
        "improvement": interval.estimate,
        "improvement_low": interval.low,
        "improvement_high": interval.high,
        "p": p,
        "verdict": _verdict(interval, p, metric.smallest_effect),
    }


def _verdict(interval: Interval, p: float, smallest: float) -> str:
    is_within = -smallest < interval.low and interval.high < smallest
    if interval.is_attained and is_within:
        return EQUAL
    if p <= LEVEL and abs(interval.estimate) >= smallest:
        return BETTER if interval.estimate > 0 else WORSE
    return OPEN


def _resolution(
    differences: Sequence[np.ndarray], num_comparisons: int, metric: Metric
) -> tuple[float, float]:
    """The spread of the differences, and the difference that is found at it."""
    known = [d[np.isfinite(d)] for d in differences]
    known = [d for d in known if len(d) > 1]
    if not known:
        return np.nan, np.nan
    spread = float(np.median([d.std(ddof=1) for d in known]))
    size = found_difference(
        int(np.median([len(d) for d in known])),
        num_comparisons,
        spread=spread,
        smallest_effect=metric.smallest_effect,
    )
    return spread, size


def _beaten(
    by_name: dict[str, _Scores], metric: Metric, *, num_comparisons: int
) -> set[str]:
    """The activations than which another one is better, whichever is the reference."""
    found = set()
    for one, other in itertools.combinations(by_name, 2):
        differences = metric.sign * _paired(by_name[one], by_name[other])
        if _p(differences) * num_comparisons > LEVEL:
            continue
        estimate = _interval(differences).estimate
        if abs(estimate) >= metric.smallest_effect:
            found.add(one if estimate < 0 else other)
    return found


def _paired(one: _Scores, other: _Scores) -> np.ndarray:
    """The differences of the seeds that both have finished; NaN if one is lost."""
    is_there = one.is_finished & other.is_finished
    return one.values[is_there] - other.values[is_there]


def _p(differences: np.ndarray) -> float:
    return signed_rank_p(*_bounds(differences)) if len(differences) else 1.0


def _interval(values: np.ndarray, confidence: float = 0.95) -> Interval:
    return bounded_hodges_lehmann(*_bounds(values), confidence)


def _bounds(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    is_known = np.isfinite(values)
    return np.where(is_known, values, -np.inf), np.where(is_known, values, np.inf)
