"""One verdict for each claim, which sums up those of its cases."""

from collections.abc import Iterable, Mapping, Sequence

from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    INCONCLUSIVE,
    MIXED,
    NOT_MEASURED,
    NOT_TESTABLE,
    SUPPORTED,
    VERDICTS,
)

# In the order in which they are counted.
SUMMARIES = (
    SUPPORTED,
    CONTRADICTED,
    MIXED,
    INCONCLUSIVE,
    NOT_TESTABLE,
    NOT_MEASURED,
)


def sum_up(verdicts: Iterable[str]) -> str:
    """The verdict on a claim, from those on its cases.

    Args:
        verdicts: the verdict of each case.

    Returns:
        The verdict that all judged cases share, or `"mixed"` if they differ. If no case
        is judged: `"not testable here"` if one was measured, otherwise `"not
        measured"`.
    """
    found = set(verdicts)
    judged = found.intersection(VERDICTS)
    if len(judged) > 1:
        return MIXED
    if judged:
        return judged.pop()
    return NOT_TESTABLE if NOT_TESTABLE in found else NOT_MEASURED


def count(verdicts: Sequence[str]) -> dict[str, int]:
    """The number of each verdict, of cases or of claims, in a fixed order."""
    return {name: verdicts.count(name) for name in SUMMARIES}


def nets_judged(claim: Claim, verdicts: Mapping[str, str]) -> str:
    """The nets on which a claim was judged, in words, and no others.

    Args:
        claim: the claim.
        verdicts: case -> its verdict.

    Returns:
        The words of `claim.nets` for the cases that have a verdict; empty if none has.
    """
    judged = [case for case, verdict in verdicts.items() if verdict in VERDICTS]
    if not judged:
        return ""
    if isinstance(claim.nets, str):
        return claim.nets
    found = [
        nets
        for part, nets in claim.nets.items()
        if any(part in case for case in judged)
    ]
    return listed(found)


def listed(words: Iterable[str]) -> str:
    """Joins words as a sentence does.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
