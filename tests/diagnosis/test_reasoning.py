"""That causes stand first, and what follows from them under them."""

import pytest

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.reasoning import CAUSES, KINDS, reason


def finding(kind, **more):
    return Finding(
        kind=kind, observation="seen", meaning="Meant.", advice="Do.", **more
    )


def test_what_follows_is_told_under_the_first_of_its_causes():
    found = [finding("stuck"), finding("dead", where="training"), finding("output")]
    (cause,) = reason(found, learns=None)
    assert cause.kind == "output"
    assert [f.kind for f in cause.consequences] == ["dead", "stuck"]
    assert str(cause).endswith("What follows from it: training: seen; model: seen.")


@pytest.mark.parametrize(
    ("kind", "follows"),
    [
        ("hidden softmax", "constant predictions"),
        ("constant inputs", "contradictions"),
        # A few steps show less of a model that learns slowly for another reason.
        ("vanishing", "unfinished"),
        ("lost signal", "unfinished"),
        ("not finite data", "stuck"),
        ("narrow", "dead"),
        # Steps that are too large leave the shares of the classes wrong.
        ("unscaled inputs", "order"),
    ],
)
def test_what_makes_all_alike_is_the_cause_of_what_is_alike(kind, follows):
    (cause,) = reason([finding(follows), finding(kind)], learns=None)
    assert (cause.kind, [f.kind for f in cause.consequences]) == (kind, [follows])


def test_what_does_not_follow_stands_by_itself_causes_first():
    found = [finding("metric"), finding("no activation"), finding("not finite data")]
    kinds = [f.kind for f in reason(found, learns=None)]
    assert kinds == ["not finite data", "no activation", "metric"]


@pytest.mark.parametrize(("learns", "told"), [(None, 0), (True, 0), (False, 1)])
def test_what_is_possible_is_told_of_a_model_that_does_not_learn(learns, told):
    found = reason([finding("loss", certainty="possible")], learns=learns)
    assert len(found) == told


def test_what_the_numbers_of_a_model_that_has_learned_show_does_not_harm():
    found = [finding("dead"), finding("unscaled inputs"), finding("metric")]
    found += [finding("penalty"), finding("dropout")]
    kinds = [f.kind for f in reason(found, learns=True, has_learned=True)]
    assert kinds == ["metric"]
    certain = [finding("constant predictions", certainty="certain")]
    assert len(reason(certain, learns=True, has_learned=True)) == 1


def test_units_dead_from_the_start_are_no_consequence_of_the_rate():
    from_start = [finding("rate too high"), finding("dead", where="model")]
    assert [f.kind for f in reason(from_start, learns=None)] == ["dead"]
    by_training = [finding("rate too high"), finding("dead", where="training")]
    assert [f.kind for f in reason(by_training, learns=None)] == ["rate too high"]


def test_every_kind_is_listed_and_none_causes_itself():
    for kind, caused in CAUSES.items():
        assert set(caused) <= set(KINDS)
        assert kind not in caused


def test_a_training_that_taught_nothing_makes_what_may_harm_likely():
    found = [finding("tokens", certainty="possible"), finding("stuck")]
    (cause,) = reason(found, learns=True, has_failed=True)
    assert cause.kind == "tokens"
    # What learns from fresh weights is related to the targets.
    found = [finding("unrelated", certainty="possible")]
    assert reason(found, learns=True, has_failed=True) == []


def test_units_are_dead_of_a_fit_whose_steps_were_right():
    found = [finding("dead", where="training"), finding("fit", where="training")]
    (cause,) = reason(found, learns=True)
    assert (cause.kind, cause.consequences[0].kind) == ("fit", "dead")
