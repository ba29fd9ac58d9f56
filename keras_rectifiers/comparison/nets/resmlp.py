"""The multilayer perceptron of residual blocks."""

import keras

from keras_rectifiers.comparison.data.datasets import Dataset
from keras_rectifiers.comparison.nets import parts
from keras_rectifiers.comparison.trials.trial import Trial


def build(trial: Trial, dataset: Dataset) -> keras.Model:
    """Flattened inputs, a dense layer, `depth` residual blocks, dense logits.

    Each block adds to its input x what is made of it, x + dense(f(x)), of `width` units:
    batch normalisation if any, activation, dropout if any, dense layer. The block of He
    2016 with its activation first, of one layer. Nothing but blocks stands between the
    first dense layer and the logits, so that all hidden activations are alike.
    """
    inputs = keras.Input(dataset.x_train.shape[1:])
    x = parts.dense(trial)(keras.layers.Flatten()(inputs))
    for _ in range(trial.depth):
        branch = x
        for layer in parts.activation(trial):
            branch = layer(branch)
        x = keras.layers.Add()([x, parts.dense(trial)(branch)])
    return keras.Model(inputs, parts.logits(trial, dataset)(x))
