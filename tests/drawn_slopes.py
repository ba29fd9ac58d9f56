"""Slopes as rrelu draws them, for the tests of its noise and of its layer."""

import math

import keras
import numpy as np

from keras_rectifiers import functions

# Standard deviations that none of some hundred normal numbers exceeds by chance:
# the seeds are fixed, so that a pass stays a pass.
NUM_SIGMAS = 4.5
SHAPE = (1000, 1000)


def draw(shape, seed, **keywords):
    """The slopes at each place of an input of this shape."""
    x = -keras.ops.ones(shape, "float32")
    seed = keras.ops.convert_to_tensor(seed, "int32")
    return -keras.ops.convert_to_numpy(functions.rrelu(x, seed=seed, **keywords))


def draw_uniform(shape, seed, **keywords):
    """Draws of mean 0 and variance 1."""
    uniform = draw(shape, seed, form="slope", lower=0, upper=1, **keywords)
    return (uniform.astype("float64") - 0.5) * math.sqrt(12)


def correlation_in_sigmas(first, second):
    return np.mean(first * second) * math.sqrt(first.size)
