"""Whether a loss fits the outputs of a model and the targets."""

from typing import Any

import keras
import numpy as np

from keras_rectifiers.comparison.comparing.errors import brief
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


def check_loss(model: keras.Model, data: Data, outputs: Any, name: str) -> None:
    """Refuses a loss that does not fit.

    Args:
        model: a compiled model.
        data: some examples.
        outputs: what the model returns for them.
        name: of the activation, for the message.

    Raises:
        ValueError: if the loss does not fit the shapes, if it takes logits for
            probabilities, if it cannot be computed, or if it is not finite.
    """
    if model.loss is None and not model.losses:
        raise ValueError(
            "Expected build_model to compile the model with a loss. Received: loss=None."
        )
    arrays, targets = keras.tree.flatten(outputs), keras.tree.flatten(data.y)
    if len(arrays) == len(targets) == 1:
        _check_one(model.loss, arrays[0], targets[0])
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


def _check_one(given: Any, output: np.ndarray, target: np.ndarray) -> None:
    try:
        loss = keras.losses.get(given)
    except (TypeError, ValueError):
        return
    kind = _kind(loss)
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
    if kind == "SparseCategoricalCrossentropy" and output.shape[-1] <= target.max():
        raise ValueError(
            f"The loss {_named(given)} needs an output for each class, counted from 0. "
            f"Received: {output.shape[-1]} outputs and the class {int(target.max())}."
        )
    if _takes_probabilities(loss, kind) and ((output < 0) | (output > 1)).any():
        raise ValueError(
            f"The loss {_named(given)} takes probabilities, but the outputs are not "
            "between 0 and 1. Use from_logits=True, or end the model with a softmax or "
            f"a sigmoid. Received: outputs from {output.min():.3g} to "
            f"{output.max():.3g}."
        )


def _kind(loss: Any) -> str:
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
        "poisson": "Poisson",
        "kl_divergence": "KLDivergence",
        "hinge": "Hinge",
    }.get(name, name)


def _takes_probabilities(loss: Any, kind: str) -> bool:
    if not kind.endswith("Crossentropy"):
        return False
    if not isinstance(loss, keras.losses.Loss):  # a function, with its defaults
        return True
    return not loss.get_config().get("from_logits", False)


def _squeezed(array: np.ndarray) -> tuple:
    return tuple(size for size in array.shape[1:] if size != 1)


def _named(loss: Any) -> str:
    if isinstance(loss, str):
        return repr(loss)
    return getattr(loss, "__name__", type(loss).__name__)


def _shapes(nest: Any) -> Any:
    return keras.tree.map_structure(lambda array: (None, *array.shape[1:]), nest)
