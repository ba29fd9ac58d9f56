"""Small nets of digits, and their weights."""

from keras import ops

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.trials.trial import Trial

DIGITS = datasets.load("digits")


def build(**settings):
    return architectures.build(Trial(depth=3, width=8, **settings), DIGITS)


def weights(model):
    return [
        ops.convert_to_numpy(v)
        for layer in model.layers
        if hasattr(layer, "kernel")
        for v in layer.variables
    ]
