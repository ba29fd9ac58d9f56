"""A program that is rehearsed, and the same program with another model."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis.layer_measures import begun
from keras_rectifiers.diagnosis.own_optimizer import (
    num_steps_taken,
    optimizer_of,
    settings_of,
)
from keras_rectifiers.diagnosis.program import Output
from keras_rectifiers.inspection.probe import values_of
from keras_rectifiers.surgery import nesting


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is rehearsed.

    Args:
        model: a compiled model.
        x, y: tensors.
        loss: as for `diagnose`, None for that of the model.
        outputs: the outputs of the model as it was first, which cures go by; empty if
            it could not be run.
        values: to begin with.
        penalised: whether regularisation counts.
        factor: by which the learning rate is multiplied.
        clipnorm: as of an optimizer, None for that of the model's.
        as_given: x and y with examples that are NaN or infinite, which `x` and `y` are
            without; None if there are none.
    """

    model: keras.Model
    x: Any
    y: Any
    loss: Any
    outputs: Sequence[Output]
    values: tuple[Sequence, Sequence]
    penalised: bool = True
    factor: float = 1.0
    clipnorm: float | None = None
    as_given: tuple | None = None


def first_program(
    model: keras.Model,
    x,
    y,
    loss,
    *,
    values: tuple[Sequence, Sequence] | None,
    outputs: Sequence[Output],
    as_given: tuple | None,
) -> Program:
    """The program as it is, at the weights with which a training begins.

    Args:
        model, x, y, loss, outputs, as_given: as of a `Program`.
        values: of the model; None if it could not be run.
    """
    if values is None:
        values = values_of(model)
    elif num_steps_taken(model):
        values = begun(model, x, 0)
    return Program(
        model=model,
        x=x,
        y=y,
        loss=loss,
        outputs=outputs,
        values=values,
        as_given=as_given,
    )


def cloned(program: Program, changed: Callable) -> Program | None:
    """The program with a model whose layers have other configs, at fresh weights.

    Layers that are frozen in both keep their weights.
    """
    model = program.model
    if not nesting.is_graph(model):
        return None

    def make():
        clone = keras.models.clone_model(
            model,
            clone_function=lambda layer: remade(
                layer, changed(layer, layer.get_config())
            ),
        )
        pairs = zip(
            keras_internals.layers_within(model),
            keras_internals.layers_within(clone),
            strict=True,
        )
        for layer, other in pairs:
            if not layer.trainable and not other.trainable:
                for old, new in zip(
                    keras_internals.own_weights(layer),
                    keras_internals.own_weights(other),
                    strict=True,
                ):
                    new.assign(old)
        return clone

    return compiled(program, make)


def remade(layer: keras.layers.Layer, config: dict) -> keras.layers.Layer:
    """A layer of the same class with another config."""
    return type(layer).from_config(config)


def compiled(program: Program, make: Callable) -> Program | None:
    """The program with another model, compiled as the own one, at fresh weights."""
    # Layers draw their seeds from Python's stream.
    state = random.getstate()
    try:
        random.seed(0)
        model = make()
        own = optimizer_of(program.model)
        optimizer = type(own).from_config(settings_of(own))
        model.compile(optimizer, program.loss or program.model.loss)
        trains = bool(model.trainable_variables)
        values = begun(model, program.x, 0) if trains else values_of(model)
    except (TypeError, ValueError):  # a layer that cannot be made again
        return None
    finally:
        random.setstate(state)
    return replace(program, model=model, values=values)
