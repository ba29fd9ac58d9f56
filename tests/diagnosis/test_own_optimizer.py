"""What is known of the optimizer that a model is trained with, and its copy."""

import keras
import numpy as np
from keras import layers, ops

from keras_rectifiers.diagnosis.own_optimizer import (
    can_rehearse,
    clipping_of,
    copy_of,
    has_own_step,
    num_steps_taken,
    optimizer_of,
)

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")


class OwnStep(keras.Sequential):
    def train_step(self, *args):
        return {}


class OwnLoss(keras.Sequential):
    def compute_loss(self, *args, **settings):
        return 0.0


def net(kind=keras.Sequential, optimizer="adam"):
    model = kind([keras.Input((4,)), layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


def test_the_steps_of_a_model_are_counted_by_its_optimizer():
    model = net()
    assert num_steps_taken(model) == 0
    model.fit(X, X[:, :1], epochs=1, batch_size=32, verbose=0)
    assert num_steps_taken(model) == 2
    assert num_steps_taken(keras.Sequential([keras.Input((2,))])) == 0


def test_what_trains_by_a_step_or_loss_of_its_own_is_not_rehearsed():
    for kind in (OwnStep, OwnLoss):
        assert has_own_step(net(kind)) and not can_rehearse(net(kind))
    assert can_rehearse(net())
    assert not can_rehearse(keras.Sequential([keras.Input((2,)), layers.Dense(1)]))


def test_a_copy_goes_on_or_begins_anew_and_leaves_the_own_one_alone():
    model = net(optimizer=keras.optimizers.SGD(0.1, momentum=0.9))
    model.fit(X, X[:, :1], epochs=1, batch_size=32, verbose=0)
    copy, values = copy_of(model, clipnorm=2.0)
    assert copy is not model.optimizer and copy.clipnorm == 2.0
    assert model.optimizer.clipnorm is None
    for value, variable in zip(values, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(
            ops.convert_to_numpy(value), ops.convert_to_numpy(variable)
        )
    _, anew = copy_of(model, continues=False)
    assert not ops.convert_to_numpy(anew[0]).any()


def test_the_optimizer_is_the_one_within_that_of_half_precision():
    inner = keras.optimizers.SGD(0.1)
    model = net(optimizer=keras.optimizers.LossScaleOptimizer(inner))
    assert optimizer_of(model) is inner and can_rehearse(model)


def test_the_limit_of_the_gradients_is_named():
    assert clipping_of(net()) == ""
    assert clipping_of(keras.Sequential([keras.Input((2,))])) == ""
    assert (
        clipping_of(net(optimizer=keras.optimizers.SGD(clipvalue=0.5)))
        == "clipvalue=0.5"
    )
