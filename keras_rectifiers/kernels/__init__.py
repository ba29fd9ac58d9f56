"""The arithmetic of the rectifiers, in as few passes over memory as a backend allows.

It may import `arguments`. Each module has the same functions; `generic` has them on
`keras.ops`, for symbolic tensors and for backends without a module of their own.
"""

import importlib
from types import ModuleType

from keras import KerasTensor, backend

from keras_rectifiers.kernels import generic

# Chosen once, as Keras does it: torch.compile cannot look for it in a call.
_OWN = (
    importlib.import_module(f"{__name__}.{backend.backend()}")
    if backend.backend() in ("tensorflow", "jax", "torch")
    else generic
)


def for_tensor(x) -> ModuleType:
    """Returns the module whose functions compute on `x`."""
    return generic if isinstance(x, KerasTensor) else _OWN
