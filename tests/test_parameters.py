"""What functions take as parameters and as seeds, what they refuse, and their digits."""

import contextlib
import importlib
import re

import keras
import numpy as np
import pytest

from keras_rectifiers import functions, layers, parameters

THIRD = 1 / 3  # has other digits in float32


@pytest.mark.parametrize("lower", [3, 3.5])
def test_seeds_of_rrelu_are_those_of_keras_random(lower):
    x = -np.ones((2, 3), "float32")

    def draw(seed):
        y = functions.rrelu(x, lower=lower, upper=3.5, seed=seed)
        return keras.ops.convert_to_numpy(y)

    generator = keras.random.SeedGenerator(7)
    first, second = draw(generator), draw(generator)
    np.testing.assert_array_equal(draw(7), first)
    np.testing.assert_array_equal(draw(np.int64(7)), first)
    np.testing.assert_array_equal(draw([7, 0]), first)
    np.testing.assert_array_equal(draw(np.array([7, 0], "uint32")), first)
    np.testing.assert_array_equal(draw(keras.random.SeedGenerator(7).next()), first)
    assert (first == second).all() == (lower == 3.5)


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (1.5, TypeError, "rrelu expects `seed` to be an integer. Received: seed=1.5"),
        ("a", TypeError, "rrelu expects `seed` to be an integer. Received: seed='a'"),
        (True, TypeError, "rrelu expects `seed` to be an integer. Received: seed=True"),
        (-1, ValueError, "Received: seed=-1"),
        (2**31, ValueError, "from 0 to 2147483647. Received: seed=2147483648"),
        (
            np.zeros(3, "int32"),
            ValueError,
            "a keras.random.SeedGenerator or a tensor of shape (2,). "
            "Received: a tensor of shape (3,)",
        ),
        (np.zeros(2), TypeError, "Received: a tensor of dtype float64"),
        ([1, 2, 3], TypeError, "Received: seed=[1, 2, 3] of type list"),
        (["a", "b"], TypeError, "Received: seed='a' of type str"),
    ],
)
def test_wrong_seeds_of_rrelu_are_refused(seed, error, message):
    with pytest.raises(error, match=re.escape(message)):
        functions.rrelu(np.ones((2, 3), "float32"), seed=seed)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda x: functions.prelu(x, "a"),
            TypeError,
            "prelu expects `negative_slope` to be a real number. "
            "Received: negative_slope='a' of type str",
        ),
        (
            lambda x: functions.prelu(x, float("nan")),
            ValueError,
            "prelu expects `negative_slope` to be from -1e+30 to 1e+30. "
            "Received: negative_slope=nan",
        ),
        (
            lambda x: functions.prelu(x, ["a"]),
            TypeError,
            "prelu expects `negative_slope` to be a number, or a tensor or list of "
            "numbers. Received: negative_slope=['a'] of type list",
        ),
        (
            lambda x: functions.smooth_relu(x, 0),
            ValueError,
            "smooth_relu expects `sharpness` to be from 1e-30 to 1e+30. "
            "Received: sharpness=0.0",
        ),
        (
            lambda x: functions.shifted_relu(x, None),
            TypeError,
            "shifted_relu expects `threshold` to be a real number. "
            "Received: threshold=None of type NoneType",
        ),
        (
            lambda x: functions.crelu(x, channel_axis="a"),
            TypeError,
            "CReLU expects `channel_axis` to be an integer. Received: channel_axis='a' of type str",
        ),
        (
            lambda x: functions.maxout(x, 0),
            ValueError,
            "Maxout expects `units` to be at least 1. Received: units=0",
        ),
        (
            lambda x: functions.maxout(x, 1, channel_axis=0.5),
            TypeError,
            "Maxout expects `channel_axis` to be an integer. Received: channel_axis=0.5 of type float",
        ),
        (
            lambda x: functions.swish(x, "a"),
            TypeError,
            "swish expects `beta` to be a real number. Received: beta='a' of type str",
        ),
        (
            lambda x: functions.s_shaped_relu(x, upper_slope=1e40),
            ValueError,
            "s_shaped_relu expects `upper_slope` to be from -1e+30 to 1e+30. "
            "Received: upper_slope=1e+40",
        ),
        (
            lambda x: functions.gated_linear_unit(x, "relu"),
            TypeError,
            "gated_linear_unit expects `activation` to be a function or layer; for a "
            "name, pass keras_rectifiers.get(name). Received: activation='relu' of "
            "type str",
        ),
        (
            functions.gated_linear_unit,
            ValueError,
            "GatedLinearUnit expects an even number of channels, because one half gates "
            "the other. Give the layer before it twice as many channels as you want. "
            "Received: 3 channels, along axis 1 of the input shape (2, 3)",
        ),
        (
            lambda x: functions.prelu(x, np.array([1j])),
            TypeError,
            "prelu expects `negative_slope` to hold real numbers. "
            "Received: a tensor of dtype complex128",
        ),
        (
            lambda x: functions.smooth_relu(x, np.array(["a"])),
            TypeError,
            "smooth_relu expects `sharpness` to hold real numbers. "
            "Received: a tensor of dtype <U1",
        ),
        (
            lambda x: functions.shifted_relu(x, np.array([None])),
            TypeError,
            "shifted_relu expects `threshold` to hold real numbers. "
            "Received: a tensor of dtype object",
        ),
        (
            lambda x: functions.rrelu(keras.KerasTensor((None, 3)), seed=1),
            TypeError,
            "rrelu with a seed expects values, because a functional model would keep "
            "the numbers drawn once. Use the layer RReLU instead. Received: a "
            "symbolic tensor of shape (None, 3)",
        ),
    ],
)
def test_wrong_parameters_of_functions_are_refused(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(np.ones((2, 3), "float32"))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: functions.prelu(x, 0.1), -0.1),
        (lambda x: functions.prelu(x, np.float64(0.1)), -0.1),
        (lambda x: functions.prelu(x, [0.1]), -0.1),
        (lambda x: functions.shifted_relu(x, -0.1), -0.1),
        (lambda x: functions.smooth_relu(x, 0.1), 10 * np.log1p(np.exp(-0.1))),
        (lambda x: functions.swish(x, 0.1), -1 / (1 + np.exp(0.1))),
        (lambda x: functions.s_shaped_relu(x, lower_slope=0.1), -0.1),
        (
            lambda x: built(layers.Swish(THIRD, dtype="float64"))(x),
            -1 / (1 + np.exp(THIRD)),
        ),
        (lambda x: built(layers.SShapedReLU(0, THIRD, dtype="float64"))(x), -THIRD),
        (lambda x: functions.rrelu(x, lower=3, upper=3.3), -1 / 3.15),
        (lambda x: functions.rrelu(x, lower=3.3, upper=3.3, seed=1), -1 / 3.3),
        (
            lambda x: functions.rrelu(
                x, lower=0.1, upper=0.1 + 1e-14, form="slope", seed=1
            ),
            -0.1,
        ),
        (
            lambda x: built(
                layers.PReLU(keras.initializers.Constant(THIRD), dtype="float64")
            )(x),
            -THIRD,
        ),
        (lambda x: layers.ShiftedReLU(-THIRD, dtype="float64")(x), -THIRD),
        (
            lambda x: built(layers.SmoothReLU(THIRD, learnable=True, dtype="float64"))(
                x
            ),
            np.log1p(np.exp(-THIRD)) / THIRD,
        ),
        (
            lambda x: layers.RReLU(THIRD, THIRD, form="slope", dtype="float64")(x),
            -THIRD,
        ),
    ],
)
def test_constants_have_all_digits_of_float64(function, expected):
    with float64():
        y = function(np.full((2, 1), -1.0))
        assert keras.backend.standardize_dtype(y.dtype) == "float64"
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(y), expected, rtol=1e-12, atol=0
        )


