"""Rectifier layers for Keras 3."""

from keras_rectifiers.layers import PReLU as PReLU
from keras_rectifiers.layers import RReLU as RReLU
from keras_rectifiers.layers import ShiftedReLU as ShiftedReLU
from keras_rectifiers.layers import SmoothReLU as SmoothReLU
from keras_rectifiers.surgery import replace_activations as replace_activations

__version__ = "0.1.0"

__all__ = ["PReLU", "RReLU", "ShiftedReLU", "SmoothReLU", "replace_activations"]
