import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import PReLU


def negative_slopes(layer, shape):
    """The slope at each place of an input of this shape."""
    return -keras.ops.convert_to_numpy(layer(-np.ones(shape, "float32")))


def test_slopes_start_at_a_quarter():
    np.testing.assert_array_equal(
        negative_slopes(PReLU(), (2, 3)), np.full((2, 3), 0.25)
    )


@pytest.mark.parametrize(
    ("channel_axis", "shape", "aligned"),
    [
        (-1, (2, 3), (1, 3)),
        (-1, (2, 4, 5, 3), (1, 1, 1, 3)),
        (3, (2, 4, 5, 3), (1, 1, 1, 3)),
        (1, (2, 3, 4, 5), (1, 3, 1, 1)),
        (-3, (2, 3, 4, 5), (1, 3, 1, 1)),
        (2, (2, 4, 3, 5), (1, 1, 3, 1)),
    ],
)
def test_each_channel_has_its_own_slope(channel_axis, shape, aligned):
    layer = PReLU(channel_axis=channel_axis)
    layer.build(shape)
    assert tuple(layer.negative_slope.shape) == (3,)
    slopes = np.array([0.1, 0.2, 0.3], "float32")
    layer.negative_slope.assign(slopes)
    expected = np.broadcast_to(slopes.reshape(aligned), shape)
    np.testing.assert_array_equal(negative_slopes(layer, shape), expected)


def test_shared_slope_serves_all_channels():
    layer = PReLU("zeros", shared=True)
    layer.build((None, None))
    layer.negative_slope.assign([0.5])
    np.testing.assert_array_equal(
        negative_slopes(layer, (2, 3, 4)), np.full((2, 3, 4), 0.5)
    )


def test_shared_slope_has_no_use_for_the_channel_axis():
    layer = PReLU(shared=True, channel_axis=-3)
    np.testing.assert_array_equal(negative_slopes(layer, (2, 3)), np.full((2, 3), 0.25))


def test_number_of_slopes_does_not_depend_on_the_spatial_size():
    inputs = keras.Input((None, None, 32))
    assert keras.Model(inputs, PReLU()(inputs)).count_params() == 32


def test_one_layer_takes_inputs_of_any_rank():
    layer = PReLU()
    for shape in [(2, 3), (2, 5, 3), (2, 4, 5, 3)]:
        np.testing.assert_array_equal(
            negative_slopes(layer, shape), np.full(shape, 0.25)
        )


def test_input_with_another_number_of_channels_is_refused():
    layer = PReLU()
    layer.build((None, 3))
    with pytest.raises(
        ValueError, match="expected axis -1 of input shape to have value 3"
    ):
        layer(np.ones((2, 4)))


def test_regularizer_and_constraint_act_on_the_slopes():
    layer = PReLU("ones", regularizer=keras.regularizers.L1(0.1), constraint="non_neg")
    layer.build((None, 4))
    assert float(layer.losses[0]) == pytest.approx(0.4)
    constrained = layer.negative_slope.constraint(np.array([-1.0, 2.0]))
    np.testing.assert_array_equal(constrained, [0, 2])


def test_training_finds_the_slopes_of_the_target(rng):
    x = np.tile(rng.normal(size=(256, 2)).astype("float32"), (60, 1))
    target = np.where(x > 0, x, x * np.array([0.5, -0.75]))
    model = keras.Sequential([keras.Input((2,)), PReLU()])
    model.compile(keras.optimizers.SGD(0.5), "mse", jit_compile=False)
    model.fit(x, target, batch_size=256, verbose=0)
    slopes = negative_slopes(model.layers[0], (1, 2))
    np.testing.assert_allclose(slopes, [[0.5, -0.75]], atol=1e-4)  # converged so far


def test_default_initializer_is_not_shared_state():
    assert PReLU().get_config()["initializer"] == PReLU().get_config()["initializer"]
    first, second = PReLU(), PReLU()
    first.build((None, 2))
    second.build((None, 2))
    first.negative_slope.assign([1.0, 2.0])
    np.testing.assert_array_equal(negative_slopes(second, (1, 2)), [[0.25, 0.25]])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"channel_axis": 0},
            ValueError,
            "PReLU expects `channel_axis` to be another axis than the batch axis; use "
            "-1 for the last axis and 1 for channels-first inputs. "
            "Received: channel_axis=0",
        ),
        (
            {"channel_axis": 1.0},
            TypeError,
            "PReLU expects `channel_axis` to be an integer. "
            "Received: channel_axis=1.0 of type float",
        ),
        (
            {"channel_axis": True},
            TypeError,
            "PReLU expects `channel_axis` to be an integer. "
            "Received: channel_axis=True of type bool",
        ),
        (
            {"shared": 1},
            TypeError,
            "PReLU expects `shared` to be True or False. "
            "Received: shared=1 of type int",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        PReLU(**arguments)


@pytest.mark.parametrize(
    ("channel_axis", "shape", "message"),
    [
        (
            1,
            (None, None, 3),
            "PReLU expects the number of channels to be known, for it has a weight per "
            "channel. Give the input a size along `channel_axis`, or pass shared=True. "
            "Received: channel_axis=1 for the input shape (None, None, 3)",
        ),
        (
            2,
            (None, 3),
            "PReLU expects `channel_axis` to name an axis of its input other than the "
            "batch axis 0. Received: channel_axis=2 for an input of rank 2",
        ),
        (
            -2,
            (None, 3),
            "PReLU expects `channel_axis` to name an axis of its input other than the "
            "batch axis 0. Received: channel_axis=-2 for an input of rank 2",
        ),
        (
            -3,
            (None, 3),
            "PReLU expects `channel_axis` to name an axis of its input other than the "
            "batch axis 0. Received: channel_axis=-3 for an input of rank 2",
        ),
    ],
)
def test_inputs_without_a_usable_channel_axis_are_refused(channel_axis, shape, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        PReLU(channel_axis=channel_axis).build(shape)
