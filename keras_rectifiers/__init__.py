"""Rectifier layers for Keras 3."""

from keras_rectifiers.initializers import RectifierNormal as RectifierNormal
from keras_rectifiers.initializers import RectifierUniform as RectifierUniform
from keras_rectifiers.layers import PReLU as PReLU
from keras_rectifiers.layers import RReLU as RReLU
from keras_rectifiers.layers import ShiftedReLU as ShiftedReLU
from keras_rectifiers.layers import SmoothReLU as SmoothReLU
from keras_rectifiers.propagation import gain as gain

__version__ = "0.1.0"

__all__ = [
    "PReLU",
    "RReLU",
    "RectifierNormal",
    "RectifierUniform",
    "ShiftedReLU",
    "SmoothReLU",
    "gain",
]
