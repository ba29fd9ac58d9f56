"""What a model is asked to learn: its outputs, their activations, losses and targets."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_rectifiers import keras_internals
from keras_rectifiers.inspection.call_trace import LayerCall
from keras_rectifiers.inspection.example_losses import of_outputs
from keras_rectifiers.surgery import nesting

BINARY = ("binary_crossentropy", "binary_focal_crossentropy")
CATEGORICAL = ("categorical_crossentropy", "categorical_focal_crossentropy")
# Of these the targets are the numbers of the classes.
SPARSE = ("sparse_categorical_crossentropy",)
CROSSENTROPIES = BINARY + CATEGORICAL + SPARSE
ABSOLUTE = ("mean_absolute_error", "mean_absolute_percentage_error")
REGRESSION = (
    *ABSOLUTE,
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
)
PROBABILITIES = ("sigmoid", "softmax", "hard_sigmoid")
# What an activation can return at the least and at the most.
RANGES = {
    "sigmoid": (0, 1),
    "hard_sigmoid": (0, 1),
    "softmax": (0, 1),
    "tanh": (-1, 1),
    "hard_tanh": (-1, 1),
    "softsign": (-1, 1),
    "relu": (0, math.inf),
    "relu6": (0, 6),
    "softplus": (0, math.inf),
    "exponential": (0, math.inf),
    "elu": (-1, math.inf),
    "selu": (-1.76, math.inf),
}
# Layers that pass each number on unchanged in inference.
PASSING = (
    keras.layers.Reshape,
    keras.layers.Flatten,
    keras.layers.Permute,
    keras.layers.Dropout,
    keras.layers.Identity,
)

_ACTIVATION_LAYERS = {
    keras.layers.Softmax: "softmax",
    keras.layers.ReLU: "relu",
    keras.layers.LeakyReLU: "leaky_relu",
    keras.layers.PReLU: "prelu",
    keras.layers.ELU: "elu",
}


@dataclass(frozen=True, kw_only=True)
class Output:
    """One output of a model.

    Args:
        name: its name.
        layer: the layer that applies the last activation, "" if it is not known.
        activation: the name of that activation, such as "softmax" or "linear"; "" if it
            is not known.
        prediction: `(examples, ...)`, what the model predicts in inference mode.
        loss: the name of the loss in the spelling of `keras.losses`, "" for one of the
            user's own or none.
        from_logits: whether the loss applies the sigmoid or softmax itself, which it may
            not do although it was told so.
        targets: `(examples, ...)`.
        metrics: the names of the metrics of this output.
        ignored: the class that the loss leaves out, None if there is none.
    """

    name: str
    layer: str
    activation: str
    prediction: np.ndarray
    loss: str
    from_logits: bool
    targets: np.ndarray
    metrics: tuple[str, ...] = ()
    ignored: int | None = None

    @property
    def units(self) -> int:
        return self.prediction.shape[-1] if self.prediction.ndim > 1 else 1

    @property
    def width(self) -> int:
        """How many numbers the targets have where the prediction has its units."""
        shape, rank = self.targets.shape, self.prediction.ndim
        if len(shape) == rank + 1 and shape[-1] == 1:
            shape = shape[:-1]
        return shape[-1] if len(shape) == rank > 1 else 1

    @property
    def labels(self) -> np.ndarray:
        """The targets as a row of classes, without those that the loss leaves out."""
        labels = self.targets.ravel()
        return labels if self.ignored is None else labels[labels != self.ignored]

    @property
    def are_whole(self) -> bool:
        return bool((self.targets % 1 == 0).all())

    @property
    def are_binary(self) -> bool:
        return bool(np.isin(self.targets, (0, 1)).all())

    @property
    def are_one_hot(self) -> bool:
        """Whether each target has a single 1, among 0s."""
        one = self.width > 1 and self.are_binary
        return one and bool((self.targets.sum(-1) == 1).all())

    @property
    def num_classes(self) -> int:
        """How many values the targets have if they look like classes, else 0."""
        if self.are_one_hot:
            return self.width
        values = np.unique(self.targets)
        is_few = len(values) <= max(2, min(100, len(self.targets) // 5))
        return len(values) if self.width == 1 and self.are_whole and is_few else 0


def outputs_of(
    model: keras.Model,
    calls: Sequence[LayerCall],
    prediction: Any,
    y: Any,
    loss: Any,
) -> list[Output]:
    """Describes the outputs of a model.

    Args:
        model: a built model.
        calls: the calls of its layers.
        prediction: what it predicts, a nest of tensors.
        y: the targets, a nest of arrays.
        loss: as for `diagnose`, or None for that of the compiled model.

    Returns:
        The outputs that have targets and a loss.
    """
    loss = getattr(model, "loss", None) if loss is None else loss
    predictions = keras.tree.flatten(prediction)
    names = sorted(prediction) if isinstance(prediction, dict) else []
    names = names or list(getattr(model, "output_names", []))
    if len(names) != len(predictions):
        names = [str(number) for number in range(len(predictions))]
    targets, losses = of_outputs(y, names), of_outputs(loss, names)
    metrics = _metric_names(model, names)
    if not len(names) == len(targets) == len(losses):
        return []
    found = []
    for number, name in enumerate(names):
        if losses[number] is None or targets[number] is None:
            continue
        loss_name, from_logits, ignored = _described_loss(losses[number])
        predicted = predictions[number]
        # The focal losses take what they are given, the others the remembered logits.
        if "focal" not in loss_name:
            remembered = keras_internals.has_remembered_logits(predicted)
            from_logits = from_logits and not remembered
        layer, activation = _last_activation(model, calls, number, len(names))
        found.append(
            Output(
                name=name,
                layer=layer,
                activation=activation,
                prediction=keras.ops.convert_to_numpy(predicted).astype(np.float64),
                loss=loss_name,
                from_logits=from_logits,
                targets=np.asarray(targets[number]).astype(np.float64),
                metrics=tuple(metrics[number]),
                ignored=ignored,
            )
        )
    return found


def activation_name(layer: Any) -> str:
    """The name of the activation that a layer or operation applies, "" if unknown."""
    if getattr(layer, "axis", -1) not in (-1, None):
        return ""  # a softmax over something else than the units
    if not isinstance(layer, keras.layers.Layer):
        function = nesting.function_of(layer)
        return getattr(function, "__name__", "")
    if type(layer) is keras.layers.ReLU and layer.negative_slope:
        return "leaky_relu"
    if type(layer) in _ACTIVATION_LAYERS:
        return _ACTIVATION_LAYERS[type(layer)]
    # What a layer of the user's does with its activation is not known.
    if not type(layer).__module__.startswith(("keras.", "keras_rectifiers.")):
        return ""
    return getattr(getattr(layer, "activation", None), "__name__", "")


def _described_loss(loss) -> tuple[str, bool, int | None]:
    try:
        loss = keras.losses.get(loss)
    except Exception:  # whatever a user gives; `per_example` says what is wrong
        return "", False, None
    kind = type(loss)
    if isinstance(loss, keras.losses.Loss):
        if not kind.__module__.startswith("keras."):
            return "", False, None
        name = re.sub(
            r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind.__name__
        )
        config = loss.get_config()
        return name.lower(), bool(config.get("from_logits")), config.get("ignore_class")
    of_keras = getattr(loss, "__module__", "").startswith("keras.")
    return (loss.__name__ if of_keras else ""), False, None


def _metric_names(model, names) -> list[list[str]]:
    given = keras_internals.given_metrics(model)
    if isinstance(given, dict):
        nested = [given.get(name) for name in names]
    elif isinstance(given, (list, tuple)) and any(
        isinstance(of_output, (list, tuple, dict)) for of_output in given
    ):
        nested = list(given) if len(given) == len(names) else [None] * len(names)
    else:
        nested = [given] * len(names)
    return [
        [
            metric if isinstance(metric, str) else type(metric).__name__
            for metric in keras.tree.flatten(of_output)
            if metric is not None
        ]
        for of_output in nested
    ]


def _last_activation(model, calls, number, num_outputs) -> tuple[str, str]:
    """The layer that applies the last activation before an output, and its name."""
    paths = {id(call.layer): call.path for call in calls}
    for layer in _backwards(model, calls, number, num_outputs):
        if isinstance(layer, PASSING):
            continue
        name = activation_name(layer)
        if name == "linear" and isinstance(layer, keras.layers.Activation):
            continue
        return paths.get(id(layer), getattr(layer, "name", "")), name
    return "", ""


def _backwards(model, calls, number, num_outputs):
    """The layers from an output back, as long as each reads a single one."""
    tensors = getattr(model, "outputs", None)
    if not tensors:
        # Of a subclassed model only the order of the calls is known.
        call = calls[-1] if calls and num_outputs == 1 else None
        while call is not None:
            yield call.layer
            call = calls[call.reads[0]] if len(call.reads) == 1 else None
        return
    tensor = tensors[number]
    while tensor is not None:
        operation, node, index = keras_internals.origin(tensor)
        inner = getattr(operation, "outputs", None)
        if nesting.is_graph(operation) and inner:
            tensor = inner[index]
            continue
        yield operation
        read = keras_internals.inputs_of_call(operation, node)
        tensor = read[0] if len(read) == 1 else None
