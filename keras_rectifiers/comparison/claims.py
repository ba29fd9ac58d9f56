"""Claims and verdicts: what is said of rectifiers, and what the tables say to it.

A claim is fixed before the trials are run: what it says, what is measured, and from
which size on an effect matters. Its verdict follows from the interval by rule.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.rules import INCONCLUSIVE, Rule
from keras_rectifiers.comparison.statistics import Interval, hodges_lehmann
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim and its criterion, fixed before the trials are run.

    Args:
        id: short name.
        statement: the claim, in our words.
        source: where it is made.
        criterion: what is judged, in words.
        rule: `Difference`, `AtLeast`, `AtMost` or `Within`, with its numbers.
        effects: what each case's seeds give: case -> a Series indexed by seed. NaN
            where a training has no such value. A case without training is empty; every
            case stands there even then.
        quantity: what the effect is, such as `"gradient decay"`.
        unit: its unit, such as `"decades per layer"`; empty for a share.
        digits: decimals that are shown.
        in_words: what an estimate means, for a reader who does not know the unit; it
            continues a sentence after "that is,".
        published: figures from the literature to print beside ours. They are no part
            of the criterion.
    """

    id: str
    statement: str
    source: str
    criterion: str
    rule: Rule
    effects: Callable[[Tables], Mapping[str, pd.Series]]
    quantity: str
    unit: str = ""
    digits: int = 3
    in_words: Callable[[float], str] | None = None
    published: str = ""

    def number(self, value: float) -> str:
        """Writes a value of the effect with its decimals and a true minus sign."""
        return format_number(value, self.digits)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the tables say to one case of a claim.

    Args:
        claim: the claim's id.
        case: the case.
        verdict: `"supported"`, `"contradicted"` or `"inconclusive"`.
        estimate: the Hodges-Lehmann estimate of the effect, over the seeds with a value;
            NaN without any value.
        low, high: its 95% interval; NaN without any value, infinite where too many
            trainings have no value.
        n: number of seeds with a value.
        num_excluded: number of seeds without one (diverged or undefined).
        sentence: the verdict in plain English.
    """

    claim: str
    case: str
    verdict: str
    estimate: float
    low: float
    high: float
    n: int
    num_excluded: int
    sentence: str


def judge(study: Study, tables: Tables) -> pd.DataFrame:
    """Judges every case of every claim of a study.

    Args:
        study: its claims.
        tables: the tables of its trials.

    Returns:
        One row for each claim and case, in their order: `study` and the fields of
        `Verdict`.
    """
    verdicts = [
        {"study": study.name, **vars(judge_case(claim, case, values))}
        for claim in study.claims
        for case, values in claim.effects(tables).items()
    ]
    columns = ["study", *Verdict.__dataclass_fields__]
    return pd.DataFrame(verdicts, columns=columns)


def judge_case(claim: Claim, case: str, values: pd.Series) -> Verdict:
    """Judges one case of a claim.

    A seed without a value does not count towards the estimate that is shown, but it is
    not dropped from what is judged: the lower end of the interval, and the estimate that
    has to reach a smallest effect, take its value as the smallest of all, the upper end
    as the largest. So the verdict holds whatever the value would have been.

    Args:
        claim: the claim.
        case: the name of the case.
        values: the effect, indexed by seed.

    Returns:
        The `Verdict`.

    Raises:
        ValueError: if a seed stands there twice.
    """
    if values.index.has_duplicates:
        repeated = sorted(set(values.index[values.index.duplicated()]))
        raise ValueError(
            f"Claim {claim.id!r}, case {case!r}: expected one value for each seed. "
            f"Got more for {', '.join(map(str, repeated))}."
        )
    numbers = values.to_numpy(dtype=np.float64, na_value=math.nan)
    usable = np.isfinite(numbers)
    n, num_excluded = int(usable.sum()), int((~usable).sum())
    interval, verdict = None, INCONCLUSIVE
    if n:
        least, most = (
            hodges_lehmann(np.where(usable, numbers, extreme), CONFIDENCE)
            for extreme in (-math.inf, math.inf)
        )
        shown = hodges_lehmann(numbers[usable], CONFIDENCE)
        interval = replace(least, estimate=shown.estimate, high=most.high, n=n)
        if interval.is_attained:
            verdict = claim.rule.verdict(least.estimate, least.low, most.high)
    return Verdict(
        claim=claim.id,
        case=case,
        verdict=verdict,
        estimate=interval.estimate if interval else math.nan,
        low=interval.low if interval else math.nan,
        high=interval.high if interval else math.nan,
        n=n,
        num_excluded=num_excluded,
        sentence=_sentence(claim, case, verdict, interval, n, num_excluded),
    )


def format_number(value: float, digits: int = 3) -> str:
    """Writes a number rounded, with a true minus sign and never as a negative 0."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{'−' if value < 0 else ''}∞"
    rounded = round(value, digits)
    return f"{'−' if rounded < 0 else ''}{abs(rounded):.{digits}f}"


def _sentence(
    claim: Claim,
    case: str,
    verdict: str,
    interval: Interval | None,
    n: int,
    num_excluded: int,
) -> str:
    if interval is None:
        reason = (
            f"none of the {num_excluded} trainings has a value (diverged or undefined)"
            if num_excluded
            else "there is no training"
        )
        return f"{case}: inconclusive, because {reason}."
    unit = f" {claim.unit}" if claim.unit else ""
    seeds = f"over {n} seeds" if n > 1 else "with a single seed"
    parts = [
        f"{case}: {verdict}. The {claim.quantity} is {claim.number(interval.estimate)}"
        f"{unit} {seeds}"
    ]
    if claim.in_words:
        parts.append(f"; that is, {claim.in_words(interval.estimate)}")
    bounds = f"{claim.number(interval.low)} to {claim.number(interval.high)}"
    if interval.is_attained:
        parts.append(
            f". The {CONFIDENCE:.0%} interval is {bounds}, "
            f"{claim.rule.finding(verdict, interval.low, claim.number)}."
        )
    else:
        parts.append(
            f". So few seeds allow an interval of {interval.attained:.1%} confidence at "
            f"most ({bounds}); {CONFIDENCE:.0%} takes at least 6."
        )
    if num_excluded:
        trainings = "training has" if num_excluded == 1 else "trainings have"
        parts.append(
            f" Another {num_excluded} {trainings} no value (diverged or undefined): the "
            "interval and the verdict take the worst case for them."
        )
    return "".join(parts)
