"""Claims and verdicts: what is said of rectifiers, and what the tables say to it.

A claim is fixed before the trials are run: what it says, what is measured, and from
which size on an effect matters. Its verdict follows from the interval by rule, and has
to stand Holm's correction for the number of the claim's cases.
"""

import bisect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.rules import (
    INCONCLUSIVE,
    LEVEL,
    SUPPORTED,
    VERDICTS,
    Rule,
)
from keras_rectifiers.comparison.statistics import (
    Interval,
    bounded_hodges_lehmann,
    bounded_wilson,
    differences_needed,
    hodges_lehmann,
    holm,
    nested_intervals,
    nested_wilson,
)
from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.comparison.trial import Study

CONFIDENCE = 1 - LEVEL


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim and its criterion, fixed before the trials are run.

    Args:
        id: short name.
        statement: the claim, in our words.
        source: where it is made.
        criterion: what is judged, in words.
        rule: `Difference`, `AtLeast`, `AtMost`, `Within` or `Equivalence`, with its
            numbers.
        effects: what each case's seeds give: case -> a Series indexed by seed, or a
            frame of its bounds, `least` and `most`, where some are censored. NaN where
            a training has no such value. A case without training is empty; every case
            stands there even then: they are the family that is judged together.
        quantity: what the effect is, such as `"gradient decay"`.
        unit: its unit, such as `"decades per layer"`; empty for a share.
        digits: decimals that are shown.
        in_words: what an estimate means, for a reader who does not know the unit; it
            continues a sentence after "that is,".
        published: figures from the literature to print beside ours. They are no part
            of the criterion.
        is_share: whether a seed's value is 1 or 0, as it has some property or not. The
            effect is then the share of the seeds that have it, with Wilson's interval:
            the Hodges-Lehmann estimate of ones and zeros is no share.
    """

    id: str
    statement: str
    source: str
    criterion: str
    rule: Rule
    effects: Callable[[Tables], Mapping[str, pd.Series | pd.DataFrame]]
    quantity: str
    unit: str = ""
    digits: int = 3
    in_words: Callable[[float], str] | None = None
    published: str = ""
    is_share: bool = False

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
        estimate: the Hodges-Lehmann estimate of the effect, or the share, over the
            seeds with a value; NaN without any value.
        low, high: its interval, of this case alone: 95%, and 90% for `Equivalence`; NaN
            without any value, infinite where too many trainings have no value.
        p: how often chance gives a verdict so clear, or one in another case of the
            claim, where it would be false: after Holm's correction. 1 where the
            interval decides nothing at any confidence.
        n: number of seeds with a value.
        num_censored: those of them of which only a bound is known.
        num_excluded: number of seeds without one (diverged or undefined).
        sentence: the verdict in plain English.
    """

    claim: str
    case: str
    verdict: str
    estimate: float
    low: float
    high: float
    p: float
    n: int
    num_censored: int
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
        {"study": study.name, **vars(verdict)}
        for claim in study.claims
        for verdict in judge_claim(claim, claim.effects(tables))
    ]
    columns = ["study", *Verdict.__dataclass_fields__]
    return pd.DataFrame(verdicts, columns=columns)


def judge_claim(
    claim: Claim, effects: Mapping[str, pd.Series | pd.DataFrame]
) -> list[Verdict]:
    """Judges all cases of a claim, the family within which its verdicts are corrected.

    The interval of a case decides by the claim's rule, and its p is the least level at
    which it still does: 1 minus the highest confidence of an interval that decides.
    (`Equivalence` is supported at half of that: the effect can lie beyond one bound
    only.) So the 95% interval decides just where p <= 0.05. The verdict is given where
    p is at most 0.05 after Holm's correction too, which takes the claim's cases for one
    family, once for the supported and once for the contradicted. A case without company
    is judged by its interval alone. However the cases depend on each other, of all
    claims at most 5% have a case supported that should not be (the effect is not above
    0, not within the bounds), and at most 5% one contradicted that should not be.

    A seed without a value does not count towards the estimate that is shown, but it is
    not dropped from what is judged: the lower end of the interval, and the estimate that
    has to reach a smallest effect, take its value as the smallest of all, the upper end
    as the largest. So the verdict holds whatever the value would have been. A censored
    one is taken at its bounds in the same way.

    Args:
        claim: the claim.
        effects: as of `Claim`.

    Returns:
        The `Verdict` of each case, in their order.

    Raises:
        ValueError: if a seed stands twice in a case.
    """
    findings = [_find(claim, case, values) for case, values in effects.items()]
    corrected = {
        decision: holm([f.p if f.decision == decision else 1.0 for f in findings])
        for decision in VERDICTS
    }
    return [
        _verdict(claim, finding, float(corrected[finding.decision][i]), len(findings))
        for i, finding in enumerate(findings)
    ]


