"""SShapedReLU: its three pieces, and the learning of its four parameters."""

import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import PReLU, SShapedReLU
from tests.compiling import AS_A_WHOLE

NAMES = ["lower_threshold", "lower_slope", "upper_threshold", "upper_slope"]


def values(layer, x):
    return keras.ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def s_shaped(x, lower_threshold, lower_slope, upper_threshold, upper_slope):
    """As in the paper, piece by piece."""
    low = lower_threshold + lower_slope * (x - lower_threshold)
    high = upper_threshold + upper_slope * (x - upper_threshold)
    return np.where(x <= lower_threshold, low, np.where(x >= upper_threshold, high, x))


def test_golden_values():
    layer = SShapedReLU(-1.0, 0.5, 2.0, 0.25)
    x = [[-3, -1, -0.5, 0, 1.5, 2, 6]]
    np.testing.assert_array_equal(values(layer, x), [[-2, -1, -0.5, 0, 1.5, 2, 3]])


def test_it_starts_as_a_leaky_rectifier_of_slope_one_fifth(rng, tolerance):
    x = 3 * rng.normal(size=(5, 4))
    leaky = PReLU(keras.initializers.Constant(0.2))
    np.testing.assert_allclose(
        values(SShapedReLU(), x), values(leaky, x), rtol=tolerance
    )


def test_slopes_of_zero_clip_and_large_inputs_lose_no_digits():
    layer = SShapedReLU(-1.0, 0.0, 0.3, 0.0)
    y = values(layer, [[-1e30, -1e6, 0.1, 1e6, 1e30]])
    np.testing.assert_array_equal(y, np.float32([[-1, -1, 0.1, 0.3, 0.3]]))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_infinite_inputs_stay_infinite(dtype):
    y = SShapedReLU(-1.0, 0.5, 2.0, -0.25, dtype=dtype)(np.array([[-np.inf, np.inf]]))
    y = keras.ops.convert_to_numpy(keras.ops.cast(y, "float32"))
    np.testing.assert_array_equal(y, [[-np.inf, -np.inf]])


@pytest.mark.parametrize(("shared", "num_values"), [(True, 1), (False, 3)])
def test_weights_are_named_as_the_arguments_and_start_at_them(shared, num_values):
    layer = SShapedReLU(-0.5, 0.1, 0.7, 1.5, shared=shared, name="rectifier")
    layer.build((None, 3))
    assert [w.path for w in layer.weights] == [f"rectifier/{name}" for name in NAMES]
    for name, start in zip(NAMES, [-0.5, 0.1, 0.7, 1.5], strict=True):
        weight = keras.ops.convert_to_numpy(getattr(layer, name))
        np.testing.assert_array_equal(weight, np.full(num_values, start, "float32"))


def test_parameters_per_channel_act_along_the_channel_axis():
    layer = SShapedReLU(channel_axis=1)
    layer.build((None, 2, None))
    layer.lower_slope.assign([0.5, 0.25])
    layer.upper_slope.assign([2.0, 3.0])
    y = values(layer, np.broadcast_to([-4.0, 2.0], (1, 2, 2)))
    np.testing.assert_array_equal(y, [[[-2, 3], [-1, 4]]])


def test_an_upper_threshold_below_the_lower_one_counts_as_equal_to_it():
    crossed, equal = SShapedReLU(shared=True), SShapedReLU(shared=True)
    for layer, upper in ((crossed, -5.0), (equal, 1.0)):
        layer.build((None, 1))
        for name, value in zip(NAMES, [1.0, 0.5, upper, 2.0], strict=True):
            getattr(layer, name).assign([value])
    x = np.linspace(-8, 8, 33)[np.newaxis]
    np.testing.assert_array_equal(values(crossed, x), values(equal, x))
    expected = np.where(x <= 1, 1 + 0.5 * (x - 1), 1 + 2 * (x - 1))
    np.testing.assert_array_equal(values(crossed, x), np.float32(expected))


def test_training_finds_the_parameters_of_the_target(rng):
    x = np.tile(rng.uniform(-3, 3, size=(512, 2)).astype("float32"), (400, 1))
    target = np.array([[-1.0, -0.5], [0.4, -0.2], [0.5, 1.2], [0.1, 1.7]])
    model = keras.Sequential([keras.Input((2,)), SShapedReLU()])
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 400)
    model.compile(keras.optimizers.Adam(schedule), "mse", jit_compile=AS_A_WHOLE)
    model.fit(x, s_shaped(x, *target), batch_size=512, verbose=0)
    for name, expected in zip(NAMES, target, strict=True):
        found = keras.ops.convert_to_numpy(getattr(model.layers[0], name))
        # As near as Adam comes in 400 steps.
        np.testing.assert_allclose(found, expected, atol=0.002, err_msg=name)


def test_half_precision_keeps_the_digits_of_the_parameters():
    # In bfloat16 the threshold would be -100.5, and the result -18.
    layer = SShapedReLU(-100.3, -3.0, dtype="mixed_bfloat16")
    y = keras.ops.cast(layer(np.full((1, 1), -128.0)), "float32")
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(y), [[-17.25]])


def test_other_channels_than_it_was_built_for_are_refused():
    layer = SShapedReLU(name="rectifier")
    layer(np.ones((2, 3)))
    message = (
        "SShapedReLU expects 3 channels along axis -1, for which 'rectifier' was built. "
        "Received: an input of shape (2, 4)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(np.ones((2, 4)))


def test_channels_must_be_known_for_parameters_each():
    message = (
        "SShapedReLU expects the number of channels to be known, because it has a weight "
        "per channel. Give the input a size along `channel_axis`, or pass shared=True. "
        "Received: channel_axis=-1 for the input shape (None, None)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        SShapedReLU().build((None, None))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"lower_threshold": 2},
            ValueError,
            "SShapedReLU expects `lower_threshold` to be at most `upper_threshold`; swap "
            "them. Received: lower_threshold=2, upper_threshold=1.0",
        ),
        (
            {"upper_slope": float("nan")},
            ValueError,
            "SShapedReLU expects `upper_slope` to be from -1e+30 to 1e+30. "
            "Received: upper_slope=nan",
        ),
        (
            {"lower_slope": "zeros"},
            TypeError,
            "SShapedReLU expects `lower_slope` to be a real number. "
            "Received: lower_slope='zeros' of type str",
        ),
        (
            {"shared": 1},
            TypeError,
            "SShapedReLU expects `shared` to be True or False. "
            "Received: shared=1 of type int",
        ),
        (
            {"channel_axis": None},
            TypeError,
            "SShapedReLU expects `channel_axis` to be an integer. "
            "Received: channel_axis=None of type NoneType",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        SShapedReLU(**arguments)
