"""Whether a loss fits the outputs of a model and the targets."""

from typing import Any

import keras
import numpy as np

from keras_rectifiers.comparison.comparing.errors import brief
from keras_rectifiers.comparison.comparing.outputs import (
    applies,
    function_of,
    last_layer,
)
from keras_rectifiers.comparison.training.task import Data

# They compare outputs and targets number by number, and would repeat the shorter one.
_ELEMENTWISE = (
    "MeanSquaredError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredLogarithmicError",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "Huber",
    "LogCosh",
    "Poisson",
    "KLDivergence",
    "Hinge",
    "SquaredHinge",
    "CosineSimilarity",
)
_CATEGORICAL = ("CategoricalCrossentropy", "CategoricalFocalCrossentropy")
_SPARSE = ("SparseCategoricalCrossentropy",)

# The targets for which they are defined.
_RANGES = {
    **dict.fromkeys(_CATEGORICAL, (0, 1)),
    "BinaryCrossentropy": (0, 1),
    "BinaryFocalCrossentropy": (0, 1),
    "KLDivergence": (0, 1),
    "Poisson": (0, np.inf),
    "MeanSquaredLogarithmicError": (0, np.inf),
}


def check_loss(model: keras.Model, data: Data, outputs: Any, name: str) -> None:
    """Refuses a loss that does not fit.

    Args:
        model: a compiled model.
        data: some examples.
        outputs: what the model returns for them.
        name: of the activation, for the message.

    Raises:
        ValueError: if the loss does not fit the shapes or the values of the targets, if
            it takes logits for probabilities or the reverse, if it cannot be computed,
            or if it is not finite.
    """
    if model.loss is None and not model.losses:
        raise ValueError(
            "Expected build_model to compile the model with a loss. Received: loss=None."
        )
    arrays, targets = keras.tree.flatten(outputs), keras.tree.flatten(data.y)
    if len(arrays) == len(targets) == 1:
        _check_one(model, arrays[0], targets[0])
    try:
        loss = model.compute_loss(
            x=data.x,
            y=keras.tree.map_structure(keras.ops.convert_to_tensor, data.y),
            y_pred=keras.tree.map_structure(keras.ops.convert_to_tensor, outputs),
            sample_weight=data.sample_weight,
            training=False,
        )
        value = float(keras.ops.convert_to_numpy(loss))
    except Exception as error:
        raise ValueError(
            f"The loss {_named(model.loss)} cannot be computed for outputs of shape "
            f"{_shapes(outputs)} and targets of shape {_shapes(data.y)}: "
            f"{brief(error)}"
        ) from error
    if not np.isfinite(value):
        raise ValueError(
            f"Expected a finite loss before training. Scale the inputs, or make the "
            f"initial weights smaller. Received: a loss of {value} for {name!r}."
        )


def _check_one(model: keras.Model, output: np.ndarray, target: np.ndarray) -> None:
    given = model.loss
    try:
        loss = keras.losses.get(given)
    except (TypeError, ValueError):
        return
    kind = kind_of(loss)
    last = last_layer(model)
    if output.shape[-1] == 1 and applies(last, "softmax", output):
        raise ValueError(
            "A softmax over a single unit is always 1, so nothing is learned. Use a "
            "sigmoid for two classes, or a unit for each class. Received: outputs of "
            f"shape {_shapes(output)}."
        )
    if kind in _SPARSE:
        _check_counted(given, output, target)
    if kind in _ELEMENTWISE and _squeezed(output) != _squeezed(target):
        hint = (
            " For classes that are counted, use sparse_categorical_crossentropy."
            if target.ndim == 1 and target.dtype.kind in "iu" and output.shape[-1] > 1
            else ""
        )
        raise ValueError(
            f"The loss {_named(given)} compares outputs and targets number by number, "
            f"so they must have the same shape.{hint} Received: outputs of shape "
            f"{_shapes(output)} and targets of shape {_shapes(target)}."
        )
    if kind in _CATEGORICAL and output.shape[-1] == 1:
        raise ValueError(
            f"The loss {_named(given)} needs an output for each class, at least two. For "
            "two classes and one output use binary_crossentropy. Received: outputs of "
            f"shape {_shapes(output)}."
        )
    if kind in _ELEMENTWISE:
        _check_range(given, kind, last, target)
    if from_logits(loss, kind):
        _check_logits(given, last, output)
    elif kind.endswith("Crossentropy") and ((output < 0) | (output > 1)).any():
        raise ValueError(
            f"The loss {_named(given)} takes probabilities, but the outputs are not "
            "between 0 and 1. Use from_logits=True, or end the model with a softmax or "
            f"a sigmoid. Received: outputs from {output.min():.3g} to "
            f"{output.max():.3g}."
        )


