"""Where layers are measured."""

import warnings

import keras
import numpy as np
from keras import layers

from keras_rectifiers.comparison.training.sites import sites_of
from tests.comparison.training.engine_cases import numbers, two_inputs_and_outputs


def test_a_model_of_several_inputs_is_measured():
    inputs = [numbers(4)[:1], numbers(3)[:1]]
    sites = sites_of(two_inputs_and_outputs(), inputs)
    assert any(isinstance(site.activation, layers.ReLU) for site in sites)


def test_a_model_without_a_hidden_activation_is_told_and_measured_nowhere():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        assert sites_of(model, np.ones((1, 2))) == []
    (warning,) = told
    assert "set measures=False to avoid this warning" in str(warning.message)
    assert "Expected a model with a hidden activation" in str(warning.message)
