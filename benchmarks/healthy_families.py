"""Healthy parts of today's models, to count what is found in them."""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops
from sklearn import datasets

from benchmarks.healthy_nets import NUM_EXAMPLES, compiled, digits, images, standardised
from keras_rectifiers.inspection.batch_statistics import at_most_momentum

# They scale their inputs themselves.
FROM_PIXELS = ("MobileNetV3Small", "EfficientNetB0", "EfficientNetV2B0", "ConvNeXtTiny")


def sequences(num=NUM_EXAMPLES, length=12):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(num, length, 3)).astype("float32")
    return x, (x[:, :, 0].sum(1) > 0).astype(int)


def recurrent(make):
    x, y = sequences()
    start = keras.Input(x.shape[1:])
    signal = make(start)
    return compiled(start, layers.Dense(2, "softmax")(signal), y, 1e-2), x, y


def transformer(normalised, first):
    x, y = sequences()
    start = keras.Input(x.shape[1:])
    signal = layers.Dense(16)(start)
    for _ in range(2):
        for part in (
            lambda s: layers.MultiHeadAttention(2, 8)(s, s),
            lambda s: layers.Dense(16)(layers.Dense(32, "gelu")(s)),
        ):
            if normalised and first:
                signal = layers.Add()(
                    [signal, part(layers.LayerNormalization()(signal))]
                )
            elif normalised:
                signal = layers.LayerNormalization()(signal + part(signal))
            else:
                signal = layers.Add()([signal, part(signal)])
    signal = layers.GlobalAveragePooling1D()(signal)
    return compiled(start, layers.Dense(2, "softmax")(signal), y), x, y


def u_net():
    x, _ = images()
    y = (x > 0).astype("float32")
    start = keras.Input(x.shape[1:])

    def block(signal, width):
        for _ in range(2):
            signal = layers.Conv2D(width, 3, padding="same")(signal)
            signal = layers.ReLU()(layers.BatchNormalization()(signal))
        return signal

    one = block(start, 8)
    two = block(layers.MaxPooling2D()(one), 16)
    up = layers.Conv2DTranspose(8, 2, strides=2, padding="same")(two)
    signal = block(layers.Concatenate()([one, up]), 8)
    model = keras.Model(start, layers.Conv2D(1, 1, activation="sigmoid")(signal))
    model.compile("adam", "binary_crossentropy")
    return model, x, y


def own_step():
    class Own(keras.Model):
        def train_step(self, *given):
            return super().train_step(*given)

    x, y = digits()
    start = keras.Input(x.shape[1:])
    model = Own(start, layers.Dense(10, "softmax")(layers.Dense(32, "relu")(start)))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, x, y


def half_precision():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        x, y = images()
        start = keras.Input(x.shape[1:])
        signal = layers.Conv2D(8, 3, activation="relu")(start)
        signal = layers.Conv2D(16, 3, activation="relu")(signal)
        signal = layers.Flatten()(signal)
        end = layers.Dense(10, "softmax", dtype="float32")(signal)
        return compiled(start, end, y), x, y
    finally:
        keras.config.set_dtype_policy(policy)


def words():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 50, (NUM_EXAMPLES, 10))
    y = (np.mean(x < 25, axis=1) > 0.5).astype(int)
    start = keras.Input((10,), dtype="int32")
    signal = layers.GlobalAveragePooling1D()(layers.Embedding(50, 16)(start))
    signal = layers.Dense(16, "relu")(signal)
    return compiled(start, layers.Dense(2, "softmax")(signal), y, 1e-2), x, y


def two_outputs():
    x, y = digits()
    start = keras.Input(x.shape[1:])
    signal = layers.Dense(32, "relu")(start)
    ends = {
        "digit": layers.Dense(10, "softmax", name="digit")(signal),
        "size": layers.Dense(1, name="size")(signal),
    }
    model = keras.Model(start, ends)
    losses = {"digit": "sparse_categorical_crossentropy", "size": "mse"}
    model.compile("adam", losses, loss_weights={"digit": 1.0, "size": 0.3})
    return model, x, {"digit": y, "size": standardised(x.sum(1))}


def discriminator():
    rng = np.random.default_rng(0)
    real, _ = images()
    fake = np.tanh(rng.normal(size=real.shape)).astype("float32")
    start = keras.Input(real.shape[1:])
    signal = start
    for width in (8, 16):
        signal = layers.Conv2D(width, 3, strides=2, padding="same")(signal)
        signal = layers.Dropout(0.3)(layers.LeakyReLU()(signal))
    end = layers.Dense(1, "sigmoid")(layers.Flatten()(signal))
    model = keras.Model(start, end)
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), "binary_crossentropy")
    x = np.concatenate([real, fake])
    return model, x, np.repeat([1, 0], len(real))


def generator():
    judge, _, _ = discriminator()
    judge.trainable = False
    start = keras.Input((8,))
    signal = layers.Dense(2 * 2 * 16, use_bias=False)(start)
    signal = layers.LeakyReLU()(layers.BatchNormalization()(signal))
    signal = layers.Reshape((2, 2, 16))(signal)
    signal = layers.Conv2DTranspose(8, 3, strides=2, padding="same")(signal)
    signal = layers.LeakyReLU()(layers.BatchNormalization()(signal))
    image = layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="tanh")
    model = keras.Model(start, judge(image(signal)))
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), "binary_crossentropy")
    x = np.random.default_rng(0).normal(size=(NUM_EXAMPLES, 8)).astype("float32")
    return model, x, np.ones(NUM_EXAMPLES)


