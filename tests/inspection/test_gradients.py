"""Gradients against finite differences and backpropagation by hand, in float64."""

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st
from keras import ops

from keras_rectifiers.activations import get
from keras_rectifiers.gradient_decay import gradient_decay
from keras_rectifiers.inspection.gradients import gradients, with_derivative
from keras_rectifiers.inspection.probe import measure, measure_layer, probe
from tests.inspection.made_up_nets import (
    CROSS_ENTROPY,
    IN_FLOAT64,
    WIDEST,
    dense_net,
    redraw,
    to_numpy,
    values,
)

STEP, OF_DIFFERENCES = (1e-6, 1e-7) if IN_FLOAT64 else (1e-2, 1e-3)


def own_activation(x):
    return ops.sin(2 * x)


# Each function with its derivative, in numpy.
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z: 1 / (1 + np.exp(-z))),
    "elu": (
        lambda z: np.where(z > 0, z, np.expm1(z)),
        lambda z: np.minimum(np.exp(z), 1),
    ),
    "linear": (lambda z: z, np.ones_like),
    own_activation: (lambda z: np.sin(2 * z), lambda z: 2 * np.cos(2 * z)),
}


@pytest.fixture
def widest():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(WIDEST)
    yield
    keras.config.set_dtype_policy(before)


def convolution_net(activation, rng):
    model = keras.Sequential(
        [
            keras.Input((4, 3, 1)),
            keras.layers.Conv2D(2, 3, padding="same"),
            get(activation),
            keras.layers.Conv2D(2, 2, strides=2),
            get(activation),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
        ]
    )
    redraw(model, rng)
    return model


def losses_after(model, position, value, y):
    """Each example's loss when `value` is put in place of the output of a layer."""
    for layer in model.layers[position + 1 :]:
        value = layer(value)
    logits = to_numpy(value)
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -logs[np.arange(len(y)), y]


def finite_difference(function, at, step=STEP):
    gradient = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        gradient[index] = (function(up) - function(down)) / (2 * step)
    return gradient


def finite_differences(function, at, step=STEP):
    """The same of a function of each example, all in one call, at `(examples, ...)`."""
    num_examples, size = len(at), at[0].size
    steps = step * np.eye(size, dtype=at.dtype).reshape(size, 1, *at.shape[1:])
    moved = np.stack([at + steps, at - steps]).reshape(-1, *at.shape[1:])
    up, down = function(moved).reshape(2, size, num_examples)
    return ((up - down) / (2 * step)).T.reshape(at.shape)


