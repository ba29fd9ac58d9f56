import math
import re

import keras
import numpy as np
import pytest

from keras_rectifiers import functions
from keras_rectifiers.layers import RReLU
from tests.compiling import AS_A_WHOLE
from tests.drawn_slopes import NUM_SIGMAS, SHAPE, draw

# Keras 3.15 converts its TensorFlow variables in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


def train(layer, shape):
    return -keras.ops.convert_to_numpy(layer(-np.ones(shape, "float32"), training=True))


@pytest.mark.parametrize(
    ("arguments", "slope"),
    [
        ({}, 2 / 11),
        ({"form": "slope"}, 11 / 48),
        ({"lower": 2, "upper": 4}, 1 / 3),
        ({"lower": 0.1, "upper": 0.3, "form": "slope"}, 0.2),
        ({"noise": "channel"}, 2 / 11),
    ],
)
def test_inference_is_a_leaky_rectifier_with_the_mean_bound(arguments, slope, rng):
    x = rng.normal(size=(4, 5)).astype("float32")
    expected = keras.ops.leaky_relu(x, negative_slope=slope)
    np.testing.assert_array_equal(RReLU(**arguments)(x), expected)


@pytest.mark.parametrize(
    ("form", "lower", "upper", "mean", "standard_deviation"),
    [
        # 1 / U(3, 8): mean log(8 / 3) / 5, mean square 1 / 24.
        ("divisor", 1 / 8, 1 / 3, 0.1961659, math.sqrt(1 / 24 - 0.1961659**2)),
        ("slope", 1 / 8, 1 / 3, 11 / 48, (1 / 3 - 1 / 8) / math.sqrt(12)),
    ],
)
def test_slopes_have_the_bounds_and_moments_of_their_form(
    form, lower, upper, mean, standard_deviation
):
    slopes = draw(SHAPE, (1, 2), form=form)
    assert slopes.min() >= lower * (1 - 1e-6)
    assert slopes.max() <= upper * (1 + 1e-6)
    error = standard_deviation / math.sqrt(slopes.size)
    assert slopes.mean(dtype="float64") == pytest.approx(mean, abs=NUM_SIGMAS * error)
    assert slopes.std(dtype="float64") == pytest.approx(standard_deviation, rel=0.005)


@pytest.mark.parametrize("channel_axis", [-1, 1])
def test_the_layer_draws_along_its_channel_axis(channel_axis):
    slopes = train(RReLU(noise="channel", channel_axis=channel_axis), (6, 5, 4, 7))
    slopes = np.moveaxis(slopes, channel_axis, 1)
    assert (slopes == slopes[:, :, :1, :1]).all()
    assert np.unique(slopes).size == slopes[:, :, 0, 0].size


@pytest.mark.parametrize("channel_axis", [-1, 1])
def test_channel_noise_is_one_draw_per_example_and_channel(channel_axis):
    slopes = draw((6, 5, 4, 7), (1, 1), noise="channel", channel_axis=channel_axis)
    slopes = np.moveaxis(slopes, channel_axis, 1)
    at_first_position = slopes[:, :, :1, :1]
    np.testing.assert_array_equal(
        slopes, np.broadcast_to(at_first_position, slopes.shape)
    )
    assert np.unique(at_first_position).size == slopes.shape[0] * slopes.shape[1]


