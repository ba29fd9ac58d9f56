"""A study, and what it says if nothing more is told of it."""

import dataclasses

import pytest

from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.trials.made_up_results import rate_grid


def made_up_study(**fields) -> Study:
    return Study(
        **{
            "name": "made_up",
            "title": "Made up",
            "question": "Does it hold?",
            "method": "By hand.",
            "trials": {"quick": lambda: [Trial()]},
            "claims": (),
            "figures": (),
            **fields,
        }
    )


def test_a_study_is_of_digits_without_grids_if_nothing_else_is_told():
    study = made_up_study()
    assert (study.dataset, study.left_out, study.options) == ("digits", "", ())
    assert study.grids.get("quick", ()) == ()
    assert study.planned("quick") == [Trial()]


def test_all_trials_of_a_study_are_known_before_the_first_is_trained():
    grid = rate_grid()
    shared = grid.trials()[4]
    study = made_up_study(
        trials={"quick": lambda: [Trial(seed=5), shared], "full": lambda: [Trial()]},
        grids={"quick": [grid, rate_grid(title="the same again")]},
    )
    planned = study.planned("quick")
    assert set(planned) == {Trial(seed=5), *grid.trials()}
    assert len(planned) == 1 + 18
    assert study.planned("full") == [Trial()]


def test_a_question_cannot_be_changed_after_its_trials_are_known():
    study = made_up_study()
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.claims = ("another",)
    assert study.claims == ()


def test_a_study_without_a_question_or_without_trials_is_refused():
    for name in ("question", "trials", "claims"):
        fields = made_up_study().__dict__.copy()
        del fields[name]
        with pytest.raises(TypeError, match=f"missing 1 .* argument: '{name}'"):
            Study(**fields)


def test_trials_are_made_once_and_a_caller_may_change_his_list():
    made = []
    study = made_up_study(trials={"quick": lambda: made.append(1) or [Trial()]})
    study.planned("quick").clear()
    assert study.planned("quick") == [Trial()]
    assert made == [1]