@pytest.mark.parametrize("make_net", [dense_net, convolution_net])
@pytest.mark.parametrize(
    "activation",
    # Steps in float32 are so wide that they cross the kink.
    ["tanh", "sigmoid", "gelu"] + ["leaky_relu_0.1"] * IN_FLOAT64,
)
def test_gradients_agree_with_finite_differences(widest, rng, make_net, activation):
    model = make_net(activation, rng)
    x = rng.normal(size=(4, *model.input_shape[1:]))
    y = np.array([0, 1, 2, 1])
    positions = [
        i for i, layer in enumerate(model.layers) if layer.name.startswith("act")
    ] or [i for i, layer in enumerate(model.layers) if "re_lu" in layer.name]
    seen = probe(model, x, y, loss=CROSS_ENTROPY)
    assert len(seen) == len(positions)
    for position, arrays in zip(positions, seen, strict=True):
        at = to_numpy(arrays.activation)
        expected = finite_differences(
            lambda a, p=position: losses_after(
                model, p, a, np.tile(y, len(a) // len(y))
            ),
            at,
        )
        np.testing.assert_allclose(
            to_numpy(arrays.activation_gradient), expected, atol=OF_DIFFERENCES
        )
        norms = np.sqrt((expected.reshape(4, -1) ** 2).sum(axis=1))
        assert float(measure_layer(arrays)["signal_gradient"]) == pytest.approx(
            np.sqrt((norms**2).mean()), rel=10 * OF_DIFFERENCES
        )
        kernel = model.layers[position - 1].kernel
        weights = to_numpy(kernel)

        def mean_loss(value, kernel=kernel):
            kernel.assign(value)
            return losses_after(model, -1, x, y).mean()

        expected = finite_difference(mean_loss, weights.copy())
        kernel.assign(weights)
        np.testing.assert_allclose(
            to_numpy(arrays.kernel_gradient), expected, atol=OF_DIFFERENCES
        )
        assert float(measure_layer(arrays)["weight_gradient"]) == pytest.approx(
            np.linalg.norm(expected) / np.linalg.norm(weights), rel=10 * OF_DIFFERENCES
        )


@pytest.mark.parametrize("activation", ["relu", "prelu", "shifted_relu", "tanh"])
def test_derivatives_agree_with_finite_differences(widest, rng, activation):
    model = dense_net(activation, rng)
    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    for arrays in probe(model, x, y, loss=CROSS_ENTROPY):
        z = to_numpy(arrays.pre_activation)
        function = get(activation)
        function.dtype_policy = keras.DTypePolicy(WIDEST)
        up, down = function(z + STEP / 10), function(z - STEP / 10)
        expected = (to_numpy(up) - to_numpy(down)) / (STEP / 5)
        np.testing.assert_allclose(
            to_numpy(arrays.derivative), expected, atol=10 * OF_DIFFERENCES
        )


@hypothesis.settings(max_examples=25 if IN_FLOAT64 else 8)  # JAX compiles each
@hypothesis.given(
    widths=st.lists(st.integers(1, 4), min_size=3, max_size=5),
    activations=st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=4, max_size=4),
    fused=st.booleans(),
    num_examples=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_dense_net_has_the_gradients_of_backpropagation_by_hand(
    widths, activations, fused, num_examples, seed
):
    rng = np.random.default_rng(seed)
    num_inputs, *hidden, num_outputs = widths
    model = keras.Sequential([keras.Input((num_inputs,))])
    for units, activation in zip(hidden, activations, strict=False):
        if fused:
            model.add(keras.layers.Dense(units, activation, dtype=WIDEST))
        else:
            model.add(keras.layers.Dense(units, dtype=WIDEST))
            if activation is own_activation:
                model.add(keras.layers.Lambda(own_activation, dtype=WIDEST))
            else:
                model.add(keras.layers.Activation(activation, dtype=WIDEST))
    model.add(keras.layers.Dense(num_outputs, dtype=WIDEST))
    redraw(model, rng)
    # The model itself casts its input to float32.
    x = rng.normal(size=(num_examples, num_inputs)).astype("float32").astype("float64")
    y = rng.normal(size=(num_examples, num_outputs))

    kernels, biases = model.get_weights()[::2], model.get_weights()[1::2]
    inputs, derivatives = [x], []
    for kernel, bias, name in zip(kernels[:-1], biases, activations, strict=False):
        function, derivative = ACTIVATIONS[name]
        z = inputs[-1] @ kernel + bias
        inputs.append(function(z))
        derivatives.append(derivative(z))
    error = inputs[-1] @ kernels[-1] + biases[-1] - y
    gradient = 2 * error / num_outputs @ kernels[-1].T
    signal, weight = [], []
    for i in reversed(range(len(hidden))):
        signal.insert(0, np.sqrt((gradient**2).sum(axis=1).mean()))
        delta = gradient * derivatives[i]
        of_kernel = inputs[i].T @ delta / num_examples
        weight.insert(0, np.linalg.norm(of_kernel) / np.linalg.norm(kernels[i]))
        gradient = delta @ kernels[i].T

    frame = measure(model, x, y, loss=keras.losses.MeanSquaredError())
    measured = values(frame, "signal_gradient"), values(frame, "weight_gradient")
    # Sums of both signs cancel, so float32 leaves an absolute error too.
    rtol, atol = (1e-9, 1e-12) if IN_FLOAT64 else (1e-4, 1e-5)
    np.testing.assert_allclose(measured, (signal, weight), rtol=rtol, atol=atol)


def test_a_thirty_layer_sigmoid_net_does_not_underflow(rng):
    width, depth, num_examples = 16, 30, 8
    model = dense_net("sigmoid", rng, depth=depth, width=width)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            layer.kernel.assign(to_numpy(layer.kernel) * 0.1)
    x, y = rng.normal(size=(num_examples, 3)), np.arange(num_examples) % 3

    # Backpropagation by hand in float64.
    weights = [to_numpy(v).astype(np.float64) for v in model.trainable_variables]
    kernels, biases = weights[::2], weights[1::2]
    activations = [x]
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        activations.append(1 / (1 + np.exp(-(activations[-1] @ kernel + bias))))
    logits = activations[-1] @ kernels[-1] + biases[-1]
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    delta = exponentials / exponentials.sum(axis=1, keepdims=True)
    delta[np.arange(num_examples), y] -= 1
    expected = []
    for a, kernel in zip(activations[:0:-1], kernels[:0:-1], strict=True):
        gradient = delta @ kernel.T
        expected.insert(0, np.sqrt((gradient**2).sum(axis=1).mean()))
        delta = gradient * a * (1 - a)

    measured = values(measure(model, x, y, loss=CROSS_ENTROPY), "signal_gradient")
    assert expected[0] < 1e-23, "the net must be one where float32 squares underflow"
    assert np.float32(expected[0]) ** 2 == 0
    np.testing.assert_allclose(measured, expected, rtol=1e-4)
    assert gradient_decay(measured)[1] == 0


def test_what_the_loss_does_not_depend_on_has_a_gradient_of_zero(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dense(4),
            keras.layers.Lambda(ops.stop_gradient),
            keras.layers.Dense(3),
        ]
    )
    frame = measure(model, rng.normal(size=(3, 3)), [0, 1, 2], loss=CROSS_ENTROPY)
    assert (values(frame, "weight_gradient") == 0).all()
    signal = values(frame, "signal_gradient")
    assert signal[0] == 0 and signal[1] > 0


