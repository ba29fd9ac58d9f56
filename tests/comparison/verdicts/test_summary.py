"""One verdict for a claim of many cases, and the nets it is about."""

import itertools

import pytest

from keras_rectifiers.comparison.verdicts.criteria import AtLeast
from keras_rectifiers.comparison.verdicts.summary import (
    SUMMARIES,
    count,
    listed,
    nets_judged,
    sum_up,
)
from tests.comparison.made_up_claims import made_up_claim

YES, NO, OPEN = "supported", "contradicted", "inconclusive"
UNFIT, NONE = "not testable here", "not measured"


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ([YES, YES], YES),
        ([NO], NO),
        ([OPEN, OPEN], OPEN),
        ([YES, NO], "mixed"),
        ([YES, OPEN], "mixed"),
        ([NO, OPEN], "mixed"),
        ([YES, UNFIT, NONE], YES),
        ([OPEN, UNFIT], OPEN),
        ([UNFIT, NONE], UNFIT),
        ([NONE, NONE], NONE),
        ([], NONE),
    ],
)
def test_a_claim_has_the_verdict_that_its_judged_cases_share(cases, verdict):
    for order in itertools.permutations(cases):
        assert sum_up(order) == verdict


def test_verdicts_are_counted_in_one_order_those_that_are_missing_as_none():
    counts = count([NO, YES, NO, "mixed"])
    assert tuple(counts) == SUMMARIES
    assert counts == {YES: 1, NO: 2, "mixed": 1, OPEN: 0, UNFIT: 0, NONE: 0}


NETS = {"MLP": "MLPs of 6 layers", "CNN": "CNNs of 2 layers"}


@pytest.mark.parametrize(
    ("nets", "verdicts", "words"),
    [
        (
            NETS,
            {"a, MLP": YES, "a, CNN": OPEN},
            "MLPs of 6 layers and CNNs of 2 layers",
        ),
        (NETS, {"a, MLP": NO, "a, CNN": NONE}, "MLPs of 6 layers"),
        (NETS, {"a, MLP": UNFIT, "a, CNN": YES}, "CNNs of 2 layers"),
        (NETS, {"a, MLP": UNFIT, "a, CNN": NONE}, ""),
        (
            {"one": "arrays", **NETS},
            {"one": YES, "MLP": YES, "CNN": YES},
            "arrays, MLPs of 6 layers and CNNs of 2 layers",
        ),
        ("MLPs of 3 layers", {"a": YES}, "MLPs of 3 layers"),
        ("MLPs of 3 layers", {"a": NONE}, ""),
    ],
)
def test_words_name_the_nets_that_were_judged_and_no_others(nets, verdicts, words):
    claim = made_up_claim(AtLeast(threshold=0.5), nets=nets)
    assert nets_judged(claim, verdicts) == words


def test_words_are_listed_as_in_a_sentence():
    assert listed(["a", "b"]) == "a and b"
    assert listed("abc") == "a, b and c"
