"""Moving averages of batches of one example, and those of others."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis.checks.normalisation import check
from keras_rectifiers.inspection.probe import values_of


def trained(x, batch_size, *, shape=(3,), first=None):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input(shape),
            first or layers.Dense(6, activation="tanh"),
            layers.BatchNormalization(momentum=0.8, name="norm"),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    model.fit(x, np.zeros(len(x)), batch_size=batch_size, epochs=2, verbose=0)
    return model


@pytest.mark.parametrize(("batch_size", "expected"), [(1, 1), (2, 0), (8, 0)])
def test_in_a_batch_of_one_nothing_varies(rng, batch_size, expected):
    x = rng.normal(size=(32, 3)).astype("float32")
    model = trained(x, batch_size)
    found = check(model, values_of(model), x)
    assert len(found) == expected
    for finding in found:
        assert (finding.kind, finding.layer) == ("modes disagree", "norm")
        assert "batch_size" in finding.advice


def test_the_pixels_of_one_picture_vary(rng):
    x = rng.normal(size=(32, 6, 6, 1)).astype("float32")
    model = trained(x, 1, shape=(6, 6, 1), first=layers.Conv2D(4, 3))
    assert check(model, values_of(model), x) == []


def test_other_inputs_than_those_of_the_training_are_no_batches_of_one(rng):
    x = rng.normal(size=(32, 3)).astype("float32")
    model = trained(x, 8, first=layers.Dense(6))
    assert check(model, values_of(model), 255 * x) == []


def test_a_model_without_normalisation_has_no_averages(rng):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    x = rng.normal(size=(8, 3)).astype("float32")
    assert check(model, values_of(model), x) == []


def test_it_is_told_before_the_order_of_the_classes(rng):
    x = rng.normal(size=(64, 3)).astype("float32")
    (cause,) = diagnose(trained(x, 1), x, x[:, 0]).findings
    assert (cause.kind, cause.where) == ("modes disagree", "training")
