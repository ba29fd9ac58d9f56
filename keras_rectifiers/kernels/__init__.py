"""The arithmetic of the rectifiers, in as few passes over memory as a backend allows.

It may import `arguments`. Each module has the same functions; `generic` has them on
`keras.ops`, for symbolic tensors and for backends without a module of their own.
"""

import functools
import importlib
from types import ModuleType

from keras import KerasTensor, backend

from keras_rectifiers.kernels import generic

_BACKENDS = ("tensorflow", "jax", "torch")


def for_tensor(x) -> ModuleType:
    """Returns the module whose functions compute on `x`."""
    return generic if isinstance(x, KerasTensor) else _of_backend(backend.backend())


@functools.cache
def _of_backend(name):
    if name not in _BACKENDS:
        return generic
    return importlib.import_module(f"{__name__}.{name}")