def _check_counted(given: Any, output: np.ndarray, target: np.ndarray) -> None:
    """The targets of a sparse loss must be classes that are counted from 0."""
    if target.ndim == output.ndim and target.shape[-1] > 1:
        raise ValueError(
            f"The loss {_named(given)} takes the number of a class for each example. "
            "For targets with a column for each class use categorical_crossentropy, or "
            "y.argmax(axis=-1). Received: targets of shape "
            f"{_shapes(target)}."
        )
    least, most = target.min(), target.max()
    if target.dtype.kind == "f" and (target != np.round(target)).any():
        raise ValueError(
            f"The loss {_named(given)} takes the number of a class for each example. "
            "For targets that are no classes use mean_squared_error. Received: "
            f"targets such as {target[target != np.round(target)][0]:.3g}."
        )
    if least < 0 or most >= output.shape[-1]:
        raise ValueError(
            f"The loss {_named(given)} needs an output for each class, counted from 0. "
            "Number the classes: y = numpy.unique(y, return_inverse=True)[1]. Received: "
            f"{output.shape[-1]} outputs and the classes {int(least)} to {int(most)}."
        )


def _check_range(given: Any, kind: str, last: Any, target: np.ndarray) -> None:
    """The targets must be values that the loss can take and the outputs can reach."""
    least, most = float(target.min()), float(target.max())
    low, high = _RANGES.get(kind, (-np.inf, np.inf))
    scaled = "Number the classes 0 and 1, or scale the targets"
    if least < low or most > high:
        within = f"from {low} to {high}" if high < np.inf else f"of at least {low}"
        mend = scaled if high < np.inf else "Use another loss, or shift the targets"
        raise ValueError(
            f"The loss {_named(given)} takes targets {within}. {mend}. Received: "
            f"targets from {least:g} to {most:g}."
        )
    function = function_of(last)
    if function in ("sigmoid", "softmax") and (least < 0 or most > 1):
        raise ValueError(
            f"The model ends with a {function}, whose outputs between 0 and 1 cannot "
            f"reach the targets. {scaled}, or leave out the {function}. Received: "
            f"targets from {least:g} to {most:g}."
        )


def _check_logits(given: Any, last: Any, output: np.ndarray) -> None:
    for name in ("softmax", "sigmoid"):
        if function_of(last) == name or (
            name == "softmax" and applies(last, name, output)
        ):
            raise ValueError(
                f"The loss {_named(given)} takes logits, because of from_logits=True, "
                f"but the model ends with a {name}. Leave out one of them."
            )


def kind_of(loss: Any) -> str:
    """The class of a loss, also of one that is given as a function; else its name."""
    if isinstance(loss, keras.losses.Loss):
        return type(loss).__name__
    name = getattr(loss, "__name__", "")
    return {
        "mean_squared_error": "MeanSquaredError",
        "mean_absolute_error": "MeanAbsoluteError",
        "binary_crossentropy": "BinaryCrossentropy",
        "categorical_crossentropy": "CategoricalCrossentropy",
        "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
        "huber": "Huber",
        "log_cosh": "LogCosh",
        "mean_squared_logarithmic_error": "MeanSquaredLogarithmicError",
        "poisson": "Poisson",
        "kl_divergence": "KLDivergence",
        "hinge": "Hinge",
    }.get(name, name)


def from_logits(loss: Any, kind: str) -> bool:
    """Tells whether a loss turns its inputs into probabilities itself."""
    if not kind.endswith("Crossentropy") or not isinstance(loss, keras.losses.Loss):
        return False
    return bool(loss.get_config().get("from_logits", False))


def _squeezed(array: np.ndarray) -> tuple:
    return tuple(size for size in array.shape[1:] if size != 1)


def _named(loss: Any) -> str:
    if isinstance(loss, str):
        return repr(loss)
    return getattr(loss, "__name__", type(loss).__name__)


def _shapes(nest: Any) -> Any:
    return keras.tree.map_structure(lambda array: (None, *array.shape[1:]), nest)
