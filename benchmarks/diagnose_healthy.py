"""What `diagnose` finds in healthy programs, where every finding is a false alarm.

    python benchmarks/diagnose_healthy.py                   # small nets and families
    python benchmarks/diagnose_healthy.py --only cnn --trained
    python benchmarks/diagnose_healthy.py --only family/

The nets have 2 to 20 layers, several activations with the initial weights that suit
them, and inputs at mean 0 and variance 1. Normalisation or residual branches are in the
deep ones whose activation needs them. The families are parts of today's models.
"""

import argparse
import time
from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras import layers, ops
from sklearn import datasets

from keras_rectifiers import diagnose

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
# They scale their inputs themselves.
FROM_PIXELS = ("MobileNetV3Small", "EfficientNetB0", "EfficientNetV2B0", "ConvNeXtTiny")
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
        # As if it were trained: other weights than the initial ones, and averages.
        for variable in base.trainable_variables:
            if len(variable.shape) > 1:
                noise = rng.laplace(size=variable.shape) / np.sqrt(2)
                variable.assign(0.7 * variable + 0.7 * noise * ops.std(variable))
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
    "frozen/ResNet50V2": lambda: application("ResNet50V2", frozen=True),
    "frozen/VGG16": lambda: application("VGG16", frozen=True),
}


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="programs whose name holds this")
    parser.add_argument("--trained", action="store_true", help="after 15 epochs too")
    parser.add_argument("--budget", type=float, default=1e9, help="seconds, then stop")
    args = parser.parse_args()
    families = [(f"family/{name}", make) for name, make in FAMILIES.items()]
    began, num, alarms = time.perf_counter(), 0, 0
    for name, make in [*small_nets(), *families]:
        if args.only not in name:
            continue
        if time.perf_counter() - began > args.budget:
            print("budget spent")
            break
        keras.backend.clear_session()
        keras.utils.set_random_seed(num)
        model, x, y = make()
        for stage in ("untrained", "trained")[: 1 + args.trained]:
            if stage == "trained":
                model.fit(x, y, epochs=15, verbose=0)
            start = time.perf_counter()
            found = diagnose(model, x, y).findings
            seconds = time.perf_counter() - start
            num, alarms = num + 1, alarms + bool(found)
            print(f"{name} {stage} {seconds:.1f} s", flush=True)
            for finding in found:
                print(f"    ALARM {finding.kind}: {finding}", flush=True)
    print(f"{num} programs, {alarms} with findings")


if __name__ == "__main__":
    main()
