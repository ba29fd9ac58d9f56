"""Healthy programs that are broken in one place, one fault each.

A healthy program is a small classifier or regression, drawn with the seed: width, depth
and activation differ. The faults are the mutations of DeepCrime that can be seen in a
program: of the data, the output, the loss, the activations, the initial weights, the
optimizer, the regularisation and dropout. Each is named with the kinds of finding that
name it.
"""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers


@dataclass
class Program:
    """A program that a fault may change before it is built."""

    x: np.ndarray
    y: np.ndarray
    num_classes: int
    widths: list[int]
    activation: str
    output: str | None
    units: int
    loss: Any
    optimizer: Any
    layer: dict = field(default_factory=dict)
    frozen: bool = False
    dropout: float = 0.0

    def build(self) -> keras.Model:
        model = keras.Sequential([keras.Input(self.x.shape[1:])])
        for width in self.widths:
            settings = {k: v() if callable(v) else v for k, v in self.layer.items()}
            model.add(layers.Dense(width, self.activation, **settings))
            if self.dropout:
                model.add(layers.Dropout(self.dropout))
        settings = {k: v() if callable(v) else v for k, v in self.layer.items()}
        settings.pop("bias_initializer", None)
        model.add(layers.Dense(self.units, self.output, **settings))
        if self.frozen:
            for layer in model.layers[:-1]:
                layer.trainable = False
        model.compile(self.optimizer, self.loss)
        return model


def healthy(seed: int) -> Program:
    """A program that learns: a classifier of three classes, or a regression."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(384, 10)).astype("float32")
    scores = np.tanh(x @ rng.normal(size=(10, 6))) @ rng.normal(size=(6, 3))
    is_classifier = seed % 2 == 0
    return Program(
        x=x,
        y=scores.argmax(1) if is_classifier else (scores[:, 0] / scores[:, 0].std()),
        num_classes=3 if is_classifier else 0,
        widths=[int(rng.choice([32, 64]))] * int(rng.integers(2, 5)),
        activation=str(rng.choice(["relu", "elu", "tanh"])),
        output="softmax" if is_classifier else None,
        units=3 if is_classifier else 1,
        loss="sparse_categorical_crossentropy" if is_classifier else "mse",
        optimizer=keras.optimizers.Adam(float(rng.choice([1e-3, 3e-3]))),
        layer={"kernel_initializer": "glorot_uniform"},
    )


FAULTS: dict[str, tuple[Any, tuple[str, ...]]] = {}


def fault(*kinds):
    def register(change):
        FAULTS[change.__name__] = change, kinds
        return change

    return register


@fault("not finite data")
def missing_values(p, rng):
    p.x[rng.integers(0, len(p.x), 3), 1] = np.nan


@fault("unscaled inputs")
def unscaled_inputs(p, rng):
    p.x *= 300


@fault("unscaled inputs")
def one_unscaled_column(p, rng):
    p.x[:, 2] = 1000 * p.x[:, 2] + 5000


@fault("unscaled inputs")
def inputs_that_hardly_vary(p, rng):
    p.x = 5 + 0.05 * p.x


@fault("constant inputs")
def constant_inputs(p, rng):
    p.x[:] = p.x[:1]


@fault("unscaled targets", "targets")
def unscaled_targets(p, rng):
    p.y = 1e5 * (p.y + 3)
    if p.num_classes:
        p.output, p.units, p.loss = None, 1, "mse"


@fault("constant targets", "targets")
def one_class(p, rng):
    p.y = np.zeros_like(p.y)


@fault("targets")
def labels_off_by_one(p, rng):
    classes(p)
    p.y = p.y + 1


@fault("targets")
def divided_labels(p, rng):
    classes(p)
    p.y = p.y / 255


def classes(p):
    """Makes a classifier of a regression."""
    if not p.num_classes:
        p.y = np.digitize(p.y, [-0.5, 0.5])
        p.num_classes, p.units, p.output = 3, 3, "softmax"
        p.loss = "sparse_categorical_crossentropy"


@fault("output")
def softmax_on_one_unit(p, rng):
    p.y, p.units, p.output, p.loss = (p.y > 0).astype(float), 1, "softmax", "mse"


@fault("output")
def relu_instead_of_softmax(p, rng):
    classes(p)
    p.output = "relu"


@fault("output")
def no_output_activation(p, rng):
    classes(p)
    p.output = None


@fault("loss")
def softmax_twice(p, rng):
    classes(p)
    p.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@fault("targets", "loss")
def binary_loss_of_three_classes(p, rng):
    classes(p)
    p.units, p.output, p.loss = 1, "sigmoid", "binary_crossentropy"


@fault("targets")
def sigmoid_out_of_reach(p, rng):
    if p.num_classes:
        p.y = p.y * 1.5 - 1
    p.units, p.output, p.loss = 1, "sigmoid", "mse"


@fault("no activation")
def no_hidden_activation(p, rng):
    p.activation = "linear"


@fault("hidden softmax")
def softmax_in_hidden_layers(p, rng):
    p.activation = "softmax"


@fault("vanishing", "lost signal")
def deep_sigmoid(p, rng):
    p.activation, p.widths = "sigmoid", [32] * 8


@fault("equal units")
def constant_weights(p, rng):
    p.layer = {"kernel_initializer": lambda: keras.initializers.Constant(0.1)}


@fault("lost signal", "vanishing")
def small_weights(p, rng):
    p.widths = [64] * 6
    p.layer = {"kernel_initializer": lambda: keras.initializers.RandomNormal(0, 0.01)}


@fault("exploding", "saturated")
def large_weights(p, rng):
    p.widths = [64] * 6
    p.layer = {"kernel_initializer": lambda: keras.initializers.RandomNormal(0, 2)}


@fault("dead", "saturated")
def large_negative_biases(p, rng):
    p.activation = "relu"
    p.layer |= {"bias_initializer": lambda: keras.initializers.Constant(-20)}


@fault("frozen")
def frozen_layers(p, rng):
    p.widths, p.frozen = [64, 64], True


@fault("dropout")
def heavy_dropout(p, rng):
    p.dropout = 0.95


@fault("rate too high")
def high_rate(p, rng):
    p.optimizer = keras.optimizers.SGD(30.0, momentum=0.9)


@fault("rate too low")
def low_rate(p, rng):
    p.optimizer = keras.optimizers.SGD(1e-6)


@fault("negative rate")
def negative_rate(p, rng):
    p.optimizer = keras.optimizers.Adam(-1e-3)


@fault("penalty")
def heavy_penalty(p, rng):
    p.layer |= {"kernel_regularizer": lambda: keras.regularizers.L2(1.0)}
