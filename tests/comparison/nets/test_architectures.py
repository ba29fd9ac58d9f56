import dataclasses
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import recipe
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.measures import signal_gradient
from keras_rectifiers.inspection.probe import probe
from keras_rectifiers.layers import RReLU
from keras_rectifiers.theory.mean_field import gain

DIGITS = datasets.load("digits")
ELEMENTWISE = [name for name, entry in CATALOGUE.items() if entry.elementwise]


def build(**settings):
    return architectures.build(Trial(depth=3, width=8, **settings), DIGITS)


def weights(model):
    return [
        ops.convert_to_numpy(v)
        for layer in model.layers
        if hasattr(layer, "kernel")
        for v in layer.variables
    ]


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


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.9])
def test_dropout_drops_its_share_and_scales_the_rest(rate):
    layer = architectures.Dropout(rate, seed=0)
    x = np.full((500, 400), 3, "float32")
    y = ops.convert_to_numpy(layer(x, training=True))
    dropped = y == 0
    deviation = np.sqrt(rate * (1 - rate) / x.size)
    assert abs(dropped.mean() - rate) <= 4 * deviation
    np.testing.assert_allclose(y[~dropped], 3 / (1 - rate), rtol=1e-6)
    again = ops.convert_to_numpy(layer(x, training=True))
    agree = ((again == 0) == dropped).mean()
    expected = rate**2 + (1 - rate) ** 2
    assert abs(agree - expected) <= 4 * np.sqrt(expected * (1 - expected) / x.size)
    assert (ops.convert_to_numpy(layer(x, training=False)) == 3).all()


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


def test_the_bias_is_set_in_hidden_layers_only():
    model = build(bias=0.25)
    biases = [
        ops.convert_to_numpy(layer.bias)
        for layer in model.layers
        if hasattr(layer, "bias")
    ]
    assert all((b == 0.25).all() for b in biases[:-1])
    assert (biases[-1] == 0).all()


def test_the_cnn_has_no_pooling_in_its_body():
    layers = build(architecture="cnn").layers
    assert {layer.output.shape for layer in layers[:6]} == {(None, 8, 8, 8)}
    assert [layer.output.shape for layer in layers[6:]] == [(None, 512), (None, 10)]


def test_the_pooled_cnn_takes_the_largest_of_each_2x2_after_each_activation():
    model = build(
        architecture="cnn_pooled", activation="tanh", batch_normalization=True
    )
    hidden = ["Conv2D", "BatchNormalization", "Activation", "MaxPooling2D"]
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [*hidden * 3, "Flatten", "Dense"]
    sizes = [layer.output.shape[1:3] for layer in model.layers[3:12:4]]
    assert sizes == [(4, 4), (2, 2), (1, 1)]
    inner = keras.Model(model.inputs[0], [layer.output for layer in model.layers[2:4]])
    before, after = map(ops.convert_to_numpy, inner(DIGITS.x_train[:5]))
    expected = before.reshape(5, 4, 2, 4, 2, 8).max(axis=(2, 4))
    np.testing.assert_array_equal(after, expected)
    unpooled = build(architecture="cnn", activation="tanh")
    pooled = build(architecture="cnn_pooled", activation="tanh")
    assert len(architectures.activation_sites(pooled, DIGITS)) == 3
    # But for the logits, which see more positions.
    for one, other in zip(weights(unpooled)[:-2], weights(pooled)[:-2], strict=True):
        assert one.tobytes() == other.tobytes()


def test_images_whose_size_is_odd_are_pooled_to_the_next_larger_half():
    odd = dataclasses.replace(DIGITS, x_train=DIGITS.x_train[:, :5, :7])
    trial = Trial(architecture="cnn_pooled", depth=4, width=2)
    model = architectures.build(trial, odd)
    sizes = [layer.output.shape[1:3] for layer in model.layers[2:12:3]]
    assert sizes == [(3, 4), (2, 2), (1, 1), (1, 1)]


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


def test_residual_blocks_add_what_they_make_of_their_input():
    model = build(architecture="resmlp", activation="tanh", bias=0.1)
    kernels, biases = weights(model)[::2], weights(model)[1::2]
    assert [kernel.shape for kernel in kernels] == [
        (64, 8),
        *[(8, 8)] * 3,
        (8, 10),
    ]
    x = DIGITS.x_train[:5].reshape(5, 64).astype(np.float64) @ kernels[0] + biases[0]
    for kernel, bias in zip(kernels[1:4], biases[1:4], strict=True):
        x = x + np.tanh(x) @ kernel + bias
    logits = model(DIGITS.x_train[:5])
    np.testing.assert_allclose(logits, x @ kernels[4] + biases[4], rtol=1e-4, atol=1e-5)


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


def test_a_residual_net_starts_with_signals_and_gradients_that_hardly_grow():
    # Each block adds 1 / depth of the mean square that comes in, and as much of the
    # gradient that comes back.
    growth = (1 + 1 / 16) ** 15
    signals, backward = [], []
    for seed in range(4):
        trial = Trial(architecture="resmlp", depth=16, width=256, seed=seed)
        model = architectures.build(trial, DIGITS)
        layers = probe(
            model,
            DIGITS.x_train[:128],
            DIGITS.y_train[:128],
            loss=recipe.loss_per_example,
            sites=architectures.activation_sites(model, DIGITS),
        )
        assert [layer.known.name for layer in layers] == ["relu"] * 16
        squares = [float(ops.mean(layer.pre_activation**2)) for layer in layers]
        signals.append(squares[-1] / squares[0])
        flows = [float(signal_gradient(layer.activation_gradient)) for layer in layers]
        backward.append((flows[0] / flows[-1]) ** 2)
    assert np.mean(signals) == pytest.approx(growth, rel=0.15)
    assert np.mean(backward) == pytest.approx(growth, rel=0.15)


@pytest.mark.parametrize("normalised", [False, True])
def test_a_residual_block_normalises_activates_drops_and_then_weighs(normalised):
    model = build(
        architecture="resmlp", batch_normalization=normalised, dropout=0.25, bias=0.5
    )
    kinds = [type(layer).__name__ for layer in model.layers]
    block = ["BatchNormalization"] * normalised + ["ReLU", "Dropout", "Dense", "Add"]
    assert kinds == ["InputLayer", "Flatten", "Dense", *block * 3, "Dense"]
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    has_bias = [layer.bias is not None for layer in weighted]
    assert has_bias == [not normalised] * 4 + [True]
    states = [
        tuple(ops.convert_to_numpy(layer.seed_generator.state))
        for layer in model.layers
        if hasattr(layer, "seed_generator")
    ]
    assert len(set(states)) == 3


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
