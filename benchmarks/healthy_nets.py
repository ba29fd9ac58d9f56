"""Healthy nets of 2 to 20 layers, to count what is found in them.

They have several activations, with the initial weights that suit them, and inputs at
mean 0 and variance 1. Normalisation or residual branches are in the deep ones whose
activation needs them.
"""

from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras import layers
from sklearn import datasets

NUM_EXAMPLES = 256
KERNELS = {
    "relu": "he_normal",
    "leaky_relu": "he_normal",
    "elu": "he_normal",
    "gelu": "he_normal",
    "silu": "he_normal",
    "selu": "lecun_normal",
    "tanh": "glorot_uniform",
}
# Without normalisation these keep neither signal nor gradient along many layers.
SHALLOW = ("gelu", "silu", "elu", "leaky_relu")


def standardised(x):
    return ((x - x.mean(0)) / (x.std(0) + 1e-7)).astype("float32")


def digits():
    data = datasets.load_digits()
    order = np.random.default_rng(0).permutation(len(data.data))[:NUM_EXAMPLES]
    return standardised(data.data)[order], data.target[order]


def wine():
    data = datasets.load_wine()
    order = np.random.default_rng(0).permutation(len(data.data))
    return standardised(data.data)[order], data.target[order]


def curve():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(NUM_EXAMPLES, 6)).astype("float32")
    y = np.tanh(x[:, 0] * x[:, 1]) + x[:, 2]
    return x, y / y.std()


def images():
    x, y = digits()
    return x.reshape(-1, 8, 8, 1), y


def head(x, is_classifier, num_classes):
    if is_classifier:
        return layers.Dense(num_classes, "softmax")(x)
    return layers.Dense(1)(x)


def compiled(start, end, y, rate=1e-3):
    model = keras.Model(start, end)
    is_classifier = y.dtype.kind == "i"
    loss = "sparse_categorical_crossentropy" if is_classifier else "mse"
    model.compile(keras.optimizers.Adam(rate), loss)
    return model


def mlp(data, depth, activation, style, width=64):
    x, y = data()
    signal = start = keras.Input(x.shape[1:])
    if style == "residual":
        signal = layers.Dense(width)(signal)
    for _ in range(depth):
        kernel = KERNELS[activation]
        if style == "residual":
            inner = layers.LayerNormalization()(signal)
            inner = layers.Dense(width, activation, kernel_initializer=kernel)(inner)
            signal = layers.Add()([signal, layers.Dense(width)(inner)])
            continue
        signal = layers.Dense(width, kernel_initializer=kernel)(signal)
        if style == "normalised":
            signal = layers.BatchNormalization()(signal)
        signal = layers.Activation(activation)(signal)
        if style == "dropout":
            signal = layers.Dropout(0.2)(signal)
    if style == "residual":
        signal = layers.LayerNormalization()(signal)
    is_classifier = y.dtype.kind == "i"
    end = head(signal, is_classifier, int(y.max()) + 1)
    return compiled(start, end, y), x, y


def cnn(depth, activation, style):
    x, y = images()
    kernel = KERNELS[activation]
    signal = start = keras.Input(x.shape[1:])
    for number in range(depth):
        width = 8 if number < depth // 2 else 16
        inner = layers.Conv2D(width, 3, padding="same", kernel_initializer=kernel)(
            signal
        )
        if style != "plain":
            inner = layers.BatchNormalization()(inner)
        if style == "residual" and inner.shape == signal.shape:
            inner = layers.Add()([signal, inner])
        signal = layers.Activation(activation)(inner)
        if number == depth // 2:
            signal = layers.MaxPooling2D()(signal)
    signal = layers.GlobalAveragePooling2D()(signal)
    return compiled(start, head(signal, True, 10), y, 3e-3), x, y


def small_nets() -> Iterator[tuple[str, Callable]]:
    """Name and a function that makes the program."""
    for data in (digits, wine, curve):
        for depth in (2, 3, 5, 8, 12, 20):
            for activation in KERNELS:
                deep = depth > 5
                if deep and activation in SHALLOW:
                    styles = ["normalised", "residual"]
                elif deep:
                    styles = ["plain", "residual"]
                else:
                    styles = ["plain", "normalised", "dropout", "residual"]
                style = styles[(depth + len(activation)) % len(styles)]
                name = f"mlp/{data.__name__}/{depth}/{activation}/{style}"
                yield (
                    name,
                    lambda d=data, n=depth, a=activation, s=style: mlp(d, n, a, s),
                )
    for depth in (2, 4, 8, 14, 20):
        for number, activation in enumerate(KERNELS):
            style = ("plain", "normalised", "residual")[number % 3]
            style = "residual" if depth > 4 and style == "plain" else style
            name = f"cnn/digits/{depth}/{activation}/{style}"
            yield name, lambda n=depth, a=activation, s=style: cnn(n, a, s)
