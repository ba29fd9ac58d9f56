"""Moving averages of models that have not been trained yet."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.inspection.batch import run_model
from keras_rectifiers.inspection.batch_statistics import (
    are_initial,
    at_most_momentum,
    with_batch_statistics,
)
from keras_rectifiers.inspection.probe import values_of


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.5),
        ]
    )


def test_a_batch_is_normalised_by_its_own_statistics_and_the_model_stays(model, rng):
    x = ops.convert_to_tensor(5 + 10 * rng.normal(size=(64, 3)), "float32")
    assert are_initial(model)
    values = with_batch_statistics(model, values_of(model), x)
    result = ops.convert_to_numpy(run_model(model, values, x))
    np.testing.assert_allclose(result.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(result.std(0), 1, atol=1e-3)
    assert are_initial(model)
    assert model.get_layer("norm").momentum == 0.99


def test_what_was_trained_or_has_no_averages_is_told(model, rng):
    assert not are_initial(keras.Sequential([keras.Input((3,)), layers.Dense(1)]))
    model(rng.normal(size=(8, 3)), training=True)
    assert not are_initial(model)


def test_a_momentum_is_lowered_for_a_while(model):
    layer = model.get_layer("norm")
    with at_most_momentum(model, 0.8):
        assert layer.momentum == 0.8
    with at_most_momentum(model, 1.0):
        assert layer.momentum == 0.99
    assert layer.momentum == 0.99
