"""The layers. Importing them registers them, so that saved models can be loaded."""

from keras_rectifiers.layers.crelu import CReLU as CReLU
from keras_rectifiers.layers.gated_linear_unit import GatedLinearUnit as GatedLinearUnit
from keras_rectifiers.layers.maxout import Maxout as Maxout
from keras_rectifiers.layers.prelu import PReLU as PReLU
from keras_rectifiers.layers.rrelu import RReLU as RReLU
from keras_rectifiers.layers.s_shaped_relu import SShapedReLU as SShapedReLU
from keras_rectifiers.layers.shifted_relu import ShiftedReLU as ShiftedReLU
from keras_rectifiers.layers.smooth_relu import SmoothReLU as SmoothReLU
from keras_rectifiers.layers.squared_relu import SquaredReLU as SquaredReLU
from keras_rectifiers.layers.swish import Swish as Swish

__all__ = [
    "CReLU",
    "GatedLinearUnit",
    "Maxout",
    "PReLU",
    "RReLU",
    "SShapedReLU",
    "ShiftedReLU",
    "SmoothReLU",
    "SquaredReLU",
    "Swish",
]
