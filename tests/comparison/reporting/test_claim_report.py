"""What a page says of a claim, and how claims are counted."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.reporting.claim_report import (
    count_claims,
    read_claims,
)
from keras_rectifiers.comparison.verdicts.claims import Kind
from keras_rectifiers.comparison.verdicts.criteria import Difference
from keras_rectifiers.comparison.verdicts.judging import judge
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from tests.comparison.made_up_claims import made_up_claim
from tests.comparison.reporting.made_up_reports import made_up_study, made_up_tables

TABLES = made_up_tables()
NONE = pd.DataFrame(columns=["claim", "case"])
VALUES = pd.Series(np.linspace(0.2, 0.4, 12))


def made_up(id: str, sign: int = 1, **fields):
    return made_up_claim(
        Difference(smallest_effect=0.1),
        id=id,
        effects=lambda _: {"a, MLP": sign * VALUES, "b, CNN": sign * VALUES},
        **fields,
    )


def read(*claims, **fields):
    study = made_up_study(claims=claims, **fields)
    return read_claims(study, judge(study, TABLES), NONE, TABLES.trials)


def test_opposite_claims_are_one_result_with_two_readings():
    worse = made_up("worse", -1, opposite_of="better")
    # Whichever comes first.
    for claims in ((made_up("better"), worse), (worse, made_up("better"))):
        (found,) = read(*claims)
        assert [r.claim.id for r in found.readings] == ["better", "worse"]
        assert [r.verdict for r in found.readings] == ["supported", "contradicted"]
        counts = count_claims([found], Kind.EMPIRICAL)
        assert sum(counts.values()) == counts["supported"] == 1


def test_a_claim_whose_opposite_is_not_in_the_study_stands_alone():
    (found,) = read(made_up("worse", -1, opposite_of="better"))
    assert (found.claim.id, found.opposite) == ("worse", None)


def test_claims_are_counted_by_kind():
    found = read(
        made_up("one"),
        made_up("two", -1),
        made_up("three", kind=Kind.IDENTITY, kind_reason="It is one."),
    )
    of_kind = {kind: count_claims(found, kind) for kind in Kind}
    assert of_kind[Kind.EMPIRICAL]["supported"] == 1
    assert of_kind[Kind.EMPIRICAL]["contradicted"] == 1
    assert of_kind[Kind.IDENTITY]["supported"] == 1
    assert sum(of_kind[Kind.IDENTITY].values()) == 1
    assert sum(of_kind[Kind.THEORY].values()) == 0


@pytest.mark.parametrize(
    ("fields", "scope"),
    [
        ({"nets": "MLPs of 6 layers"}, "in MLPs of 6 layers, on own.npz"),
        ({"nets": "nets", "data": "points"}, "in nets, on points"),
        ({"nets": {"MLP": "MLPs", "CNN": "CNNs"}}, "in MLPs and CNNs, on own.npz"),
        ({}, ""),
    ],
)
def test_a_verdict_names_the_nets_and_the_data_that_it_is_about(fields, scope):
    (found,) = read(made_up("one", **fields), dataset="/home/me/own.npz")
    assert found.scope == scope


def test_a_data_set_is_called_by_its_published_name():
    (found,) = read(made_up("one", nets="nets"), dataset="fashion_mnist")
    assert found.scope == "in nets, on Fashion-MNIST"


def test_nets_that_could_not_be_tested_are_not_said_to_have_been_judged():
    condition = Precondition(
        text="it has learned",
        holds=lambda _: {"b, CNN": pd.Series(False, index=VALUES.index)},
    )
    nets = {"MLP": "MLPs", "CNN": "CNNs"}
    (found,) = read(made_up("one", nets=nets, precondition=condition))
    assert found.scope == "in MLPs, on digits"
    assert found.verdict == "supported"
    assert (found.counts["supported"], found.counts["not testable here"]) == (1, 1)
    # Which seeds are above 0 tells nothing of a case that is not tested.
    assert [case["is_of_sides"] for case in found.cases] == [True, False]


def test_a_case_that_depends_on_the_rate_says_at_which_and_how_it_comes_out_there():
    study = made_up_study(claims=[made_up("one")])
    contrary = pd.DataFrame(
        [
            ("one", "b, CNN", 0.03, "contradicted", -0.2, -0.3, -0.1),
            ("one", "b, CNN", 0.1, "inconclusive", -0.2, -0.3, -0.1),
        ],
        columns=[
            *("claim", "case", "learning_rate", "verdict"),
            *("estimate", "low", "high"),
        ],
    )
    (found,) = read_claims(study, judge(study, TABLES), contrary, TABLES.trials)
    assert [case["depends_on_rate"] for case in found.cases] == [False, True]
    assert [case["at_common_rates"] for case in found.cases] == [
        "",
        "at a rate of 0.03 common to all nets the effect is −0.200 (interval −0.300 to "
        "−0.100), contradicted; at a rate of 0.1 common to all nets the effect is "
        "−0.200 (interval −0.300 to −0.100), on the other side of 0",
    ]
    assert found.verdict == "supported"


def test_the_smallest_effect_on_accuracy_is_told_in_test_images():
    found = read(
        made_up("one", outcomes=("test_accuracy",)),
        made_up("gap", outcomes=("train_accuracy", "test_accuracy")),
        made_up("elsewhere", outcomes=("test_accuracy",), data="points in the plane"),
    )
    text = "An effect of 0.100 is 36 of the 360 test images of a seed."
    assert [judged.in_images for judged in found] == [text, "", ""]


def test_what_is_computed_shows_neither_an_interval_nor_seeds():
    computed = made_up_claim(
        Difference(smallest_effect=0.1),
        id="computed",
        effects=lambda _: {"a": pd.Series([0.3])},
        kind=Kind.IDENTITY,
        kind_reason="It is one.",
    )
    (found,) = read(computed)
    (case,) = found.cases
    assert (case["effect"], case["interval"], case["is_of_sides"]) == (
        "0.300",
        "",
        False,
    )
    assert found.answer == "Yes: the effect is 0.300."


def test_a_case_that_was_not_measured_has_no_interval():
    effects = {"a, MLP": VALUES, "b, CNN": VALUES[:0]}
    claim = made_up_claim(
        Difference(smallest_effect=0.1), id="one", effects=lambda _: effects
    )
    (judged,) = read(claim)
    assert [case["interval"] != "" for case in judged.cases] == [True, False]
