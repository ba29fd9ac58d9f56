"""The probe against finite differences, nets built by hand, and numpy in float64."""

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st
from keras import ops

from keras_rectifiers import PReLU, RReLU
from keras_rectifiers.activations import get
from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.decay import gradient_decay
from keras_rectifiers.inspection.probe import measure, measure_layer, probe

# Keras has float64 on TensorFlow; on JAX and PyTorch its operations round to float32.
IN_FLOAT64 = keras.backend.backend() == "tensorflow"
WIDEST = "float64" if IN_FLOAT64 else "float32"
STEP, OF_DIFFERENCES = (1e-6, 1e-7) if IN_FLOAT64 else (1e-2, 1e-3)

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def values(frame, name):
    return frame[frame.measure == name].sort_values("layer").value.to_numpy()


@pytest.fixture
def widest():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(WIDEST)
    yield
    keras.config.set_dtype_policy(before)


def dense_net(activation, rng, depth=3, width=4):
    layers = [keras.Input((3,))]
    for _ in range(depth):
        layers += [keras.layers.Dense(width), get(activation)]
    model = keras.Sequential([*layers, keras.layers.Dense(3)])
    redraw(model, rng)
    return model


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


def redraw(model, rng):
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            for variable in layer.trainable_variables:
                variable.assign(rng.normal(size=variable.shape))


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


def test_a_net_built_by_hand_has_the_known_measures():
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(4),
            keras.layers.ReLU(),
            keras.layers.Dense(1),
        ]
    )
    # Unit 0 follows x, unit 1 -x, unit 2 is dead, unit 3 is at exactly 0.
    model.set_weights(
        [
            np.array([[1.0, -1.0, 0.0, 0.0]]),
            np.array([0.0, 0.0, -5.0, 0.0]),
            np.array([[1.0], [1.0], [1.0], [1.0]]),
            np.zeros(1),
        ]
    )
    x = np.array([[1.0], [-2.0]])
    loss = keras.losses.MeanSquaredError()
    frame = measure(model, x, np.zeros((2, 1)), loss=loss)
    got = frame.set_index("measure").value.to_dict()
    # Outputs 1 and 2, so l = 1 and 4, dl/da = 2 * output for each of 4 units.
    gradient = np.sqrt((4 * 2.0**2 + 4 * 4.0**2) / 2)
    # Only the open paths carry gradients to W: example 0 by unit 0, 1 by unit 1.
    kernel_gradient = np.linalg.norm([2.0 * 1 / 2, 4.0 * -2 / 2]) / np.sqrt(2)
    mean_square = (1 + 4) / 8
    units_mean = np.array([0.5, 1.0, 0, 0])
    assert got == pytest.approx(
        {
            "signal_gradient": gradient,
            "weight_gradient": kernel_gradient,
            "silent_units": 0.5,
            "dead_units": 0.5,
            "sparsity": 6 / 8,
            "zero_pre_activations": 2 / 8,
            "activation_mean": 3 / 8,
            "activation_std": np.sqrt(mean_square - (3 / 8) ** 2),
            "largest_activation": 2.0,
            "zero_weights": 2 / 4,
            "mean_shift": (units_mean**2).sum() / (mean_square * 8 / 2),
            "negative_slope": 0.0,
        }
    )
    assert set(frame.layer) == {0}


