"""Claims and verdicts: what is said of rectifiers, and what the tables say to it.

A claim is fixed before the trials are run: what it says, what is measured, and from
which size on an effect matters. Its verdict follows from the interval by rule, and has
to stand Holm's correction for the number of the claim's cases.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from keras_rectifiers.comparison.statistics import Interval, differences_needed, holm
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.criteria import (
    INCONCLUSIVE,
    LEVEL,
    NOT_MEASURED,
    VERDICTS,
    Rule,
)
from keras_rectifiers.comparison.verdicts.evidence import Evidence, weigh

CONFIDENCE = 1 - LEVEL

# Why a training may have no value, as a sentence says it.
_WITHOUT_VALUE = "diverged, undefined, or neither of a pair got to the threshold"


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
        verdict: `"supported"`, `"contradicted"` or `"inconclusive"`; `"not measured"` if
            there is no training.
        estimate: the Hodges-Lehmann estimate of the effect, or the share, over the
            seeds with a value; NaN without any value.
        low, high: its interval, of this case alone: 95%, and 90% for `Equivalence`; NaN
            without any value, infinite where too many trainings have no value.
        confidence: that of the interval, which is less if there are too few seeds.
        p: how often chance gives a verdict so clear, or one in another case of the
            claim, where it would be false: after Holm's correction. 1 where the
            interval decides nothing at any confidence.
        n: number of seeds with a value.
        num_censored: those of them of which only a bound is known.
        num_excluded: number of seeds without one: diverged, undefined, or of which
            neither bound is known.
        num_above_zero: number of seeds whose effect is surely above 0: in a comparison of
            pairs those in which the claim's side wins.
        sentence: the verdict in plain English.
    """

    claim: str
    case: str
    verdict: str
    estimate: float
    low: float
    high: float
    confidence: float
    p: float
    n: int
    num_censored: int
    num_excluded: int
    num_above_zero: int
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
    for case, values in effects.items():
        _check_once(claim, case, values)
    family = {
        case: weigh(claim.rule, values, is_share=claim.is_share)
        for case, values in effects.items()
    }
    corrected = {
        decision: holm(
            [e.p if e.decision == decision else 1.0 for e in family.values()]
        )
        for decision in VERDICTS
    }
    return [
        _verdict(
            claim, case, evidence, float(corrected[evidence.decision][i]), len(family)
        )
        for i, (case, evidence) in enumerate(family.items())
    ]


def format_number(value: float, digits: int = 3) -> str:
    """Writes a number rounded, with a true minus sign and never as a negative 0."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{'−' if value < 0 else ''}∞"
    rounded = round(value, digits)
    return f"{'−' if rounded < 0 else ''}{abs(rounded):.{digits}f}"


def _check_once(claim: Claim, case: str, values: pd.Series | pd.DataFrame) -> None:
    if values.index.has_duplicates:
        repeated = sorted(set(values.index[values.index.duplicated()]))
        raise ValueError(
            f"Claim {claim.id!r}, case {case!r}: expected one value for each seed. "
            f"Received: more for {', '.join(map(str, repeated))}."
        )


def _verdict(
    claim: Claim, case: str, evidence: Evidence, p: float, num_cases: int
) -> Verdict:
    interval = evidence.interval
    if evidence.num_seeds:
        verdict = evidence.decision if p <= LEVEL else INCONCLUSIVE
    else:
        verdict = NOT_MEASURED
    return Verdict(
        claim=claim.id,
        case=case,
        verdict=verdict,
        estimate=interval.estimate if interval else math.nan,
        low=interval.low if interval else math.nan,
        high=interval.high if interval else math.nan,
        confidence=min(interval.attained, interval.confidence)
        if interval
        else math.nan,
        p=p,
        n=evidence.n,
        num_censored=evidence.num_censored,
        num_excluded=evidence.num_excluded,
        num_above_zero=evidence.num_above_zero,
        sentence=_sentence(claim, case, evidence, verdict, p, num_cases),
    )


def _sentence(
    claim: Claim, case: str, evidence: Evidence, verdict: str, p: float, num_cases: int
) -> str:
    interval, num_excluded = evidence.interval, evidence.num_excluded
    if verdict == NOT_MEASURED:
        return f"{case}: not measured; there is no training to judge."
    if interval is None:
        return (
            f"{case}: inconclusive, because none of the {num_excluded} trainings has a "
            f"value ({_WITHOUT_VALUE})."
        )
    unit = f" {claim.unit}" if claim.unit else ""
    seeds = f"over {interval.n} seeds" if interval.n > 1 else "with a single seed"
    parts = [
        f"{case}: {verdict}. The {claim.quantity} is "
        f"{claim.number(interval.estimate)}{unit} {seeds}"
    ]
    if claim.in_words:
        parts.append(f"; that is, {claim.in_words(interval.estimate)}")
    parts.append(f". {_of_interval(claim, evidence, interval, verdict, p, num_cases)}")
    if evidence.num_censored:
        parts.append(
            f" Of {evidence.num_censored} of them only a bound is known: the estimate "
            "takes it for the value, the interval and the verdict the worst case."
        )
    if num_excluded:
        trainings = "training has" if num_excluded == 1 else "trainings have"
        parts.append(
            f" Another {num_excluded} {trainings} no value ({_WITHOUT_VALUE}): the "
            "interval and the verdict take the worst case for them."
        )
    return "".join(parts)


def _of_interval(
    claim: Claim,
    evidence: Evidence,
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
    where = claim.rule.finding(evidence.by_interval, interval.low, claim.number)
    text = f"The {interval.confidence:.0%} interval is {bounds}, {where}"
    if evidence.by_interval == INCONCLUSIVE:
        return f"{text}."
    shown = f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
    if num_cases > 1:
        shown += f", corrected for {num_cases} cases"
    if verdict != INCONCLUSIVE:
        return f"{text} ({shown})."
    if evidence.is_clearest:
        needed = differences_needed(claim.rule.level / num_cases)
        shown += f"; it takes {needed} seeds to give less than {LEVEL}"
    return f"{text}; but that may be chance ({shown})."
