"""What a reader of a comparison should know."""

import dataclasses

import pandas as pd

from keras_rectifiers.comparison.comparing.budget import Plan
from keras_rectifiers.comparison.comparing.notes import describe, notes_on
from keras_rectifiers.comparison.comparing.work import Work
from keras_rectifiers.comparison.trials.store import Tables
from tests.comparison.comparing.made_up_results import ACCURACY, results_of
from tests.comparison.comparing.made_up_work import checked, compiled, data, experiment

GIVEN = {"relu": 0.0, "tanh": 0.0}
COMPILED = compiled(metrics=["accuracy"])


def notes(results=None, *, build=COMPILED, work=None, plan=None, **settings):
    return notes_on(
        results or results_of(GIVEN),
        work or Work(tables=Tables.empty()),
        experiment(build, **settings),
        checked(build),
        plan=plan,
    )


def test_there_is_nothing_to_tell_of_an_ordinary_comparison():
    assert notes() == []


def test_interrupts_and_failures_are_told():
    work = Work(
        tables=Tables.empty(),
        failures={"tanh": "Traceback\nValueError: no"},
        is_interrupted=True,
    )
    assert notes(work=work) == [
        "Interrupted: this is what was finished. With out=, the same call goes on.",
        "tanh could not be trained: ValueError: no",
    ]


def test_what_was_chosen_for_the_user_is_told():
    from tests.comparison.comparing.made_up_work import build_model

    (note,) = notes(build=build_model)
    assert note.startswith(
        "The model was not compiled; chosen were Adam, the loss Spar"
    )


def test_rates_that_were_not_tuned_and_those_at_the_edge_are_told():
    (note,) = notes(rates=[None])
    assert note.startswith("The learning rate was not tuned")
    (note,) = notes(results_of(GIVEN, best_rate=1.0))
    assert note.startswith(
        "The best learning rate is at the edge of the grid for relu (1) and tanh (1):"
    )


def test_the_plan_of_a_budget_is_told():
    plan = Plan(num_seeds=7, rates=[0.1], seconds=5.0, told="7 seeds fit.")
    assert notes(plan=plan) == ["Planned before training: 7 seeds fit."]


def test_it_is_told_what_was_trained_one_by_one_and_that_ways_differ():
    results = results_of(GIVEN)
    is_tanh = results.trained["activation"] == "tanh"
    trained = results.trained.assign(
        mode=results.trained["mode"].mask(is_tanh, "fit"),
        reason=pd.Series("")
        .reindex(is_tanh.index, fill_value="")
        .mask(is_tanh, "Argmax"),
    )
    alone, ways = notes(dataclasses.replace(results, trained=trained))
    assert alone == "Trained one by one (Argmax): tanh."
    assert "relu by tensorflow-graph and tanh by fit" in ways


def test_the_method_says_what_the_data_and_the_training_were():
    told = describe(experiment(COMPILED), checked(COMPILED), ACCURACY)
    assert told["Data"] == "60 examples; each seed draws its parts."
    assert told["Learning rates"] == "0.01, 0.1."
    assert "1 epochs in batches of 12" in told["Training"]
    assert "The smallest effect of interest is 1.0 points" in told["Metric"]
    parts = experiment(COMPILED, given=(data(60), data(30), data(24)))
    told = describe(parts, checked(COMPILED), ACCURACY)
    assert told["Data"].startswith("60 for training, 30 for validation and 24 for")
