"""The probe against nets built by hand: what is measured of which activation."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers import RReLU
from keras_rectifiers.activations import get
from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.inspection.probe import measure, measure_layer, probe
from tests.inspection.made_up_nets import (
    CROSS_ENTROPY,
    dense_net,
    redraw,
    to_numpy,
    values,
)


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
        if name == "maxout":  # it needs the number of its units
            continue
        model = dense_net(name, np.random.default_rng(1), depth=1)
        names = set(measure(model, x, y, loss=CROSS_ENTROPY).measure)
        assert ("silent_units" in names) == entry.elementwise, name
        assert ("saturation" in names) == entry.bounded, name
        assert ("dead_units" in names) == entry.piecewise_linear, name
        assert ("sparsity" in names) == entry.flat_zero, name
        assert ("exact_zeros_by_underflow" in names) != entry.flat_zero, name


def test_a_net_whose_numbers_are_lost_has_no_dead_units(rng):
    model = dense_net("relu", rng, depth=1)
    kernel, bias = model.layers[0].get_weights()
    model.layers[0].set_weights([np.full_like(kernel, np.nan), bias])
    x = rng.normal(size=(4, 3))
    assert np.isnan(
        values(measure(model, x, [0, 1, 0, 1], loss=CROSS_ENTROPY), "dead_units")
    )


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


def test_a_loss_that_returns_nothing_is_refused(rng):
    with pytest.raises(ValueError, match=r"one value for each example.*Received: None"):
        probe(
            dense_net("relu", rng),
            np.ones((4, 3)),
            np.zeros(4),
            loss=lambda y, prediction: None,
        )


def test_a_loss_may_be_the_mean_of_the_examples(rng):
    model, x, y = dense_net("tanh", rng), rng.normal(size=(6, 3)), np.zeros((6, 3))

    def of_each(y, prediction):
        return ops.mean(ops.square(y - prediction), axis=-1)

    def mean(y, prediction):
        return ops.mean(ops.square(y - prediction))

    one, other = (measure(model, x, y, loss=loss).value for loss in (of_each, mean))
    np.testing.assert_allclose(one, other, rtol=1e-4)
