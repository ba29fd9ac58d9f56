"""The models and the data on which the engine is timed beside a loop of `fit`."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_breast_cancer, load_digits

from keras_rectifiers import RReLU
from keras_rectifiers.comparison.training.task import Data


def table() -> Data:
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return Data(x=x.astype(np.float32), y=y.astype(np.float32)[:, None])


def images() -> Data:
    digits = load_digits()
    return Data(x=digits.images[..., None].astype(np.float32) / 16, y=digits.target)


def rows_of_images() -> Data:
    digits = load_digits()
    return Data(x=digits.images.astype(np.float32) / 16, y=digits.target)


def curve() -> Data:
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, size=(75, 1)).astype(np.float32)
    noise = rng.normal(0, 0.1, size=x.shape).astype(np.float32)
    return Data(x=x, y=np.sin(x) + noise)


def compiled(model: keras.Model, loss, metrics=()) -> keras.Model:
    model.compile("adam", loss=loss, metrics=list(metrics))
    return model


def mlp() -> keras.Model:
    hidden = []
    for _ in range(3):
        hidden += [
            layers.Dense(32),
            layers.BatchNormalization(),
            RReLU(),
            layers.Dropout(0.2),
        ]
    outputs = layers.Dense(1, activation="sigmoid")
    return compiled(
        keras.Sequential([keras.Input((30,)), *hidden, outputs]),
        "binary_crossentropy",
        ["accuracy"],
    )


def cnn() -> keras.Model:
    hidden = []
    for _ in range(2):
        hidden += [layers.Conv2D(16, 3, padding="same"), layers.ReLU()]
    return compiled(
        keras.Sequential(
            [keras.Input((8, 8, 1)), *hidden, layers.Flatten(), layers.Dense(10)]
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
    )


def lstm() -> keras.Model:
    return compiled(
        keras.Sequential(
            [keras.Input((8, 8)), layers.LSTM(32), layers.ReLU(), layers.Dense(10)]
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
    )


def transformer() -> keras.Model:
    inputs = keras.Input((8, 8))
    x = layers.Dense(32)(inputs)
    attended = layers.MultiHeadAttention(num_heads=2, key_dim=16)(x, x)
    x = layers.LayerNormalization()(x + attended)
    widened = layers.ReLU()(layers.Dense(64)(x))
    x = layers.LayerNormalization()(x + layers.Dense(32)(widened))
    outputs = layers.Dense(10)(layers.GlobalAveragePooling1D()(x))
    return compiled(
        keras.Model(inputs, outputs),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ["accuracy"],
    )


def small_net() -> keras.Model:
    return compiled(
        keras.Sequential(
            [keras.Input((1,)), layers.Dense(30), layers.ReLU(), layers.Dense(1)]
        ),
        "mse",
    )


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model that is trained with some seeds at each of the learning rates.

    Args:
        build: makes the model.
        data: makes its data.
        num_seeds: how many seeds.
        epochs, batch_size: of the training.
        aim, least: how many times faster than the plain loop ours should be, and must
            be.
    """

    build: Callable[[], keras.Model]
    data: Callable[[], Data]
    num_seeds: int
    epochs: int
    batch_size: int
    aim: float
    least: float


ON_ROWS = {
    "data": rows_of_images,
    "num_seeds": 20,
    "epochs": 10,
    "batch_size": 32,
    "aim": 5,
    "least": 5,
}
CASES = {
    "mlp": Case(
        build=mlp, data=table, num_seeds=20, epochs=20, batch_size=32, aim=80, least=40
    ),
    "cnn": Case(
        build=cnn, data=images, num_seeds=20, epochs=5, batch_size=32, aim=4, least=4
    ),
    "lstm": Case(build=lstm, **ON_ROWS),
    "transformer": Case(build=transformer, **ON_ROWS),
    "1-30-1": Case(
        build=small_net,
        data=curve,
        num_seeds=20,
        epochs=200,
        batch_size=1,
        aim=80,
        least=80,
    ),
}
