"""What is changed of a model while the probe runs it, and that it is undone."""

import re

import keras
import numpy as np
import pytest

from keras_rectifiers import PReLU, RReLU
from keras_rectifiers.inspection.batch import checked_batch, run_model
from keras_rectifiers.inspection.patching import computing_in_float32, recording
from keras_rectifiers.inspection.probe import find_sites, measure, probe, values_of
from tests.inspection.made_up_nets import (
    CROSS_ENTROPY,
    dense_net,
    redraw,
    to_numpy,
    values,
)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_is_measured_as_float32_with_the_same_weights(rng, policy):
    def net(dtype):
        return keras.Sequential(
            [
                keras.Input((6, 6, 1)),
                keras.layers.Conv2D(4, 3, dtype=dtype),
                keras.layers.BatchNormalization(dtype=dtype),
                keras.layers.LeakyReLU(0.125, dtype=dtype),
                keras.layers.Flatten(dtype=dtype),
                keras.layers.Dense(8, activation=PReLU(dtype=dtype), dtype=dtype),
                keras.layers.Dense(8, activation="tanh", dtype=dtype),
                keras.layers.Dense(3, dtype=dtype),
            ]
        )

    x, y = rng.normal(size=(8, 6, 6, 1)), np.arange(8) % 3
    single = net("float32")
    expected = measure(single, x, y, loss=CROSS_ENTROPY)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)  # as users do it, also for the model itself
    try:
        mixed = net(None)
    finally:
        keras.config.set_dtype_policy(before)
    mixed(x)  # builds the PReLU within
    mixed.set_weights(single.get_weights())
    half = policy.removeprefix("mixed_")
    rounded = mixed(x)
    assert keras.backend.standardize_dtype(rounded.dtype) == half
    measured = measure(mixed, x, y, loss=CROSS_ENTROPY)
    assert measured.drop(columns="name").equals(expected.drop(columns="name"))
    # And it computes in half precision as before.
    assert np.array_equal(to_numpy(mixed(x)), to_numpy(rounded))


def test_gradients_that_half_precision_loses_are_measured(rng):
    model = dense_net("sigmoid", rng, depth=20)
    expected = measure(model, np.ones((2, 3)), [0, 1], loss=CROSS_ENTROPY)
    assert values(expected, "signal_gradient")[0] < 2.0**-25  # rounds to 0 in float16
    mixed = keras.Sequential(
        [keras.Input((3,))]
        + [
            type(layer).from_config({**layer.get_config(), "dtype": "mixed_float16"})
            for layer in model.layers
        ]
    )
    mixed.set_weights(model.get_weights())
    measured = measure(mixed, np.ones((2, 3)), [0, 1], loss=CROSS_ENTROPY)
    assert measured.equals(expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_weights_in_half_precision_are_measured_at_that_precision(rng, dtype):
    def net(dtype):
        return keras.Sequential(
            [
                keras.Input((3,)),
                keras.layers.Dense(8, dtype=dtype),
                PReLU(dtype=dtype),
                keras.layers.Dense(3, dtype=dtype),
            ]
        )

    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    single, half = net("float32"), net(dtype)
    half.set_weights(single.get_weights())
    expected = measure(single, x, y, loss=CROSS_ENTROPY)
    measured = measure(half, x, y, loss=CROSS_ENTROPY)
    assert measured.value.to_numpy() == pytest.approx(
        expected.value.to_numpy(), rel=0.05
    )


def test_layers_of_several_precisions_are_measured_together(rng):
    def net(first, second):
        return keras.Sequential(
            [
                keras.Input((3,)),
                keras.layers.Dense(8, activation="relu", dtype=first),
                keras.layers.Dense(8, activation="tanh", dtype=second),
                keras.layers.Dense(3, dtype=first),
            ]
        )

    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    single = net("float32", "float32")
    expected = measure(single, x, y, loss=CROSS_ENTROPY).value.to_numpy()
    # JAX has no float64 unless the whole process is told so.
    other = "float32" if keras.backend.backend() == "jax" else "float64"
    for dtypes in [
        (other, other),
        (other, "float32"),
        ("float32", other),
        ("mixed_float16", other),
    ]:
        several = net(*dtypes)
        several.set_weights(single.get_weights())
        measured = measure(several, x, y, loss=CROSS_ENTROPY).value.to_numpy()
        assert measured == pytest.approx(expected, rel=1e-5), dtypes


@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
def test_an_activation_is_seen_wherever_it_is_given(rng, activation):
    def net(fused):
        layers = [keras.Input((3,))]
        for _ in range(2):
            layers += (
                [keras.layers.Dense(5, activation=activation)]
                if fused
                else [keras.layers.Dense(5), keras.layers.Activation(activation)]
            )
        return keras.Sequential([*layers, keras.layers.Dense(3)])

    apart, fused = net(False), net(True)
    redraw(apart, rng)
    fused.set_weights(apart.get_weights())
    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    one, other = (measure(m, x, y, loss=CROSS_ENTROPY) for m in (apart, fused))
    assert one.drop(columns="name").equals(other.drop(columns="name"))


def test_a_layer_given_as_activation_is_seen(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5, activation=PReLU()),
            keras.layers.Dense(3),
        ]
    )
    frame = measure(model, rng.normal(size=(4, 3)), [0, 1, 2, 0], loss=CROSS_ENTROPY)
    assert values(frame, "negative_slope") == pytest.approx(0.25)


