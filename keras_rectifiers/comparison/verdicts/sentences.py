"""The verdict on a case, in plain English."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from keras_rectifiers.comparison.statistics import Interval, differences_needed
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    INCONCLUSIVE,
    LEVEL,
    NOT_MEASURED,
    NOT_TESTABLE,
)
from keras_rectifiers.comparison.verdicts.evidence import Evidence

# Why a seed may have no value, as a sentence says it.
_WITHOUT_VALUE = (
    "diverged, not trained, undefined, or neither net of a pair reached the threshold"
)


def sentence(
    claim: Claim,
    case: str,
    evidence: Evidence,
    verdict: str,
    *,
    p: float,
    num_cases: int,
    num_unfit: int = 0,
    others: Mapping[str, float] = MappingProxyType({}),
) -> str:
    """Says what was found in a case, and why its verdict follows.

    Args:
        claim, case: what was judged.
        evidence: the evidence of the case.
        verdict: its verdict.
        p: its p-value after the correction.
        num_cases: the number of cases for which p is corrected.
        num_unfit: the number of seeds for which the precondition does not hold.
        others: other verdict -> in what share of resamples of the seeds it is found;
            empty if the verdict is not borderline.
    """
    found = _found(claim, case, evidence, verdict, p, num_cases, num_unfit)
    if not others:
        return found
    shares = " and ".join(
        f"{name} in {share:.0%}" for name, share in sorted(others.items())
    )
    return f"{found} Borderline: if the {claim.repeated_by}s are drawn again, it is {shares}."


def _found(
    claim: Claim,
    case: str,
    evidence: Evidence,
    verdict: str,
    p: float,
    num_cases: int,
    num_unfit: int,
) -> str:
    interval, num_excluded = evidence.interval, evidence.num_excluded
    if verdict == NOT_MEASURED:
        return f"{case}: not measured; there are no trials for this case."
    if verdict == NOT_TESTABLE:
        return _not_testable(claim, case, evidence, num_unfit)
    if interval is None:
        return (
            f"{case}: inconclusive, because none of the {num_excluded} {claim.repeated_by}s has a "
            f"value ({_reasons(num_unfit)})."
        )
    unit = f" {claim.unit}" if claim.unit else ""
    one = claim.repeated_by
    seeds = (
        f" over {interval.n:,} {one}s" if interval.n > 1 else f" with a single {one}"
    )
    parts = [
        f"{case}: {verdict}. The {claim.quantity} is "
        f"{_numbers(claim, interval)(interval.estimate)}{unit}"
        f"{'' if claim.is_computed else seeds}"
    ]
    if claim.in_words:
        words = claim.in_words(interval.estimate)
        parts.append(f"; that is, {words.removeprefix(f'the {claim.quantity} is ')}")
    if claim.is_computed:
        return "".join([*parts, f". {_of_value(claim, interval, verdict)}"])
    parts.append(f". {_of_interval(claim, evidence, interval, verdict, p, num_cases)}")
    if evidence.num_censored:
        parts.append(
            f" For {evidence.num_censored} of these {one}s only a bound is known: the "
            "estimate uses the bound as the value, and the interval and the verdict "
            "assume the worst case."
        )
    if num_excluded:
        have, them = (
            (f"{one} has", "it") if num_excluded == 1 else (f"{one}s have", "them")
        )
        parts.append(
            f" Another {num_excluded} {have} no value ({_reasons(num_unfit)}): the interval "
            f"and the verdict assume the worst case for {them}."
        )
    return "".join(parts)


def _numbers(claim: Claim, interval: Interval) -> Callable[[float], str]:
    return claim.numbers(interval.estimate, interval.low, interval.high)


def _not_testable(claim: Claim, case: str, evidence: Evidence, num_unfit: int) -> str:
    condition = claim.precondition.text if claim.precondition else "it is testable"
    num_fit = evidence.num_seeds - num_unfit
    text = (
        f"{case}: not testable here. The claim can be tested only if {condition}. This "
        f"is known to hold for {num_fit} of {evidence.num_seeds} seeds, and more than half "
        "are needed."
    )
    if evidence.interval:
        unit = f" {claim.unit}" if claim.unit else ""
        estimate = _numbers(claim, evidence.interval)(evidence.interval.estimate)
        text += (
            f" The {claim.quantity} is {estimate}{unit}, which decides nothing here."
        )
    return text


def _reasons(num_unfit: int) -> str:
    if not num_unfit:
        return _WITHOUT_VALUE
    return f"{_WITHOUT_VALUE}; in {num_unfit} the claim cannot be tested"


def _of_value(claim: Claim, interval: Interval, verdict: str) -> str:
    where = claim.rule.finding(verdict, interval.low, _numbers(claim, interval))
    return (
        "It is computed from formulas, so this value decides alone: it is "
        f"{where.removeprefix('entirely ')}."
    )


def _of_interval(
    claim: Claim,
    evidence: Evidence,
    interval: Interval,
    verdict: str,
    p: float,
    num_cases: int,
) -> str:
    number = _numbers(claim, interval)
    bounds = f"{number(interval.low)} to {number(interval.high)}"
    if not interval.is_attained:
        return (
            f"With so few {claim.repeated_by}s, an interval has at most {interval.attained:.1%} "
            f"confidence ({bounds}); {interval.confidence:.0%} confidence needs at "
            f"least {differences_needed(claim.rule.level)} {claim.repeated_by}s."
        )
    where = claim.rule.finding(evidence.by_interval, interval.low, number)
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
        shown += f"; p < {LEVEL} needs at least {needed} {claim.repeated_by}s"
    return f"{text}; but this may be chance ({shown})."
