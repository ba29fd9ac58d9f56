"""Rectifier layers for Keras 3, and what goes with them."""

from keras_rectifiers.catalogue import get as get
from keras_rectifiers.diagnosis.diagnose import diagnose as diagnose
from keras_rectifiers.diagnosis.monitor import LayerMonitor as LayerMonitor
from keras_rectifiers.layers import CReLU as CReLU
from keras_rectifiers.layers import Maxout as Maxout
from keras_rectifiers.layers import PReLU as PReLU
from keras_rectifiers.layers import RReLU as RReLU
from keras_rectifiers.layers import ShiftedReLU as ShiftedReLU
from keras_rectifiers.layers import SmoothReLU as SmoothReLU
from keras_rectifiers.surgery.replace import replace_activations as replace_activations
from keras_rectifiers.theory.initializers import RectifierNormal as RectifierNormal
from keras_rectifiers.theory.initializers import RectifierUniform as RectifierUniform
from keras_rectifiers.theory.mean_field import gain as gain
from keras_rectifiers.weight_decay import (
    exclude_slopes_from_weight_decay as exclude_slopes_from_weight_decay,
)

__version__ = "0.1.0"

__all__ = [
    "CReLU",
    "LayerMonitor",
    "Maxout",
    "PReLU",
    "RReLU",
    "RectifierNormal",
    "RectifierUniform",
    "ShiftedReLU",
    "SmoothReLU",
    "diagnose",
    "exclude_slopes_from_weight_decay",
    "gain",
    "get",
    "replace_activations",
]
