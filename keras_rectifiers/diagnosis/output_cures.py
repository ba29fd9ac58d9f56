"""Cures by other outputs, losses and targets, which belong together."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.program import (
    BINARY,
    CATEGORICAL,
    CROSSENTROPIES,
    REGRESSION,
    SPARSE,
)
from keras_rectifiers.diagnosis.rehearsed_program import (
    Program,
    cloned,
    compiled,
    remade,
)
from keras_rectifiers.inspection import call_trace
from keras_rectifiers.inspection.example_losses import per_example


def right_output(program: Program) -> Program | None:
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
    return _with_output(program, activation, loss=loss)


def linear_output(program: Program) -> Program | None:
    """A linear output for targets that the activation cannot reach, at the same loss."""
    if len(program.outputs) != 1 or program.outputs[0].loss not in REGRESSION:
        return None
    (output,) = program.outputs
    if output.activation == "linear" or output.width != output.units:
        return None
    return _with_output(program, "linear")


def fitting_loss(program: Program) -> Program | None:
    """Softmax and the loss of the form of the targets: one-hot, or labels."""
    output = _aligned(program)
    if output is None:
        return None
    is_one_hot = output.loss in SPARSE and output.are_one_hot
    are_labels = output.width == 1 < output.units and output.num_classes
    fits = is_one_hot and output.width == output.units
    return right_output(program) if fits or are_labels else None


def numbered_classes(program: Program) -> Program | None:
    """Classes that are numbered from 0, whatever numbers stand for them."""
    output = _aligned(program)
    if output is None or output.width != 1 or output.ignored is not None:
        return None
    most = {SPARSE: output.units, BINARY: 2 if output.units == 1 else 0}
    num_units = next((n for losses, n in most.items() if output.loss in losses), 0)
    values, numbers = np.unique(output.targets, return_inverse=True)
    low, high = values[0], values[-1]
    are_numbered = output.are_whole and low >= 0 and high < num_units
    if are_numbered or not 2 <= len(values) <= num_units:
        return None
    return _with_targets(program, numbers.reshape(output.targets.shape))


def fitting_units(program: Program) -> Program | None:
    """As many units as there are classes, or numbers for each example."""
    output = _aligned(program)
    if output is None or output.ignored is not None:
        return None
    units, width, loss = output.units, output.width, output.loss
    if width == 1 and loss in CROSSENTROPIES and output.num_classes > 2:
        values, numbers = np.unique(output.targets, return_inverse=True)
        if units > 1 and (loss not in SPARSE or len(values) <= units):
            return None
        numbered = _with_targets(program, numbers.reshape(output.targets.shape))
        return _with_output(numbered, "softmax", units=len(values), loss=SPARSE[0])
    if width == units or loss not in REGRESSION + BINARY + CATEGORICAL:
        return None
    if output.are_one_hot:
        return _with_output(program, "softmax", units=width, loss=CATEGORICAL[0])
    if loss in CATEGORICAL and width == 1:
        return None
    return _with_output(program, units=width)


def regression(program: Program) -> Program | None:
    """One linear unit for targets of too many values to be classes."""
    output = _aligned(program)
    if output is None or output.width != 1 or output.loss not in CROSSENTROPIES:
        return None
    if output.num_classes or len(np.unique(output.targets)) <= max(output.units, 2):
        return None
    return _with_output(program, "linear", units=1, loss="mean_squared_error")


def last_state(program: Program) -> Program | None:
    """The last state of the last recurrent layer, for one target for each sequence."""
    output = _single(program)
    if output is None or output.prediction.ndim != 3 or output.targets.ndim > 2:
        return None
    return _with_states(program, of_each_step=False)


def each_state(program: Program) -> Program | None:
    """The state at each step, for a target at each."""
    output = _single(program)
    if output is None or output.prediction.ndim != 2 or output.targets.ndim < 2:
        return None
    return _with_states(program, of_each_step=True)


def flattened(program: Program) -> Program | None:
    """All positions together before the last layer of a chain without recurrent ones."""
    output, model = _single(program), program.model
    if output is None or output.prediction.ndim < 3 or output.targets.ndim > 2:
        return None
    if not call_trace.is_plain(model) or _recurrent(model) is not None:
        return None

    def make():
        *first, last = [remade(layer, layer.get_config()) for layer in model.layers]
        parts = [*first, keras.layers.Flatten(), last]
        return keras.Sequential([keras.Input(model.input_shape[1:]), *parts])

    return compiled(program, make)


def shaped_targets(program: Program) -> Program | None:
    """Targets in the shape of the predictions, for a loss of the user's own."""
    output = _single(program)
    if output is None or output.loss or output.targets.size != output.prediction.size:
        return None
    if output.targets.shape == output.prediction.shape:
        return None
    return _with_targets(program, output.targets.reshape(output.prediction.shape))


def other_sign(program: Program) -> Program | None:
    """A loss of the user's own with the other sign."""
    output = _single(program)
    if output is None or output.loss:
        return None
    losses = per_example(program.model, program.loss)
    return replace(program, loss=lambda y, prediction: -losses(y, prediction))


def _single(program):
    return program.outputs[0] if len(program.outputs) == 1 else None


def _aligned(program):
    """The output, if it is the only one and has targets at each of its positions."""
    output = _single(program)
    if output is None or output.prediction.ndim < 2:
        return None
    positions, targets = output.prediction.shape[:-1], output.targets.shape
    return output if positions in (targets, targets[:-1]) else None


def _with_targets(program, targets):
    own = keras.tree.flatten(program.y)[0].dtype
    y = ops.convert_to_tensor(targets.astype(keras.backend.standardize_dtype(own)))
    output = replace(program.outputs[0], targets=targets.astype(float))
    return replace(
        program, y=keras.tree.pack_sequence_as(program.y, [y]), outputs=[output]
    )


def _with_output(program, activation=None, *, units=None, loss=None):
    """The program with another activation, number of units and loss of the output."""
    last = program.model.layers[-1]
    if activation is not None and "activation" not in last.get_config():
        return None
    counted = [layer for layer in program.model.layers if _size_of(layer.get_config())][
        -1:
    ]
    if units is not None and not counted:
        return None

    def changed(layer, config):
        if units is not None and layer is counted[0]:
            config = {**config, _size_of(config): units}
        if activation is not None and layer is last:
            config = {**config, "activation": activation}
        return config

    other = cloned(program, changed)
    return other if other is None or loss is None else replace(other, loss=loss)


def _size_of(config):
    return next((name for name in ("units", "filters") if name in config), "")


def _recurrent(model):
    kinds = (keras.layers.RNN, keras.layers.Bidirectional)
    return next((x for x in reversed(model.layers) if isinstance(x, kinds)), None)


def _with_states(program, *, of_each_step):
    recurrent: Any = _recurrent(program.model)
    if recurrent is None or recurrent.return_sequences == of_each_step:
        return None

    def changed(layer, config):
        if layer is not recurrent:
            return config
        if "return_sequences" in config:
            return {**config, "return_sequences": of_each_step}
        wrapped = {
            name: {
                **inner,
                "config": {**inner["config"], "return_sequences": of_each_step},
            }
            for name in ("layer", "backward_layer")
            if (inner := config.get(name))
        }
        return {**config, **wrapped}

    return cloned(program, changed)
