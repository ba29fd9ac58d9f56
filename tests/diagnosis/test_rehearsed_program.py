"""How a program gets another model, and what it keeps."""

import random

import keras
import numpy as np
from keras import layers, ops

from keras_rectifiers.diagnosis.rehearsed_program import (
    Program,
    cloned,
    compiled,
    first_program,
)
from keras_rectifiers.inspection.probe import values_of


def program():
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(8, "tanh"), layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.25, momentum=0.5), "mse")
    return Program(
        model=model,
        x=ops.ones((16, 4)),
        y=ops.ones((16, 1)),
        loss=None,
        outputs=[],
        values=values_of(model),
    )


def wider(layer, config):
    return {**config, "units": 6} if config.get("units") == 8 else config


def test_a_clone_has_other_configs_and_the_same_optimizer_settings():
    given = program()
    before = [np.array(v) for v in given.model.get_weights()]
    other = cloned(given, wider)
    assert other is not None and other.model is not given.model
    assert [layer.units for layer in other.model.layers] == [6, 1]
    assert [tuple(v.shape) for v in other.values[0]] == [(4, 6), (6,), (6, 1), (1,)]
    optimizer = other.model.optimizer
    assert optimizer is not given.model.optimizer
    assert (float(optimizer.learning_rate), optimizer.momentum) == (0.25, 0.5)
    assert other.model.loss == "mse"
    for old, new in zip(before, given.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_making_another_model_leaves_the_random_stream_alone():
    given, before = program(), random.getstate()
    assert cloned(given, wider) is not None
    assert random.getstate() == before


def test_what_cannot_be_made_is_no_program():
    def fails():
        raise ValueError("no such layer")

    assert compiled(program(), fails) is None


def test_a_clone_keeps_frozen_weights():
    given = program()
    hidden, last = given.model.layers
    hidden.trainable = False
    given.model.compile("sgd", "mse")
    other = cloned(given, lambda layer, config: config)
    assert other is not None
    np.testing.assert_array_equal(
        ops.convert_to_numpy(other.values[1][0]), ops.convert_to_numpy(hidden.kernel)
    )
    assert not np.array_equal(
        ops.convert_to_numpy(other.values[0][0]), ops.convert_to_numpy(last.kernel)
    )


def test_the_first_program_is_at_the_weights_with_which_a_training_begins():
    given = program()
    model, own = given.model, given.values

    def first(values):
        settings = {"values": values, "outputs": (), "as_given": None}
        return first_program(model, given.x, given.y, None, **settings).values[0]

    for values in (own, None):
        kept = zip(own[0], first(values), strict=True)
        assert all(np.array_equal(old, new) for old, new in kept)
    model.optimizer.iterations.assign(5)
    assert not np.array_equal(own[0][0], first(own)[0])
