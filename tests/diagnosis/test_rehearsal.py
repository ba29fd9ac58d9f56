"""That rehearsed steps are those of `fit`, and change nothing."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.diagnosis.rehearsal import (
    FEWEST_STEPS,
    Rehearser,
)
from keras_rectifiers.inspection.batch import checked_batch
from keras_rectifiers.inspection.probe import values_of


def net(optimizer="adam", **settings):
    keras.utils.set_random_seed(2)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(8, "relu", **settings),
            layers.BatchNormalization(),
            layers.Dropout(0.1, seed=3),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer, "mse")
    return model


@pytest.fixture(scope="module")
def table():
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    return x, x[:, :1] - x[:, 1:2]


def rehearser(model, table, **settings):
    x, y = checked_batch(model, *table)
    return Rehearser(model, x, y, values=values_of(model), **settings)


def state(model):
    optimizer = model.optimizer
    variables = [*model.variables, *(optimizer.variables if optimizer.built else [])]
    return [np.array(ops.convert_to_numpy(v)) for v in variables]


def test_steps_lower_the_loss_and_change_neither_model_nor_optimizer(table):
    model = net(keras.optimizers.Adam(0.03))
    model.fit(*table, epochs=1, verbose=0)
    before = state(model)
    rehearsed = rehearser(model, table).run(num_steps=30)
    assert rehearsed.after < rehearsed.before
    assert len(rehearsed.losses) == 30 and rehearsed.lost_at is None
    for old, new in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_step_is_that_of_fit(table):
    keras.utils.set_random_seed(5)
    parts = [keras.Input((4,)), layers.Dense(8, "tanh"), layers.Dense(1)]
    model = keras.Sequential(parts)
    model.compile(keras.optimizers.Adam(0.01), "mse")
    rehearsed = rehearser(model, table, batch_size=64).run(num_steps=3)
    model.fit(*table, batch_size=64, epochs=3, verbose=0, shuffle=False)
    trained = model.evaluate(*table, verbose=0, batch_size=64)
    assert rehearsed.after == pytest.approx(trained, rel=1e-4)


def test_the_optimizer_goes_on_or_begins_anew(table):
    model = net(keras.optimizers.SGD(0.01, momentum=0.9))
    model.fit(*table, epochs=2, verbose=0)
    goes_on = rehearser(model, table).run(num_steps=2)
    anew = rehearser(model, table, continues=False).run(num_steps=2)
    # The momentum of the training carries the first step further.
    assert goes_on.update > 1.5 * anew.update


def test_the_factor_multiplies_the_rate(table):
    seen = rehearser(net(keras.optimizers.SGD(1e-3)), table)
    one, ten = (seen.run(factor=factor, num_steps=1) for factor in (1, 10))
    assert ten.update == pytest.approx(10 * one.update, rel=1e-3)


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """As a user writes it: not registered, and without a configuration."""

    def __call__(self, step):
        return 0.1 * 0.5 ** ops.cast(step, "float32")


def test_a_schedule_of_the_users_own_is_rehearsed(table):
    own, known = (
        rehearser(net(keras.optimizers.SGD(rate)), table).run(num_steps=1).update
        for rate in (Halving(), 0.1)
    )
    assert own == pytest.approx(known, rel=1e-3)


def test_a_schedule_has_no_rate_to_multiply(table):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    seen = rehearser(net(keras.optimizers.Adam(schedule)), table)
    assert not seen.has_rate
    assert np.isfinite(seen.run(num_steps=2).after)


def test_steps_end_when_their_time_is_over(table, monkeypatch):
    monkeypatch.setattr("keras_rectifiers.diagnosis.rehearsal.MOST_SECONDS", -1.0)
    rehearsed = rehearser(net(), table).run(num_steps=20)
    assert len(rehearsed.losses) == FEWEST_STEPS and rehearsed.is_cut
    assert not rehearser(net(), table).run(num_steps=FEWEST_STEPS).is_cut


def test_a_loss_that_is_lost_ends_the_steps(table):
    seen = rehearser(net(keras.optimizers.SGD(1e30)), table)
    rehearsed = seen.run(num_steps=20)
    assert rehearsed.lost_at == len(rehearsed.losses) < 20
    assert rehearsed.end == np.inf


def test_what_the_steps_do_not_see_is_evaluated_too():
    x = np.random.default_rng(1).normal(size=(200, 4)).astype("float32")
    noise = np.random.default_rng(2).normal(size=(200, 1))
    seen = rehearser(net(keras.optimizers.Adam(0.1)), (x, x[:, :1])).run(num_steps=40)
    assert seen.unseen_after < 0.5 * seen.unseen_before
    by_heart = rehearser(net(keras.optimizers.Adam(0.1)), (x, noise)).run(num_steps=40)
    assert by_heart.after < by_heart.before
    assert by_heart.unseen_after > by_heart.after
    few = rehearser(net(), (x[:190], noise[:190])).run(num_steps=1)
    assert np.isnan(few.unseen_after)


def test_half_precision_is_rehearsed_without_the_scale_of_its_loss(table):
    def end(policy):
        keras.utils.set_random_seed(2)
        model = keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(8, "relu", dtype=policy),
                layers.Dense(1, dtype="float32"),
            ]
        )
        optimizer = keras.optimizers.SGD(0.01)
        if policy == "mixed_float16":
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        model.compile(optimizer, "mse")
        return rehearser(model, table).run(num_steps=5).after

    assert end("mixed_float16") == pytest.approx(end("float32"), rel=1e-5)
