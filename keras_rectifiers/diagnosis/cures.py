"""The cures of what is found: a program with one thing changed."""

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.activations import identify
from keras_rectifiers.diagnosis.own_optimizer import optimizer_of
from keras_rectifiers.diagnosis.program import REGRESSION, SPARSE, activation_name
from keras_rectifiers.diagnosis.rehearsed_program import (
    Program,
    cloned,
    compiled,
    remade,
)
from keras_rectifiers.inspection import call_trace

SMALL_DROPOUT = 0.2


def _scaled_inputs(program: Program) -> Program | None:
    def scaled(tensor):
        array = ops.convert_to_numpy(tensor)
        if array.dtype.kind != "f":
            return tensor
        axes = tuple(range(max(1, array.ndim - 1)))
        std = array.std(axes, keepdims=True)
        array = (array - array.mean(axes, keepdims=True)) / np.where(std > 0, std, 1)
        return ops.convert_to_tensor(array, tensor.dtype)

    return replace(program, x=keras.tree.map_structure(scaled, program.x))


def _scaled_targets(program: Program) -> Program | None:
    if len(program.outputs) != 1 or program.outputs[0].loss not in REGRESSION:
        return None
    (output,) = program.outputs
    targets = (output.targets - output.targets.mean(0)) / (
        output.targets.std(0) + 1e-12
    )
    return replace(
        program,
        y=ops.convert_to_tensor(targets.astype("float32")),
        outputs=[replace(output, targets=targets)],
    )


def _both_scaled(program: Program) -> Program | None:
    scaled = _scaled_targets(program)
    return None if scaled is None else _scaled_inputs(scaled)


def _other_weights(program: Program) -> Program:
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


def _without_penalty(program: Program) -> Program:
    return replace(program, penalised=False)


def _at_rate(factor: float) -> Callable[[Program], Program | None]:
    def changed(program):
        rate = keras_internals.rate_variable(optimizer_of(program.model))
        return None if rate is None else replace(program, factor=factor)

    return changed


def _clipped(program: Program) -> Program:
    return replace(program, clipnorm=1.0)


def _rectified(program: Program) -> Program | None:
    """Rectifiers with he_normal instead of what saturates or is missing."""
    last = program.model.layers[-1]

    def changed(layer, config):
        hidden = layer is not last and hasattr(layer, "kernel")
        replaced = ("linear", "sigmoid", "tanh", "softmax")
        if hidden and activation_name(layer) in replaced:
            return {**config, "activation": "relu", "kernel_initializer": "he_normal"}
        return config

    return cloned(program, changed)


def _normalised(program: Program) -> Program | None:
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


def _less_dropout(program: Program) -> Program | None:
    def changed(layer, config):
        if isinstance(layer, keras.layers.Dropout):
            return {**config, "rate": min(layer.rate, SMALL_DROPOUT)}
        return config

    return cloned(program, changed)


def _bounded(program: Program) -> Program | None:
    """The default activation in recurrent layers."""
    if not any(isinstance(layer, keras.layers.RNN) for layer in program.model.layers):
        return None

    def changed(layer, config):
        if isinstance(layer, keras.layers.RNN) and "activation" in config:
            return {**config, "activation": "tanh"}
        return config

    return cloned(program, changed)


def _leaky(program: Program) -> Program | None:
    def changed(layer, config):
        if config.get("activation") == "relu":
            return {**config, "activation": "leaky_relu"}
        return config

    return cloned(program, changed)


def _unfrozen(program: Program) -> Program | None:
    return cloned(program, lambda layer, config: {**config, "trainable": True})


def _right_output(program: Program) -> Program | None:
    """The activation and the loss that fit the targets, at the same number of units."""
    if len(program.outputs) != 1:
        return None
    (output,) = program.outputs
    if output.units > 1 and output.width == 1:
        fits = output.are_whole and output.targets.min() >= 0
        if not fits or output.targets.max() >= output.units:
            return None
        activation, loss = "softmax", SPARSE[0]
    elif output.are_one_hot:
        activation, loss = "softmax", "categorical_crossentropy"
    elif output.are_binary:
        activation, loss = "sigmoid", "binary_crossentropy"
    else:
        activation, loss = "linear", "mean_squared_error"
    other = _with_output(program, activation)
    return other and replace(
        other, loss=loss, outputs=[replace(output, loss=loss, from_logits=False)]
    )


def _linear_output(program: Program) -> Program | None:
    """A linear output for targets that the activation cannot reach, at the same loss."""
    if len(program.outputs) != 1 or program.outputs[0].loss not in REGRESSION:
        return None
    (output,) = program.outputs
    if output.activation == "linear" or output.width != output.units:
        return None
    return _with_output(program, "linear")


def _with_output(program, activation):
    last = program.model.layers[-1]
    if "activation" not in last.get_config():
        return None

    def changed(layer, config):
        return {**config, "activation": activation} if layer is last else config

    return cloned(program, changed)


_LOWER_RATES = (
    ("at a tenth of the learning rate", _at_rate(0.1)),
    ("at a hundredth of the learning rate", _at_rate(0.01)),
)
# Kind -> what is tried, in words and as a change of the program.
CURES: dict[str, tuple[tuple[str, Callable], ...]] = {
    "unscaled inputs": (
        ("with the inputs standardised", _scaled_inputs),
        ("with inputs and targets standardised", _both_scaled),
    ),
    "unscaled targets": (("with the targets standardised", _scaled_targets),),
    "targets": (("with a linear output", _linear_output),),
    "output": (("with the output and loss that fit the targets", _right_output),),
    "loss": (("with the output and loss that fit the targets", _right_output),),
    "equal units": (("with random initial weights", _other_weights),),
    "exploding": (
        ("with weights of he_normal", _other_weights),
        ("with tanh in the recurrent layers", _bounded),
        ("with batch normalisation", _normalised),
    ),
    "dead": (
        ("with weights of he_normal and biases of 0", _other_weights),
        ("with leaky_relu", _leaky),
    ),
    "saturated": (
        ("with initial weights of glorot_uniform", _other_weights),
        ("with relu and he_normal", _rectified),
    ),
    "vanishing": (
        ("with relu and he_normal", _rectified),
        ("with batch normalisation", _normalised),
    ),
    "lost signal": (
        ("with larger initial weights", _other_weights),
        ("with relu and he_normal", _rectified),
    ),
    "no activation": (("with relu in the hidden layers", _rectified),),
    "hidden softmax": (("with relu in the hidden layers", _rectified),),
    "rate too high": _LOWER_RATES,
    "negative rate": (("at the same learning rate with a plus sign", _at_rate(-1.0)),),
    "rate too low": (
        ("at 10 times the learning rate", _at_rate(10.0)),
        ("at 100 times the learning rate", _at_rate(100.0)),
    ),
    "not finite": _LOWER_RATES,
    "diverging": (*_LOWER_RATES, ("with clipnorm=1.0", _clipped)),
    "dropout": ((f"with dropout of {SMALL_DROPOUT:.0%} at most", _less_dropout),),
    "penalty": (("without the penalty", _without_penalty),),
    "frozen": (("with all layers trainable", _unfrozen),),
}