def test_channels_are_silent_only_if_every_position_is():
    model = keras.Sequential(
        [
            keras.Input((2, 2, 1)),
            keras.layers.Conv2D(2, 1, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    kernel = np.array([1.0, -1.0]).reshape(1, 1, 1, 2)
    model.layers[0].set_weights([kernel, np.zeros(2)])
    image = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    loss = keras.losses.MeanSquaredError()

    def silent(x):
        return values(measure(model, x, np.zeros((1, 1)), loss=loss), "silent_units")

    assert silent(image) == 0.5  # the second channel is negative everywhere
    image[0, 1, 1, 0] = -1
    assert silent(image) == 0


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


def test_dense_layers_without_an_activation_between_count_as_linear(rng):
    model = keras.Sequential(
        [keras.Input((3,)), *(keras.layers.Dense(3) for _ in range(3))]
    )
    frame = measure(model, rng.normal(size=(4, 3)), [0, 1, 2, 0], loss=CROSS_ENTROPY)
    assert set(frame.layer) == {0, 1}
    assert (values(frame, "dead_units") == 0).all()


def test_the_output_layer_and_its_activation_are_not_hidden(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3),
            keras.layers.Activation("sigmoid"),
        ]
    )
    loss = keras.losses.MeanSquaredError()
    frame = measure(model, rng.normal(size=(4, 3)), np.zeros((4, 3)), loss=loss)
    assert set(frame.layer) == {0}


def test_saturation_stands_for_bounded_functions_and_dead_units_for_linear_pieces():
    x, y = np.full((2, 3), 50.0), np.array([0, 1])
    for name, entry in CATALOGUE.items():
        if name == "maxout":  # has fewer units than the layer before it
            continue
        model = dense_net(name, np.random.default_rng(1), depth=1)
        names = set(measure(model, x, y, loss=CROSS_ENTROPY).measure)
        assert ("silent_units" in names) == entry.elementwise, name
        assert ("saturation" in names) == entry.bounded, name
        assert ("dead_units" in names) == entry.piecewise_linear, name
        assert ("sparsity" in names) == entry.flat_zero, name
        assert ("exact_zeros_by_underflow" in names) != entry.flat_zero, name


def test_of_maxout_nothing_is_measured_that_needs_an_elementwise_function(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(8),
            get("maxout", units=4),
            keras.layers.Dense(3),
        ]
    )
    redraw(model, rng)
    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    (layer,) = probe(model, x, y, loss=CROSS_ENTROPY)
    z, a = to_numpy(layer.pre_activation), to_numpy(layer.activation)
    np.testing.assert_array_equal(a, np.maximum(z[:, :4], z[:, 4:]))
    assert layer.derivative is None
    frame = measure(model, x, y, loss=CROSS_ENTROPY).set_index("measure")
    assert set(frame.index) == {
        "signal_gradient",
        "weight_gradient",
        "activation_mean",
        "activation_std",
        "zero_weights",
        "largest_activation",
        "mean_shift",
        "exact_zeros_by_underflow",
        "zero_pre_activations",
    }
    assert frame.loc["activation_mean", "value"] == pytest.approx(a.mean(), rel=1e-5)


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


def test_training_mode_measures_the_drawn_slopes(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(50),
            RReLU(seed=1),
            keras.layers.Dense(3),
        ]
    )
    x, y = rng.normal(size=(40, 3)), np.arange(40) % 3
    (drawn,) = probe(model, x, y, loss=CROSS_ENTROPY, training=True)
    (fixed,) = probe(model, x, y, loss=CROSS_ENTROPY)
    negative = to_numpy(drawn.pre_activation) < 0
    slopes = to_numpy(drawn.derivative)[negative]
    assert 1 / 8 <= slopes.min() < 0.13 and 0.32 < slopes.max() <= 1 / 3
    assert np.allclose(to_numpy(fixed.derivative)[negative], 2 / 11)
    z, a = to_numpy(drawn.pre_activation), to_numpy(drawn.activation)
    np.testing.assert_allclose(a[negative] / z[negative], slopes, rtol=1e-5)


def test_the_loss_of_a_compiled_model_is_used(rng):
    model = dense_net("tanh", rng)
    x, y = rng.normal(size=(4, 3)), np.array([0, 1, 2, 0])
    given = measure(model, x, y, loss=CROSS_ENTROPY)
    model.compile(loss=CROSS_ENTROPY)
    assert measure(model, x, y).equals(given)
    model.compile(loss=keras.losses.sparse_categorical_crossentropy)
    assert not measure(model, x, y).equals(given)  # takes the logits for shares