def test_values_and_what_is_marked_have_their_gradients_and_the_rest_comes_back(
    tolerance,
):
    a, b, unused = (ops.convert_to_tensor(v) for v in ([1.0, -2.0], [3.0, 0.5], [7.0]))

    def function(values, mark):
        a, b, _ = values
        product = mark(a * b)
        square = mark(product * product)
        alone = mark(b + 1)
        return ops.sum(square), {"product": product, "none": None, "alone": alone}

    rest, of_values, of_marked = gradients(function, [a, b, unused])
    # s = sum of (a b)^2: ds/da = 2 a b^2, ds/db = 2 a^2 b, ds/d(ab) = 2 a b.
    for found, expected in zip(
        [*of_values, *of_marked],
        [[18, -1], [6, 4], [0], [6, -2], [1, 1], [0, 0]],
        strict=True,
    ):
        np.testing.assert_allclose(to_numpy(found), expected, atol=tolerance)
    assert rest["none"] is None
    np.testing.assert_allclose(to_numpy(rest["product"]), [3, -1])
    np.testing.assert_allclose(to_numpy(rest["alone"]), [4, 1.5])


@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
def test_an_element_wise_function_has_its_derivative_at_each_element(rng, shape):
    z = np.asarray(rng.normal(size=shape), "float32")
    result, derivative = with_derivative(own_activation, ops.convert_to_tensor(z))
    np.testing.assert_allclose(to_numpy(result), np.sin(2 * z), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        to_numpy(derivative), 2 * np.cos(2 * z), rtol=1e-5, atol=1e-6
    )
