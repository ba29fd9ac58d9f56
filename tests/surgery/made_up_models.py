"""Models of many kinds, what they compute, and what is told of a replacement in them."""

import re

import keras
import numpy as np
from keras import layers, ops

from keras_rectifiers import replace_activations


def classifier(**arguments):
    return keras.Sequential(
        [
            keras.Input((4,), name="input"),
            layers.Dense(6, activation="relu", name="first"),
            layers.Dense(5, name="second"),
            layers.LeakyReLU(0.1, name="leaky"),
            layers.Dense(3, activation="softmax", name="output"),
        ],
        **arguments,
    )


def functional(make):
    """A functional model from a function from tensor to tensor."""
    inputs = keras.Input((4,), name="input")
    return keras.Model(inputs, make(inputs))


def branches():
    """Two inputs through shared layers, two outputs, a skip connection."""
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = layers.Dense(4, activation="relu", name="shared")
    shared_activation = layers.ReLU(name="shared_activation")
    x, y = shared(left), shared(right)
    x = shared_activation(layers.Dense(4, name="one")(x))
    y = shared_activation(layers.Dense(4, name="two")(y))
    joined = layers.Concatenate(name="joined")([layers.Add(name="skip")([x, left]), y])
    return keras.Model(
        {"left": left, "right": right},
        {
            "class": layers.Dense(3, activation="softmax", name="class")(joined),
            "value": layers.Dense(1, activation="relu", name="value")(joined),
        },
    )


def nested(share=False):
    """Functional in functional in Sequential; the inmost one stands there twice."""
    inner_input = keras.Input((4,), name="inner_input")
    dense = layers.Dense(4, activation="relu", name="dense")
    inner = keras.Model(inner_input, dense(inner_input), name="inner")
    middle_input = keras.Input((4,), name="middle_input")
    x = inner(inner(middle_input))
    if share:
        x = dense(x)
    x = layers.Activation("relu", name="middle_relu")(layers.Dense(4, name="one")(x))
    middle = keras.Model(middle_input, x, name="middle")
    return keras.Sequential(
        [
            keras.Input((4,), name="input"),
            middle,
            layers.Dense(3, activation="sigmoid", name="output"),
        ]
    )


def wrapped():
    """Activations in layers that other layers wrap."""
    video = keras.Sequential(
        [
            keras.Input((4,), name="frame"),
            layers.Dense(4, name="frame_dense"),
            layers.ReLU(name="frame_relu"),
        ],
        name="frames",
    )
    inputs = keras.Input((2, 4), name="input")
    x = layers.TimeDistributed(video, name="each_frame")(inputs)
    x = layers.TimeDistributed(
        layers.Dense(4, activation="relu", name="dense"), name="each_step"
    )(x)
    x = layers.Bidirectional(
        layers.LSTM(4, activation="relu", name="lstm", return_sequences=True),
        name="both_ways",
    )(x)
    cells = [layers.GRUCell(4, activation="relu", name=name) for name in ("a", "b")]
    x = layers.RNN(layers.StackedRNNCells(cells, name="cells"), name="recurrent")(x)
    return keras.Model(inputs, layers.Dense(2, name="output")(x))


def convolutional():
    """Batch normalisation, separable convolutions, attention, preprocessing."""
    inputs = keras.Input((6, 6, 3), name="input")
    normalization = layers.Normalization(name="normalization")
    normalization.adapt(np.linspace(-1, 2, 24).reshape(2, 2, 2, 3))
    x = layers.Conv2D(4, 3, use_bias=False, name="conv")(normalization(inputs))
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("relu", name="relu")(x)
    x = layers.SeparableConv2D(4, 3, activation="relu", name="separable")(x)
    x = layers.Reshape((4, 4), name="tokens")(x)
    x = layers.MultiHeadAttention(2, 3, name="attention")(x, x)
    # Without a seed PyTorch draws from its global state.
    x = layers.Dropout(0.5, seed=1, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(2, name="output")(x))


def functions():
    """Functions and operations in the graph, without layers."""
    inputs = keras.Input((4,), name="input")
    x = ops.relu(layers.Dense(4, name="a")(inputs))
    x = keras.activations.relu(layers.Dense(4, name="b")(x))
    x = layers.Dense(4, activation=lambda x: ops.relu(x), name="c")(x)
    x = layers.Lambda(lambda x: x * 2, name="double")(x)
    return keras.Model(inputs, layers.Dense(2, name="output")(x))


MODELS = [classifier, branches, nested, wrapped, convolutional, functions]


def array(tensor):
    return ops.convert_to_numpy(tensor)


def randomise(model, rng):
    """Gives every weight a value of its own, and keeps variances positive."""
    for weight in model.weights:
        weight.assign(array(weight) + rng.uniform(0, 0.1, weight.shape))
    for layer in getattr(model, "layers", []):
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    return model


def batch(model, rng, size=3):
    return keras.tree.map_structure(
        lambda x: rng.normal(size=(size, *x.shape[1:])).astype("float32"),
        model.inputs[0] if isinstance(model, keras.Sequential) else model.input,
    )


def outputs(model, x, **arguments):
    return [array(y) for y in keras.tree.flatten(model(x, **arguments))]


def report(model, *arguments, **keywords):
    """What is reported of a replacement."""
    lines = []
    replace_activations(
        model,
        *arguments,
        **keywords,
        report=lambda change: lines.append(str(change)),
    )
    return lines


def places(lines):
    return [line.partition(":")[0] for line in lines]


def numbered(model, names):
    """The names that operations have here: Keras counts them, as in relu_7."""
    operations = getattr(model, "operations", [])
    full = {re.sub(r"_\d+$", "", one.name): one.name for one in operations}
    return [full.get(name, name) for name in names]


def assert_equal(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
