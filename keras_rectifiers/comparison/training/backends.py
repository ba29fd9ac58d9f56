"""The backend of Keras, by which members are trained at once."""

import importlib
from types import ModuleType

import keras

NAMES = ("tensorflow", "jax")


def current() -> ModuleType:
    """The module `tensorflow` or `jax` of this package."""
    package = __name__.rpartition(".")[0]
    return importlib.import_module(f"{package}.{keras.backend.backend()}")