@pytest.mark.parametrize("training", [False, True])
def test_the_probe_changes_nothing(rng, training):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5),
            keras.layers.BatchNormalization(),
            RReLU(seed=1),
            keras.layers.Dropout(0.5, seed=2),
            keras.layers.Dense(3),
        ]
    )
    model.compile(loss=CROSS_ENTROPY)
    before = [to_numpy(v) for v in model.variables]
    attributes = [dict(layer.__dict__) for layer in model.layers]
    x, y = rng.normal(size=(4, 3)), np.array([0, 1, 2, 0])
    first = measure(model, x, y, training=training)
    again = measure(model, x, y, training=training)
    assert first.equals(again)
    for old, variable in zip(before, model.variables, strict=True):
        assert np.array_equal(old, to_numpy(variable)), variable.path
    assert [set(layer.__dict__) for layer in model.layers] == list(map(set, attributes))


def test_of_several_activations_in_a_row_each_has_the_one_before_as_its_input(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.ReLU(),
            keras.layers.Dense(3),
        ]
    )
    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    first, second = probe(model, x, y, loss=CROSS_ENTROPY)
    z = x @ to_numpy(model.layers[0].kernel)
    np.testing.assert_allclose(to_numpy(first.pre_activation), z, rtol=1e-5, atol=1e-6)
    activation = to_numpy(first.activation)
    np.testing.assert_allclose(activation, np.tanh(z), rtol=1e-5, atol=1e-6)
    assert np.array_equal(to_numpy(second.pre_activation), to_numpy(first.activation))
    open_paths = np.where(z > 0, to_numpy(second.activation_gradient), 0)
    np.testing.assert_allclose(to_numpy(first.activation_gradient), open_paths)
    assert first.kernel is second.kernel
    assert (to_numpy(first.kernel_gradient) == to_numpy(second.kernel_gradient)).all()


def net_of_two(**settings):
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, activation="relu", name="one", **settings),
            keras.layers.Dense(4, name="two", **settings),
            keras.layers.Activation("gelu", name="smooth", **settings),
            keras.layers.Dense(2, name="last", **settings),
        ]
    )


def test_a_run_records_each_activation_its_input_and_the_derivative_if_known(rng):
    model = net_of_two()
    x, _ = checked_batch(model, rng.normal(size=(5, 3)), np.zeros(5))
    marked = []
    with recording(find_sites(model, x), lambda a: marked.append(a) or a) as seen:
        assert seen == {}
        run_model(model, values_of(model), x)
    assert list(seen) == [0, 1]
    z, a, derivative = map(to_numpy, seen[0])
    kernel, bias = model.get_layer("one").get_weights()
    np.testing.assert_allclose(z, to_numpy(x) @ kernel + bias, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(a, np.maximum(z, 0))
    np.testing.assert_array_equal(derivative, z > 0)
    assert seen[1][2] is None  # GELU has neither linear pieces nor bounds
    assert [to_numpy(one).shape for one in marked] == [(5, 4), (5, 4)]
    assert "call" not in vars(model.get_layer("smooth"))
    assert model.get_layer("one").activation is keras.activations.relu


def test_an_activation_that_the_run_does_not_reach_is_refused(rng):
    model = net_of_two()
    x, _ = checked_batch(model, rng.normal(size=(5, 3)), np.zeros(5))
    message = (
        "Expected the layer 'one' to call self.activation. Let it do so, or leave "
        "self.activation out and add the activation as a separate layer. Received: an "
        "activation that the layer's call does not use."
    )
    sites = find_sites(model, x)
    with (
        pytest.raises(ValueError, match=f"^{re.escape(message)}$"),
        recording(sites, lambda a: a),
    ):
        pass


def test_only_mixed_precision_computes_in_float32_and_only_for_a_while():
    # JAX has no float64 unless the whole process is told so.
    widest = "float32" if keras.backend.backend() == "jax" else "float64"
    dtypes = ["mixed_float16", "mixed_bfloat16", "float16", widest, "float32"]
    layers = [keras.layers.Dense(3, dtype=dtype) for dtype in dtypes]
    model = keras.Sequential([keras.Input((3,)), *layers])
    with pytest.raises(KeyError), computing_in_float32(model):
        assert [layer.compute_dtype for layer in layers] == [
            "float32",
            "float32",
            "float16",
            widest,
            "float32",
        ]
        raise KeyError
    assert [layer.dtype_policy.name for layer in layers] == dtypes
