"""The loss of each example, as `model.fit` computes it before taking the mean."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals

_SPARSE = keras.losses.SparseCategoricalCrossentropy
_ONE_HOT = (
    keras.losses.CategoricalCrossentropy,
    keras.losses.CategoricalFocalCrossentropy,
)


def per_example(model: keras.Model, loss: Any = None) -> Callable:
    """Returns the function that gives the loss of each example.

    Args:
        model: its loss and loss weights are used if no loss is given.
        loss: a Keras loss or its name, or a function `(y, prediction) -> (examples,)`.
            For a model with several outputs: a single loss for all outputs, a list with
            one for each, or a dictionary by the names of the outputs. None leaves an
            output out.

    Returns:
        A function `(y, prediction) -> losses`, of shape (examples,). As in `model.fit`,
        the targets are cast to the dtype of the prediction, a last axis of size 1 may
        be missing in one of the two, the losses of several positions are averaged, and
        those of several outputs are added. Where the loss is a mean over the examples,
        each of them has this mean. The loss is computed at least in float32.

    Raises:
        ValueError: if no loss is given and the model is not compiled. The function
            raises it if the targets do not fit the predictions, or if the loss returns
            nothing.
    """
    weights = None
    if loss is None:
        loss = getattr(model, "loss", None)
        if loss is None:
            raise ValueError(
                "Expected a model that is compiled with a loss. Compile it with a "
                "loss, or pass loss=, for example "
                f"loss=keras.losses.MeanSquaredError(). Received: {model.name!r} "
                "without a loss."
            )
        weights = keras_internals.loss_weights(model)
    if not isinstance(loss, (list, tuple, dict)):
        loss = keras.losses.get(loss)

    def losses(y, prediction):
        names = list(prediction) if isinstance(prediction, dict) else []
        predictions = keras.tree.flatten(prediction)
        names = sorted(names) or getattr(model, "output_names", [])
        if len(names) != len(predictions):
            names = list(range(len(predictions)))
        targets = of_outputs(y, names)
        functions, shares = of_outputs(loss, names), of_outputs(weights, names)
        if len(functions) != len(names) or all(
            function is None for function in functions
        ):
            got = f"those of {', '.join(map(str, loss))}" if loss else "none"
            got = got if isinstance(loss, dict) else f"{len(functions)} of them"
            raise ValueError(
                f"The model {model.name!r} has the outputs "
                f"{', '.join(map(str, names))}. Expected a single loss for all of "
                "them, or a list or dictionary with one loss for each, where None "
                f"leaves an output out. Received: {got}."
            )
        several = isinstance(y, (list, tuple, dict)) or len(names) == 1
        lacking = [
            name
            for name, target, function in zip(names, targets, functions, strict=False)
            if function is not None and (target is None or not several)
        ]
        if lacking or len(targets) != len(names):
            got = f"{len(targets)} of them" if several else "one array"
            got = f"those of {', '.join(map(str, y))}" if isinstance(y, dict) else got
            raise ValueError(
                f"The model {model.name!r} has the outputs "
                f"{', '.join(map(str, names))}. Expected targets for each of them, as "
                f"a list or a dictionary y. Received: {got}."
            )
        total = None
        for function, share, target, of_output in zip(
            functions, shares, targets, predictions, strict=True
        ):
            if function is not None:
                value = _losses(keras.losses.get(function), target, of_output)
                value = value if share is None else share * value
                total = value if total is None else total + value
        return total

    return losses


def of_outputs(values: Any, names: list) -> list:
    """One value for each output, of a list, a dictionary, or one for all.

    Args:
        values: the list, dictionary or single value.
        names: the names of the outputs.
    """
    if isinstance(values, dict):
        return [values.get(name) for name in names]
    if isinstance(values, (list, tuple)):
        return list(values)
    return [values] * len(names)


def _losses(function, y, prediction):
    dtype = keras.backend.result_type(prediction.dtype, "float32")
    _check_classes(function, y, prediction.shape)
    y, prediction = ops.cast(y, dtype), ops.cast(prediction, dtype)
    _check_targets(function, y.shape, prediction.shape)
    if isinstance(function, keras.losses.Loss):
        # It reduces over the batch when it is called; its `call` does not.
        losses = function.call(y, prediction)
    else:
        # Else the difference of (n,) and (n, 1) would be (n, n).
        y, prediction = _of_equal_rank(y, prediction)
        prediction, y = _of_equal_rank(prediction, y)
        losses = function(y, prediction)
    losses = None if losses is None else ops.convert_to_tensor(losses)
    if losses is None:
        raise ValueError(
            "The loss must return one value for each example, of shape (examples,), or "
            "their mean. Pass such a loss, for example "
            "loss=keras.losses.MeanSquaredError(). Received: None."
        )
    if len(losses.shape) == 0:
        return ops.broadcast_to(losses, prediction.shape[:1])
    if len(losses.shape) == 1:
        return losses
    return ops.mean(losses, axis=tuple(range(1, len(losses.shape))))


def _check_targets(function, targets, prediction) -> None:
    """Raises where Keras would repeat the prediction for want of a better fit."""
    of_keras = getattr(function, "__module__", "").startswith("keras.")
    if not of_keras or len(targets) < len(prediction):
        return
    if targets[-1:] == (1,) and len(targets) == len(prediction) + 1:
        targets = targets[:-1]
    fits = len(targets) == len(prediction) and all(
        got in (1, size) for got, size in zip(targets, prediction, strict=True)
    )
    if not fits:
        name = getattr(function, "name", getattr(function, "__name__", ""))
        raise ValueError(
            f"The targets y of the probe batch do not fit the loss {name}: expected "
            f"the shape of the predictions, {tuple(prediction)}. Received: {tuple(targets)}."
        )


def _check_classes(function, y, prediction) -> None:
    """Raises where a class has no output: some backends make NaN of its loss."""
    takes_one_hot = isinstance(function, _ONE_HOT) or function in (
        keras.losses.categorical_crossentropy,
        keras.losses.categorical_focal_crossentropy,
    )
    if takes_one_hot and len(y.shape) < len(prediction):
        raise ValueError(
            "The targets y of the probe batch are classes, but the loss expects an "
            f"array of shape {tuple(prediction)}. Use "
            "sparse_categorical_crossentropy, or keras.utils.to_categorical(y). "
            f"Received: the shape {tuple(y.shape)}."
        )
    if function is not keras.losses.sparse_categorical_crossentropy and not (
        isinstance(function, _SPARSE)
    ):
        return
    settings = function.get_config() if isinstance(function, _SPARSE) else {}
    if settings.get("axis", -1) != -1:
        return
    try:
        classes = ops.convert_to_numpy(y)
    except Exception:  # It has no values yet, within a compiled function.
        return
    wrong = (classes < 0) | (classes >= prediction[-1]) | (classes % 1 != 0)
    wrong &= classes != settings.get("ignore_class")
    if wrong.any():
        raise ValueError(
            "The targets y of the probe batch must be classes from 0 to "
            f"{prediction[-1] - 1}, because the model has {prediction[-1]} outputs. "
            f"Received: {', '.join(map(str, np.unique(classes[wrong])[:3].tolist()))}."
        )


def _of_equal_rank(shorter, longer):
    """The two, alike in rank if a last axis of size 1 was all that `shorter` lacked."""
    if longer.shape[-1:] != (1,) or len(longer.shape) != len(shorter.shape) + 1:
        return shorter, longer
    if len(shorter.shape) == 1:
        return ops.expand_dims(shorter, -1), longer
    return shorter, ops.squeeze(longer, -1)
