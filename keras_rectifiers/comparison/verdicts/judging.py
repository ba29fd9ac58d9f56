"""From the stored tables to the verdict on each case of each claim.

The verdict follows from the interval by a rule, and is corrected for the number of the
claim's cases by Holm's method. It is borderline if other draws of the seeds often give
another one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts import budgets
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    LEVEL,
    NOT_MEASURED,
    VERDICTS,
)
from keras_rectifiers.comparison.verdicts.deciding import (
    Decided,
    decide,
    shares_of_resamples,
)
from keras_rectifiers.comparison.verdicts.sentences import sentence


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The verdict for one case of a claim.

    Args:
        claim: the claim's id.
        case: the case.
        verdict: `"supported"`, `"contradicted"` or `"inconclusive"`; `"not testable
            here"` if the claim's precondition does not hold for enough seeds; `"not
            measured"` if there are no trials.
        estimate: the Hodges-Lehmann estimate of the effect, or the share, over the
            seeds with a value; NaN if no seed has one.
        low, high: the interval of this case alone: 95%, or 90% for `Equivalence`. NaN
            if no seed has a value, infinite if too many seeds have none.
        confidence: the confidence of the interval, which is lower if there are too few
            seeds.
        p: the p-value after Holm's correction for the cases of the claim: the
            probability of a false verdict at least as clear as this one, in any case of
            the claim. 1 if no interval decides at any confidence, or if the case is
            not testable.
        n: number of seeds with a value.
        num_censored: how many of these have only a known bound.
        num_excluded: number of seeds without a value: diverged, not trained, undefined,
            or with neither bound known, or without the precondition if the case is testable.
        num_unfit: number of seeds for which the precondition does not hold.
        num_above_zero: number of seeds whose effect is certainly above 0; in a paired
            comparison, the seeds in which the claim's side wins.
        is_borderline: whether the verdict on this case is another one in more than 5% of
            bootstrap resamples of the seeds. What changes the results of some seeds,
            such as the rounding of another processor, can then change the verdict.
        depends_on_budget: whether the result would be the opposite if training had
            ended earlier in the last half of the epochs, see `budgets.changes`. False if
            the claim is not judged along the epochs, or the case is not testable.
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
    num_unfit: int
    num_above_zero: int
    is_borderline: bool
    depends_on_budget: bool
    sentence: str


def judge(
    study: Study,
    tables: Tables,
    along: pd.DataFrame | None = None,
    *,
    resampling: bool = True,
) -> pd.DataFrame:
    """Judges every case of every claim of a study.

    Args:
        study: the study whose claims are judged.
        tables: the tables of its trials.
        along: what `judge_along_epochs` returns for them. Without it no case is said to
            depend on its budget.
        resampling: as for `judge_claim`.

    Returns:
        One row for each claim and case, in their order: `study` and the fields of
        `Verdict`.
    """
    changes = {} if along is None else budgets.changes(along)
    verdicts = [
        {"study": study.name, **vars(_with_change(verdict, changes))}
        for claim in study.claims
        for verdict in judge_claim(
            claim,
            claim.effects(tables),
            claim.precondition.holds(tables) if claim.precondition else None,
            resampling=resampling,
        )
    ]
    columns = ["study", *Verdict.__dataclass_fields__]
    return pd.DataFrame(verdicts, columns=columns)


def _with_change(verdict: Verdict, changes: Mapping[tuple[str, str], str]) -> Verdict:
    change = changes.get((verdict.claim, verdict.case))
    if not change or verdict.verdict not in VERDICTS:
        return verdict
    return replace(
        verdict, depends_on_budget=True, sentence=f"{verdict.sentence} {change}"
    )


def judge_claim(
    claim: Claim,
    effects: Mapping[str, pd.Series | pd.DataFrame],
    holds: Mapping[str, pd.Series] | None = None,
    *,
    resampling: bool = True,
) -> list[Verdict]:
    """Judges all cases of a claim; those measured are the family for the correction.

    The interval of a case decides by the claim's rule. Its p is the lowest level at
    which it still does: 1 minus the highest confidence of an interval that decides.
    (For a supported `Equivalence`, p is half of that, because the effect can lie beyond
    only one bound.) So the 95% interval decides exactly if p <= 0.05. A verdict is
    given if p is still at most 0.05 after Holm's correction. The correction treats the
    claim's cases as one family, separately for supported and for contradicted cases.
    Cases that were not measured are not in the family. Those that are not testable are,
    because only the results tell that they are not. A claim with a single measured case is judged
    by its interval alone. However the cases depend on each other, at most 5% of all
    claims have a case that is wrongly supported (the effect is not above 0, or not
    within the bounds), and at most 5% have a case that is wrongly contradicted.

    A seed without a value does not count towards the estimate shown, but it does count
    in the verdict: its value is taken as the smallest of all for the lower end of the
    interval and for the estimate that has to reach the smallest effect, and as the
    largest of all for the upper end. So the verdict holds whatever the value would have
    been. A censored value is replaced by its bounds in the same way.

    Args:
        claim: the claim.
        effects: as for `Claim`.
        holds: as for `Precondition`. Default: the claim has no precondition.
        resampling: whether to resample the seeds, to find out which verdicts are
            borderline. Otherwise none is.

    Returns:
        The `Verdict` of each case, in their order.

    Raises:
        ValueError: if a case has a seed twice.
    """
    for case, values in effects.items():
        _check_once(claim, case, values)
    holds = holds or {}
    cases = decide(claim, effects, holds)
    shares = shares_of_resamples(claim, effects, holds) if resampling else {}
    num_cases = sum(decided.verdict != NOT_MEASURED for decided in cases.values())
    return [
        _verdict(claim, case, decided, num_cases, shares.get(case, {}))
        for case, decided in cases.items()
    ]


def _check_once(claim: Claim, case: str, values: pd.Series | pd.DataFrame) -> None:
    if values.index.has_duplicates:
        repeated = sorted(set(values.index[values.index.duplicated()]))
        raise ValueError(
            f"Claim {claim.id!r}, case {case!r}: expected one value for each seed. "
            f"Received: more than one for seed {', '.join(map(str, repeated))}."
        )


def _verdict(
    claim: Claim,
    case: str,
    decided: Decided,
    num_cases: int,
    shares: Mapping[str, float],
) -> Verdict:
    others = {name: share for name, share in shares.items() if name != decided.verdict}
    is_borderline = sum(others.values()) > LEVEL
    evidence = decided.evidence
    interval = evidence.interval
    return Verdict(
        claim=claim.id,
        case=case,
        verdict=decided.verdict,
        estimate=interval.estimate if interval else math.nan,
        low=interval.low if interval else math.nan,
        high=interval.high if interval else math.nan,
        confidence=min(interval.attained, interval.confidence)
        if interval
        else math.nan,
        p=decided.p,
        n=evidence.n,
        num_censored=evidence.num_censored,
        num_excluded=evidence.num_excluded,
        num_unfit=decided.num_unfit,
        num_above_zero=evidence.num_above_zero,
        is_borderline=is_borderline,
        depends_on_budget=False,
        sentence=sentence(
            claim,
            case,
            evidence,
            decided.verdict,
            p=decided.p,
            num_cases=num_cases,
            num_unfit=decided.num_unfit,
            others=others if is_borderline else {},
        ),
    )
