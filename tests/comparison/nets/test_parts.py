"""The parts of all nets: activations, normalisation, penalties."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from keras_rectifiers.comparison.nets import architectures
from tests.comparison.nets.small_nets import DIGITS, build


@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_relu_takes_the_derivative_at_zero_that_the_trial_names(at_zero):
    model = build(derivative_at_zero=at_zero)
    plain = build()
    x = DIGITS.x_train[:5]
    assert np.array_equal(model.predict(x, verbose=0), plain.predict(x, verbose=0))
    z = tf.constant([-1.0, 0.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(z)
        a = model.layers[2](z)
    assert a.numpy().tolist() == [0, 0, 2]
    assert tape.gradient(a, z).numpy().tolist() == [0, at_zero, 1]


@pytest.mark.parametrize("architecture", ["mlp", "cnn"])
def test_normalisation_comes_before_the_activation_and_dropout_after_it(architecture):
    model = build(
        architecture=architecture, batch_normalization=True, dropout=0.25, bias=0.5
    )
    kinds = [type(layer).__name__ for layer in model.layers]
    weighted = {"mlp": "Dense", "cnn": "Conv2D"}[architecture]
    hidden = [weighted, "BatchNormalization", "ReLU", "Dropout"]
    start = kinds.index(weighted)
    assert kinds[start : start + 12] == hidden * 3
    offsets = [layer.beta for layer in model.layers if hasattr(layer, "beta")]
    assert all((ops.convert_to_numpy(beta) == 0.5).all() for beta in offsets)
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [
        0.25
    ] * 3


@pytest.mark.parametrize(("architecture", "positions"), [("mlp", 1), ("cnn", 64)])
def test_the_l1_penalty_is_the_mean_over_examples_and_positions(
    architecture, positions
):
    model = build(architecture=architecture, activity_l1=0.01)
    x = DIGITS.x_train[:16]
    _, _, penalties = model.stateless_call(
        model.trainable_variables,
        model.non_trainable_variables,
        x,
        training=True,
        return_losses=True,
    )
    outputs = keras.Model(
        model.inputs[0],
        [layer.output for layer in model.layers if "re_lu" in layer.name],
    )(x)
    sums = [np.abs(ops.convert_to_numpy(output)).sum() for output in outputs]
    expected = [0.01 * total / (16 * positions) for total in sums]
    np.testing.assert_allclose([float(p) for p in penalties], expected, rtol=1e-5)


@pytest.mark.parametrize("architecture", ["mlp", "cnn"])
def test_penalties_are_on_every_kernel_and_on_nothing_else(architecture):
    model = build(
        architecture=architecture, weight_l1=0.01, weight_l2=0.1, activation="prelu"
    )
    kernels = [ops.convert_to_numpy(v) for v in model.weights if v.name == "kernel"]
    assert len(kernels) == 4
    expected = [0.01 * np.abs(k).sum() + 0.1 * (k**2).sum() for k in kernels]
    np.testing.assert_allclose([float(p) for p in model.losses], expected, rtol=1e-5)
    assert build(architecture=architecture).losses == []


@pytest.mark.parametrize("architecture", ["mlp", "resmlp", "cnn", "cnn_pooled"])
def test_maxout_takes_the_larger_of_two_units(architecture):
    model = build(architecture=architecture, activation="maxout", dropout=0.1)
    sites = architectures.activation_sites(model, DIGITS)
    assert [site.known.name for site in sites] == ["maxout"] * 3
    inner = keras.Model(
        model.inputs[0], [sites[1].activation.input, sites[1].activation.output]
    )
    before, after = map(ops.convert_to_numpy, inner(DIGITS.x_train[:5]))
    assert before.shape[-1] == 16
    expected = np.maximum(before[..., :8], before[..., 8:])
    np.testing.assert_array_equal(after, expected)


@pytest.mark.parametrize("architecture", ["mlp", "resmlp", "cnn", "cnn_pooled"])
def test_gated_activations_get_twice_the_units(architecture):
    model = build(architecture=architecture, activation="reglu", dropout=0.1)
    sites = architectures.activation_sites(model, DIGITS)
    assert [site.known.name for site in sites] == ["reglu"] * 3
    inner = keras.Model(
        model.inputs[0], [sites[1].activation.input, sites[1].activation.output]
    )
    before, after = map(ops.convert_to_numpy, inner(DIGITS.x_train[:5]))
    assert before.shape[-1] == 16
    expected = before[..., :8] * np.maximum(before[..., 8:], 0)
    np.testing.assert_array_equal(after, expected)
