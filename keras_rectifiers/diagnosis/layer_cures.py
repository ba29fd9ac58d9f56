"""Cures by other layers: weights, activations, units, normalisation, dropout, states."""

from dataclasses import replace

import keras
from keras import ops

from keras_rectifiers.activations import identify
from keras_rectifiers.diagnosis.data_cures import scaled_inputs
from keras_rectifiers.diagnosis.program import activation_name
from keras_rectifiers.diagnosis.rehearsed_program import (
    Program,
    cloned,
    compiled,
    remade,
)
from keras_rectifiers.inspection import call_trace

SMALL_DROPOUT = 0.2
SIMPLE_UNITS = 64


def other_weights(program: Program) -> Program:
    """Kernels of he_normal, or glorot_uniform before a bounded activation; biases of 0."""
    drawn = {}
    he, glorot = keras.initializers.HeNormal, keras.initializers.GlorotUniform
    for number, layer in enumerate(program.model.layers):
        known = identify(getattr(layer, "activation", None))
        kind = glorot if known is not None and known.bounded else he
        for variable in layer.trainable_variables:
            if len(variable.shape) > 1:
                drawn[id(variable)] = kind(seed=number)(variable.shape)
            elif variable.name == "bias":
                drawn[id(variable)] = ops.zeros(variable.shape)
    trainable, states = program.values
    pairs = zip(program.model.trainable_variables, trainable, strict=True)
    trainable = [drawn.get(id(variable), value) for variable, value in pairs]
    return replace(program, values=(trainable, states))


def rectified(program: Program) -> Program | None:
    """Rectifiers with he_normal instead of what saturates or is missing."""
    last = program.model.layers[-1]

    def changed(layer, config):
        hidden = layer is not last and hasattr(layer, "kernel")
        replaced = ("linear", "sigmoid", "tanh", "softmax")
        if hidden and activation_name(layer) in replaced:
            return {**config, "activation": "relu", "kernel_initializer": "he_normal"}
        return config

    return cloned(program, changed)


def normalised(program: Program) -> Program | None:
    """Batch normalisation before each hidden activation of a chain of layers."""
    model = program.model
    if not call_trace.is_plain(model):
        return None

    def parts(layer):
        config = layer.get_config()
        if layer is model.layers[-1] or not hasattr(layer, "kernel"):
            return [remade(layer, config)]
        return [
            remade(layer, {**config, "activation": "linear"}),
            keras.layers.BatchNormalization(),
            keras.layers.Activation(layer.activation),
        ]

    def make():
        made = [part for layer in model.layers for part in parts(layer)]
        return keras.Sequential([keras.Input(model.input_shape[1:]), *made])

    return compiled(program, make)


def less_dropout(program: Program) -> Program | None:
    """Dropout of 20% at most."""

    def changed(layer, config):
        if isinstance(layer, keras.layers.Dropout):
            return {**config, "rate": min(layer.rate, SMALL_DROPOUT)}
        return config

    return cloned(program, changed)


def bounded(program: Program) -> Program | None:
    """The default activation in recurrent layers."""
    if not any(isinstance(layer, keras.layers.RNN) for layer in program.model.layers):
        return None

    def changed(layer, config):
        if isinstance(layer, keras.layers.RNN) and "activation" in config:
            return {**config, "activation": "tanh"}
        return config

    return cloned(program, changed)


def leaky(program: Program) -> Program | None:
    """Leaky rectifiers instead of relu."""

    def changed(layer, config):
        if config.get("activation") == "relu":
            return {**config, "activation": "leaky_relu"}
        return config

    return cloned(program, changed)


def unfrozen(program: Program) -> Program | None:
    """All layers trainable."""
    return cloned(program, lambda layer, config: {**config, "trainable": True})


def wider(program: Program) -> Program | None:
    """As many units as there are classes in hidden layers that have fewer."""
    if len(program.outputs) != 1:
        return None
    fewest, last = program.outputs[0].units, program.model.layers[-1]

    def changed(layer, config):
        name = "units" if "units" in config else "filters"
        if layer is last or config.get(name, fewest) >= fewest:
            return config
        return {**config, name: fewest}

    return cloned(program, changed)


def simple(program: Program) -> Program | None:
    """A single hidden layer on standardised inputs, which shows whether data can be learned."""
    if len(program.outputs) != 1 or isinstance(program.x, (dict, list)):
        return None
    (output,) = program.outputs
    shape, is_float = program.x.shape[1:], "float" in str(program.x.dtype)
    if not output.activation or output.prediction.ndim != 2 or not is_float:
        return None

    def make():
        return keras.Sequential(
            [
                keras.Input(shape),
                keras.layers.Flatten(),
                keras.layers.Dense(
                    SIMPLE_UNITS, "relu", kernel_initializer="he_normal"
                ),
                keras.layers.Dense(output.units, output.activation),
            ]
        )

    scaled = scaled_inputs(program)
    return None if scaled is None else compiled(scaled, make)
