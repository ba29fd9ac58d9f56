"""Which rehearsals are a model that learns."""

import dataclasses

import pytest

from keras_rectifiers.diagnosis.checks.trial import Trial
from tests.diagnosis.made_up_trials import steps, trial


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
    seen: Trial = trial(own, **settings)
    assert seen.learns is learns


def test_without_time_nothing_is_known_of_what_has_not_learned():
    cut = dataclasses.replace(steps(1.0, 0.9), is_cut=True)
    assert trial(cut).learns is None
    cut = dataclasses.replace(steps(1.0, 0.5), is_cut=True)
    assert trial(cut).learns is True
