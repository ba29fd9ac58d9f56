"""Initial weights: their variance, and what they share between nets."""

import random

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.layers import RReLU
from keras_rectifiers.theory.gain import gain
from tests.comparison.nets.small_nets import DIGITS, build, weights

ELEMENTWISE = [name for name, entry in CATALOGUE.items() if entry.elementwise]


@pytest.mark.parametrize("architecture", ["mlp", "resmlp", "cnn", "cnn_pooled"])
@pytest.mark.parametrize("initializer", ["he", "glorot"])
def test_first_weights_are_bit_equal_across_all_activations(architecture, initializer):
    settings = {"architecture": architecture, "initializer": initializer, "seed": 5}
    expected = weights(build(activation="relu", **settings))
    for activation in ELEMENTWISE:
        got = weights(build(activation=activation, **settings))
        for one, other in zip(expected, got, strict=True):
            assert one.tobytes() == other.tobytes(), activation
    normalised = weights(build(batch_normalization=True, dropout=0.5, **settings))
    # It takes the place of the hidden biases.
    hidden, last = expected[:-2], expected[-2:]
    for one, other in zip([*hidden[::2], *last], normalised, strict=True):
        assert one.tobytes() == other.tobytes()


def test_under_its_own_gain_an_activation_changes_the_scale_of_the_weights_only():
    relu, tanh = (weights(build(activation=a)) for a in ("relu", "tanh"))
    # The first layer is fed by standardised inputs, whatever the activation.
    assert relu[0].tobytes() == tanh[0].tobytes()
    for one, other in zip(relu[2::2], tanh[2::2], strict=True):
        ratio = gain("tanh") / gain("relu")
        np.testing.assert_allclose(other, one * ratio, rtol=1e-6)


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [
        ("gain", gain("elu") ** 2 / 256),
        ("he", 2 / 256),
        ("glorot", 2 / 512),
        ("uniform", 1 / (3 * 256)),
    ],
)
def test_kernels_have_the_variance_that_the_initializer_promises(initializer, variance):
    trial = Trial(activation="elu", depth=3, width=256, initializer=initializer)
    kernel = weights(architectures.build(trial, DIGITS))[2]
    assert kernel.shape == (256, 256)
    assert kernel.var() == pytest.approx(variance, rel=0.03)


def test_uniform_kernels_stay_within_the_bound_and_reach_it():
    trial = Trial(depth=3, width=256, initializer="uniform")
    kernel = weights(architectures.build(trial, DIGITS))[2]
    assert np.abs(kernel).max() == pytest.approx(1 / 16, rel=1e-3)
    assert np.abs(kernel).max() <= 1 / 16 * (1 + 1e-6)


def test_the_weight_scale_multiplies_every_kernel_but_the_last():
    one, other = (
        weights(architectures.build(Trial(depth=2, width=8, weight_scale=s), DIGITS))
        for s in (1.0, 1.5)
    )
    for kernel, scaled, factor in zip(
        one[::2], other[::2], (1.5, 1.5, 1.0), strict=True
    ):
        np.testing.assert_allclose(scaled, factor * kernel, rtol=1e-6)


def test_weights_differ_between_seeds_and_layers_and_repeat_with_the_seed():
    one, again, other = build(seed=1), build(seed=1), build(seed=2)
    for a, b, c in zip(
        weights(one)[::2], weights(again)[::2], weights(other)[::2], strict=False
    ):
        assert np.array_equal(a, b) and not np.array_equal(a, c)
    assert not np.array_equal(weights(one)[2], weights(one)[4])


def test_a_deeper_net_starts_with_the_same_first_layers():
    shallow = weights(architectures.build(Trial(depth=2, width=8), DIGITS))
    deep = weights(architectures.build(Trial(depth=5, width=8), DIGITS))
    assert all(map(np.array_equal, shallow[:4], deep[:4]))


