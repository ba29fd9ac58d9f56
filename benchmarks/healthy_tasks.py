"""Healthy programs of other tasks than one label for each example."""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops

from benchmarks.healthy_families import sequences
from benchmarks.healthy_nets import NUM_EXAMPLES, digits, images

SPARSE = "sparse_categorical_crossentropy"


def chain(x, y, parts, loss, optimizer=None):
    """A model of layers one after the other."""
    model = keras.Sequential([keras.Input(x.shape[1:]), *parts])
    model.compile(optimizer or keras.optimizers.Adam(1e-2), loss)
    return model, x, y


def tokens(length=10):
    """Sequences of 4 to `length` tokens, padded with 0 at their end."""
    rng = np.random.default_rng(0)
    x = rng.integers(1, 50, (NUM_EXAMPLES, length))
    ends = rng.integers(4, length + 1, NUM_EXAMPLES)[:, None]
    return np.where(np.arange(length) < ends, x, 0)


def tagging():
    x = tokens()
    parts = [
        layers.Embedding(50, 16, mask_zero=True),
        layers.Bidirectional(layers.LSTM(16, return_sequences=True)),
        layers.Dense(3, "softmax"),
    ]
    return chain(x, x % 3, parts, SPARSE)


def padded():
    x = tokens()
    y = (np.sum(x > 25, 1) > np.sum((x > 0) & (x <= 25), 1)).astype(int)
    parts = [layers.Embedding(50, 8, mask_zero=True), layers.GRU(16)]
    return chain(x, y, [*parts, layers.Dense(1, "sigmoid")], "binary_crossentropy")


def each_step():
    x, _ = sequences()
    y = np.cumsum(x[:, :, :1], 1) / 3
    recurrent = layers.LSTM(24, return_sequences=True)
    return chain(x, y, [recurrent, layers.TimeDistributed(layers.Dense(1))], "mse")


def forecast():
    time = np.arange(25) / 4 + np.random.default_rng(0).uniform(0, 6, (NUM_EXAMPLES, 1))
    waves = np.sin(time).astype("float32")[:, :, None]
    parts = [layers.GRU(24), layers.Dense(5)]
    return chain(waves[:, :20], waves[:, 20:, 0], parts, "mse")


def text_cnn():
    x = tokens(20)
    parts = [
        layers.Embedding(50, 16),
        layers.Conv1D(32, 3, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(2),
    ]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return chain(x, (x == 7).any(1).astype(int), parts, loss)


def several_labels():
    x, y = digits()
    labels = np.stack([y % 2 == 0, y > 4, y % 3 == 0, y < 2], 1).astype("float32")
    parts = [layers.Dense(48, "relu"), layers.Dense(4, "sigmoid")]
    return chain(x, labels, parts, "binary_crossentropy")


def rare_class():
    x, y = digits()
    parts = [layers.Dense(32, "relu"), layers.Dense(1)]
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    return chain(x, (y == 3).astype("float32"), parts, loss)


def smoothed():
    x, y = digits()
    parts = [layers.Dense(48, "relu"), layers.Dropout(0.3), layers.Dense(10, "softmax")]
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    return chain(x, np.eye(10)[y], parts, loss)


def counts():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(NUM_EXAMPLES, 4)).astype("float32")
    y = rng.poisson(np.exp(1.5 + x[:, 0] - 0.5 * x[:, 1]))
    parts = [layers.Dense(16, "relu"), layers.Dense(1, "exponential")]
    return chain(x, y, parts, "poisson")


