"""Trained layers that are read by later versions and converted to Keras's own layers."""

from pathlib import Path

import keras
import numpy as np
import pytest

from keras_rectifiers import layers

# Keras 3.15 converts its TensorFlow variables in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

SAVED = Path(__file__).parent / "saved_by_0_1"
NAMES = sorted(path.stem for path in SAVED.glob("*.keras"))
OUTPUTS = dict(np.load(SAVED / "outputs.npz"))


def output(model, x, training=False):
    return keras.ops.convert_to_numpy(model(x, training=training))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_version_0_1_saved_loads_and_computes_the_same(
    name, training, tolerance
):
    model = keras.saving.load_model(SAVED / f"{name}.keras")
    expected = OUTPUTS[f"{name}_training" if training else name]
    y = output(model, OUTPUTS["x"], training)
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)


def test_version_0_1_saved_every_layer_and_every_output():
    loaded = [keras.saving.load_model(SAVED / f"{name}.keras") for name in NAMES]
    assert {type(model.layers[1]) for model in loaded} == {
        *(layers.PReLU, layers.RReLU, layers.SmoothReLU, layers.ShiftedReLU),
        *(layers.Maxout, layers.CReLU),
    }
    of_training = [f"{name}_training" for name in NAMES]
    assert sorted(OUTPUTS) == sorted(["x", *NAMES, *of_training])


def small_model(rectifier, input_shape):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Dense(input_shape[-1]),
            rectifier,
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )


def train(model, x, rng):
    model.compile(keras.optimizers.SGD(0.1), "mse")
    target = rng.normal(size=(len(x), 2)).astype("float32")
    model.fit(x, target, batch_size=4, epochs=2, shuffle=False, verbose=0)


PLACES = pytest.mark.parametrize(
    ("input_shape", "arguments"),
    [
        ((5,), {}),
        ((5,), {"shared": True}),
        ((4, 3, 5), {}),
        ((5, 4, 3), {"channel_axis": 1}),
        ((4, 3, 5), {"shared": True, "channel_axis": 1}),
    ],
    ids=["flat", "flat_shared", "channels_last", "channels_first", "shared"],
)


@PLACES
def test_a_trained_model_becomes_one_of_keras_and_back_in_a_line(
    input_shape, arguments, rng
):
    x = rng.normal(size=(8, *input_shape)).astype("float32")
    ours = small_model(layers.PReLU(**arguments), input_shape)
    train(ours, x, rng)
    expected = output(ours, x)
    theirs = keras.models.clone_model(
        ours,
        clone_function=lambda layer: (
            layer.to_keras(rank=len(layer.output.shape))
            if isinstance(layer, layers.PReLU)
            else layer
        ),
    )
    assert "keras_rectifiers" not in theirs.to_json()
    np.testing.assert_array_equal(output(theirs, x), expected)
    train(theirs, x, rng)
    expected = output(theirs, x)
    back = keras.models.clone_model(
        theirs,
        clone_function=lambda layer: (
            layers.PReLU.from_keras(layer)
            if isinstance(layer, keras.layers.PReLU)
            else layer
        ),
    )
    assert type(back.layers[1]) is layers.PReLU
    np.testing.assert_array_equal(output(back, x), expected)
    # It is the training of the other that has moved the slopes.
    before, after = (
        keras.ops.convert_to_numpy(model.layers[1].negative_slope)
        for model in (ours, back)
    )
    assert (before != after).all()


@PLACES
def test_layers_of_keras_train_as_ours_after_conversion(
    input_shape, arguments, rng, tolerance
):
    x = rng.normal(size=(8, *input_shape)).astype("float32")
    ours = small_model(layers.PReLU(**arguments), input_shape)
    theirs = small_model(ours.layers[1].to_keras(x.ndim), input_shape)
    for layer, twin in zip(ours.layers, theirs.layers, strict=True):
        if not isinstance(layer, layers.PReLU):
            twin.set_weights(layer.get_weights())
    for model in (ours, theirs):
        train(model, x, np.random.default_rng(1))
    for weight, twin in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        # Each sums the slope's gradient over the batch in an order of its own.
        np.testing.assert_allclose(
            weight, twin.reshape(weight.shape), rtol=5 * tolerance, atol=tolerance
        )


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("kind", ["Dense", "Conv2D"])
def test_the_activation_of_a_trained_layer_converts_there_and_back(kind, shared, rng):
    def make(activation):
        arguments = (5,) if kind == "Dense" else (5, 2)
        return getattr(keras.layers, kind)(*arguments, activation=activation)

    input_shape = (3,) if kind == "Dense" else (4, 4, 3)
    x = rng.normal(size=(8, *input_shape)).astype("float32")
    layer = make(layers.PReLU(shared=shared))
    model = keras.Sequential(
        [keras.Input(input_shape), layer, keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    train(model, x, rng)
    theirs = make(layer.activation.to_keras(rank=x.ndim))
    ours = make(layers.PReLU.from_keras(theirs.activation))
    for converted in (theirs, ours):
        converted.build((None, *input_shape))
        converted.kernel.assign(layer.kernel)
        converted.bias.assign(layer.bias)
        np.testing.assert_array_equal(output(converted, x), output(layer, x))
    slopes = keras.ops.convert_to_numpy(ours.activation.negative_slope)
    assert (slopes != 0.25).all()
