"""GatedLinearUnit: its halves, its gates, and what it keeps in saved models."""

import re

import keras
import numpy as np
import pytest

from keras_rectifiers import get
from keras_rectifiers.layers import CReLU, GatedLinearUnit, PReLU, RReLU
from tests.compiling import AS_A_WHOLE


def values(layer, x):
    return keras.ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def test_the_first_half_is_gated_by_the_second():
    y = values(GatedLinearUnit("relu"), [[3, 5, -2, 2, -1, 4]])
    np.testing.assert_array_equal(y, [[6, 0, -8]])


@pytest.mark.parametrize("axis", [-1, 1])
def test_with_sigmoid_it_is_the_glu_of_keras(axis, rng, tolerance):
    x = rng.normal(size=(2, 6, 3, 4)).astype("float32")
    expected = keras.ops.convert_to_numpy(keras.ops.glu(x, axis=axis))
    y = values(GatedLinearUnit(channel_axis=axis), x)
    np.testing.assert_allclose(y, expected, rtol=tolerance)


@pytest.mark.parametrize(
    ("activation", "gate"),
    [
        ("silu", keras.ops.silu),
        ("gelu", lambda x: keras.ops.gelu(x, approximate=False)),
        (keras.activations.tanh, keras.ops.tanh),
        (get("shifted_relu"), lambda x: keras.ops.maximum(x, -1)),
        ("leaky_relu_0.3", lambda x: keras.ops.leaky_relu(x, 0.3)),
        # The catalogue's, of slope 0.01, and Keras's own, of 0.2.
        ("leaky_relu", lambda x: keras.ops.leaky_relu(x, 0.01)),
        (keras.activations.leaky_relu, lambda x: keras.ops.leaky_relu(x, 0.2)),
    ],
)
def test_the_gate_is_a_name_a_function_or_a_layer(
    activation, gate, rng, tmp_path, tolerance
):
    x = rng.normal(size=(4, 6)).astype("float32")
    model = keras.Sequential([keras.Input((6,)), GatedLinearUnit(activation)])
    expected = x[:, :3] * keras.ops.convert_to_numpy(gate(x[:, 3:]))
    np.testing.assert_allclose(values(model, x), expected, rtol=2 * tolerance)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(values(loaded, x), values(model, x))


def test_a_gate_with_weights_is_built_for_half_the_channels_and_learns(rng, tmp_path):
    model = keras.Sequential([keras.Input((6,)), GatedLinearUnit("prelu")])
    (slope,) = model.trainable_weights
    assert tuple(slope.shape) == (3,)
    slope.assign([0.5, -0.25, 2.0])
    x = rng.normal(size=(4, 6)).astype("float32")
    expected = x[:, :3] * np.where(x[:, 3:] > 0, x[:, 3:], [0.5, -0.25, 2] * x[:, 3:])
    np.testing.assert_allclose(values(model, x), expected, rtol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(values(loaded, x), values(model, x))
    model.compile("sgd", "mse", jit_compile=AS_A_WHOLE)
    model.fit(x, np.zeros((4, 3)), verbose=0)
    assert not np.array_equal(keras.ops.convert_to_numpy(slope), [0.5, -0.25, 2])


def test_a_random_gate_draws_in_training_only(rng):
    layer = GatedLinearUnit(RReLU(seed=1))
    x = np.float32([[1, 1, -3, -3]])
    np.testing.assert_array_equal(values(layer, x), values(layer, x))
    first, second = keras.ops.convert_to_numpy(layer(x, training=True))[0]
    assert first != second


def test_training_learns_a_product(rng):
    x = rng.normal(size=(512, 2)).astype("float32")
    y = x[:, :1] * np.maximum(x[:, 1:], 0)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(2), GatedLinearUnit("relu")]
    )
    model.layers[0].kernel.assign([[0.7, 0.2], [-0.2, 0.8]])
    model.compile(keras.optimizers.Adam(0.02), "mse", jit_compile=AS_A_WHOLE)
    loss = model.fit(x, y, epochs=40, batch_size=64, verbose=0).history["loss"]
    assert loss[-1] < 1e-3 < loss[0]


def test_the_gate_computes_in_the_dtype_of_the_layer():
    layer = GatedLinearUnit("relu", dtype="float16")
    assert layer.activation.compute_dtype == "float16"
    y = GatedLinearUnit(PReLU(dtype="float32"), dtype="float16")(np.ones((1, 4)))
    assert keras.backend.standardize_dtype(y.dtype) == "float16"


def test_static_shape_is_kept_where_other_sizes_are_unknown():
    y = GatedLinearUnit()(keras.Input((None, None, 12)))
    assert y.shape == (None, None, None, 6)


def test_other_channels_than_it_was_built_for_are_refused():
    layer = GatedLinearUnit(name="gated")
    layer(np.ones((2, 4)))
    message = (
        "GatedLinearUnit expects 4 channels along axis -1, for which 'gated' was built. "
        "Received: an input of shape (2, 6)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(np.ones((2, 6)))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            (None, 5),
            "GatedLinearUnit expects an even number of channels, because one half gates "
            "the other. Give the layer before it twice as many channels as you want. "
            "Received: 5 channels, along axis 1 of the input shape (None, 5)",
        ),
        (
            (None, None),
            "GatedLinearUnit expects the number of channels to be known. Give the input "
            "a size along `channel_axis`. Received: channel_axis=1 for the input shape "
            "(None, None)",
        ),
        (
            (None,),
            "GatedLinearUnit expects `channel_axis` to name an axis of its input other "
            "than the batch axis 0. Received: channel_axis=-1 for an input of rank 1",
        ),
    ],
)
def test_shapes_that_have_no_halves_are_refused(shape, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        GatedLinearUnit().build(shape)


def test_a_gate_that_changes_the_shape_is_refused():
    message = (
        "GatedLinearUnit expects `activation` to keep the shape of its input. "
        "Received: one that changes (2, 3) to (2, 6)"
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        GatedLinearUnit(CReLU())(np.ones((2, 6), "float32"))


def test_mask_along_the_changed_axis_is_refused():
    message = (
        "GatedLinearUnit cannot propagate a mask along the axis that it changes. "
        "Received: channel_axis=1 and a mask of shape (3, 4) for an input of rank 3"
    )
    layer = GatedLinearUnit(channel_axis=1)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer.compute_mask(np.ones((3, 4, 5)), np.ones((3, 4), bool))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"activation": 3},
            TypeError,
            "GatedLinearUnit expects `activation` to be a name for "
            "keras_rectifiers.get, a function or a layer. "
            "Received: activation=3 of type int",
        ),
        (
            {"activation": PReLU},
            TypeError,
            "GatedLinearUnit expects `activation` to be a name for "
            "keras_rectifiers.get, a function or a layer. Received: activation=<class "
            "'keras_rectifiers.layers.prelu.PReLU'> of type type",
        ),
        (
            {"activation": "silo"},
            ValueError,
            "Neither the catalogue nor keras.activations has 'silo'. Nearest: silu, swiglu.",
        ),
        (
            {"channel_axis": 0},
            ValueError,
            "GatedLinearUnit expects `channel_axis` to be an axis other than the batch "
            "axis; use -1 for the last axis and 1 for channels-first inputs. Received: "
            "channel_axis=0",
        ),
    ],
)
def test_wrong_arguments_are_refused_at_construction(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        GatedLinearUnit(**arguments)
