"""What is seen of a model that is run once."""

import keras
import numpy as np
from keras import layers, ops

from keras_rectifiers.diagnosis.layer_measures import LayerMeasures
from keras_rectifiers.diagnosis.subject import build, looked_at
from keras_rectifiers.inspection.batch import checked_batch

X = np.random.default_rng(0).normal(3, 2, size=(64, 4)).astype("float32")
Y = X[:, :1]


def subject(*parts):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), *parts])
    x, y = checked_batch(model, X, Y)
    return looked_at(model, x, y, "mse", LayerMeasures(model, x))


def test_it_knows_the_calls_the_prediction_and_what_the_first_layer_reads():
    seen = subject(layers.Dense(8, "relu", name="first"), layers.Dense(1, name="end"))
    assert [call.path for call in seen.calls] == ["first", "end"]
    (output,) = seen.outputs
    np.testing.assert_allclose(
        output.prediction, ops.convert_to_numpy(seen.model(X)), rtol=1e-5
    )
    np.testing.assert_allclose(seen.inputs["first"].mean, X.mean(0), rtol=1e-5)
    np.testing.assert_array_equal(seen.arrays, X)
    assert not seen.is_normalised


def test_what_frozen_layers_read_is_not_judged():
    frozen = layers.Dense(8, "relu", name="first", trainable=False)
    seen = subject(frozen, layers.Dense(1))
    assert set(seen.inputs) == {"first"} and seen.judged_inputs == {}


def test_averages_that_no_training_has_moved_are_those_of_the_examples():
    seen = subject(layers.BatchNormalization(name="norm"), layers.Dense(1))
    assert seen.is_normalised
    mean, _ = seen.values[1][:2]
    np.testing.assert_allclose(ops.convert_to_numpy(mean), X.mean(0), rtol=1e-3)
    own = seen.model.get_layer("norm").moving_mean
    np.testing.assert_array_equal(ops.convert_to_numpy(own), np.zeros(4))


def test_a_model_is_built_as_fit_does_it_and_one_that_fails_is_left():
    model = keras.Sequential([layers.Dense(2)])
    build(model, X)
    assert model.built and model.count_params() == 10
    other = keras.Sequential([layers.Reshape((3,))])
    build(other, X)
    assert not other.weights
