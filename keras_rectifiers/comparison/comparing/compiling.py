"""How models are compiled: a loss and a metric for those that come without."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.comparing.contenders import Contender, GivenActivation
from keras_rectifiers.comparison.comparing.examples import labels_of
from keras_rectifiers.comparison.comparing.outputs import applies

_COMPILE = (
    "Compile the model in build_model: model.compile(optimizer=..., loss=..., "
    "metrics=[...])."
)

# Which metric these names stand for depends on the outputs.
_NAMED_BY_COMPILE = ("accuracy", "acc", "crossentropy", "ce")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is compiled that `build_model` has not compiled.

    Args:
        loss: the class of the loss.
        from_logits: whether the outputs are logits; None if it is no matter.
        metric: the class or the name of the metric.
    """

    loss: type[keras.losses.Loss]
    from_logits: bool | None = None
    metric: Any

    def compile(self, model: keras.Model) -> None:
        """Compiles a model, with Adam."""
        settings = {} if self.from_logits is None else {"from_logits": self.from_logits}
        model.compile(
            optimizer=keras.optimizers.Adam(),
            loss=self.loss(**settings),
            metrics=[self._metric()],
        )

    def _metric(self) -> Any:
        if not isinstance(self.metric, type):
            return self.metric
        if self.metric is keras.metrics.BinaryAccuracy:
            threshold = 0.0 if self.from_logits else 0.5
            return self.metric(name="accuracy", threshold=threshold)
        if self.metric is keras.metrics.RootMeanSquaredError:
            return self.metric()
        return self.metric(name="accuracy")

    def __str__(self) -> str:
        metric = self._metric()
        logits = ", from logits" if self.from_logits else ""
        name = metric if isinstance(metric, str) else metric.name
        return f"Adam, the loss {self.loss.__name__}{logits} and the metric {name}"


@dataclass(frozen=True, kw_only=True)
class ModelBuilder:
    """Makes the compiled model of an activation, as the engine calls it.

    Args:
        build_model: the function that the user gives.
        contender: the activation.
        recipe: how the model is compiled if it is not; None: it stays as it is.
    """

    build_model: Callable
    contender: Contender
    recipe: Recipe | None = None

    def __call__(self) -> keras.Model:
        """Makes the model.

        Raises:
            TypeError: if `build_model` returns something else.
        """
        return self.with_activation(GivenActivation(self.contender))

    def with_activation(self, activation: GivenActivation) -> keras.Model:
        """Makes the model with an activation that notes what it makes."""
        model = self.build_model(activation)
        if not isinstance(model, keras.Model):
            raise TypeError(
                "Expected build_model(activation) to return a keras.Model. Received: "
                f"{shown(model)}, of type {type(model).__name__}, for the activation "
                f"{activation.name!r}."
            )
        if self.recipe is not None and not model.compiled:
            self.recipe.compile(model)
        return model


def choose_recipe(outputs: Any, y: Any, last: Any, metric: Any) -> Recipe:
    """Chooses a loss and a metric by the outputs of a model and its targets.

    Args:
        outputs: what the model returns for some examples.
        y: the targets of all examples.
        last: the last layer of the model, which may apply a softmax or a sigmoid.
        metric: the metric that the user asks for, or None.

    Raises:
        ValueError: if there are several outputs or targets, no loss fits, or the metric
            is unknown.
    """
    _check_metric(metric)
    arrays, targets = keras.tree.flatten(outputs), keras.tree.flatten(y)
    if len(arrays) != 1 or len(targets) != 1:
        raise ValueError(
            "No loss can be chosen for a model with several outputs. "
            f"{_COMPILE} Received: {len(arrays)} outputs and {len(targets)} targets."
        )
    output, target = arrays[0], targets[0]
    units = output.shape[1:]
    labels = labels_of(target)
    is_column = target.ndim == 1 or (target.ndim == 2 and target.shape[1] == 1)
    _check_two_classes(labels, units, target)
    is_binary = bool(np.isin(np.unique(target), (0, 1)).all())
    losses, metrics = keras.losses, keras.metrics
    if labels is not None and is_column and len(units) == 1 and units[0] > 1:
        _check_counted(target, units[0])
        loss, chosen = (
            losses.SparseCategoricalCrossentropy,
            metrics.SparseCategoricalAccuracy,
        )
        from_logits = not applies(last, "softmax", output)
    elif labels is not None and not is_column and units == target.shape[1:]:
        loss, chosen = losses.CategoricalCrossentropy, metrics.CategoricalAccuracy
        from_logits = not applies(last, "softmax", output)
    elif is_binary and _fits(units, target):
        loss, chosen = losses.BinaryCrossentropy, metrics.BinaryAccuracy
        from_logits = not applies(last, "sigmoid", output)
    elif _fits(units, target):
        loss, chosen = losses.MeanSquaredError, metrics.RootMeanSquaredError
        from_logits = None
    else:
        raise ValueError(
            f"No loss can be chosen for outputs of shape {(None, *units)} and targets "
            f"of shape {(None, *target.shape[1:])} and dtype {target.dtype}. {_COMPILE}"
        )
    is_chosen = metric is None or metric == "loss"
    metric = chosen if is_chosen else metric
    return Recipe(loss=loss, from_logits=from_logits, metric=metric)


def _check_metric(metric: Any) -> None:
    if metric is None or metric in ("loss", *_NAMED_BY_COMPILE):
        return
    try:
        keras.metrics.get(metric)
    except ValueError as error:
        raise ValueError(
            "Expected `metric` to be 'loss' or the name of a metric of Keras, such as "
            "'accuracy', because the model is not compiled. Received: "
            f"metric={shown(metric)}"
        ) from error


def _check_two_classes(labels: Any, units: tuple, target: np.ndarray) -> None:
    """Two classes and a single output: a loss of numbers would not be meant."""
    values = np.unique(target)
    if labels is None or units != (1,) or len(values) != 2 or set(values) == {0, 1}:
        return
    raise ValueError(
        "For two classes and one output the targets must be 0 and 1. Number them: y = "
        "numpy.unique(y, return_inverse=True)[1]. If they are no classes, compile the "
        f"model in build_model. Received: targets {values[0]:g} and {values[1]:g}."
    )


def _fits(units: tuple, target: np.ndarray) -> bool:
    return _squeezed(units) == _squeezed(target.shape[1:])


def _squeezed(shape: tuple) -> tuple:
    return tuple(size for size in shape if size != 1)


def _check_counted(target: np.ndarray, num_classes: int) -> None:
    least, most = int(target.min()), int(target.max())
    if least < 0 or most >= num_classes:
        raise ValueError(
            f"The model has {num_classes} outputs, one for each class, so the targets "
            f"must be 0 to {num_classes - 1}. Number them: y = numpy.unique(y, "
            f"return_inverse=True)[1]. Received: {least} to {most}."
        )
