"""Claims about rectifiers, and the verdicts that follow from the stored tables.

A claim is fixed before the trials are run: its statement, what is measured, and the
smallest effect that matters. The verdict follows from the interval by a rule, and is
corrected for the number of the claim's cases by Holm's method.
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

# Why a seed may have no value, as a sentence says it.
_WITHOUT_VALUE = "diverged, undefined, or neither net of a pair reached the threshold"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim and its criterion, fixed before the trials are run.

    Args:
        id: short name.
        statement: the claim, in our words.
        source: where the claim is made.
        criterion: the criterion, in words.
        rule: `Difference`, `AtLeast`, `AtMost`, `Within` or `Equivalence`, with its
            numbers.
        effects: the effect of each seed in each case: case -> a Series indexed by seed,
            or a frame of its bounds, `least` and `most`, if some are censored. NaN if a
            seed has no value. A case without trials is empty but must still be
            included: all cases of a claim form the family for the correction.
        quantity: what the effect is, such as `"gradient decay"`.
        unit: unit of the effect, such as `"decades per layer"`; empty for a share.
        digits: number of decimals shown.
        in_words: what an estimate means, for a reader who does not know the unit. It
            continues a sentence after "that is,".
        published: results from the literature to show for comparison. They are not part
            of the criterion.
        is_share: whether each seed's value is 1 or 0, for whether it has some property.
            The effect is then the share of the seeds that have it, with Wilson's
            interval: the Hodges-Lehmann estimate of ones and zeros is not a share.
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
        """Formats a value of the effect with its decimals and a true minus sign."""
        return format_number(value, self.digits)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The verdict for one case of a claim.

    Args:
        claim: the claim's id.
        case: the case.
        verdict: `"supported"`, `"contradicted"` or `"inconclusive"`; `"not measured"`
            if there are no trials.
        estimate: the Hodges-Lehmann estimate of the effect, or the share, over the
            seeds with a value; NaN if no seed has one.
        low, high: the interval of this case alone: 95%, or 90% for `Equivalence`. NaN
            if no seed has a value, infinite if too many seeds have none.
        confidence: the confidence of the interval, which is lower if there are too few
            seeds.
        p: the p-value after Holm's correction for the cases of the claim: the
            probability of a false verdict at least as clear as this one, in any case of
            the claim. 1 if no interval decides at any confidence.
        n: number of seeds with a value.
        num_censored: how many of these have only a known bound.
        num_excluded: number of seeds without a value: diverged, undefined, or with
            neither bound known.
        num_above_zero: number of seeds whose effect is certainly above 0; in a paired
            comparison, the seeds in which the claim's side wins.
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
        study: the study whose claims are judged.
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
    """Judges all cases of a claim, which are the family for the correction.

    The interval of a case decides by the claim's rule. Its p is the lowest level at
    which it still does: 1 minus the highest confidence of an interval that decides.
    (For a supported `Equivalence`, p is half of that, because the effect can lie beyond
    only one bound.) So the 95% interval decides exactly if p <= 0.05. A verdict is
    given if p is still at most 0.05 after Holm's correction. The correction treats the
    claim's cases as one family, separately for supported and for contradicted cases. A
    claim with a single case is judged by its interval alone. However the cases depend
    on each other, at most 5% of all claims have a case that is wrongly supported (the
    effect is not above 0, or not within the bounds), and at most 5% have a case that is
    wrongly contradicted.

    A seed without a value does not count towards the estimate shown, but it does count
    in the verdict: its value is taken as the smallest of all for the lower end of the
    interval and for the estimate that has to reach the smallest effect, and as the
    largest of all for the upper end. So the verdict holds whatever the value would have
    been. A censored value is replaced by its bounds in the same way.

    Args:
        claim: the claim.
        effects: as for `Claim`.

    Returns:
        The `Verdict` of each case, in their order.

    Raises:
        ValueError: if a case has a seed twice.
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
    """Formats a rounded number with a true minus sign, and never as a negative 0."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{'−' if value < 0 else ''}∞"
    rounded = round(value, digits)
    return f"{'−' if rounded < 0 else ''}{abs(rounded):.{digits}f}"


def _check_once(claim: Claim, case: str, values: pd.Series | pd.DataFrame) -> None:
    if values.index.has_duplicates:
        repeated = sorted(set(values.index[values.index.duplicated()]))
        raise ValueError(
            f"Claim {claim.id!r}, case {case!r}: expected one value for each seed. "
            f"Received: more than one for seed {', '.join(map(str, repeated))}."
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
        return f"{case}: not measured; there are no trials for this case."
    if interval is None:
        return (
            f"{case}: inconclusive, because none of the {num_excluded} seeds has a "
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
            f" For {evidence.num_censored} of these seeds only a bound is known: the "
            "estimate uses the bound as the value, and the interval and the verdict "
            "assume the worst case."
        )
    if num_excluded:
        have, them = ("seed has", "it") if num_excluded == 1 else ("seeds have", "them")
        parts.append(
            f" Another {num_excluded} {have} no value ({_WITHOUT_VALUE}): the interval "
            f"and the verdict assume the worst case for {them}."
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
            f"With so few seeds, an interval has at most {interval.attained:.1%} "
            f"confidence ({bounds}); {interval.confidence:.0%} confidence needs at "
            f"least {differences_needed(claim.rule.level)} seeds."
        )
    where = claim.rule.finding(evidence.by_interval, interval.low, claim.number)
    text = f"The {interval.confidence:.0%} interval is {bounds}, {where}"
    if evidence.by_interval == INCONCLUSIVE:
        return f"{text}."
    shown = f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
    if num_cases > 1:
        shown += f", corrected for {num_cases} cases"
    if verdict != INCONCLUSIVE:
        return f"{text}; {shown}."
    if evidence.is_clearest:
        needed = differences_needed(claim.rule.level / num_cases)
        shown += f"; p < {LEVEL} needs at least {needed} seeds"
    return f"{text}; but this may be chance ({shown})."
