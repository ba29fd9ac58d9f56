"""The multilayer perceptron of residual blocks."""

import keras

from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.nets import parts
from keras_rectifiers.comparison.trials.trial import Trial


def build(trial: Trial, data: Description) -> keras.Model:
    """Flattened inputs, a dense layer, `depth` residual blocks, dense logits.

    Each block computes x + dense(f(x)) with `width` units: optional batch
    normalisation, activation, optional dropout, dense layer. It is the pre-activation
    block of He 2016 with a single layer. There are only blocks between the first dense
    layer and the logits, so that all hidden activations are of the same kind.
    """
    inputs = keras.Input(data.input_shape)
    x = parts.dense(trial)(keras.layers.Flatten()(inputs))
    for _ in range(trial.depth):
        branch = x
        for layer in parts.activation(trial):
            branch = layer(branch)
        x = keras.layers.Add()([x, parts.dense(trial)(branch)])
    return keras.Model(inputs, parts.outputs(trial, data)(x))
