import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import Maxout
from tests.compiling import AS_A_WHOLE


def maxout(layer, x):
    return keras.ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def test_strided_groups_are_those_of_tensorflow_addons(rng):
    x = rng.normal(size=(2, 3, 6)).astype("float32")
    expected = np.stack([x[..., j::2].max(axis=-1) for j in range(2)], axis=-1)
    np.testing.assert_array_equal(maxout(Maxout(2), x), expected)


def test_contiguous_groups_are_those_of_chainer(rng):
    x = rng.normal(size=(2, 6, 3)).astype("float32")
    expected = x.reshape(2, 2, 3, 3).max(axis=2)
    layer = Maxout(2, channel_axis=1, grouping="contiguous")
    np.testing.assert_array_equal(maxout(layer, x), expected)


def test_negative_axis_counts_from_the_end(rng):
    x = rng.normal(size=(2, 4, 5, 3)).astype("float32")
    np.testing.assert_array_equal(
        maxout(Maxout(2, channel_axis=-3), x), maxout(Maxout(2, channel_axis=1), x)
    )


def test_static_shape_is_kept_where_other_sizes_are_unknown():
    y = Maxout(4)(keras.Input((None, None, 12)))
    assert y.shape == (None, None, None, 4)


def test_gradient_is_shared_among_equals():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), Maxout(1)])
    kernel = model.layers[0].kernel
    kernel.assign(np.ones((2, 3)))
    model.compile(keras.optimizers.SGD(0.3), "mse", jit_compile=AS_A_WHOLE)
    model.fit(np.ones((1, 2)), np.zeros((1, 1)), verbose=0)
    # Loss 4, its derivative in the output 4, a third of it for each of three pieces.
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(kernel), np.full((2, 3), 1 - 0.3 * 4 / 3), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("arguments", "shape", "message"),
    [
        (
            {"units": 4},
            (None, 6),
            "Maxout expects the number of channels to be a multiple of `units`. "
            "Received: units=4 for 6 channels, along axis 1 of the input shape "
            "(None, 6)",
        ),
        (
            {"units": 8},
            (None, 4),
            "Maxout expects the number of channels to be a multiple of `units`. "
            "Received: units=8 for 4 channels, along axis 1 of the input shape "
            "(None, 4)",
        ),
        (
            {"units": 2, "channel_axis": 1},
            (None, None, 6),
            "Maxout expects the number of channels to be known. Give the input a size "
            "along `channel_axis`. Received: channel_axis=1 for the input shape "
            "(None, None, 6)",
        ),
        (
            {"units": 2, "channel_axis": 2},
            (None, 6),
            "Maxout expects `channel_axis` to name an axis of its input other than the batch "
            "axis 0. Received: channel_axis=2 for an input of rank 2",
        ),
    ],
)
def test_inputs_that_do_not_fit_are_refused(arguments, shape, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Maxout(**arguments).build(shape)
    with pytest.raises(ValueError, match=re.escape(message)):
        Maxout(**arguments).compute_output_shape(shape)


def test_input_with_another_number_of_channels_is_refused():
    layer = Maxout(2, name="largest")
    layer.build((None, 6))
    message = re.escape(
        "Maxout expects 6 channels along axis -1, for which 'largest' was built. "
        "Received: an input of shape (2, 4)"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        layer(np.ones((2, 4)))


def test_mask_along_the_changed_axis_is_refused():
    layer = Maxout(2, channel_axis=1)
    message = (
        "Maxout cannot propagate a mask along the axis that it changes. Received: "
        "channel_axis=1 and a mask of shape (3, 4) for an input of rank 3"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer.compute_mask(np.ones((3, 4, 5)), np.ones((3, 4), bool))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"units": 0},
            ValueError,
            "Maxout expects `units` to be at least 1. Received: units=0",
        ),
        (
            {"units": 2.0},
            TypeError,
            "Maxout expects `units` to be an integer. "
            "Received: units=2.0 of type float",
        ),
        (
            {"units": True},
            TypeError,
            "Maxout expects `units` to be an integer. Received: units=True of type bool",
        ),
        (
            {"units": 2, "channel_axis": 0},
            ValueError,
            "Maxout expects `channel_axis` to be an axis other than the batch axis; "
            "use -1 for the last axis and 1 for channels-first inputs. Received: "
            "channel_axis=0",
        ),
        (
            {"units": 2, "grouping": "grouped"},
            ValueError,
            "Maxout expects `grouping` to be 'strided' (every units-th channel) or "
            "'contiguous' (neighbours). Received: grouping='grouped'",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        Maxout(**arguments)
