"""The multilayer perceptron."""

import keras

from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.nets import parts
from keras_rectifiers.comparison.trials.trial import Trial


def build(trial: Trial, data: Description) -> keras.Sequential:
    """Flattened inputs, `depth` dense layers of `width` units, dense logits.

    Each hidden layer consists of a dense layer, optional batch normalisation, the
    activation and optional dropout.
    """
    layers = [keras.Input(data.input_shape), keras.layers.Flatten()]
    for _ in range(trial.depth):
        layers += [parts.dense(trial), *parts.activation(trial)]
    return keras.Sequential([*layers, parts.outputs(trial, data)])
