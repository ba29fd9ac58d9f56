"""Properties of activations: what a study measured of each, and whether that is good."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import hodges_lehmann
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.claims import format_number
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    SUPPORTED,
    Rule,
)

GOOD = "good"
BAD = "bad"
UNCLEAR = "unclear"
# There is no rule for what is good.
NEUTRAL = "neutral"


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property of activations that a study measures: a column of the report's table.

    Args:
        name: short name, unique among all studies.
        title: its heading, such as `"Keeps the gradient"`.
        nets: on which nets it is measured, in words.
        explanation: what the number is, in a sentence.
        values: the value of each seed: activation -> a Series indexed by seed. NaN if a
            seed has none, for example because it diverged.
        rule: what is good: `AtMost`, `AtLeast` or `Within`. Default: nothing is.
        best: the rule judges how far an activation is behind the one with the highest
            or the lowest estimate, paired by seed. Default: it judges the value itself.
        bad_in_words: what is bad, in words that follow "it", such as `"loses the
            gradient"`.
        by_definition: activation -> its value, which follows from its formula.
        shown: a value as text.
        claim: the id of the claim of the study beside which more is said.
    """

    name: str
    title: str
    nets: str
    explanation: str
    values: Callable[[Tables], Mapping[str, pd.Series]]
    rule: Rule | None = None
    best: Literal["highest", "lowest", ""] = ""
    bad_in_words: str = ""
    by_definition: Mapping[str, float] = field(default_factory=dict)
    shown: Callable[[float], str] = format_number
    claim: str = ""


def judge_property(judged: Property, tables: Tables) -> pd.DataFrame:
    """Judges a property of each activation, by its 95% interval alone.

    Args:
        judged: the property.
        tables: the tables of the trials of its study.

    Returns:
        One row for each activation with a value, and for each whose value follows from
        its definition: `activation`; `estimate`, `low` and `high` of the value; `n`,
        the number of seeds with a value, 0 by definition; and `mark`: `"good"`,
        `"bad"`, `"unclear"`, or `"neutral"` if there is no rule.
    """
    measured = {
        name: values.astype(float)
        for name, values in judged.values(tables).items()
        if np.isfinite(values.astype(float)).any()
    }
    intervals = {name: hodges_lehmann(_known(v)) for name, v in measured.items()}
    behind = measured
    if judged.best and measured:
        sign = 1 if judged.best == "highest" else -1
        best = max(intervals, key=lambda name: sign * intervals[name].estimate)
        behind = {name: sign * (measured[best] - v) for name, v in measured.items()}
    rows = [
        {
            "activation": name,
            "estimate": interval.estimate,
            "low": interval.low,
            "high": interval.high,
            "n": interval.n,
            "mark": _mark(judged.rule, behind[name]),
        }
        for name, interval in intervals.items()
    ]
    rows += [
        {
            "activation": name,
            **dict.fromkeys(("estimate", "low", "high"), value),
            "n": 0,
            "mark": _mark_of(judged.rule, value, value, value),
        }
        for name, value in judged.by_definition.items()
        if name not in measured
    ]
    columns = ["activation", "estimate", "low", "high", "n", "mark"]
    return pd.DataFrame(rows, columns=columns)


def _known(values: pd.Series) -> np.ndarray:
    numbers = values.to_numpy(float)
    return numbers[np.isfinite(numbers)]


def _mark(rule: Rule | None, values: pd.Series) -> str:
    known = _known(values)
    if not rule:
        return NEUTRAL
    # A lost seed may have had any value.
    if len(known) < len(values) or not len(known):
        return UNCLEAR
    interval = hodges_lehmann(known)
    return _mark_of(rule, interval.estimate, interval.low, interval.high)


def _mark_of(rule: Rule | None, estimate: float, low: float, high: float) -> str:
    if not rule:
        return NEUTRAL
    verdict = rule.verdict(estimate, low, high)
    return {SUPPORTED: GOOD, CONTRADICTED: BAD}.get(verdict, UNCLEAR)