def test_building_draws_from_no_global_stream():
    def global_draws():
        legacy = np.random.random()  # noqa: NPY002 (it is the global stream)
        return random.random(), legacy, float(keras.random.uniform(()))

    keras.utils.set_random_seed(1)
    expected = global_draws()
    keras.utils.set_random_seed(1)
    build(activation="gelu", batch_normalization=True, dropout=0.5)
    assert global_draws() == expected


def test_the_seed_sets_the_noise_of_each_rrelu():
    def states(seed):
        layers = build(activation="rrelu", seed=seed).layers
        return [
            tuple(ops.convert_to_numpy(layer.seed_generator.state))
            for layer in layers
            if hasattr(layer, "seed_generator")
        ]

    assert states(1) == states(1) != states(2)
    assert len(set(states(1))) == 3


def test_the_noise_of_dropout_pairs_across_activations_and_is_its_own():
    def states(**settings):
        layers = build(dropout=0.5, **settings).layers
        return {
            kind: [
                tuple(ops.convert_to_numpy(layer.seed_generator.state))
                for layer in layers
                if isinstance(layer, kind)
            ]
            for kind in (keras.layers.Dropout, RReLU)
        }

    dropout, rrelu = states(activation="rrelu", seed=1).values()
    assert len({*dropout, *rrelu}) == 6
    paired, none = states(activation="relu", seed=1).values()
    assert paired == dropout and none == []
    assert states(seed=2)[keras.layers.Dropout] != dropout


def test_the_bias_is_set_in_hidden_layers_only():
    model = build(bias=0.25)
    biases = [
        ops.convert_to_numpy(layer.bias)
        for layer in model.layers
        if hasattr(layer, "bias")
    ]
    assert all((b == 0.25).all() for b in biases[:-1])
    assert (biases[-1] == 0).all()


def test_residual_nets_have_the_first_layer_of_plain_ones_and_smaller_blocks():
    plain, residual = (
        weights(build(architecture=name, activation="tanh", weight_scale=2.0))
        for name in ("mlp", "resmlp")
    )
    assert plain[0].tobytes() == residual[0].tobytes()
    np.testing.assert_allclose(residual[2], plain[2] / np.sqrt(3), rtol=1e-6)
    np.testing.assert_allclose(residual[4], plain[4] / np.sqrt(3), rtol=1e-6)
    # The logits are fed by a sum, not by an activation.
    fed = weights(build(architecture="resmlp", activation="linear"))[-2]
    assert residual[-2].tobytes() == fed.tobytes()


def test_maxout_of_its_own_gain_keeps_the_mean_square():
    trial = Trial(activation="maxout", depth=4, width=400)
    model = architectures.build(trial, DIGITS)
    kernel = weights(model)[2]
    assert kernel.shape == (400, 800)
    assert kernel.var() == pytest.approx(1 / 400, rel=0.03)
    outputs = [
        site.activation.output for site in architectures.activation_sites(model, DIGITS)
    ]
    activations = keras.Model(model.inputs[0], outputs)(DIGITS.x_train[:64])
    squares = [float(ops.mean(activation**2)) for activation in activations]
    assert squares[3] / squares[0] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("name", "gate"), [("reglu", "relu"), ("swiglu", "silu")])
def test_a_gated_unit_of_the_gain_of_its_gate_keeps_the_mean_square(name, gate):
    trial = Trial(activation=name, depth=2, width=2000)
    model = architectures.build(trial, DIGITS)
    kernel = weights(model)[2]
    assert kernel.shape == (2000, 4000)
    assert kernel.var() == pytest.approx(gain(gate) ** 2 / 2000, rel=0.03)
    outputs = [
        site.activation.input for site in architectures.activation_sites(model, DIGITS)
    ]
    # The mean square of an input is only 1 on average, so all of them count at once.
    x = np.random.default_rng(0).normal(size=(64, *DIGITS.x_train.shape[1:]))
    before = keras.Model(model.inputs[0], outputs)(x.astype("float32"))
    squares = [float(ops.mean(z**2)) for z in before]
    assert squares == pytest.approx([1, 1], abs=0.15)
