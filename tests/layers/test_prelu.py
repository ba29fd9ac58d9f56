import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import PReLU
from tests.compiling import AS_A_WHOLE


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


@pytest.mark.parametrize(
    ("channel_axis", "first", "second"),
    [(-3, (2, 4, 3, 3), (4, 3, 3)), (3, (2, 3, 3, 4), (2, 4))],
)
def test_channel_axis_never_falls_out_of_a_later_input(channel_axis, first, second):
    layer = PReLU(channel_axis=channel_axis)
    layer(np.zeros(first))
    message = f"axis 0. Received: channel_axis={channel_axis} for an input of rank "
    with pytest.raises(ValueError, match=message):
        layer(np.zeros(second))


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
    layer = PReLU(name="slopes")
    layer.build((None, 3))
    message = re.escape(
        "PReLU expects 3 channels along axis -1, for which 'slopes' was built. "
        "Received: an input of shape (2, 4)"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        layer(np.ones((2, 4)))


def test_regularizer_and_constraint_act_on_the_slopes():
    layer = PReLU("ones", regularizer=keras.regularizers.L1(0.1), constraint="non_neg")
    layer.build((None, 4))
    loss = keras.ops.convert_to_numpy(layer.losses[0])
    assert loss == pytest.approx(0.4)
    constrained = layer.negative_slope.constraint(np.array([-1.0, 2.0]))
    np.testing.assert_array_equal(constrained, [0, 2])


def test_training_finds_the_slopes_of_the_target(rng):
    x = np.tile(rng.normal(size=(256, 2)).astype("float32"), (60, 1))
    target = np.where(x > 0, x, x * np.array([0.5, -0.75]))
    model = keras.Sequential([keras.Input((2,)), PReLU()])
    model.compile(keras.optimizers.SGD(0.5), "mse", jit_compile=AS_A_WHOLE)
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


def keras_prelu(shape, shared_axes, rng, **keywords):
    layer = keras.layers.PReLU(shared_axes=shared_axes, **keywords)
    layer.build((None, *shape))
    layer.alpha.assign(rng.uniform(-0.5, 0.5, size=layer.alpha.shape))
    return layer


@pytest.mark.parametrize(
    ("shape", "shared_axes", "num_slopes", "channel_axis"),
    [
        ((3,), None, 3, 1),
        ((4, 5, 3), [1, 2], 3, 3),
        ((3, 4, 5), [2, 3], 3, 1),
        ((4, 5, 3), [1, 2, 3], 1, -1),
        ((None, None, 3), (1, 2), 3, 3),
    ],
)
def test_layers_of_keras_convert_and_convert_back(
    shape, shared_axes, num_slopes, channel_axis, rng
):
    theirs = keras_prelu(shape, shared_axes, rng, name="named", trainable=False)
    ours = PReLU.from_keras(theirs)
    assert tuple(ours.negative_slope.shape) == (num_slopes,)
    assert (ours.name, ours.trainable, ours.channel_axis) == (
        "named",
        False,
        channel_axis,
    )
    x = rng.normal(size=(2, *(size or 6 for size in shape))).astype("float32")
    expected = keras.ops.convert_to_numpy(theirs(x))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(ours(x)), expected)
    again = ours.to_keras(x.ndim)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(again(x)), expected)
    assert tuple(again.alpha.shape) == tuple(theirs.alpha.shape)


def test_conversion_keeps_regularizer_constraint_and_initializer():
    ours = PReLU("ones", regularizer="l1", constraint="non_neg")
    ours.build((None, 4))
    theirs = ours.to_keras(2)
    again = PReLU.from_keras(theirs).get_config()
    for argument in ("initializer", "regularizer", "constraint"):
        assert again[argument] == ours.get_config()[argument]


def test_conversion_keeps_what_every_layer_has():
    ours = PReLU(
        name="named", dtype="mixed_float16", trainable=False, activity_regularizer="l1"
    )
    ours.build((None, 4))
    for converted in (ours.to_keras(2), PReLU.from_keras(ours.to_keras(2))):
        assert (converted.name, converted.trainable) == ("named", False)
        assert converted.dtype_policy.name == "mixed_float16"
        assert converted.activity_regularizer is ours.activity_regularizer


def test_the_weight_is_named_as_the_attribute():
    layer = PReLU(name="rectifier")
    layer.build((None, 4))
    assert layer.negative_slope.path == "rectifier/negative_slope"


