"""What was found, the surprising and sure first, by rule from the verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim
from keras_rectifiers.comparison.verdicts.claims import Kind
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    INCONCLUSIVE,
    MIXED,
    SUPPORTED,
    VERDICTS,
)
from keras_rectifiers.comparison.verdicts.summary import listed

# So many of the findings are of claims that failed, so that others have a place too.
_MOST_CONTRADICTED = 3
# What one claim of a verdict does, and several.
# Of no case it is known that the claim holds, so that it does not hold in part.
_PARTLY_CONTRADICTED = "partly contradicted"

_WHAT_THEY_DO = {
    SUPPORTED: ("holds", "hold"),
    CONTRADICTED: ("does not hold", "do not hold"),
    MIXED: ("holds in part", "hold in part"),
    _PARTLY_CONTRADICTED: ("is contradicted in part", "are contradicted in part"),
    INCONCLUSIVE: ("stays unclear", "stay unclear"),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding: a claim and its answer.

    Args:
        study: the name of the study.
        judged: the claim.
    """

    study: str
    judged: JudgedClaim


def findings(
    claims: Iterable[tuple[str, JudgedClaim]], *, most: int, per_study: int = 1
) -> list[Finding]:
    """Chooses the findings that a reader should see first.

    Sure is a claim that could turn out either way, is supported or contradicted in all
    its cases, and does not depend on the rate or the budget and is not borderline.
    Claims that were contradicted come first, because that is a surprise, and of them
    those that the most sources make. If there are too few, others that were decided
    follow.

    Args:
        claims: the name of a study, and one of its claims.
        most: the number of findings.
        per_study: the number of findings from one study.

    Returns:
        `most` findings, or fewer if fewer claims were decided.
    """
    ranked = sorted(
        (pair for pair in claims if pair[1].verdict in (SUPPORTED, CONTRADICTED)),
        key=lambda pair: _rank(pair[1]),
    )
    chosen: list[Finding] = []
    for study, judged in ranked:
        num_contradicted = sum(f.judged.verdict == CONTRADICTED for f in chosen)
        is_one_too_many = (
            judged.verdict == CONTRADICTED and num_contradicted >= _MOST_CONTRADICTED
        )
        of_study = sum(found.study == study for found in chosen)
        if len(chosen) < most and of_study < per_study and not is_one_too_many:
            chosen.append(Finding(study=study, judged=judged))
    return chosen


def is_sure(judged: JudgedClaim) -> bool:
    """Whether nothing is known that would turn the verdict round."""
    flags = ("depends_on_rate", "depends_on_budget", "is_borderline")
    return not any(case[flag] for case in judged.cases for flag in flags)


def in_sum(claims: Sequence[JudgedClaim]) -> str:
    """How many of the claims hold, in a sentence."""
    num_judged = sum(j.verdict in (*VERDICTS, MIXED) for j in claims)
    if not num_judged:
        return "None of its claims could be judged on these data."
    told = []
    for outcome, (one, several) in _WHAT_THEY_DO.items():
        number = sum(_outcome(judged) == outcome for judged in claims)
        if number:
            told.append(f"{number} {one if number == 1 else several}")
    if num_judged == 1:
        return f"The one claim that could be judged {told[0].removeprefix('1 ')}."
    return f"Of the {num_judged} claims that could be judged, {listed(told)}."


def _outcome(judged: JudgedClaim) -> str:
    if judged.verdict == MIXED and not judged.counts[SUPPORTED]:
        return _PARTLY_CONTRADICTED
    return judged.verdict


def _rank(judged: JudgedClaim) -> tuple:
    return (
        judged.claim.kind != Kind.EMPIRICAL,
        not is_sure(judged),
        judged.verdict != CONTRADICTED,
        -len(judged.claim.sources),
    )
