"""Models of every build: what is seen of them, against a second route of autodiff.

The truth is a Sequential model, or a plain computation with the same weights, of which
the gradients are finite differences.
"""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU, SmoothReLU, keras_internals
from keras_rectifiers.inspection.batch import checked_batch
from keras_rectifiers.inspection.probe import find_sites, measure, probe
from tests.inspection.made_up_nets import branches, to_numpy

MSE = keras.losses.MeanSquaredError()


def names_of(model, x, y):
    x, _ = checked_batch(model, x, y)
    return [site.name for site in find_sites(model, x)]


def signal_of(arrays):
    return to_numpy(arrays.activation_gradient)


class Block(layers.Layer):
    """A layer of the user's own that holds layers."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(4, name="inner")
        self.normalise = layers.LayerNormalization(name="normalise")
        self.activate = layers.Activation("tanh", name="activate")

    def build(self, shape):
        self.inner.build(shape)
        self.normalise.build((*shape[:-1], 4))

    def call(self, x):
        return self.activate(self.normalise(self.inner(x)))


class Subclassed(keras.Model):
    """A model whose layers are attributes, one of them called twice."""

    def __init__(self):
        super().__init__()
        self.first = layers.Dense(4, name="first")
        self.activate = layers.Activation("tanh", name="activate")
        self.block = Block(name="block")
        self.head = layers.Dense(2, name="head")

    def call(self, x):
        x = self.activate(self.first(x))
        x = self.block(x)
        x = self.activate(self.block(x))
        return self.head(x)


def test_a_subclassed_model_is_seen_by_the_calls_of_its_layers(rng):
    model = Subclassed()
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    model(ops.convert_to_tensor(x, "float32"))
    assert names_of(model, x, y) == [
        "activate",
        "block/activate",
        "block/activate (call 2)",
        "activate (call 2)",
    ]
    frame = measure(model, x, y, loss=MSE)
    assert frame.groupby("layer").name.first().tolist() == names_of(model, x, y)


def test_every_build_of_one_net_has_the_same_measures(rng):
    def parts():
        return [
            layers.Dense(5, name="a"),
            layers.ReLU(name="b"),
            layers.Dense(4, activation="tanh", name="c"),
            layers.Dense(2, name="d"),
        ]

    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = parts()

        def call(self, x):
            for part in self.parts:
                x = part(x)
            return x

    sequential = keras.Sequential([keras.Input((3,)), *parts()])
    start = keras.Input((3,))
    end = start
    for part in parts():
        end = part(end)
    functional = keras.Model(start, end)
    start, split = keras.Input((3,)), parts()
    inner = keras.Sequential([keras.Input((3,)), *split[:3]], name="inner")
    nested = keras.Model(start, split[3](inner(start)))
    own = Own()
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    own(ops.convert_to_tensor(x, "float32"))
    expected = measure(sequential, x, y, loss=MSE)
    for model in (functional, nested, own):
        model.set_weights(sequential.get_weights())
        frame = measure(model, x, y, loss=MSE)
        assert [n.rpartition("/")[2] for n in frame.name] == expected.name.tolist()
        assert frame.measure.tolist() == expected.measure.tolist()
        np.testing.assert_allclose(frame.value, expected.value, rtol=1e-5, atol=1e-6)


def test_operations_of_a_functional_model_are_seen_as_activations(rng):
    def net(activate):
        start = keras.Input((3,))
        hidden = activate(layers.Dense(5)(start))
        return keras.Model(start, layers.Dense(2)(hidden))

    by_layer, by_operation = net(layers.ReLU()), net(ops.relu)
    by_operation.set_weights(by_layer.get_weights())
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    expected = measure(by_layer, x, y, loss=MSE).set_index("measure").value
    measured = measure(by_operation, x, y, loss=MSE).set_index("measure").value
    assert "dead_units" in measured and "negative_slope" not in measured
    np.testing.assert_allclose(measured, expected[measured.index], rtol=1e-5, atol=1e-6)


def test_branches_have_depths_and_gradients_of_their_own(rng):
    model = branches()
    x = [rng.normal(size=(4, 3)), rng.normal(size=(4, 3))]
    y = [rng.normal(size=(4, 1)), np.eye(2)[[0, 1, 1, 0]]]
    model.compile(loss=["mse", "categorical_crossentropy"], loss_weights=[0.5, 2.0])
    left, right, deep = probe(model, x, y)
    assert [a.layer for a in (left, right, deep)] == ["tanh", "tanh (call 2)", "deep"]
    assert [a.depth for a in (left, right, deep)] == [0, 0, 1]

    # The summed loss as a function of the two activations that are added.
    near, far = model.get_layer("near"), model.get_layer("far")
    k = {layer.name: list(map(to_numpy, layer.weights)) for layer in model.layers}
    one, two = (to_numpy(a.activation).astype(float) for a in (left, right))

    def total(one, two):
        joined = one + two
        deep = 1 / (1 + np.exp(-(joined @ k["deep"][0] + k["deep"][1])))
        logits = deep @ k["far"][0] + k["far"][1]
        shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        errors = (joined @ k["near"][0] + k["near"][1] - y[0])[:, 0] ** 2
        return (0.5 * errors - 2.0 * np.log((shares * y[1]).sum(1))).sum()

    expected = np.zeros_like(one)
    for index in np.ndindex(one.shape):
        step = np.zeros_like(one)
        step[index] = 1e-6
        expected[index] = (total(one + step, two) - total(one - step, two)) / 2e-6
    np.testing.assert_allclose(signal_of(left), expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(signal_of(right), expected, rtol=1e-3, atol=1e-5)
    assert near.name == "near" and far.name == "far"
    # The kernel is shared, so its gradient is that of both calls.
    total_kernel = sum(
        inputs.T @ (expected * (1 - a**2))
        for inputs, a in zip(x, (one, two), strict=True)
    )
    for arrays in (left, right):
        np.testing.assert_allclose(
            to_numpy(arrays.kernel_gradient), total_kernel / 4, rtol=1e-3, atol=1e-5
        )
    by_name = dict(zip(["left", "right"], x, strict=True))
    assert measure(model, by_name, y).equals(measure(model, x, y))


@pytest.mark.parametrize(
    ("shape", "make"),
    [
        ((12, 2), lambda: layers.Conv1D(3, 3, activation="softplus", name="f")),
        ((6, 5, 2), lambda: layers.Conv2D(3, 3, activation="softplus", name="f")),
        ((4, 5, 4, 2), lambda: layers.Conv3D(3, 2, activation="softplus", name="f")),
        (
            (6, 5, 2),
            lambda: layers.SeparableConv2D(3, 3, activation="softplus", name="f"),
        ),
        (
            (12, 2),
            lambda: layers.SeparableConv1D(3, 3, activation="softplus", name="f"),
        ),
        ((6, 5, 2), lambda: layers.DepthwiseConv2D(3, activation="softplus", name="f")),
        (
            (6, 5, 2),
            lambda: layers.Conv2DTranspose(3, 3, activation="softplus", name="f"),
        ),
    ],
)
def test_convolutions_have_all_measures(rng, shape, make):
    start = keras.Input(shape)
    hidden = layers.BatchNormalization()(make()(start))
    end = layers.Dense(1, name="end")(layers.Flatten()(hidden))
    model = keras.Model(start, end)
    x, y = rng.normal(size=(4, *shape)), rng.normal(size=(4, 1))
    (arrays,) = probe(model, x, y, loss=MSE)
    assert arrays.layer == "f"
    assert {"signal_gradient", "weight_gradient", "silent_units", "mean_shift"} <= set(
        measure(model, x, y, loss=MSE).measure
    )
    # Linear behind the activation: l = (w a + b - y)^2, normalised by constants.
    w = to_numpy(model.get_layer("end").kernel)[:, 0]
    prediction = to_numpy(model(x.astype("float32")))
    slope = 1 / np.sqrt(1 + 1e-3)
    expected = 2 * (prediction - y) * slope * w
    measured = signal_of(arrays).reshape(4, -1)
    np.testing.assert_allclose(measured, expected, rtol=1e-3, atol=1e-5)
    # And by finite differences, some of the weights.
    kernels = [v for v in model.get_layer("f").trainable_variables if v.name != "bias"]
    gradient = to_numpy(arrays.kernel_gradient).ravel()
    place = 0
    for kernel in kernels:
        before = to_numpy(kernel).copy()
        for index in list(np.ndindex(before.shape))[:5]:
            differences = []
            for sign in (1, -1):
                moved = before.copy()
                moved[index] += sign * 1e-3
                kernel.assign(moved)
                got = to_numpy(model(x.astype("float32"))).astype(float)
                differences.append(((got - y) ** 2).mean())
            numeric = (differences[0] - differences[1]) / 2e-3
            flat = place + np.ravel_multi_index(index, before.shape)
            assert gradient[flat] == pytest.approx(numeric, abs=3e-3, rel=0.02)
        kernel.assign(before)
        place += before.size


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.LSTM(4, name="f"),
        lambda: layers.GRU(4, return_sequences=True, name="f"),
        lambda: layers.Bidirectional(layers.SimpleRNN(4), name="f"),
        lambda: layers.TimeDistributed(layers.Dense(4), name="f"),
    ],
)
def test_recurrent_layers_have_the_measures_of_their_outputs(rng, make):
    start = keras.Input((5, 3))
    end = layers.Dense(1, name="end")(layers.Flatten()(make()(start)))
    model = keras.Model(start, end)
    x, y = rng.normal(size=(4, 5, 3)), rng.normal(size=(4, 1))
    frame = measure(model, x, y, loss=MSE)
    assert set(frame.name) == {"f"}
    assert set(frame.measure) == {
        "signal_gradient",
        "activation_mean",
        "activation_std",
        "largest_activation",
        "mean_shift",
        "exact_zeros_by_underflow",
    }
    w = to_numpy(model.get_layer("end").kernel)[:, 0]
    error = 2 * (to_numpy(model(x.astype("float32"))) - y)
    expected = np.sqrt(((error * w) ** 2).sum(1).mean())
    value = frame[frame.measure == "signal_gradient"].value.item()
    assert value == pytest.approx(expected, rel=1e-4)


def test_attention_is_measured_by_its_output_among_other_layers(rng):
    tokens = keras.Input((6,), dtype="int32")
    x = layers.Embedding(10, 4)(tokens)
    attended = layers.MultiHeadAttention(2, 4, name="attention")(x, x)
    x = layers.LayerNormalization()(layers.Add()([x, attended]))
    x = layers.Dense(8, activation="gelu", name="hidden")(x)
    model = keras.Model(tokens, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))
    model.compile(loss="mse")
    batch = rng.integers(0, 10, size=(4, 6)), rng.normal(size=(4, 2))
    frame = measure(model, *batch)
    assert frame.groupby("layer").name.first().tolist() == ["attention", "hidden"]
    assert "weight_gradient" in set(frame[frame.name == "hidden"].measure)


def test_an_activation_that_is_no_layer_is_said_to_be_unseen(rng):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Dense(4, name="first")
            self.second = layers.Dense(4, activation="relu", name="second")
            self.head = layers.Dense(1, name="head")

        def call(self, x):
            return ops.sigmoid(self.head(self.second(ops.relu(self.first(x)))))

    model = Own()
    x, y = rng.normal(size=(4, 3)), np.zeros((4, 1))
    model(ops.convert_to_tensor(x, "float32"))
    tensors, _ = checked_batch(model, x, y)
    first, second = find_sites(model, tensors)
    assert (first.name, first.activation, first.depth) == ("first", None, 0)
    assert first.unseen == (
        "it is not followed by a layer, so an activation there cannot be seen; use a "
        "layer such as keras.layers.ReLU(), or activation="
    )
    assert (second.name, second.unseen, second.depth) == ("second", "", 1)
    frame = measure(model, x, y, loss=MSE)
    assert "dead_units" not in set(frame[frame.name == "first"].measure)


def test_an_activation_that_its_layer_does_not_call_is_said_to_be_unseen(rng):
    class Own(layers.Dense):
        def call(self, x):
            return ops.tanh(ops.matmul(x, self.kernel))

    start = keras.Input((3,))
    hidden = Own(5, activation="relu", name="own")(start)
    model = keras.Model(start, layers.Dense(3)(hidden))
    tensors, _ = checked_batch(model, np.ones((2, 3)), np.ones((2, 3)))
    (site,) = find_sites(model, tensors)
    assert (site.name, site.activation) == ("own", None)
    assert site.unseen == (
        "its call does not seem to use its activation=; let it call self.activation, "
        "or add the activation as a separate layer"
    )


def test_learned_slopes_and_sharpness_are_measured(rng):
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4),
            PReLU(),
            layers.Dense(4),
            SmoothReLU(2.0, learnable=True),
            layers.Dense(1),
        ]
    )
    x, y = rng.normal(size=(4, 3)), np.zeros((4, 1))
    frame = measure(model, x, y, loss=MSE).set_index("measure").value
    assert frame["negative_slope"] == pytest.approx(0.25)
    assert frame["sharpness"] == pytest.approx(2.0)


def test_the_run_leaves_the_model_as_it_was(rng):
    model = Subclassed()
    x = ops.convert_to_tensor(rng.normal(size=(5, 3)), "float32")
    model(x)
    before = [set(vars(part)) for part in keras_internals.layers_within(model)]
    weights = model.get_weights()
    measure(model, to_numpy(x), np.zeros((5, 2)), loss=MSE)
    assert [set(vars(part)) for part in keras_internals.layers_within(model)] == before
    for old, new in zip(weights, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_chain_may_pass_a_mask_on(rng):
    model = keras.Sequential(
        [
            keras.Input((5,), dtype="int32"),
            layers.Embedding(9, 4, mask_zero=True),
            layers.GRU(4, name="gru"),
            layers.Dense(3, "tanh", name="tanh"),
            layers.Dense(1),
        ]
    )
    x = rng.integers(0, 9, (8, 5))
    assert names_of(model, x, np.zeros((8, 1))) == ["gru", "tanh"]