def test_slope_for_each_element_does_not_convert(rng):
    message = (
        "PReLU.from_keras expects slopes that are shared over all axes except one, or "
        "over all axes. Received: 'wide' with shared_axes=None, whose slopes have the "
        "shape (4, 3)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        PReLU.from_keras(keras_prelu((4, 3), None, rng, name="wide"))


def built(layer, input_shape):
    layer.build(input_shape)
    return layer


@pytest.mark.parametrize(
    ("convert", "error", "message"),
    [
        (
            lambda: PReLU.from_keras(keras.layers.PReLU(name="new")),
            ValueError,
            "PReLU.from_keras expects a built layer. Received: 'new', which has no "
            "slopes yet; first build it or call its model",
        ),
        (
            lambda: PReLU.from_keras(5),
            TypeError,
            "PReLU.from_keras expects a keras.layers.PReLU. Received: 5 of type int",
        ),
        (
            lambda: PReLU(name="new").to_keras(2),
            ValueError,
            "PReLU.to_keras expects a built layer. Received: 'new', which has no "
            "slopes yet; first build it or call its model",
        ),
        (
            lambda: PReLU().to_keras(1),
            ValueError,
            "PReLU expects `rank` to be at least 2. Received: rank=1",
        ),
        (
            lambda: built(PReLU(channel_axis=3), (None, 5, 5, 4)).to_keras(2),
            ValueError,
            "PReLU expects `channel_axis` to name an axis of its input other than the "
            "batch axis 0. Received: channel_axis=3 for an input of rank 2",
        ),
    ],
)
def test_what_cannot_be_converted_is_refused(convert, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        convert()


def test_slopes_load_from_pytorch_in_their_order(rng):
    # As nn.PReLU(3) computes on channels-first inputs: one slope for each index of
    # axis 1. tests/layers/against_torch.py compares with PyTorch itself.
    weight = np.array([0.1, 0.2, 0.3], "float32")
    x = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    expected = np.where(x > 0, x, weight[:, np.newaxis, np.newaxis] * x)
    layer = PReLU(channel_axis=1)
    layer.build(x.shape)
    layer.negative_slope.assign(weight)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(x)), expected)
    # The same net with channels last takes the same slopes.
    layer = PReLU()
    layer.build((None, 3))
    layer.set_weights([weight])
    y = keras.ops.convert_to_numpy(layer(np.moveaxis(x, 1, -1)))
    np.testing.assert_array_equal(np.moveaxis(y, -1, 1), expected)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"channel_axis": 0},
            ValueError,
            "PReLU expects `channel_axis` to be an axis other than the batch axis; "
            "use -1 for the last axis and 1 for channels-first inputs. Received: "
            "channel_axis=0",
        ),
        (
            {"initializer": 0.25},
            TypeError,
            "PReLU expects `initializer` to be an initializer, such as "
            "keras.initializers.Constant(0.25). "
            "Received: initializer=0.25 of type float",
        ),
        (
            {"initializer": np.zeros(2)},
            TypeError,
            "PReLU expects `initializer` to be an initializer, such as "
            "keras.initializers.Constant(0.25). To apply the layer to a tensor, write "
            "PReLU(...)(x). Received: initializer=array([0., 0.]) of type ndarray",
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
            "PReLU expects the number of channels to be known, because it has a "
            "weight per channel. Give the input a size along `channel_axis`, or pass "
            "shared=True. Received: channel_axis=1 for the input shape (None, None, 3)",
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


@pytest.mark.parametrize("rank", [2, 4])
@pytest.mark.parametrize("trained", ["original", "converted"])
def test_a_converted_layer_shares_no_memory_with_the_original(trained, rank, rng):
    # On JAX, `fit` deletes the arrays that it has trained from.
    x = rng.normal(size=(4,) + (2,) * (rank - 2) + (3,)).astype("float32")
    ours = PReLU()
    ours.build(x.shape)
    theirs = ours.to_keras(rank)
    back = PReLU.from_keras(theirs)
    chain = [ours, theirs, back]
    expected = keras.ops.convert_to_numpy(ours(x))
    layer = chain[1] if trained == "converted" else chain[0]
    model = keras.Sequential([keras.Input(x.shape[1:]), layer])
    model.compile("sgd", "mse")
    model.fit(x, x, verbose=0)
    for other in chain:
        if other is not layer:
            y = keras.ops.convert_to_numpy(other(x))
            np.testing.assert_array_equal(y, expected)
