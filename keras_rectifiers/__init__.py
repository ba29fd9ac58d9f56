"""Rectifier layers for Keras 3, with measures, initializers and comparisons."""

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from keras_rectifiers.registration import register_with_keras

if TYPE_CHECKING:
    from keras_rectifiers.activations import get as get
    from keras_rectifiers.comparison.compare import compare as compare
    from keras_rectifiers.diagnosis.diagnose import diagnose as diagnose
    from keras_rectifiers.diagnosis.monitor import LayerMonitor as LayerMonitor
    from keras_rectifiers.layers import CReLU as CReLU
    from keras_rectifiers.layers import GatedLinearUnit as GatedLinearUnit
    from keras_rectifiers.layers import Maxout as Maxout
    from keras_rectifiers.layers import PReLU as PReLU
    from keras_rectifiers.layers import RReLU as RReLU
    from keras_rectifiers.layers import ShiftedReLU as ShiftedReLU
    from keras_rectifiers.layers import SmoothReLU as SmoothReLU
    from keras_rectifiers.layers import SquaredReLU as SquaredReLU
    from keras_rectifiers.layers import SShapedReLU as SShapedReLU
    from keras_rectifiers.layers import Swish as Swish
    from keras_rectifiers.surgery.replace import (
        replace_activations as replace_activations,
    )
    from keras_rectifiers.theory.gain import gain as gain
    from keras_rectifiers.theory.initializers import RectifierNormal as RectifierNormal
    from keras_rectifiers.theory.initializers import (
        RectifierUniform as RectifierUniform,
    )
    from keras_rectifiers.weight_decay import (
        exclude_slopes_from_weight_decay as exclude_slopes_from_weight_decay,
    )

__version__ = "0.1.0"

__all__ = [
    "CReLU",
    "GatedLinearUnit",
    "LayerMonitor",
    "Maxout",
    "PReLU",
    "RReLU",
    "RectifierNormal",
    "RectifierUniform",
    "SShapedReLU",
    "ShiftedReLU",
    "SmoothReLU",
    "SquaredReLU",
    "Swish",
    "compare",
    "diagnose",
    "exclude_slopes_from_weight_decay",
    "gain",
    "get",
    "replace_activations",
]

# Where the names are that are no layers.
_MODULES = {
    "LayerMonitor": "diagnosis.monitor",
    "RectifierNormal": "theory.initializers",
    "RectifierUniform": "theory.initializers",
    "compare": "comparison.compare",
    "diagnose": "diagnosis.diagnose",
    "exclude_slopes_from_weight_decay": "weight_decay",
    "gain": "theory.gain",
    "get": "activations",
    "replace_activations": "surgery.replace",
}

# What reads stored tables imports this package too, and must not load Keras.
register_with_keras()


def __getattr__(name: str) -> Any:
    if name in __all__:
        module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'layers')}")
        return globals().setdefault(name, getattr(module, name))
    if not name.startswith("_") and importlib.util.find_spec(f"{__name__}.{name}"):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