def test_targets_without_the_last_axis_of_the_outputs_are_taken_as_fit_does(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    redraw(model, rng)
    x, y = rng.normal(size=(6, 3)), np.arange(6) % 2
    expected = measure(model, x, y[:, None], loss="binary_crossentropy")
    assert measure(model, x, y, loss="binary_crossentropy").equals(expected)
    model.compile(loss="binary_crossentropy")
    assert measure(model, x, y).equals(expected)


def test_bad_input_is_refused_with_what_would_be_right(rng):
    model = dense_net("relu", rng)
    x, y = rng.normal(size=(4, 3)), np.array([0, 1, 2, 0])
    cases = [
        (
            model,
            x[:, :2],
            y,
            ValueError,
            r"expected the shape \(None, 3\)\. Received: \(4, 2",
        ),
        (model, x[:0], y[:0], ValueError, "must hold at least one example"),
        (
            model,
            x,
            y[:3],
            ValueError,
            "examples in x and targets in y. Received: 4 and 3",
        ),
        (model, x * np.nan, y, ValueError, "must hold finite numbers"),
        (
            keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)]),
            x,
            y,
            ValueError,
            r"a hidden activation, that is, with at least two",
        ),
        (
            keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(3)]),
            x,
            y,
            ValueError,
            r"^Expected a built model\. Start it with keras\.Input\(shape\), or call it ",
        ),
        (
            keras.Model(name="m"),
            x,
            y,
            ValueError,
            r"^Expected a built model\. .* Received: 'm', which has no weights yet\.$",
        ),
        (
            "m",
            x,
            y,
            TypeError,
            r"^Expected a keras\.Model\. Received: 'm', of type str\.$",
        ),
    ]
    for model, x, y, error, message in cases:
        with pytest.raises(error, match=message):
            probe(model, x, y, loss=CROSS_ENTROPY)


def test_a_model_without_a_loss_is_refused(rng):
    with pytest.raises(
        ValueError, match=r"compiled with a loss.*pass loss=, for example"
    ):
        probe(dense_net("relu", rng), np.ones((1, 3)), [0])


def test_a_relu_with_settings_of_its_own_is_an_activation_and_not_skipped(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5),
            keras.layers.ReLU(max_value=6.0, name="six"),
            keras.layers.Dense(3),
        ]
    )
    frame = measure(model, rng.normal(size=(4, 3)), [0, 1, 2, 0], loss=CROSS_ENTROPY)
    assert set(frame.name) == {"six"}
    # Nothing is claimed of a function that the catalogue does not know.
    assert not {"dead_units", "sparsity", "saturation"} & set(frame.measure)


def test_an_activation_of_the_users_own_is_measured_and_nothing_claimed_of_it(rng):
    class Swish(keras.layers.Layer):
        def call(self, x, training=None):
            return x * ops.sigmoid(x)

    def net(activation):
        return keras.Sequential(
            [
                keras.Input((3,)),
                keras.layers.Dense(5),
                keras.layers.LayerNormalization(),
                activation,
                keras.layers.Dense(3),
            ]
        )

    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    known = net(keras.layers.Activation("silu"))
    expected = measure(known, x, y, loss=CROSS_ENTROPY).set_index("measure").value
    for activation in (
        Swish(name="own"),
        keras.layers.Lambda(lambda x: x * ops.sigmoid(x), name="own"),
    ):
        model = net(activation)
        model.set_weights(known.get_weights())
        frame = measure(model, x, y, loss=CROSS_ENTROPY)
        assert set(frame.name) == {"own"}
        values = frame.set_index("measure").value
        # What is measured of SiLU is what asks for no knowledge of the function.
        assert values.to_dict() == pytest.approx(expected.to_dict(), rel=1e-5)
        (arrays,) = probe(model, x, y, loss=CROSS_ENTROPY)
        assert arrays.known is None and arrays.derivative is None


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


def test_frozen_layers_are_measured_like_others(rng):
    model = dense_net("tanh", rng)
    x, y = rng.normal(size=(6, 3)), np.arange(6) % 3
    before = measure(model, x, y, loss=CROSS_ENTROPY)
    model.trainable = False
    assert measure(model, x, y, loss=CROSS_ENTROPY).equals(before)
    # Given as values, they are not watched by themselves.
    frozen = ([], [ops.copy(v.value) for v in model.non_trainable_variables])
    x = x.astype("float32")
    layers = probe(model, x, y, loss=CROSS_ENTROPY, variables=frozen)
    gradients = [float(measure_layer(layer)["weight_gradient"]) for layer in layers]
    assert gradients == values(before, "weight_gradient").tolist()


def test_a_loss_that_is_no_value_for_each_example_is_refused(rng):
    def mean(y, prediction):
        return ops.mean(ops.square(prediction))

    with pytest.raises(
        ValueError, match=r"one value for each example.*Received: the shape "
    ):
        probe(dense_net("relu", rng), np.ones((4, 3)), np.zeros(4), loss=mean)
