"""The values that a model's variables would have after a new initialisation."""

import contextlib
import random

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals


def fresh_values(model: keras.Model, seed: int) -> tuple[list, list]:
    """Draws each variable from its own initializer, with its own seed.

    The initializer is found by building a second layer from the same config. Random
    states used in training do not advance, and the model keeps its values. Variables
    that cannot be drawn in this way also keep their value: those of a layer that cannot
    be created again from its config, those created without `add_weight`, those whose
    initializer is a plain function, and those adapted to data. So do those of frozen
    layers, such as a trained base: training begins with them.

    Args:
        model: a built model.
        seed: an integer below 2^20.

    Returns:
        `(trainable, non_trainable)`, in the form that `probe` expects.
    """
    drawn = {}
    for layer in keras_internals.layers_within(model):
        if not layer.trainable:
            continue
        for variable, initializer in _initializers(layer):
            drawn[id(variable)] = _seeded(initializer, (seed << 10) + len(drawn))(
                variable.shape, dtype=variable.dtype
            )

    def values(variables):
        return [drawn.get(id(v), ops.stop_gradient(v.value)) for v in variables]

    return values(model.trainable_variables), values(model.non_trainable_variables)


def _initializers(layer) -> list:
    """Each variable of a layer's own, and its initializer, of those that are found."""
    variables = keras_internals.own_weights(layer)
    if not variables or hasattr(layer, "adapt"):
        return []
    recorded = []
    # Of a quantized layer, the kernel and the scales are no longer what is drawn.
    if getattr(layer, "quantization_mode", None) is None:
        with contextlib.suppress(Exception):  # whatever a layer of the user's raises
            recorded = _recorded(layer)
    alike = len(recorded) == len(variables) and all(
        tuple(variable.shape) == shape
        for variable, (shape, _) in zip(variables, recorded, strict=True)
    )
    found = [
        (variable, recorded[index][1] if alike else _named(layer, variable))
        for index, variable in enumerate(variables)
    ]
    return [
        (variable, initializer)
        for variable, initializer in found
        if isinstance(initializer, keras.initializers.Initializer)
    ]


def _recorded(layer) -> list:
    """Shape and initializer of each variable of a second layer of this config."""
    initializers = {}
    kind = type(layer)

    def add_weight(self, shape=None, initializer=None, *args, **keywords):
        # Zeros: what would be drawn is not needed.
        variable = kind.add_weight(self, shape, "zeros", *args, **keywords)
        if initializer is None and "float" in variable.dtype:
            initializer = "glorot_uniform"  # Keras's default
        initializers[id(variable)] = keras.initializers.get(initializer or "zeros")
        return variable

    # A layer without a seed of its own draws one from Python's stream, and one of the
    # user's may draw from NumPy's.
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        recorder = type(kind.__name__, (kind,), {"add_weight": add_weight})
        twin = recorder.from_config(layer.get_config())
        if not twin.built:
            twin.build_from_config(layer.get_build_config())
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002 (what a layer may use)
    return [
        (tuple(variable.shape), initializers.get(id(variable)))
        for variable in keras_internals.own_weights(twin)
    ]


def _named(layer, variable):
    """The initializer that a layer shows under the name of its variable, or None."""
    if "float" not in variable.dtype:
        return None
    # Keras calls that of `depthwise_kernel` the `depthwise_initializer`.
    names = (variable.name, variable.name.removesuffix("_kernel"))
    for name in (*(f"{name}_initializer" for name in names), "initializer"):
        initializer = getattr(layer, name, None)
        if isinstance(initializer, keras.initializers.Initializer):
            return initializer
    return None


def _seeded(initializer, seed: int):
    config = initializer.get_config()
    if "seed" not in config:
        return initializer
    return type(initializer).from_config({**config, "seed": seed})
