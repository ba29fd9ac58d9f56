"""Members that are trained one at a time, by fit."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.comparison.training import by_fit
from keras_rectifiers.comparison.training.engine import train_members
from keras_rectifiers.comparison.training.example_order import (
    Shuffling,
    example_order,
)
from keras_rectifiers.comparison.training.first_values import FirstValues, assign
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from tests.comparison.training.engine_cases import (
    SPLITS,
    classes,
    compiled,
    data,
    members,
    numbers,
    regression,
    task,
)

X, Y = numbers(1), np.sin(numbers(1))
POINTS = data(X, Y)


class OwnStep(keras.Model):
    """A model that says itself how it is trained."""

    def __init__(self):
        super().__init__()
        self.hidden, self.last = layers.Dense(4, activation="relu"), layers.Dense(1)

    def call(self, x):
        return self.last(self.hidden(x))

    def train_step(self, given):
        return super().train_step(given)


def test_a_model_with_its_own_step_is_trained_by_fit_and_told():
    def build():
        return compiled(OwnStep(), loss="mse", run_eagerly=True)

    given = task(build, POINTS, epochs=1)
    outcomes = train_members(given, members()).outcomes
    assert set(outcomes["mode"]) == {"fit"}
    assert set(outcomes["reason"]) == {"OwnStep has a train_step of its own"}
    assert outcomes["test_loss"].nunique() == 2


def test_an_optimizer_that_mixes_numbers_of_a_weight_is_used_by_fit():
    def build():
        optimizer = keras.optimizers.Adafactor(0.01)
        return compiled(regression(), optimizer=optimizer, loss="mse", run_eagerly=True)

    results = train_members(task(build, POINTS, epochs=1), members(learning_rate=0.1))
    assert set(results.outcomes["mode"]) == {"fit"}
    assert "Adafactor does not update" in results.outcomes["reason"][0]


def test_a_member_is_trained_as_by_a_plain_loop_of_fit():
    def build():
        schedule = keras.optimizers.schedules.CosineDecay(0.1, 6)
        optimizer = keras.optimizers.AdamW(schedule, weight_decay=2.0)
        optimizer.exclude_from_weight_decay(var_names=["kernel"])
        return compiled(regression(), optimizer=optimizer, loss="mse", run_eagerly=True)

    (member,) = members(learning_rate=0.05)[1:]
    given = task(build, POINTS, measures=False)
    results = by_fit.train(given, [member])
    recorded = RecordedModel(build)
    model = recorded.model
    assign(model, FirstValues(recorded).of_member(member))
    schedule = keras.optimizers.schedules.CosineDecay(0.05, 6)
    model.optimizer = keras.optimizers.AdamW(schedule, weight_decay=2.0)
    model.optimizer.exclude_from_weight_decay(var_names=["kernel"])
    train, validation, _ = member.split
    for epoch in (1, 2):
        rows = train[example_order(Shuffling(1, 8), 24, epoch).ravel()]
        model.fit(X[rows], Y[rows], batch_size=8, shuffle=False, verbose=0)
    loss = model.evaluate(X[validation], Y[validation], verbose=0, return_dict=True)
    assert results.outcomes["validation_loss"][0] == pytest.approx(
        loss["loss"], rel=1e-5
    )


def test_weights_of_several_types_are_trained_by_fit():
    def build():
        parts = [layers.Dense(4, activation="relu"), layers.Dense(3, dtype="float64")]
        model = keras.Sequential([keras.Input((4,)), *parts])
        return compiled(model, run_eagerly=True)

    given = task(build, data(numbers(4), classes()), epochs=1)
    outcomes = train_members(given, members()).outcomes
    assert set(outcomes["mode"]) == {"fit"}
    assert "float32, float64" in outcomes["reason"][0]


def test_splits_of_members_differ_in_what_they_are_trained_on():
    one, other = (by_fit._batches(task(regression, POINTS), m) for m in members())
    for batches, split in zip((one, other), SPLITS, strict=True):
        drawn = np.concatenate([next(batches)[0] for _ in range(3)]).ravel()
        assert sorted(drawn) == sorted(X[split.train].ravel())
