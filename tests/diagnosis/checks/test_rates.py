"""Learning rates that are not positive, fall too fast, are too high or too low."""

import dataclasses
import math

import keras
import numpy as np
import pytest

from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis.checks.rates import check_optimizer, too_high, too_low
from tests.diagnosis.made_up_rehearsals import rehearsals, steps

schedules = keras.optimizers.schedules


def kinds(found):
    return [finding.kind for finding in found]


def compiled(optimizer):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


@pytest.mark.parametrize(("rate", "expected"), [(1e-3, 0), (-1.0, 1), (0.0, 1)])
def test_a_learning_rate_is_positive(rate, expected):
    sgd = keras.optimizers.SGD(rate)
    for optimizer in (sgd, keras.optimizers.LossScaleOptimizer(sgd)):
        found = check_optimizer(compiled(optimizer))
        assert kinds(found) == ["negative rate"] * expected


def test_a_model_without_an_optimizer_has_no_rate():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert check_optimizer(model) == []


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        # As if its steps were epochs.
        (schedules.ExponentialDecay(0.1, 3, 0.5), 1),
        (schedules.CosineDecay(0.1, 20), 1),
        (schedules.PiecewiseConstantDecay([10], [0.1, 1e-6]), 1),
        (schedules.ExponentialDecay(0.1, 1000, 0.5), 0),
        # It warms up first.
        (schedules.CosineDecay(0.0, 1000, warmup_target=0.1, warmup_steps=100), 0),
        (schedules.PiecewiseConstantDecay([50], [0.1, 0.01]), 0),
        # At 60 steps it is about to begin again.
        (schedules.CosineDecayRestarts(0.1, 61, t_mul=1.0), 0),
    ],
)
def test_a_schedule_is_not_spent_after_the_first_steps(schedule, expected):
    found = check_optimizer(compiled(keras.optimizers.SGD(schedule)))
    assert kinds(found) == ["rate too low"] * expected
    assert all(finding.certainty == "possible" for finding in found)


def test_a_spent_schedule_is_told_with_its_steps():
    schedule = schedules.PiecewiseConstantDecay([10], [0.1, 1e-6])
    (finding,) = check_optimizer(compiled(keras.optimizers.SGD(schedule)))
    assert finding.observation == (
        "the learning rate is too low: its schedule takes it from 0.1 to less than a "
        "hundredth of that in 11 steps, and to 1e-06 in 60"
    )


def test_steps_without_effect_make_a_spent_schedule_the_more_likely_wrong():
    schedule = schedules.PiecewiseConstantDecay([10], [0.1, 1e-6])
    model = compiled(keras.optimizers.SGD(schedule))
    for num_taken, certainty in (20, "possible"), (500, "likely"):
        model.optimizer.iterations.assign(num_taken)
        (finding,) = check_optimizer(model)
        assert finding.certainty == certainty


@pytest.mark.parametrize(
    ("unseen", "expected"), [(1.2, ["rate too high"]), (0.9, []), (math.nan, [])]
)
def test_steps_that_only_learn_by_heart_may_be_too_large(unseen, expected):
    own = steps(1.0, 0.95, unseen=unseen)
    assert kinds(too_high(rehearsals(own, {0.1: 0.1}))) == expected


@pytest.mark.parametrize(
    ("restarted", "expected"), [(True, ["rate too low"]), (False, [])]
)
def test_a_training_without_effect_needs_larger_steps_that_have_some(
    restarted, expected
):
    own = steps(1.0, 1.0, update=1e-5)
    seen = rehearsals(
        own, {1000.0: 0.7}, is_trained=True, restarted=restarted, unseen=0.7
    )
    assert kinds(too_low(seen)) == expected


@pytest.mark.parametrize(("end", "expected"), [(0.4, ["rate too low"]), (0.9, [])])
def test_few_examples_are_enough_to_see_that_steps_had_no_effect(end, expected):
    own = steps(1.0, 1.0, update=1e-5)
    seen = rehearsals(
        own, {1000.0: end}, is_trained=True, restarted=True, unseen=math.nan
    )
    assert kinds(too_low(seen)) == expected
    # What is left to a model that has learned may be learned by heart.
    assert too_low(dataclasses.replace(seen, restarted=False)) == []


def test_a_spent_schedule_is_told_of_a_model_that_does_not_learn(rng):
    x = rng.normal(size=(160, 3)).astype("float32")
    for decay_steps, expected in (1, ["rate too low"]), (10_000, []):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        schedule = schedules.ExponentialDecay(0.01, decay_steps, 0.5)
        model.compile(keras.optimizers.SGD(schedule), "mse")
        assert (
            kinds(diagnose(model, x, x @ np.array([3.0, -2, 1])).findings) == expected
        )
