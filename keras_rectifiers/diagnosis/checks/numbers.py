"""What one forward and one backward pass show: no gradient, equal units, penalties."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.program import Output
from keras_rectifiers.diagnosis.rehearsal import BATCH_SIZE
from keras_rectifiers.inspection.batch import mode_of, random_stream_kept
from keras_rectifiers.inspection.call_trace import LayerCall
from keras_rectifiers.inspection.example_losses import per_example
from keras_rectifiers.inspection.gradients import gradients

# A trained model is where the two gradients cancel out. Beyond this the penalty alone
# says where the weights go.
PENALTY_RATIO = 3.0
# Standard deviations of predictions over the examples, as a share of their size.
CONSTANT = 1e-6
CONSTANT_TRAINED = 1e-3
# The standard deviation over the examples, at the last layer as a share of the first.
SIGNAL_SHARE = 0.01


@dataclass(frozen=True, kw_only=True)
class GradientNorms:
    """The L2 norms of the gradient of all trainable weights.

    Args:
        loss: of the mean loss of the examples.
        penalty: of what regularisation adds to it.
        penalty_value: that addition.
        penalties: the id of a weight -> the norm of the gradient of the penalty by it.
    """

    loss: float
    penalty: float
    penalty_value: float
    penalties: Mapping[int, float] = field(default_factory=dict)


def gradient_norms(model: keras.Model, x, y, loss: Any, values) -> GradientNorms:
    """Computes the gradients of the loss and of the penalties.

    Args:
        model: a built model.
        x, y: tensors of a batch.
        loss: as for `diagnose`.
        values: as for `probe`.
    """
    of_examples = per_example(model, loss)
    trainable, states = values
    # A penalty on activations is a sum over the examples of a batch.
    few = keras.tree.map_structure(lambda tensor: tensor[:BATCH_SIZE], x)

    def called(values, x):
        with random_stream_kept():
            prediction, _, penalties = model.stateless_call(
                values, states, x, return_losses=True, **mode_of(model.call, False)
            )
        return prediction, penalties

    def of_data(values, mark):
        return ops.mean(of_examples(y, called(values, x)[0])), None

    def added(values, mark):
        penalty = ops.zeros(())
        for term in called(values, few)[1]:
            penalty = penalty + ops.cast(term, "float32")
        return penalty, penalty

    _, of_loss, _ = gradients(of_data, trainable)
    value, of_penalty = 0.0, []
    if called(trainable, few)[1]:
        value, of_penalty, _ = gradients(added, trainable)
    return GradientNorms(
        loss=_norm(of_loss),
        penalty=_norm(of_penalty),
        penalty_value=float(value),
        penalties={
            id(weight): _norm([gradient])
            for weight, gradient in zip(
                model.trainable_variables, of_penalty, strict=False
            )
        },
    )


def _norm(tensors) -> float:
    return float(
        np.sqrt(
            sum(
                np.sum(ops.convert_to_numpy(t).astype(np.float64) ** 2) for t in tensors
            )
        )
    )


def check(
    outputs: Sequence[Output],
    norms: GradientNorms,
    calls: Sequence[LayerCall],
    *,
    is_trained: bool,
) -> list[Finding]:
    """Returns what the numbers show.

    Args:
        outputs: the outputs of the model.
        norms: its gradients.
        calls: the calls of its layers.
        is_trained: whether it has been trained.
    """
    return [
        *_equal_units(calls),
        *_penalty(norms, calls),
        *_dead_output(outputs),
        *_no_gradient(norms),
        *_constant(outputs, is_trained),
    ]


def _equal_units(calls):
    weighted = [c for c in calls if getattr(c.layer, "kernel", None) is not None]
    equal = [
        call.path
        for call, after in itertools.pairwise(weighted)
        if _are_equal(call.layer, -1) and _are_equal(after.layer, -2)
    ]
    if not equal:
        return []
    return [
        Finding(
            kind="equal units",
            layer=equal[0],
            certainty="certain",
            observation="all its units are the same, because their weights are equal",
            meaning="They get the same gradient, so they stay the same: the layer works "
            "like a single unit.",
            advice="Initialise the weights at random, with he_normal or glorot_uniform.",
            others=tuple(dict.fromkeys(equal[1:])),
        )
    ]


def _are_equal(layer, axis) -> bool:
    try:
        kernel = ops.convert_to_numpy(layer.kernel)
    except Exception:  # a quantised kernel
        return False
    if kernel.ndim < 2 or kernel.shape[axis] < 2:
        return False
    if axis == -1 and getattr(layer, "bias", None) is not None:
        bias = ops.convert_to_numpy(layer.bias)
        if bias.ndim != 1 or (bias != bias[:1]).any():
            return False
    first = np.take(kernel, [0], axis=axis)
    # Training keeps them equal but for the rounding of sums in another order.
    size = np.abs(kernel).max()
    return bool((np.abs(kernel - first) <= 1e-5 * size).all())


def _penalty(norms, calls):
    if not norms.loss or not norms.penalty > PENALTY_RATIO * norms.loss:
        return []
    sizes = {
        call.path: sum(
            norms.penalties.get(id(weight), 0.0)
            for weight in call.layer.trainable_variables
        )
        for call in calls
        if isinstance(call.layer, keras.layers.Layer)
    }
    layer = max(sizes, key=lambda path: sizes[path]) if any(sizes.values()) else ""
    return [
        Finding(
            kind="penalty",
            layer=layer,
            observation="the penalty on the weights or activations of the model has a "
            f"gradient {number(norms.penalty / norms.loss)} times that of the loss"
            + (", the largest part of it in this layer" if layer else ""),
            meaning="It pulls the weights to 0, whatever the examples say.",
            advice="Lower the regularisation, for example to 1e-4.",
        )
    ]


def _dead_output(outputs):
    return [
        Finding(
            kind="output",
            layer=output.layer,
            observation="relu on the output is 0 for every example",
            meaning="It passes no gradient, so the model learns nothing.",
            advice="Use a linear output (activation=None).",
        )
        for output in outputs
        if output.activation in ("relu", "relu6") and not output.prediction.any()
    ]


def _no_gradient(norms):
    if norms.loss:
        return []
    return [
        Finding(
            kind="no gradient",
            observation="the gradient of the loss is exactly 0 for every weight",
            meaning="Training does not move them.",
            advice="Look for what the loss does not depend on: an output that is "
            "constant, dead units, a function without a gradient.",
        )
    ]


def _constant(outputs, is_trained):
    limit = CONSTANT_TRAINED if is_trained else CONSTANT
    for output in outputs:
        prediction, targets = output.prediction, output.targets
        spread = float(np.sqrt(np.mean(prediction.std(0) ** 2)))
        size = float(np.sqrt(np.mean(prediction**2)))
        if is_trained:  # Targets of a large mean are predicted with that mean.
            size = min(size, float(targets.std()))
        if len(prediction) > 1 and spread <= limit * size and targets.std(0).any():
            return [
                Finding(
                    kind="constant predictions",
                    layer=output.layer,
                    observation="the prediction is the same for every example",
                    meaning="The examples make no difference on their way to the output.",
                    advice="Check the scale of the inputs and the initial weights; after "
                    "training, restart with a lower learning rate.",
                )
            ]
    return []


def lost_signal(
    names: Sequence[str], spreads: Sequence[float], inputs: Mapping[str, float]
) -> list[Finding]:
    """Finds where the differences between examples vanish on their way to the output.

    Args:
        names: the hidden activations, from the input on.
        spreads: how much each varies: the root mean square over its units of the
            standard deviation over the examples.
        inputs: the same of what the first layers read.
    """
    first = max(inputs.values(), default=0.0)
    small = [i for i, s in enumerate(spreads) if s < SIGNAL_SHARE * min(first, 1.0)]
    if not small or len(spreads) - 1 not in small or not np.isfinite(first):
        return []
    where = small[0]
    return [
        Finding(
            kind="lost signal",
            layer=names[0],
            certainty="possible",
            observation="the signal vanishes: the inputs differ by "
            f"{number(first)} from example to example, the activations of "
            f"{names[where]} by {number(spreads[where])}",
            meaning="All examples look the same to the last layers, and the first ones "
            "hardly learn.",
            advice="Use a rectifier (relu) with he_normal, larger initial weights, or "
            "normalise the layers.",
        )
    ]
