import re

import keras
import numpy as np
import pytest

from keras_rectifiers.layers import CReLU


def test_positive_parts_come_first_and_negative_parts_behind_them():
    x = np.array([[-2.0, 0.0, 3.0]], "float32")
    y = keras.ops.convert_to_numpy(CReLU()(x))
    np.testing.assert_array_equal(y, [[0, 0, 3, 2, 0, 0]])


@pytest.mark.parametrize("axis", [1, -3])
def test_channels_first_inputs_are_concatenated_along_their_channels(axis, rng):
    x = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    y = keras.ops.convert_to_numpy(CReLU(axis)(x))
    np.testing.assert_array_equal(y[:, :3] - y[:, 3:], x)
    assert y.min() == 0


def test_nothing_is_lost():
    inputs = keras.Input((None, None, 8))
    assert CReLU()(inputs).shape == (None, None, None, 16)


def test_number_of_channels_may_be_unknown(rng):
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, CReLU(channel_axis=1)(inputs))
    assert model.output_shape == (None, None, 4)
    assert model.predict(rng.normal(size=(2, 3, 4)), verbose=0).shape == (2, 6, 4)


def test_input_without_the_axis_is_refused():
    message = (
        "CReLU expects `channel_axis` to name an axis of its input other than the batch axis "
        "0. Received: channel_axis=3 for an input of rank 2"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        CReLU(channel_axis=3)(np.ones((2, 4)))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        CReLU(channel_axis=3).compute_output_shape((None, 4))


def test_mask_along_the_changed_axis_is_refused():
    message = (
        "CReLU cannot propagate a mask along the axis that it changes. Received: "
        "channel_axis=-2 and a mask of shape (3, 4) for an input of rank 3"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        CReLU(channel_axis=-2).compute_mask(np.ones((3, 4, 5)), np.ones((3, 4), bool))


@pytest.mark.parametrize(
    ("axis", "error", "message"),
    [
        (
            0,
            ValueError,
            "CReLU expects `channel_axis` to be an axis other than the batch axis; "
            "use -1 for the last axis and 1 for channels-first inputs. Received: "
            "channel_axis=0",
        ),
        (
            None,
            TypeError,
            "CReLU expects `channel_axis` to be an integer. "
            "Received: channel_axis=None of type NoneType",
        ),
    ],
)
def test_wrong_axes_are_refused_at_construction(axis, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        CReLU(axis)
