"""Which findings come first."""

import dataclasses

import pytest

from keras_rectifiers.comparison.reporting.findings import findings, in_sum
from keras_rectifiers.comparison.verdicts.claims import Kind
from keras_rectifiers.comparison.verdicts.sources import Source
from tests.comparison.reporting.judged_claims import judged_claim

HOLDS, FAILS, OPEN, MIXED, NOWHERE, GONE = (
    judged_claim(values)
    for values in (
        {"a": 0.9},
        {"a": 0.1},
        {"a": 0.5},
        {"a": 0.9, "b": 0.1},
        {"a": 0.5, "b": 0.1},
        {"a": None},
    )
)


def named(judged, id: str, num_sources: int = 1, **flags):
    """The claim under another name, made by more sources, or with flags on its case."""
    sources = [Source(title=f"book {i}") for i in range(num_sources)]
    claim = dataclasses.replace(judged.claim, id=id, sources=sources)
    cases = [{**case, **flags} for case in judged.cases]
    return dataclasses.replace(judged, claim=claim, cases=cases)


def chosen(claims, most=5, **fields) -> list[str]:
    found = findings(claims, most=most, **fields)
    return [finding.judged.claim.id for finding in found]


def test_a_claim_that_failed_comes_first_and_of_these_the_one_of_most_sources():
    claims = [
        ("a", named(HOLDS, "holds", 5)),
        ("b", named(FAILS, "fails", 1)),
        ("c", named(FAILS, "fails-often", 3)),
        ("d", named(OPEN, "open", 9)),
    ]
    assert chosen(claims) == ["fails-often", "fails", "holds"]


@pytest.mark.parametrize(
    "flag", ["depends_on_rate", "depends_on_budget", "is_borderline"]
)
def test_what_may_turn_round_comes_after_what_is_sure(flag):
    claims = [("a", named(FAILS, "flagged", **{flag: True})), ("b", named(HOLDS, "ok"))]
    assert chosen(claims) == ["ok", "flagged"]


def test_what_follows_from_theory_comes_last():
    theory = named(FAILS, "theory")
    claim = dataclasses.replace(
        theory.claim, kind=Kind.THEORY, kind_reason="It follows."
    )
    claims = [("a", dataclasses.replace(theory, claim=claim)), ("b", named(HOLDS, "h"))]
    assert chosen(claims) == ["h", "theory"]


def test_each_study_has_one_finding_and_not_all_are_of_claims_that_failed():
    claims = [(study, named(FAILS, f"fails-{study}")) for study in "abcd"]
    claims += [("a", named(FAILS, "second")), ("e", named(HOLDS, "holds"))]
    assert chosen(claims) == ["fails-a", "fails-b", "fails-c", "holds"]
    assert chosen(claims, most=2) == ["fails-a", "fails-b"]
    assert chosen(claims[:1] + claims[4:5], per_study=2) == ["fails-a", "second"]


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ([HOLDS, HOLDS, FAILS, MIXED, OPEN, GONE], "Of the 5 claims that could be "
         "judged, 2 hold, 1 does not hold, 1 holds in part and 1 stays unclear."),
        ([HOLDS, NOWHERE, NOWHERE], "Of the 3 claims that could be judged, 1 holds and "
         "2 are contradicted in part."),
        ([HOLDS, GONE], "The one claim that could be judged holds."),
        ([HOLDS, HOLDS], "Of the 2 claims that could be judged, 2 hold."),
        ([GONE], "None of its claims could be judged on these data."),
    ],
)  # fmt: skip
def test_a_sentence_counts_what_holds(claims, sentence):
    assert in_sum(claims) == sentence
