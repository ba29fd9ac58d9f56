"""The layers. Importing them registers them, so that saved models can be loaded."""

from keras_rectifiers.layers.crelu import CReLU as CReLU
from keras_rectifiers.layers.maxout import Maxout as Maxout
from keras_rectifiers.layers.prelu import PReLU as PReLU
from keras_rectifiers.layers.rrelu import RReLU as RReLU
from keras_rectifiers.layers.shifted_relu import ShiftedReLU as ShiftedReLU
from keras_rectifiers.layers.smooth_relu import SmoothReLU as SmoothReLU

__all__ = ["CReLU", "Maxout", "PReLU", "RReLU", "ShiftedReLU", "SmoothReLU"]
