"""Tries the cures of what was found: the same steps, with one thing changed."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.activations import identify
from keras_rectifiers.diagnosis.checks.outputs import REGRESSION, SPARSE
from keras_rectifiers.diagnosis.checks.training import null_loss
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.program import Output, activation_name
from keras_rectifiers.diagnosis.rehearsal import Rehearser
from keras_rectifiers.inspection.example_losses import per_example
from keras_rectifiers.inspection.fresh_values import fresh_values
from keras_rectifiers.inspection.probe import values_of
from keras_rectifiers.surgery import nesting

# A cure has helped if the loss falls to this share of that without it.
HELPS = 0.85


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is rehearsed.

    Args:
        model: a compiled model.
        x, y: tensors.
        loss: as for `diagnose`, None for that of the model.
        outputs: the outputs of the model.
        values: to begin with.
    """

    model: keras.Model
    x: Any
    y: Any
    loss: Any
    outputs: Sequence[Output]
    values: tuple[Sequence, Sequence]

    def share(self, num_steps: int, **settings) -> float:
        """The loss after the steps, as a share of that of a constant prediction."""
        rehearser = Rehearser(
            self.model,
            self.x,
            self.y,
            loss=self.loss,
            values=self.values,
            continues=False,
            **settings,
        )
        prediction = keras.tree.pack_sequence_as(
            self.y if isinstance(self.y, (dict, list)) else 0,
            [ops.convert_to_tensor(o.prediction, "float32") for o in self.outputs],
        )
        losses = per_example(self.model, self.loss)
        null = null_loss(self.outputs, losses, self.y, prediction)
        return rehearser.run(num_steps=num_steps).end / null


def tried(
    program: Program, found: Sequence[Finding], *, num_steps: int
) -> list[Finding]:
    """Tries the cures of each finding.

    Args:
        program: the program as it is, at its first weights.
        found: the findings.
        num_steps: how many steps each cure gets.

    Returns:
        The findings, with what each cure did in `tried`.
    """
    as_it_is = program.share(num_steps)
    told = []
    for finding in found:
        sentences = []
        for words, cure in CURES.get(finding.kind, ()):
            changed = cure(program)
            if changed is None:
                continue
            settings = {}
            if isinstance(changed, dict):
                changed, settings = program, changed
            share = changed.share(num_steps, **settings)
            sentences.append(_sentence(words, share, as_it_is, num_steps))
        told.append(replace(finding, tried=tuple(sentences)))
    return told


def _sentence(words, share, as_it_is, num_steps) -> str:
    now = _percent(as_it_is)
    if share < HELPS * min(as_it_is, 1.0):
        return (
            f"Tried: {words} the loss falls to {_percent(share)} of that of a constant "
            f"prediction in {num_steps} steps; as it is, to {now}."
        )
    return (
        f"Tried: {words} it does not get better in {num_steps} steps "
        f"({_percent(share)}; as it is, {now})."
    )


def _percent(share) -> str:
    if not math.isfinite(share):
        return "NaN"
    return f"{share:.0%}" if share < 10 else f"{share:.2g} times"


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
    for number, layer in enumerate(program.model.layers):
        known = identify(getattr(layer, "activation", None))
        bounded = known is not None and known.bounded
        kind = (
            keras.initializers.GlorotUniform if bounded else keras.initializers.HeNormal
        )
        for variable in layer.trainable_variables:
            if len(variable.shape) > 1:
                drawn[id(variable)] = kind(seed=number)(variable.shape)
            elif variable.name == "bias":
                drawn[id(variable)] = ops.zeros(variable.shape)
    trainable, states = program.values
    trainable = [
        drawn.get(id(variable), value)
        for variable, value in zip(
            program.model.trainable_variables, trainable, strict=True
        )
    ]
    return replace(program, values=(trainable, states))


def _without_penalty(program: Program) -> dict:
    return {"penalised": False}


def _rectified(program: Program) -> Program | None:
    """Rectifiers with he_normal instead of what saturates or is missing."""
    last = program.model.layers[-1]

    def changed(layer, config):
        hidden = layer is not last and hasattr(layer, "kernel")
        replaced = ("linear", "sigmoid", "tanh", "softmax")
        if hidden and activation_name(layer) in replaced:
            return {**config, "activation": "relu", "kernel_initializer": "he_normal"}
        return config

    return _cloned(program, changed)


def _leaky(program: Program) -> Program | None:
    def changed(layer, config):
        if config.get("activation") == "relu":
            return {**config, "activation": "leaky_relu"}
        return config

    return _cloned(program, changed)


def _unfrozen(program: Program) -> Program | None:
    return _cloned(program, lambda layer, config: {**config, "trainable": True})


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
    last = program.model.layers[-1]

    def changed(layer, config):
        return {**config, "activation": activation} if layer is last else config

    if "activation" not in last.get_config():
        return None
    cloned = _cloned(program, changed)
    return cloned and replace(
        cloned, loss=loss, outputs=[replace(output, loss=loss, from_logits=False)]
    )


def _cloned(program: Program, changed: Callable) -> Program | None:
    """The program with a model whose layers have other configs, at fresh weights."""
    model = program.model
    if not nesting.is_graph(model):
        return None
    # Layers draw their seeds from Python's stream.
    state = random.getstate()
    try:
        random.seed(0)
        clone = keras.models.clone_model(
            model,
            clone_function=lambda layer: type(layer).from_config(
                changed(layer, layer.get_config())
            ),
        )
        own: Any = model.optimizer
        optimizer = type(own).from_config(own.get_config())
        clone.compile(optimizer, program.loss or model.loss)
        values = fresh_values(clone, 0) if clone.trainable_variables else None
    except (TypeError, ValueError):  # a layer that cannot be made again
        return None
    finally:
        random.setstate(state)
    return replace(program, model=clone, values=values or values_of(clone))


# Kind -> what is tried, in words and as a change of the program.
CURES: dict[str, tuple[tuple[str, Callable], ...]] = {
    "unscaled inputs": (
        ("with the inputs standardised", _scaled_inputs),
        ("with inputs and targets standardised", _both_scaled),
    ),
    "unscaled targets": (("with the targets standardised", _scaled_targets),),
    "output": (("with the output and loss that fit the targets", _right_output),),
    "loss": (("with the output and loss that fit the targets", _right_output),),
    "equal units": (("with random initial weights", _other_weights),),
    "exploding": (("with weights of he_normal", _other_weights),),
    "dead": (
        ("with weights of he_normal and biases of 0", _other_weights),
        ("with leaky_relu", _leaky),
    ),
    "saturated": (
        ("with initial weights of glorot_uniform", _other_weights),
        ("with relu and he_normal", _rectified),
    ),
    "vanishing": (("with relu and he_normal", _rectified),),
    "lost signal": (
        ("with larger initial weights", _other_weights),
        ("with relu and he_normal", _rectified),
    ),
    "no activation": (("with relu in the hidden layers", _rectified),),
    "hidden softmax": (("with relu in the hidden layers", _rectified),),
    "penalty": (("without the penalty", _without_penalty),),
    "frozen": (("with all layers trainable", _unfrozen),),
}
