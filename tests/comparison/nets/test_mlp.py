"""The multilayer perceptron against NumPy."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.nets.small_nets import DIGITS, build, weights


def test_an_mlp_is_dense_layers_on_the_flattened_image_and_linear_logits():
    model = build(activation="tanh", bias=0.1)
    kernels, biases = weights(model)[::2], weights(model)[1::2]
    assert [kernel.shape for kernel in kernels] == [(64, 8), (8, 8), (8, 8), (8, 10)]
    x = DIGITS.x_train[:5].reshape(5, 64).astype(np.float64)
    for kernel, bias in zip(kernels[:3], biases[:3], strict=True):
        x = np.tanh(x @ kernel + bias)
    logits = ops.convert_to_numpy(model(DIGITS.x_train[:5]))
    np.testing.assert_allclose(logits, x @ kernels[3] + biases[3], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("depth", [1, 4])
def test_an_mlp_has_as_many_hidden_layers_as_the_trial_asks_for(depth):
    model = architectures.build(Trial(depth=depth, width=6), DIGITS)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Flatten", *["Dense", "ReLU"] * depth, "Dense"]
    assert [layer.output.shape[1] for layer in model.layers] == [
        64,
        *[6] * 2 * depth,
        10,
    ]
    assert len(architectures.activation_sites(model, DIGITS)) == depth


def test_an_mlp_takes_features_as_they_are():
    points = dataclasses.replace(DIGITS, input_shape=(3,), num_outputs=3)
    model = architectures.build(Trial(depth=1, width=4, seed=2), points)
    kernels, biases = weights(model)[::2], weights(model)[1::2]
    x = DIGITS.x_train[:7, 2, :3, 0]
    expected = np.maximum(x @ kernels[0] + biases[0], 0) @ kernels[1] + biases[1]
    assert expected.shape == (7, 3)
    np.testing.assert_allclose(
        ops.convert_to_numpy(model(x)), expected, rtol=1e-4, atol=1e-5
    )
