"""The networks in networks, layer by layer."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison.nets import architectures, nin
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.nets.small_nets import DIGITS

IMAGES = dataclasses.replace(DIGITS, input_shape=(32, 32, 3))
LIN = {"architecture": "nin_lin", "depth": 8, "width": 192}


def build(**settings):
    return architectures.build(Trial(**settings), IMAGES)


def kinds(model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def test_the_net_of_the_paper_has_its_layers_in_their_order():
    model = build(**LIN, dropout=0.5)
    block = ["Conv2D", "ReLU"] * 3
    assert kinds(model) == [
        *(*block, "MaxPooling2D", "Dropout"),
        *(*block, "AveragePooling2D", "Dropout"),
        *(*block, "GlobalAveragePooling2D"),
    ]
    convolutions = [la for la in model.layers if isinstance(la, keras.layers.Conv2D)]
    assert [(la.filters, la.kernel_size[0]) for la in convolutions] == [
        *((192, 5), (160, 1), (96, 1)),
        *((192, 5), (192, 1), (192, 1)),
        *((192, 3), (192, 1), (10, 1)),
    ]
    assert [la.output.shape[1] for la in convolutions] == [32] * 3 + [16] * 3 + [8] * 3
    assert model.layers[-1].output.shape == (None, 10)
    # Counted by hand from the paper: weights and biases.
    assert model.count_params() == 966_986
    assert len(architectures.activation_sites(model, IMAGES)) == 8


def test_the_small_one_has_pairs_of_a_3x3_and_a_1x1_convolution_of_its_width():
    model = build(architecture="nin", depth=6, width=4)
    pair = ["Conv2D", "ReLU", "Conv2D", "ReLU"]
    pool = ["MaxPooling2D"]
    last = ["GlobalAveragePooling2D", "Dense"]
    assert kinds(model) == [*pair, *pool, *pair, *pool, *pair, *last]
    shapes = [v.shape for v in model.weights if v.name == "kernel"]
    inner = [(3, 3, 4, 4), (1, 1, 4, 4)]
    assert shapes == [(3, 3, 3, 4), (1, 1, 4, 4), *inner, *inner, (4, 10)]


def test_pooling_takes_the_largest_of_3x3_in_steps_of_2(rng):
    model = build(architecture="nin", depth=4, width=2)
    x = rng.normal(size=(2, 32, 32, 3)).astype(np.float32)
    inner = keras.Model(model.inputs[0], [la.output for la in model.layers[3:5]])
    before, after = map(ops.convert_to_numpy, inner(x))
    assert after.shape == (2, 16, 16, 2)
    for row, column in ((0, 0), (3, 7), (15, 15)):
        window = before[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
        np.testing.assert_array_equal(after[:, row, column], window.max(axis=(1, 2)))


def test_the_logits_are_a_function_of_the_means_over_all_positions(rng):
    model = build(architecture="nin", depth=2, width=3, activation="tanh")
    x = rng.normal(size=(2, 32, 32, 3)).astype(np.float32)
    hidden = keras.Model(model.inputs[0], model.layers[3].output)(x)
    dense = model.layers[-1]
    kernel, bias = map(ops.convert_to_numpy, (dense.kernel, dense.bias))
    expected = ops.convert_to_numpy(hidden).mean(axis=(1, 2)) @ kernel + bias
    np.testing.assert_allclose(ops.convert_to_numpy(model(x)), expected, rtol=1e-4)


def test_dropout_follows_the_poolings_and_no_hidden_layer():
    names = kinds(build(architecture="nin", depth=4, width=2, dropout=0.5))
    assert names.count("Dropout") == 1
    assert names[names.index("Dropout") - 1] == "MaxPooling2D"


@pytest.mark.parametrize(
    "settings",
    [
        LIN,
        {"architecture": "nin", "depth": 6, "width": 4},
        {"architecture": "nin", "depth": 4, "width": 4, "activation": "maxout"},
    ],
)
def test_the_sizes_are_those_of_the_layers_that_are_built(settings):
    odd = dataclasses.replace(IMAGES, input_shape=(9, 7, 3))
    trial = Trial(**settings)
    model = architectures.build(trial, odd)
    convolutions = [la for la in model.layers if isinstance(la, keras.layers.Conv2D)]
    expected = [
        (
            int(np.prod(la.kernel.shape)),
            la.filters,
            la.output.shape[1] * la.output.shape[2],
        )
        for la in convolutions
    ]
    assert nin.sizes(trial, odd) == expected
