"""The backends of Keras by which members are trained at once."""

import importlib
from types import ModuleType

import keras

# Backend -> the module with what it does in its own way. The other is not imported.
MODULES = {
    "tensorflow": "keras_rectifiers.comparison.training.tensorflow",
    "jax": "keras_rectifiers.comparison.training.jax",
}


def has_gpu() -> bool:
    """Whether Keras finds a GPU or another accelerator on this machine."""
    devices = keras.distribution.list_devices()
    return any(not device.lower().startswith("cpu") for device in devices)


def current() -> ModuleType:
    """The module of the backend on which Keras runs."""
    return importlib.import_module(MODULES[keras.backend.backend()])
