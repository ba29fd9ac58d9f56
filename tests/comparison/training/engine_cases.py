"""Models of many kinds, and the same members trained at once and each by `model.fit`."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU
from keras_rectifiers.comparison.training import by_fit
from keras_rectifiers.comparison.training.engine import train_members
from keras_rectifiers.comparison.training.results import Results
from keras_rectifiers.comparison.training.task import Data, Member, Split, Task
from tests.compiling import AS_A_WHOLE

# Float32 rounding, grown by some steps of training.
GROWN = 1e-4
SPLITS = [
    Split(np.arange(24), np.arange(24, 34), np.arange(34, 40)),
    Split(np.arange(16, 40), np.arange(10), np.arange(10, 16)),
]


def data(x, y, **others) -> Data:
    return Data(x=x, y=y, **others)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=(40, *shape)).astype("float32")


def classes(count=3, seed=1):
    return np.random.default_rng(seed).integers(0, count, 40)


def members(**settings) -> list[Member]:
    """Two members with splits of their own."""
    return [Member(seed=i, split=s, **settings) for i, s in enumerate(SPLITS)]


def task(build, data, **settings) -> Task:
    settings = {"batch_size": 8, "epochs": 2, "probe_size": 8} | settings
    return Task(build=build, data=data, **settings)


def compiled(model, **settings):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    settings = {"optimizer": keras.optimizers.Adam(0.01), "loss": loss} | settings
    model.compile(**settings)
    return model


def classifier(shape, *parts, **settings):
    parts = [*parts, layers.Dense(3)]
    return compiled(
        keras.Sequential([keras.Input(shape), *parts]),
        **{"metrics": ["accuracy"]} | settings,
    )


def mlp(activation=layers.ReLU, **settings):
    # Of the gradient of a bias before it, which is a rounding error, Adam would make
    # steps of full size.
    parts = [layers.Dense(6, use_bias=False), layers.BatchNormalization()]
    parts += [activation()]
    parts += [layers.Dropout(0.3), layers.Dense(5), activation()]
    return classifier((4,), *parts, layers.GaussianNoise(0.1), **settings)


def cnn(activation=layers.ReLU):
    parts = [layers.Conv2D(3, 2), activation(), layers.MaxPooling2D()]
    return classifier((5, 5, 1), *parts, layers.Flatten())


def recurrent(activation=layers.ReLU):
    parts = [layers.LSTM(4, recurrent_dropout=0.2), layers.Dense(4), activation()]
    return classifier((5, 2), *parts)


def transformer(activation=layers.ReLU):
    # SGD, as the sparse updates of an embedding by `fit` on TensorFlow are others.
    inputs = keras.Input((4,), dtype="int32")
    x = layers.Embedding(7, 6)(inputs)
    attended = layers.MultiHeadAttention(2, 3, dropout=0.1)(x, x)
    x = layers.LayerNormalization()(x + attended)
    x = x + layers.Dense(6)(activation()(layers.Dense(8)(x)))
    x = layers.GlobalAveragePooling1D()(x)
    return compiled(
        keras.Model(inputs, layers.Dense(3)(x)),
        optimizer=keras.optimizers.SGD(0.1, momentum=0.9),
        metrics=["accuracy"],
    )


def two_inputs_and_outputs(activation=layers.ReLU):
    left, right = keras.Input((4,), name="left"), keras.Input((3,), name="right")
    x = layers.Concatenate()([layers.Dense(4)(left), layers.Dense(4)(right)])
    x = activation()(x)
    outputs = [layers.Dense(3, name="kind")(x), layers.Dense(1, name="size")(x)]
    return compiled(
        keras.Model([left, right], outputs),
        loss=[keras.losses.SparseCategoricalCrossentropy(from_logits=True), "mse"],
        loss_weights=[1.0, 0.5],
        metrics=[["accuracy"], ["mae"]],
    )


class Own(keras.Model):
    """A model that is built when it is first called."""

    def __init__(self, activation):
        super().__init__()
        self.first, self.activation = layers.Dense(5), activation()
        self.noise, self.last = layers.Dropout(0.3), layers.Dense(3)
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, x, training=False):
        x = self.activation(self.first(x))
        if training:
            x = x + 0.1 * keras.random.normal(ops.shape(x), seed=self.seed_generator)
        return self.last(self.noise(x, training=training))


def subclassed(activation=layers.ReLU):
    return compiled(Own(activation), metrics=["accuracy"])


def regression(activation=layers.ReLU):
    model = keras.Sequential(
        [keras.Input((1,)), layers.Dense(30), activation(), layers.Dense(1)]
    )
    return compiled(model, loss="mse", metrics=["mae"])


def auto_encoder(activation=layers.ReLU):
    parts = [layers.Dense(3), activation(), layers.Dense(4)]
    model = keras.Sequential([keras.Input((4,)), *parts])
    return compiled(model, loss=keras.losses.Huber())


def multi_label(activation=layers.ReLU):
    parts = [layers.Dense(6), activation(), layers.Dense(3, activation="sigmoid")]
    return compiled(
        keras.Sequential([keras.Input((4,)), *parts]),
        loss="binary_crossentropy",
        metrics=["binary_accuracy", keras.metrics.AUC(num_thresholds=5, name="auc")],
    )


def penalised(activation=layers.ReLU):
    hidden = layers.Dense(
        6,
        kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
        activity_regularizer=keras.regularizers.L1(0.01),
        kernel_constraint=keras.constraints.MaxNorm(0.5, axis=0),
    )
    return classifier((4,), hidden, activation())


def with_own_loss(activation=layers.ReLU):
    def loss(y, prediction):
        return ops.mean(ops.abs(y - prediction) ** 1.5, axis=-1)

    parts = [layers.Dense(6), activation(), layers.Dense(2)]
    return compiled(keras.Sequential([keras.Input((4,)), *parts]), loss=loss)


SEQUENCES = np.random.default_rng(2).integers(0, 7, (40, 4))
WEIGHTS = np.random.default_rng(3).uniform(0, 2, 40).astype("float32")
CASES = {
    "mlp": (mlp, data(numbers(4), classes())),
    "cnn": (cnn, data(numbers(5, 5, 1), classes())),
    "recurrent": (recurrent, data(numbers(5, 2), classes())),
    "transformer": (transformer, data(SEQUENCES, classes())),
    "two inputs and outputs": (
        two_inputs_and_outputs,
        data([numbers(4), numbers(3, seed=4)], [classes(), numbers(1, seed=5)]),
    ),
    "subclassed": (subclassed, data(numbers(4), classes())),
    "regression": (regression, data(numbers(1), np.sin(numbers(1)))),
    "auto-encoder": (auto_encoder, data(numbers(4), numbers(4))),
    "multi-label": (multi_label, data(numbers(4), classes(2)[:, None] * [1, 0, 1])),
    "sample weights": (mlp, data(numbers(4), classes(), sample_weight=WEIGHTS)),
    "penalties": (penalised, data(numbers(4), classes())),
    "own loss": (with_own_loss, data(numbers(4), numbers(2, seed=6))),
    "slopes": (lambda: mlp(PReLU), data(numbers(4), classes())),
}


def assert_equal_alone(task: Task, given: list[Member]) -> Results:
    """Compares members that are trained at once with each trained by `fit`."""
    together = train_members(task, given, jit_compile=False)
    with pytest.MonkeyPatch.context() as patch:
        if keras.backend.backend() == "tensorflow":
            # So few steps take less time than their tracing.
            eager = functools.partialmethod(keras.Model.compile, run_eagerly=True)
            patch.setattr(keras.Model, "compile", eager)
        alone = by_fit.train(task, given, jit_compile=AS_A_WHOLE)
    modes = {"tensorflow": "tensorflow-graph", "jax": "jax-xla"}
    assert set(together.outcomes["mode"]) == {modes[keras.backend.backend()]}
    assert_equal_results(together, alone)
    return together


def assert_equal_results(one: Results, other: Results) -> None:
    assert set(one.outcomes) == set(other.outcomes)
    described = ["mode", "reason"]
    pd.testing.assert_frame_equal(
        one.outcomes.drop(columns=described),
        other.outcomes.drop(columns=described)[one.outcomes.columns.drop(described)],
        rtol=GROWN,
        atol=GROWN,
    )
    for table, grain in (
        ("measurements", ["member", "epoch", "layer", "measure"]),
        ("outputs", ["member", "epoch", "layer", "name", "index"]),
    ):
        first, second = (
            getattr(results, table).set_index(grain)["value"].sort_index()
            for results in (one, other)
        )
        assert len(first) or table == "outputs"
        pd.testing.assert_series_equal(first, second, rtol=GROWN, atol=GROWN)