def test_same_seed_gives_the_same_draws_and_another_seed_others():
    first, same, other = (train(RReLU(seed=seed), (50, 50)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert np.mean(first == other) < 0.001


def test_layers_without_a_seed_differ():
    assert not np.array_equal(train(RReLU(), (50, 50)), train(RReLU(), (50, 50)))


def test_successive_training_calls_differ():
    layer = RReLU(seed=1)
    first, second = train(layer, (50, 50)), train(layer, (50, 50))
    assert np.mean(first == second) < 0.001


def test_inference_does_not_advance_the_random_state():
    layer, undisturbed = RReLU(seed=1), RReLU(seed=1)
    layer(-np.ones((3, 3)))
    layer(-np.ones((3, 3)), training=False)
    np.testing.assert_array_equal(train(layer, (3, 3)), train(undisturbed, (3, 3)))


def test_global_random_stream_is_left_alone():
    keras.utils.set_random_seed(0)
    expected = keras.ops.convert_to_numpy(keras.random.uniform((5,)))
    keras.utils.set_random_seed(0)
    train(RReLU(seed=1), (3, 3))
    drawn = keras.ops.convert_to_numpy(keras.random.uniform((5,)))
    np.testing.assert_array_equal(drawn, expected)


def test_loaded_weights_bring_their_random_state(tmp_path):
    def model(seed):
        return keras.Sequential([keras.Input((3,)), RReLU(seed=seed)])

    trained, other = model(1), model(2)
    train(trained.layers[0], (2, 3))
    trained.save_weights(tmp_path / "trained.weights.h5")
    other.load_weights(tmp_path / "trained.weights.h5")
    expected = train(trained.layers[0], (2, 3))
    np.testing.assert_array_equal(train(other.layers[0], (2, 3)), expected)
    other.layers[0].seed_generator.state.assign([2, 0])
    expected = train(model(2).layers[0], (2, 3))
    np.testing.assert_array_equal(train(other.layers[0], (2, 3)), expected)


def test_draws_do_not_depend_on_the_dtype():
    single = train(RReLU(seed=1), (20, 20))
    half = train(RReLU(seed=1, dtype="float16"), (20, 20))
    np.testing.assert_array_equal(half, single.astype("float16"))


@pytest.mark.parametrize("noise", ["element", "channel"])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_compiled_calls_draw_what_eager_ones_do(noise, jit_compile, tolerance):
    def forward(seed):
        x = -keras.ops.ones((30, 4, 5))
        return functions.rrelu(x, noise=noise, seed=seed)

    compiled = compile_function(forward, jit_compile)
    for seed in [(1, 0), (1, 1), (2**31 - 1, 5)]:
        seed = keras.ops.convert_to_tensor(seed, "int32")
        # The compiler may fuse the arithmetic that follows the random bits.
        np.testing.assert_allclose(compiled(seed), forward(seed), rtol=tolerance)


@pytest.mark.parametrize("noise", ["element", "channel"])
@pytest.mark.parametrize("jit_compile", [None, False, True])
def test_stacked_seeds_draw_what_each_seed_draws_alone(
    noise, jit_compile, tolerance, rng
):
    seeds = keras.ops.convert_to_tensor([[1, 0], [1, 1], [7, 0], [8, 3]], "int32")
    x = keras.ops.convert_to_tensor(rng.normal(size=(4, 6, 3, 5)), "float32")

    def forward(x_and_seed):
        x, seed = x_and_seed
        return functions.rrelu(x, noise=noise, seed=seed)

    def members(x, seeds):
        return keras.ops.vectorized_map(forward, (x, seeds))

    if jit_compile is not None:
        members = compile_function(members, jit_compile)
    together = members(x, seeds)
    alone = keras.ops.stack([forward((x[i], seeds[i])) for i in range(4)])
    np.testing.assert_allclose(together, alone, rtol=tolerance)


def test_training_resumed_from_a_file_equals_training_without_a_stop(rng, tmp_path):
    x = rng.normal(size=(40, 5)).astype("float32")
    y = rng.normal(size=(40, 1)).astype("float32")
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(8), RReLU(), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse", jit_compile=AS_A_WHOLE)
    settings = {"batch_size": 10, "shuffle": False, "verbose": 0}
    model.fit(x, y, epochs=2, **settings)
    model.save(tmp_path / "model.keras")
    resumed = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    model.fit(x, y, epochs=2, **settings)
    resumed.fit(x, y, epochs=2, **settings)
    for weight, other in zip(model.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)


BOUND_MESSAGE = "RReLU expects `lower` to be a real number. {}"
DIVISOR_MESSAGE = (
    "RReLU expects `{}` to be from 1 to 1e+30 for form='divisor' (x / b); pass "
    "form='slope' if it is meant for b * x. Received: {}"
)
SLOPE_MESSAGE = (
    "RReLU expects `{}` to be from 0 to 1 for form='slope' (b * x); pass "
    "form='divisor' if it is meant for x / b. Received: {}"
)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"lower": True},
            TypeError,
            BOUND_MESSAGE.format("Received: lower=True of type bool"),
        ),
        (
            {"lower": "3"},
            TypeError,
            BOUND_MESSAGE.format("Received: lower='3' of type str"),
        ),
        (
            {"lower": np.array([1.0, 2.0])},
            TypeError,
            BOUND_MESSAGE.format(
                "To apply the layer to a tensor, write RReLU(...)(x). "
                "Received: lower=array([1., 2.]) of type ndarray"
            ),
        ),
        (
            {"upper": math.inf},
            ValueError,
            DIVISOR_MESSAGE.format("upper", "upper=inf"),
        ),
        (
            {"lower": math.nan},
            ValueError,
            DIVISOR_MESSAGE.format("lower", "lower=nan"),
        ),
        (
            {"lower": 0},
            ValueError,
            DIVISOR_MESSAGE.format("lower", "lower=0.0"),
        ),
        (
            {"lower": -0.1, "form": "slope"},
            ValueError,
            SLOPE_MESSAGE.format("lower", "lower=-0.1"),
        ),
        (  # the bounds that PyTorch has, in its order
            {"lower": 1 / 8, "upper": 1 / 3},
            ValueError,
            DIVISOR_MESSAGE.format("lower", "lower=0.125"),
        ),
        (
            {"lower": 3, "upper": 8, "form": "slope"},
            ValueError,
            SLOPE_MESSAGE.format("lower", "lower=3.0"),
        ),
        (
            {"upper": 10**400},
            ValueError,
            DIVISOR_MESSAGE.format("upper", "upper=inf"),
        ),
        (
            {"lower": 9},
            ValueError,
            "RReLU expects `lower` to be at most `upper`; swap them, or pass both: "
            "the defaults of form='divisor' are 3 and 8. Received: lower=9.0, "
            "upper=8.0",
        ),
        (
            {"form": "slopes"},
            ValueError,
            "RReLU expects `form` to be 'divisor' (x / b) or 'slope' (b * x). "
            "Received: form='slopes'",
        ),
        (
            {"form": ["slope"]},
            ValueError,
            "RReLU expects `form` to be 'divisor' (x / b) or 'slope' (b * x). "
            "Received: form=['slope']",
        ),
        (
            {"noise": None},
            ValueError,
            "RReLU expects `noise` to be 'element' (one draw per element) or 'channel' "
            "(one draw per example and channel). Received: noise=None",
        ),
        (
            {"channel_axis": "last"},
            TypeError,
            "RReLU expects `channel_axis` to be an integer. "
            "Received: channel_axis='last' of type str",
        ),
        (
            {"seed": 1.0},
            TypeError,
            "RReLU expects `seed` to be an integer. Received: seed=1.0 of type float",
        ),
        (
            {"seed": True},
            TypeError,
            "RReLU expects `seed` to be an integer. Received: seed=True of type bool",
        ),
        (
            {"seed": -1},
            ValueError,
            "RReLU expects `seed` to be from 0 to 2147483647. Received: seed=-1",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        RReLU(**arguments)


def test_a_tensor_in_place_of_a_bound_is_refused():
    with pytest.raises(TypeError, match=r"write RReLU\(\.\.\.\)\(x\)"):
        RReLU(keras.ops.ones((2, 2)))


@pytest.mark.parametrize("training", [False, True])
def test_channel_noise_without_a_channel_axis_is_refused(training):
    message = (
        "RReLU expects `channel_axis` to name an axis of its input other than the "
        "batch axis 0. Received: channel_axis=-1 for an input of rank 1"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        RReLU(noise="channel")(np.ones(3), training=training)


def compile_function(function, jit_compile):
    """The function as a graph, or through XLA; as it is where there is neither."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=jit_compile)
    if keras.backend.backend() == "jax" and jit_compile:
        import jax

        return jax.jit(function)
    return function
