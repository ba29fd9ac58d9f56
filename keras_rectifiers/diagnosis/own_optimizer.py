"""The optimizer that a model is trained with, its copy, and whether `fit` is Keras's."""

from typing import Any

import keras
from keras import ops

from keras_rectifiers import keras_internals


def can_rehearse(model: keras.Model) -> bool:
    """Whether the model trains as `fit` does: with an optimizer, and no step of its own."""
    has_optimizer = optimizer_of(model) is not None
    return has_optimizer and bool(model.trainable_variables) and not has_own_step(model)


def has_own_step(model: keras.Model) -> bool:
    """Whether the model changes what `fit` does in a step, which is not known then."""
    return any(
        getattr(type(model), name) is not getattr(keras.Model, name)
        for name in ("train_step", "compute_loss")
        if hasattr(keras.Model, name)
    )


def optimizer_of(model: keras.Model) -> Any:
    """The optimizer that takes the steps, None if the model is not compiled.

    In half precision another one is around it, which scales the loss; in float32, in
    which the steps are rehearsed, this changes nothing.
    """
    optimizer = getattr(model, "optimizer", None)
    return getattr(optimizer, "inner_optimizer", optimizer)


def num_steps_taken(model: keras.Model) -> int:
    """How many steps a model has been trained, as far as its optimizer knows."""
    optimizer = optimizer_of(model)
    return 0 if optimizer is None else int(ops.convert_to_numpy(optimizer.iterations))


def clipping_of(model: keras.Model) -> str:
    """How the optimizer limits the gradients, "" if it does not."""
    optimizer = optimizer_of(model)
    for name in ("clipnorm", "clipvalue", "global_clipnorm"):
        limit = getattr(optimizer, name, None)
        if limit:
            return f"{name}={limit:g}"
    return ""


def settings_of(optimizer: keras.Optimizer) -> dict:
    """What an optimizer is made of, with its schedule itself if it has one."""
    rate = keras_internals.learning_rate(optimizer)
    return keras_internals.settings(optimizer) | {"learning_rate": rate}


def copy_of(
    model: keras.Model, *, continues: bool = True, clipnorm: float | None = None
) -> tuple[keras.Optimizer, list]:
    """A copy of the model's optimizer, and the values of its variables.

    Args:
        model: a compiled model.
        continues: whether they are those of the optimizer, or those it begins with.
        clipnorm: the largest norm of a gradient, None for that of the optimizer.
    """
    own = optimizer_of(model)
    with keras_internals.stateless_optimizers():
        config = settings_of(own)
        if clipnorm is not None:  # only one of the three may be given
            config |= {"clipnorm": clipnorm, "clipvalue": None, "global_clipnorm": None}
        copy = type(own).from_config(config)
        copy.build(model.trainable_variables)
    theirs = own.variables if own.built and continues else []
    if [tuple(v.shape) for v in theirs] != [tuple(v.shape) for v in copy.variables]:
        theirs = copy.variables
    return copy, [ops.copy(v.value) for v in theirs]