def autoencoder(loss):
    x = datasets.load_digits().data[:NUM_EXAMPLES].astype("float32") / 16
    start = keras.Input(x.shape[1:])
    signal = layers.Dense(16, "relu")(layers.Dense(48, "relu")(start))
    model = keras.Model(
        start, layers.Dense(64, "sigmoid")(layers.Dense(48, "relu")(signal))
    )
    model.compile("adam", loss)
    return model, x, x


def gated(gate):
    x, y = digits()
    start = keras.Input(x.shape[1:])
    signal = start
    for _ in range(3):
        hidden = layers.Dense(32)(signal)
        signal = hidden * gate(hidden)
    return compiled(start, layers.Dense(10, "softmax")(signal), y), x, y


def application(name, frozen=False, size=32):
    rng = np.random.default_rng(0)
    y = np.arange(64) % 2
    x = rng.normal(size=(64, size, size, 3)) + 2 * y[:, None, None, None] - 1
    if name in FROM_PIXELS:
        x = np.clip(128 + 60 * x, 0, 255)
    base = getattr(keras.applications, name)(
        include_top=False, weights=None, input_shape=(size, size, 3), pooling="avg"
    )
    if frozen:
        # As if it were trained: weights that differ from the initial ones and keep the
        # signal, which those of glorot_uniform lose in VGG16, and averages of the inputs.
        for variable in base.trainable_variables:
            if len(variable.shape) > 1:
                noise = rng.laplace(size=variable.shape) / np.sqrt(2)
                fan_in = np.prod(variable.shape[:-1])
                variable.assign(noise * np.sqrt(2 / fan_in))
        with at_most_momentum(base, 0.0):
            base(x, training=True)
        base.trainable = False
    start = keras.Input(x.shape[1:])
    end = layers.Dense(2, "softmax")(
        base(start, **{"training": False} if frozen else {})
    )
    return compiled(start, end, y), x.astype("float32"), y


FAMILIES: dict[str, Callable] = {
    "lstm": lambda: recurrent(layers.LSTM(16)),
    "gru": lambda: recurrent(layers.GRU(16)),
    "bidirectional": lambda: recurrent(layers.Bidirectional(layers.LSTM(8))),
    "stacked": lambda: recurrent(
        lambda s: layers.GRU(16)(layers.LSTM(16, return_sequences=True)(s))
    ),
    "attention/before": lambda: transformer(True, True),
    "attention/after": lambda: transformer(True, False),
    "attention/none": lambda: transformer(False, False),
    "u_net": u_net,
    "own_step": own_step,
    "half_precision": half_precision,
    "words": words,
    "two_outputs": two_outputs,
    "gan/discriminator": discriminator,
    "gan/generator": generator,
    "autoencoder/mse": lambda: autoencoder("mse"),
    "autoencoder/bce": lambda: autoencoder("binary_crossentropy"),
    "gated/own": lambda: gated(ops.sigmoid),
    "gated/other": lambda: gated(layers.Dense(32, "sigmoid")),
}
APPLICATIONS: dict[str, Callable] = {
    "MobileNetV2": lambda: application("MobileNetV2"),
    "MobileNetV3Small": lambda: application("MobileNetV3Small"),
    "EfficientNetB0": lambda: application("EfficientNetB0"),
    "EfficientNetV2B0": lambda: application("EfficientNetV2B0"),
    "ResNet50": lambda: application("ResNet50"),
    "ResNet50V2": lambda: application("ResNet50V2"),
    "DenseNet121": lambda: application("DenseNet121"),
    "ConvNeXtTiny": lambda: application("ConvNeXtTiny"),
    "VGG16": lambda: application("VGG16"),
    "Xception": lambda: application("Xception", size=71),
    "InceptionV3": lambda: application("InceptionV3", size=75),
    "InceptionResNetV2": lambda: application("InceptionResNetV2", size=75),
    "NASNetMobile": lambda: application("NASNetMobile"),
    "frozen/MobileNetV2": lambda: application("MobileNetV2", frozen=True),
    "frozen/EfficientNetB0": lambda: application("EfficientNetB0", frozen=True),
    "frozen/ResNet50": lambda: application("ResNet50", frozen=True),
    "frozen/ResNet50V2": lambda: application("ResNet50V2", frozen=True),
    "frozen/DenseNet121": lambda: application("DenseNet121", frozen=True),
    "frozen/ConvNeXtTiny": lambda: application("ConvNeXtTiny", frozen=True),
    "frozen/Xception": lambda: application("Xception", frozen=True, size=71),
    "frozen/InceptionV3": lambda: application("InceptionV3", frozen=True, size=75),
    "frozen/MobileNetV3Small": lambda: application("MobileNetV3Small", frozen=True),
    "frozen/EfficientNetV2B0": lambda: application("EfficientNetV2B0", frozen=True),
    "frozen/NASNetMobile": lambda: application("NASNetMobile", frozen=True),
    "frozen/VGG16": lambda: application("VGG16", frozen=True),
}
