"""Which rehearsals are a model that learns."""

import dataclasses
import math

import pytest

from keras_rectifiers.diagnosis.checks.rehearsals import Rehearsals
from tests.diagnosis.made_up_rehearsals import rehearsals, steps


@pytest.mark.parametrize(
    ("own", "settings", "learns"),
    [
        (steps(1.0, 0.5), {}, True),
        (steps(1.0, 0.9), {}, False),
        # Random weights may be better than a constant.
        (steps(0.6, 0.58), {}, False),
        # Of a trained model it does not matter how it goes on.
        (steps(0.6, 0.6), {"is_trained": True, "now": 0.6}, True),
        (steps(0.9, 0.9), {"is_trained": True, "now": 0.9}, False),
    ],
)
def test_to_learn_is_to_get_under_a_constant_and_the_start(own, settings, learns):
    seen: Rehearsals = rehearsals(own, **settings)
    assert seen.learns is learns


@pytest.mark.parametrize(
    ("end", "unseen", "falls"),
    [(0.9, 0.9, True), (0.99, 0.9, False), (0.9, 1.1, False), (0.9, math.nan, True)],
)
def test_a_fall_is_one_on_other_examples_too(end, unseen, falls):
    assert rehearsals(steps(1.0, end, unseen=unseen)).falls is falls


@pytest.mark.parametrize(
    ("is_trained", "num_taken", "expected"),
    [(True, 10, True), (True, 60, False), (False, 0, False)],
)
def test_a_training_may_have_been_shorter_than_the_rehearsal(
    is_trained, num_taken, expected
):
    seen = rehearsals(steps(1.0, 0.9), is_trained=is_trained)
    assert dataclasses.replace(seen, num_taken=num_taken).was_shorter is expected


def test_without_time_nothing_is_known_of_what_has_not_learned():
    cut = dataclasses.replace(steps(1.0, 0.9), is_cut=True)
    assert rehearsals(cut).learns is None
    cut = dataclasses.replace(steps(1.0, 0.5), is_cut=True)
    assert rehearsals(cut).learns is True