def table():
    """Columns of very different sizes, which the model scales, and a category."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(NUM_EXAMPLES, 3)) * [1, 100, 1e5] + [0, 500, 2e5]
    kind = rng.integers(0, 4, (NUM_EXAMPLES, 1))
    y = (x[:, 1] / 100 - 5) * (kind[:, 0] - 1.5) + (x[:, 2] - 2e5) / 1e5
    scaling = layers.Normalization()
    scaling.adapt(x)
    starts = {"x": keras.Input((3,), name="x"), "kind": keras.Input((1,), name="kind")}
    parts = [
        scaling(starts["x"]),
        layers.Flatten()(layers.Embedding(4, 3)(starts["kind"])),
    ]
    signal = layers.Dense(32, "relu")(layers.Concatenate()(parts))
    model = keras.Model(starts, layers.Dense(1)(layers.Dense(32, "relu")(signal)))
    model.compile(keras.optimizers.SGD(0.02, momentum=0.9), "huber")
    return model, {"x": x.astype("float32"), "kind": kind}, y


def siamese():
    x, y = digits()
    other = np.random.default_rng(1).permutation(len(x))
    same = np.arange(len(x)) % 2 == 0
    partner = np.array(
        [
            np.flatnonzero(y == y[i])[-1] if s else o
            for i, (s, o) in enumerate(zip(same, other, strict=True))
        ]
    )
    encoder = keras.Sequential([layers.Dense(48, "relu"), layers.Dense(16)])
    starts = [keras.Input((64,)), keras.Input((64,))]
    apart = ops.absolute(encoder(starts[0]) - encoder(starts[1]))
    model = keras.Model(starts, layers.Dense(1, "sigmoid")(apart))
    model.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy")
    return model, [x, x[partner]], (y == y[partner]).astype("float32")


class Sampling(layers.Layer):
    """A draw about a mean, penalised for its distance from a standard normal."""

    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(0)

    def call(self, inputs):
        mean, log_variance = inputs
        distance = ops.exp(log_variance) + mean**2 - 1 - log_variance
        self.add_loss(1e-3 * ops.mean(ops.sum(distance, -1)))
        noise = keras.random.normal(ops.shape(mean), seed=self.seed)
        return mean + ops.exp(log_variance / 2) * noise


def variational():
    x = images()[0].reshape(NUM_EXAMPLES, -1)
    x = (x > 0).astype("float32")
    start = keras.Input((64,))
    hidden = layers.Dense(48, "relu")(start)
    code = Sampling()([layers.Dense(8)(hidden), layers.Dense(8)(hidden)])
    end = layers.Dense(64, "sigmoid")(layers.Dense(48, "relu")(code))
    model = keras.Model(start, end)
    model.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy")
    return model, x, x


def segmentation(ignored=None):
    x, _ = images()
    y = np.digitize(x[..., 0], [-0.3, 0.7])
    if ignored is not None:
        y = np.where(np.random.default_rng(0).random(y.shape) < 0.2, ignored, y)
    parts = [
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.Conv2D(3, 1, activation="softmax"),
    ]
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=ignored)
    return chain(x, y, parts, loss)


def separable(policy="float32"):
    """Depthwise convolutions whose channels are weighted by what is in all places."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        x, y = images()
        start = keras.Input(x.shape[1:])
        signal = layers.Conv2D(16, 3, padding="same", use_bias=False)(start)
        signal = layers.Activation("silu")(
            layers.BatchNormalization(momentum=0.9)(signal)
        )
        for _ in range(3):
            inner = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(signal)
            inner = layers.Activation("silu")(
                layers.BatchNormalization(momentum=0.9)(inner)
            )
            weight = layers.GlobalAveragePooling2D(keepdims=True)(inner)
            weight = layers.Conv2D(16, 1, activation="sigmoid")(
                layers.Conv2D(4, 1, activation="silu")(weight)
            )
            inner = layers.Conv2D(16, 1, use_bias=False)(
                layers.Multiply()([inner, weight])
            )
            inner = layers.BatchNormalization(momentum=0.9)(inner)
            signal = layers.Add()([signal, inner])
        signal = layers.GlobalAveragePooling2D()(signal)
        end = layers.Dense(10, "softmax", dtype="float32")(signal)
        model = keras.Model(start, end)
        rate = keras.optimizers.schedules.CosineDecay(1e-2, 360)
        optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-3, clipnorm=1.0)
        model.compile(optimizer, SPARSE, metrics=["accuracy"])
        return model, x, y
    finally:
        keras.config.set_dtype_policy(before)


def moving_images():
    rng = np.random.default_rng(0)
    start = rng.integers(0, 6, NUM_EXAMPLES)
    right = rng.integers(0, 2, NUM_EXAMPLES)
    steps = start[:, None] + np.arange(4) * np.where(right, 1, -1)[:, None]
    x = (steps[:, :, None] % 6 == np.arange(6)).astype("float32")[..., None, None]
    x = np.repeat(x, 6, 3)
    parts = [layers.ConvLSTM2D(8, 3, padding="same"), layers.Flatten()]
    return chain(x, right, [*parts, layers.Dense(2, "softmax")], SPARSE)


TASKS: dict[str, Callable] = {
    "tagging": tagging,
    "padded": padded,
    "each_step": each_step,
    "forecast": forecast,
    "text_cnn": text_cnn,
    "several_labels": several_labels,
    "rare_class": rare_class,
    "smoothed": smoothed,
    "counts": counts,
    "table": table,
    "siamese": siamese,
    "variational": variational,
    "segmentation": segmentation,
    "segmentation/ignored": lambda: segmentation(-1),
    "separable": separable,
    "separable/half": lambda: separable("mixed_float16"),
    "moving_images": moving_images,
}
