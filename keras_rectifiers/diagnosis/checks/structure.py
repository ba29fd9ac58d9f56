"""What is wrong with how the layers follow each other, and with what is trained."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.layer_measures import is_unbounded
from keras_rectifiers.diagnosis.program import PASSING, activation_name
from keras_rectifiers.inspection.call_trace import LayerCall

# One linear map after another is a single linear map. Bottlenecks such as those of
# MobileNet are linear on purpose.
LINEAR = (
    keras.layers.Dense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
)
# What keeps a chain of linear maps linear.
_BETWEEN = (
    *PASSING,
    keras.layers.BatchNormalization,
    keras.layers.GlobalAveragePooling1D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.ZeroPadding2D,
)
# Dropout adds noise of p / (1 - p) times the square of the signal: 4 and 9 times.
SUSPECT_DROPOUT = 0.8
LARGEST_DROPOUT = 0.9
_RANDOM = (
    keras.initializers.VarianceScaling,
    keras.initializers.RandomUniform,
    keras.initializers.RandomNormal,
    keras.initializers.TruncatedNormal,
)
# With fewer weights a distribution is not known well enough.
FEWEST_WEIGHTS = 256


def check(model: keras.Model, calls: Sequence[LayerCall]) -> list[Finding]:
    """Returns what is wrong with the layers of a model.

    Args:
        model: a built model.
        calls: the calls of its layers.
    """
    if not model.trainable_variables:
        return _nothing_to_train(model)
    return [
        *_missing_activations(calls),
        *_hidden_softmax(calls),
        *_frozen(calls),
        *_unbounded(calls),
        *_dropout(calls),
    ]


def ends_frozen(calls: Sequence[LayerCall]) -> bool:
    """Whether the last weights are frozen: a judge of what the others make, as in a GAN.

    Args:
        calls: the calls of the layers.
    """
    weighted = [
        call.layer
        for call in calls
        if isinstance(call.layer, keras.layers.Layer) and call.layer.weights
    ]
    return bool(weighted) and not weighted[-1].trainable_variables


def _nothing_to_train(model):
    if not model.variables:
        return []
    return [
        Finding(
            kind="frozen",
            certainty="certain",
            observation="no weight is trainable",
            meaning="Training changes nothing.",
            advice="Unfreeze the layers: model.trainable = True, then compile again.",
        )
    ]


def _missing_activations(calls):
    pairs = [
        (call, after)
        for call, after in _followed(calls, "linear")
        if not _narrows(call.layer, after.layer)
    ]
    if not pairs:
        return []
    linear = {id(call.layer): call.path for call, _ in pairs}
    hidden = [call for call in calls if isinstance(call.layer, LINEAR)][:-1]
    whole = all(id(call.layer) in linear for call in hidden) and not any(
        isinstance(call.layer, keras.layers.Layer)
        and call.layer.weights
        and not isinstance(call.layer, (*LINEAR, *_BETWEEN))
        for call in calls
    )
    first, *others = linear.values()
    return [
        Finding(
            kind="no activation",
            layer=first,
            certainty="certain" if whole else "likely",
            observation="no activation after it, so it and the next layer are one "
            "linear map",
            meaning="The model can only learn a linear function."
            if whole
            else "The layer adds weights, but nothing that the model could not do "
            "without it.",
            advice='Give it a nonlinear activation, such as activation="relu".',
            others=tuple(others),
        )
    ]


def _followed(calls, activation) -> Iterator[tuple[LayerCall, LayerCall]]:
    """Calls with this activation, and the linear map that alone reads their result."""
    readers: dict[int, list[int]] = {number: [] for number in range(len(calls))}
    for number, call in enumerate(calls):
        for read in call.reads:
            readers[read].append(number)
    for number, call in enumerate(calls):
        if activation_name(call.layer) != activation:
            continue
        if activation == "linear" and not _mixes_all(call.layer):
            continue
        while len(readers[number]) == 1:
            number = readers[number][0]
            after = calls[number]
            # In a gap anything may be applied.
            if after.gap or len(after.reads) != 1:
                break
            if isinstance(after.layer, LINEAR):
                if _mixes_all(after.layer):
                    yield call, after
                break
            is_linear = isinstance(after.layer, keras.layers.Activation) and (
                activation_name(after.layer) == "linear"
            )
            if not isinstance(after.layer, _BETWEEN) and not is_linear:
                break


def _mixes_all(layer) -> bool:
    """Whether it is linear in all its inputs; in groups it is a part of a larger map."""
    return isinstance(layer, LINEAR) and getattr(layer, "groups", 1) == 1


def _narrows(layer, after) -> bool:
    """Whether it widens nothing, and the next layer does: a linear bottleneck."""
    before, units = layer.kernel.shape[-2:]
    return units <= before and units < after.kernel.shape[-1]


def _hidden_softmax(calls):
    layers = [call.path for call, _ in _followed(calls, "softmax")]
    if not layers:
        return []
    return [
        Finding(
            kind="hidden softmax",
            layer=layers[0],
            observation="softmax as the activation of a hidden layer",
            meaning="It makes the units sum to 1, so they shrink each other and pass "
            "little gradient.",
            advice='Use activation="relu" there; softmax belongs to the output.',
            others=tuple(layers[1:]),
        )
    ]


def _frozen(calls):
    """Frozen layers at their random initial weights, before all that is trained."""
    layers = []
    for call in calls:
        layer = call.layer
        if not isinstance(layer, keras.layers.Layer) or not layer.weights:
            continue
        if layer.trainable_variables:
            break
        if _is_at_random_start(layer):
            layers.append(call.path)
    if not layers:
        return []
    return [
        Finding(
            kind="frozen",
            layer=layers[0],
            certainty="likely",
            observation="it is frozen at its random initial weights",
            meaning="It passes on random features, and is never trained.",
            advice="Unfreeze it (layer.trainable = True, then compile again), or load "
            "trained weights.",
            others=tuple(dict.fromkeys(layers[1:])),
        )
    ]


def _unbounded(calls):
    layers = list(dict.fromkeys(c.path for c in calls if is_unbounded(c.layer)))
    if not layers:
        return []
    return [
        Finding(
            kind="unbounded state",
            layer=layers[0],
            certainty="possible",
            observation="a recurrent layer whose activation is not bounded",
            meaning="Its state can grow from step to step, until it overflows.",
            advice="Use the default activation of the recurrent layers, tanh, or clip the "
            "gradients (clipnorm=1.0).",
            others=tuple(layers[1:]),
        )
    ]


def _dropout(calls):
    found = [
        call
        for call in calls
        if isinstance(call.layer, keras.layers.Dropout)
        and call.layer.rate >= SUSPECT_DROPOUT
    ]
    if not found:
        return _dropouts_in_a_row(calls)
    first, *others = sorted(found, key=lambda call: -call.layer.rate)
    return [
        Finding(
            kind="dropout",
            layer=first.path,
            value=first.layer.rate,
            certainty="likely" if first.layer.rate >= LARGEST_DROPOUT else "possible",
            observation=f"dropout of {first.layer.rate:.0%}",
            meaning="Too little of the signal is left in training.",
            advice="Lower the dropout rate, for example to 0.3.",
            others=tuple(call.path for call in others),
        )
    ]


def _dropouts_in_a_row(calls):
    """Dropouts whose noise multiplies, to that of a single one that is too high."""
    ways: list[tuple] = []
    for call in calls:
        way = max((ways[read] for read in call.reads), key=_lost_by, default=())
        is_dropout = isinstance(call.layer, keras.layers.Dropout) and call.layer.rate
        ways.append((*way, call) if is_dropout else way)
    way = max(ways, key=_lost_by, default=())
    if _lost_by(way) < SUSPECT_DROPOUT:
        return []
    first, *others = sorted(way, key=lambda call: -call.layer.rate)
    return [
        Finding(
            kind="dropout",
            layer=first.path,
            value=_lost_by(way),
            certainty="possible",
            observation=f"{len(way)} dropouts behind each other, which leave "
            f"{1 - _lost_by(way):.0%}",
            meaning="Their noise multiplies: too little of the signal is left in training.",
            advice="Use fewer dropout layers, or lower their rates, for example to 0.1.",
            others=tuple(call.path for call in others),
        )
    ]


def _lost_by(dropouts) -> float:
    """The share of the signal that is lost on the way through all of them."""
    return 1 - math.prod(1 - call.layer.rate for call in dropouts)


def _is_at_random_start(layer) -> bool:
    """Whether its weights are spread exactly as their initializer spreads them."""
    name = "embeddings" if isinstance(layer, keras.layers.Embedding) else "kernel"
    kernel = getattr(layer, name, None)
    initializer: Any = getattr(layer, f"{name}_initializer", None)
    if not isinstance(initializer, _RANDOM):
        return False
    if kernel is None or math.prod(kernel.shape) < FEWEST_WEIGHTS:
        return False
    values = np.asarray(keras.ops.convert_to_numpy(kernel), np.float64)
    settings = initializer.get_config()
    drawn = type(initializer).from_config({**settings, "seed": 0})(kernel.shape)
    drawn = keras.ops.convert_to_numpy(drawn)
    largest, spread = np.abs(drawn).max(), drawn.std()
    tolerance = 5 / math.sqrt(values.size)
    return abs(values.std() / spread - 1) < tolerance and (
        0.8 * largest <= np.abs(values).max() <= 1.2 * largest
    )
