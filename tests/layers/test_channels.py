"""Weights with one entry per channel, and what is checked of the input of a call."""

import re

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.layers import PReLU
from keras_rectifiers.layers.channels import (
    ExactConstant,
    align_channels,
    channel_shape,
    check_mask,
    prepare_call,
)


@pytest.mark.parametrize(
    ("axis", "shape", "channels"),
    [(-1, (None, 5), 5), (1, (None, 4, None, 7), 4), (-2, (2, 3, 7), 3)],
)
def test_a_weight_per_channel_has_one_entry_for_each(axis, shape, channels):
    assert channel_shape(shape, axis, layer="PReLU") == (channels,)


def test_an_unknown_number_of_channels_has_no_weights():
    message = (
        "PReLU expects the number of channels to be known, because it has a weight "
        "per channel. Give the input a size along `channel_axis`, or pass shared=True. "
        "Received: channel_axis=-1 for the input shape (2, None)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        channel_shape((2, None), -1, layer="PReLU")


@pytest.mark.parametrize("axis", [1, 2, 3, -1, -2, -3])
def test_values_meet_their_channels_and_have_no_axis_before_them(axis, rng):
    x = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    values = rng.normal(size=x.shape[axis]).astype("float32")
    aligned = ops.convert_to_numpy(align_channels(values, x, axis))
    assert aligned.shape == (len(values),) + (1,) * (3 - axis % 4)
    product = np.moveaxis(aligned * x, axis, -1)
    np.testing.assert_allclose(product, np.moveaxis(x, axis, -1) * values, rtol=1e-6)


def test_one_value_for_all_stays_as_it_is_and_is_a_number_beside_a_number():
    value = np.array([0.25])
    assert align_channels(value, np.ones((2, 3, 4)), 1) is value
    assert ops.shape(align_channels(value, np.float32(1), -1)) == ()


def test_a_constant_has_all_digits_that_its_type_has():
    third = ExactConstant(1 / 3)
    dtype = "float32" if keras.backend.backend() == "jax" else "float64"
    values = ops.convert_to_numpy(third((2, 3), dtype))
    np.testing.assert_array_equal(values, np.full((2, 3), 1 / 3, dtype))


@pytest.mark.parametrize(
    ("axis", "num_axes", "is_kept"), [(-1, 2, True), (2, 2, True), (1, 2, False)]
)
def test_a_mask_is_kept_if_it_ends_before_the_axis_that_changes(
    axis, num_axes, is_kept
):
    x, mask = np.ones((2, 3, 4)), np.ones((2, 3)[:num_axes], bool)
    if is_kept:
        assert check_mask(mask, axis, x, layer="Maxout") is mask
        return
    message = (
        "Maxout cannot propagate a mask along the axis that it changes. Received: "
        "channel_axis=1 and a mask of shape (2, 3) for an input of rank 3"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_mask(mask, axis, x, layer="Maxout")


def test_other_channels_than_a_layer_was_built_for_are_refused():
    layer = PReLU(name="slopes")
    layer.build((None, 4))
    prepare_call(layer, np.ones((2, 4)), axis=-1, num_channels=4)
    message = (
        "PReLU expects 4 channels along axis -1, for which 'slopes' was built. "
        "Received: an input of shape (2, 3)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        prepare_call(layer, np.ones((2, 3)), axis=-1, num_channels=4)
    prepare_call(layer, np.ones((2, 3)), axis=None, num_channels=None)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="other backends know all ranks"
)
def test_a_layer_is_built_on_an_unknown_rank_if_it_needs_no_channels():
    import tensorflow as tf

    layers = [PReLU(shared=True), PReLU(name="slopes")]

    @tf.function(input_signature=[tf.TensorSpec(None)])
    def call(x):
        prepare_call(layers[0], x, axis=None, num_channels=None)
        message = (
            "PReLU must be built before it is called on an input of unknown rank, "
            "because it depends on the number of channels. Call build((None, "
            "channels)), or give the input a shape. Received: an input of unknown rank "
            "for 'slopes'"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            prepare_call(layers[1], x, axis=-1, num_channels=None)

    call(np.ones(3, "float32"))
    assert [layer.built for layer in layers] == [True, False]