def format_number(value: float, digits: int = 3) -> str:
    """Writes a number rounded, with a true minus sign and never as a negative 0."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{'−' if value < 0 else ''}∞"
    rounded = round(value, digits)
    return f"{'−' if rounded < 0 else ''}{abs(rounded):.{digits}f}"


@dataclass(frozen=True, kw_only=True)
class _Finding:
    """What a case gives by itself.

    `by_interval` is what the interval that is shown decides; `decision` what the widest
    interval decides that decides at all, at the uncorrected `p`, which is the least
    that the seeds can give if `is_clearest`.
    """

    case: str
    num_seeds: int
    num_censored: int
    interval: Interval | None = None
    by_interval: str = INCONCLUSIVE
    decision: str = INCONCLUSIVE
    p: float = 1.0
    is_clearest: bool = False

    @property
    def n(self) -> int:
        return self.interval.n if self.interval else 0


def _find(claim: Claim, case: str, values: pd.Series | pd.DataFrame) -> _Finding:
    if values.index.has_duplicates:
        repeated = sorted(set(values.index[values.index.duplicated()]))
        raise ValueError(
            f"Claim {claim.id!r}, case {case!r}: expected one value for each seed. "
            f"Got more for {', '.join(map(str, repeated))}."
        )
    least, most = _bounds(values)
    num_known = int((np.isfinite(least) | np.isfinite(most)).sum())
    finding = _Finding(
        case=case,
        num_seeds=len(values),
        num_censored=num_known - int((least == most).sum()),
    )
    if not num_known:
        return finding
    rule = claim.rule
    if claim.is_share:
        least_estimate = float((least > 0).mean())
        tails, lows, highs = nested_wilson(least, most)
        interval = bounded_wilson(least, most, 1 - rule.level)
    else:
        least_estimate = hodges_lehmann(least).estimate
        tails, lows, highs = nested_intervals(least, most)
        interval = bounded_hodges_lehmann(least, most, 1 - rule.level)

    def verdict(i: int) -> str:
        return rule.verdict(least_estimate, lows[i], highs[i])

    finding = replace(
        finding,
        interval=interval,
        by_interval=rule.verdict(least_estimate, interval.low, interval.high),
    )
    # What decides once, decides alike for all intervals within.
    widest = bisect.bisect_left(
        range(len(tails)), True, key=lambda i: verdict(i) != INCONCLUSIVE
    )
    if widest == len(tails):
        return finding
    decision = verdict(widest)
    share = LEVEL / rule.level if decision == SUPPORTED else 1.0
    return replace(
        finding,
        decision=decision,
        p=float(tails[widest]) * share,
        is_clearest=widest == 0,
    )


def _bounds(values: pd.Series | pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(values, pd.DataFrame):
        least = values["least"].to_numpy(dtype=np.float64, na_value=-math.inf)
        most = values["most"].to_numpy(dtype=np.float64, na_value=math.inf)
        return least, most
    numbers = values.to_numpy(dtype=np.float64, na_value=math.nan)
    usable = np.isfinite(numbers)
    return np.where(usable, numbers, -math.inf), np.where(usable, numbers, math.inf)


def _verdict(claim: Claim, finding: _Finding, p: float, num_cases: int) -> Verdict:
    interval = finding.interval
    verdict = finding.decision if p <= LEVEL else INCONCLUSIVE
    return Verdict(
        claim=claim.id,
        case=finding.case,
        verdict=verdict,
        estimate=interval.estimate if interval else math.nan,
        low=interval.low if interval else math.nan,
        high=interval.high if interval else math.nan,
        p=p,
        n=finding.n,
        num_censored=finding.num_censored,
        num_excluded=finding.num_seeds - finding.n,
        sentence=_sentence(claim, finding, verdict, p, num_cases),
    )


def _sentence(
    claim: Claim, finding: _Finding, verdict: str, p: float, num_cases: int
) -> str:
    interval, num_excluded = finding.interval, finding.num_seeds - finding.n
    if interval is None:
        reason = (
            f"none of the {num_excluded} trainings has a value (diverged or undefined)"
            if num_excluded
            else "there is no training"
        )
        return f"{finding.case}: inconclusive, because {reason}."
    unit = f" {claim.unit}" if claim.unit else ""
    seeds = f"over {interval.n} seeds" if interval.n > 1 else "with a single seed"
    parts = [
        f"{finding.case}: {verdict}. The {claim.quantity} is "
        f"{claim.number(interval.estimate)}{unit} {seeds}"
    ]
    if claim.in_words:
        parts.append(f"; that is, {claim.in_words(interval.estimate)}")
    parts.append(f". {_of_interval(claim, finding, interval, verdict, p, num_cases)}")
    if finding.num_censored:
        parts.append(
            f" Of {finding.num_censored} of them only a bound is known: the estimate "
            "takes it for the value, the interval and the verdict the worst case."
        )
    if num_excluded:
        trainings = "training has" if num_excluded == 1 else "trainings have"
        parts.append(
            f" Another {num_excluded} {trainings} no value (diverged or undefined): the "
            "interval and the verdict take the worst case for them."
        )
    return "".join(parts)


def _of_interval(
    claim: Claim,
    finding: _Finding,
    interval: Interval,
    verdict: str,
    p: float,
    num_cases: int,
) -> str:
    bounds = f"{claim.number(interval.low)} to {claim.number(interval.high)}"
    if not interval.is_attained:
        return (
            f"So few seeds allow an interval of {interval.attained:.1%} confidence at "
            f"most ({bounds}); {interval.confidence:.0%} takes at least "
            f"{differences_needed(claim.rule.level)}."
        )
    where = claim.rule.finding(finding.by_interval, interval.low, claim.number)
    text = f"The {interval.confidence:.0%} interval is {bounds}, {where}"
    if finding.by_interval == INCONCLUSIVE:
        return f"{text}."
    shown = f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
    if num_cases > 1:
        shown += f", corrected for {num_cases} cases"
    if verdict != INCONCLUSIVE:
        return f"{text} ({shown})."
    if finding.is_clearest:
        needed = differences_needed(claim.rule.level / num_cases)
        shown += f"; it takes {needed} seeds to give less than {LEVEL}"
    return f"{text}; but that may be chance ({shown})."
