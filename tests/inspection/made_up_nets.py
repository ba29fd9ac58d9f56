"""Small nets to probe, with weights drawn anew, and what is measured of them."""

import keras
from keras import layers, ops

from keras_rectifiers.activations import get

# Keras has float64 on TensorFlow; on JAX and PyTorch its operations round to float32.
IN_FLOAT64 = keras.backend.backend() == "tensorflow"
WIDEST = "float64" if IN_FLOAT64 else "float32"

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def values(frame, name):
    return frame[frame.measure == name].sort_values("layer").value.to_numpy()


def dense_net(activation, rng, depth=3, width=4):
    layers = [keras.Input((3,))]
    for _ in range(depth):
        layers += [keras.layers.Dense(width), get(activation)]
    model = keras.Sequential([*layers, keras.layers.Dense(3)])
    redraw(model, rng)
    return model


def redraw(model, rng):
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            for variable in layer.trainable_variables:
                variable.assign(rng.normal(size=variable.shape))


def branches():
    """Two inputs, a shared layer, a sum, two outputs."""
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    shared = layers.Dense(4, name="shared")
    tanh = layers.Activation("tanh", name="tanh")
    one, two = tanh(shared(left)), tanh(shared(right))
    joined = layers.Add(name="sum")([one, two])
    deep = layers.Dense(3, activation="sigmoid", name="deep")(joined)
    outputs = [
        layers.Dense(1, name="near")(joined),
        layers.Dense(2, activation="softmax", name="far")(deep),
    ]
    return keras.Model([left, right], outputs)
