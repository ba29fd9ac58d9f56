"""Nets to diagnose, and what is found."""

import keras
from keras import layers

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def net(depth=4, activation="relu", kernel="HeNormal", bias=0.0, width=32, **settings):
    make = getattr(keras.initializers, kernel)
    hidden = [
        layers.Dense(
            width,
            activation,
            kernel_initializer=make(seed=i, **settings),
            bias_initializer=keras.initializers.Constant(bias),
            name=f"hidden_{i}",
        )
        for i in range(depth)
    ]
    last = layers.Dense(3, kernel_initializer=keras.initializers.GlorotUniform(seed=99))
    return keras.Sequential([keras.Input((6,)), *hidden, last], name="net")


def kinds(diagnosis):
    return [finding.kind for finding in diagnosis.findings]
