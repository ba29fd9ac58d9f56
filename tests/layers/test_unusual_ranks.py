"""Inputs of rank 0, and of a rank that is unknown while a graph is made."""

import re

import keras
import numpy as np
import pytest

from keras_rectifiers import functions
from keras_rectifiers.layers import (
    CReLU,
    Maxout,
    PReLU,
    RReLU,
    ShiftedReLU,
    SmoothReLU,
    SquaredReLU,
    SShapedReLU,
    Swish,
)

# No other backend makes a graph of tensors whose rank it does not know.
only_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="other backends know all ranks"
)

NEED_NO_CHANNELS = {
    "prelu_shared": lambda: PReLU(shared=True),
    "smooth_relu": SmoothReLU,
    "smooth_relu_learned": lambda: SmoothReLU(2.0, learnable=True),
    "shifted_relu": ShiftedReLU,
    "squared_relu": SquaredReLU,
    "swish": lambda: Swish(2.0, learnable=False),
    "swish_learned": Swish,
    "s_shaped_relu_shared": lambda: SShapedReLU(shared=True),
    "rrelu": lambda: RReLU(seed=3),
    "rrelu_slope": lambda: RReLU(0.1, 0.3, form="slope", seed=3),
}
NEED_BUILDING = {
    "prelu": PReLU,
    "prelu_second_last": lambda: PReLU(channel_axis=-2),
    "smooth_relu": lambda: SmoothReLU(learnable=True, shared=False),
    "swish": lambda: Swish(shared=False),
    "s_shaped_relu": SShapedReLU,
}


@pytest.mark.parametrize("make", NEED_NO_CHANNELS.values(), ids=NEED_NO_CHANNELS)
@pytest.mark.parametrize("training", [False, True])
def test_a_single_number_is_an_example_alone(make, training):
    x = np.float32(-1.5)
    y, in_batch = (
        keras.ops.convert_to_numpy(make()(inputs, **mode(make(), training)))
        for inputs in (x, x[np.newaxis])
    )
    assert y.shape == ()
    np.testing.assert_array_equal(y, in_batch[0])


@pytest.mark.parametrize("make", [PReLU, lambda: RReLU(noise="channel"), CReLU])
def test_a_single_number_has_no_channels(make):
    with pytest.raises(ValueError, match=r"axis=-1 for an input of rank 0"):
        make()(np.float32(1))


@only_tensorflow
@pytest.mark.parametrize("make", NEED_NO_CHANNELS.values(), ids=NEED_NO_CHANNELS)
@pytest.mark.parametrize("training", [False, True])
def test_unknown_rank_gives_what_the_known_one_gives(make, training, rng):
    layer = make()
    call = without_rank(lambda x: layer(x, **mode(layer, training)))
    x = rng.normal(size=(3, 2, 4)).astype("float32")
    known = make()(x, **mode(layer, training))
    np.testing.assert_allclose(call(x), known, rtol=1e-6)


@only_tensorflow
@pytest.mark.parametrize("make", NEED_BUILDING.values(), ids=NEED_BUILDING)
def test_a_built_layer_takes_an_unknown_rank(make, rng, tolerance):
    x = rng.normal(size=(3, 2, 4)).astype("float32")
    layer = make()
    layer.build(x.shape)
    for weight in layer.weights:
        weight.assign(rng.uniform(0.1, 1, size=weight.shape))
    # Eager and compiled exponentials round differently.
    np.testing.assert_allclose(without_rank(layer)(x), layer(x), rtol=tolerance)
    with pytest.raises(
        ValueError, match="because it depends on the number of channels"
    ):
        without_rank(make())(x)


@only_tensorflow
@pytest.mark.parametrize("axis", [-1, -2, 1])
def test_crelu_takes_an_unknown_rank(axis, rng):
    x = rng.normal(size=(3, 2, 4)).astype("float32")
    layer = CReLU(axis)
    np.testing.assert_array_equal(without_rank(layer)(x), layer(x))


@only_tensorflow
def test_noise_per_channel_in_inference_needs_no_rank(rng):
    x = rng.normal(size=(3, 2)).astype("float32")
    layer = RReLU(noise="channel")
    np.testing.assert_array_equal(without_rank(layer)(x), layer(x))


@only_tensorflow
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: RReLU(noise="channel")(x, training=True),
            "RReLU expects an input of known rank, in order to draw a slope per "
            "channel; give the input a shape, or pass noise='element'. Received: an "
            "input of unknown rank",
        ),
        (
            lambda x: Maxout(2, name="largest")(x),
            "Maxout must be built before it is called on an input of unknown rank, "
            "because it depends on the number of channels. Call build((None, "
            "channels)), or give the input a shape. Received: an input of unknown "
            "rank for 'largest'",
        ),
        (
            lambda x: functions.maxout(x, 2),
            "Maxout expects the number of channels to be known. Give the input a size "
            "along `channel_axis`. Received: channel_axis=-1 for unknown rank",
        ),
        (
            lambda x: functions.gated_linear_unit(x),
            "GatedLinearUnit expects the number of channels to be known. Give the input "
            "a size along `channel_axis`. Received: channel_axis=-1 for unknown rank",
        ),
        (
            lambda x: built(PReLU(channel_axis=1))(x),
            "A channel_axis counted from the front needs an input of known rank. Give "
            "the input a shape, or count from the end. Received: channel_axis=1 and "
            "an input of unknown rank",
        ),
    ],
)
def test_what_cannot_work_without_a_rank_says_what_is_missing(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        without_rank(call)(np.ones((3, 4), "float32"))


def mode(layer, training):
    return {"training": training} if isinstance(layer, RReLU) else {}


def built(layer):
    layer.build((None, 4))
    return layer


def without_rank(call):
    """The call in a graph that does not know the rank of its input."""
    import tensorflow as tf

    return tf.function(call, input_signature=[tf.TensorSpec(None)])