def built(layer):
    layer.build((None, 1))
    return layer


@contextlib.contextmanager
def float64():
    """JAX has it only if it is asked for."""
    if keras.backend.backend() != "jax":
        yield
        return
    with importlib.import_module("jax").enable_x64(True):
        yield


@pytest.mark.parametrize(
    "value",
    [0.1, np.float32(0.1), [0.1, 2], (0.1, 2), np.array([0.1, 2]), np.array([3, 4])],
    ids=str,
)
def test_a_parameter_becomes_a_tensor_of_the_type_of_the_input(value):
    tensor = parameters.as_tensor("slope", value, "float32", function="f")
    assert keras.backend.standardize_dtype(tensor.dtype) == "float32"
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(tensor), np.asarray(value, "float32")
    )


def test_a_number_below_the_least_is_refused_and_a_tensor_is_not_looked_into():
    message = "f expects `slope` to be from 0 to 1e+30. Received: slope=-0.5"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parameters.as_tensor("slope", -0.5, "float32", function="f", least=0)
    tensor = parameters.as_tensor(
        "slope", np.array([-0.5]), "float32", function="f", least=0
    )
    assert keras.ops.convert_to_numpy(tensor).tolist() == [-0.5]


def test_a_seed_is_a_state_of_two_words_that_a_generator_moves_on():
    assert parameters.seed_state(None) is None
    for seed, words in ((7, [7, 0]), ([7, 3], [7, 3]), (np.int64(7), [7, 0])):
        state = parameters.seed_state(seed)
        assert keras.ops.convert_to_numpy(state).tolist() == words
    tensor = keras.ops.convert_to_tensor([5, 6], "int32")
    assert parameters.seed_state(tensor) is tensor
    generator = keras.random.SeedGenerator(7)
    states = [parameters.seed_state(generator) for _ in range(2)]
    first, second = (keras.ops.convert_to_numpy(state).tolist() for state in states)
    assert first == [7, 0] and second != first
