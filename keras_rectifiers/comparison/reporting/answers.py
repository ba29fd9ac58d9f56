"""The answer to a claim, in plain words, from the verdicts on its cases."""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from keras_rectifiers.comparison.reporting.wording import said
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    INCONCLUSIVE,
    MIXED,
    NOT_MEASURED,
    NOT_TESTABLE,
    SUPPORTED,
    VERDICTS,
    Difference,
)
from keras_rectifiers.comparison.verdicts.summary import listed

Case = Mapping[str, Any]

_FIRST = {SUPPORTED: "Yes", CONTRADICTED: "No", INCONCLUSIVE: "Unclear"}
_NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?")
_MOST_NAMED = 4


def answer(claim: Claim, verdict: str, cases: Sequence[Case]) -> str:
    """Answers whether a claim holds.

    Args:
        claim: the claim.
        verdict: the one verdict on it, see `sum_up`.
        cases: its cases with their verdicts, see `JudgedClaim`.

    Returns:
        One or two sentences, which begin with "Yes", "No", "In part", "Unclear" or
        "Not". "In part" is said only if a case is supported.
    """
    if verdict == NOT_MEASURED:
        return "Not measured."
    if verdict == NOT_TESTABLE:
        condition = claim.precondition.text if claim.precondition else "it is testable"
        return said(
            f"Not testable here. The condition holds for too few seeds: {condition}."
        )
    if verdict == MIXED:
        return _in_part(cases)
    judged = [case for case in cases if case["verdict"] in VERDICTS]
    if len(judged) == 1:
        return f"{_FIRST[verdict]}: {measured(claim, judged[0])}."
    number = "both" if len(judged) == 2 else f"all {len(judged)}"
    nearest = nearest_to_bound(claim, judged)
    if verdict == CONTRADICTED:
        return (
            f"No, in {number} cases. Nearest to it is {said(nearest['case'])}: "
            f"{measured(claim, nearest)}."
        )
    which = "The least clear" if verdict == SUPPORTED else "Nearest to the limit"
    return (
        f"{_FIRST[verdict]}, in {number} cases. {which} is "
        f"{said(nearest['case'])}: {measured(claim, nearest)}."
    )


def measured(claim: Claim, case: Case) -> str:
    """What was measured in a case, as the part of a sentence, with its interval.

    What is computed from formulas has none.
    """
    if claim.in_words and math.isfinite(case["estimate"]):
        found = claim.in_words(case["estimate"])
    else:
        unit = f" {claim.unit}" if claim.unit else ""
        found = f"the {claim.quantity} is {case['effect']}{unit}"
    if claim.is_computed:
        return said(found)
    found = f"{found} ({1 - claim.rule.level:.0%} interval {_interval(claim, case)})"
    if _is_too_small(claim, case):
        found += ", too little to matter"
    return said(found)


def _interval(claim: Claim, case: Case) -> str:
    """The interval in the words of the estimate, of which only what differs is said."""
    bounds = case["low"], case["high"]
    if claim.in_words and all(map(math.isfinite, bounds)):
        low, high = (claim.in_words(bound).split() for bound in bounds)
        start = _num_equal(low, high)
        end = _num_equal(low[start:][::-1], high[start:][::-1])
        # Of "0.5 points less" and "0.5 points more" the number is said too.
        while start and not re.search(r"\d", " ".join(low[start : start + 1])):
            start -= 1
        if low != high:
            ends = [
                " ".join(words[start : len(words) - end]).rstrip(",")
                for words in (low, high)
            ]
            return " to ".join(_ascending(ends))
        numbers = [word.rstrip(",") for word in low if re.search(r"\d", word)]
        if len(numbers) == 1:
            return " to ".join(numbers * 2)
    unit = f" {claim.unit}" if claim.in_words and claim.unit else ""
    return f"{case['interval']}{unit}"


def _ascending(ends: Sequence[str]) -> Sequence[str]:
    """Two texts; if they differ in their number alone, the smaller number is first."""
    numbers = [_NUMBER.findall(text) for text in ends]
    is_alone = len({_NUMBER.sub("", text) for text in ends}) == 1
    if is_alone and all(len(found) == 1 for found in numbers):
        return sorted(ends, key=_number)
    return ends


def _number(text: str) -> float:
    return float(_NUMBER.findall(text)[0].replace("−", "-"))


def _num_equal(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts begin with in common."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def nearest_to_bound(claim: Claim, cases: Sequence[Case]) -> Case:
    """The case whose estimate is nearest to what the criterion asks for."""

    def distance(case: Case) -> float:
        distances = [abs(case["estimate"] - bound) for bound in claim.rule.bounds]
        return min((d for d in distances if not math.isnan(d)), default=math.inf)

    return min(cases, key=distance)


def _is_too_small(claim: Claim, case: Case) -> bool:
    return (
        isinstance(claim.rule, Difference)
        and case["verdict"] == CONTRADICTED
        and case["low"] > 0
    )


def _in_part(cases: Sequence[Case]) -> str:
    words = {SUPPORTED: "yes", CONTRADICTED: "no", INCONCLUSIVE: "unclear"}
    # Of how many is said once.
    of_all = f" of {sum(case['verdict'] in VERDICTS for case in cases)} cases"
    parts = []
    for verdict, word in words.items():
        names = [said(case["case"]) for case in cases if case["verdict"] == verdict]
        if names:
            if len(names) > _MOST_NAMED:
                parts.append(f"{word} in {len(names)}{of_all}")
                of_all = ""
            else:
                parts.append(f"{word} for {_named(names)}")
    found = "; ".join(parts)
    is_yes = any(case["verdict"] == SUPPORTED for case in cases)
    return f"In part: {found}." if is_yes else f"{found[0].upper()}{found[1:]}."


def _named(names: Sequence[str]) -> str:
    """The names of cases, each in quotes if one contains a comma."""
    if any("," in name for name in names):
        names = [f"“{name}”" for name in names]
    return listed(names)
