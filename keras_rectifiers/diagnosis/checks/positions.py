"""Whether a model predicts at the positions that there are targets for.

Positions are the steps of a sequence, or the places of an image.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import keras

from keras_rectifiers.diagnosis.checks.misfits import wrong_targets
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.program import PASSING, SPARSE, Output
from keras_rectifiers.inspection.call_trace import LayerCall

_RECURRENT = (keras.layers.RNN, keras.layers.Bidirectional)
# What computes each step by itself.
_STEP_BY_STEP = (
    *PASSING,
    keras.layers.Dense,
    keras.layers.TimeDistributed,
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ELU,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
)


def check_positions(output: Output, calls: Sequence[LayerCall]) -> Finding | None:
    """Finds one target for many predictions, or many targets for one.

    Args:
        output: an output of a model.
        calls: the calls of the layers, of which the recurrent one is told that decides
            whether there is a prediction for each step.
    """
    if not output.loss:
        return None
    return _repeated(output, calls) or _of_each_step(output, calls)


def _repeated(output, calls):
    """One target for predictions at several positions, such as steps of a sequence."""
    positions, targets = output.prediction.shape[1:-1], output.targets.shape[1:]
    # The last axis may be that of the units, which labels do not have.
    units = (1,) if output.loss in SPARSE else (1, output.units)
    if targets != positions and targets[-1:] and targets[-1] in units:
        targets = targets[:-1]
    if math.prod(positions) < 2 or len(targets) >= len(positions):
        return None
    recurrent = _recurrent_before(output, calls) if len(positions) == 1 else None
    found = wrong_targets(
        output,
        f"the model predicts an array of shape {output.prediction.shape[1:]} for "
        f"each example, but the targets have the shape {output.targets.shape[1:]}",
        "The target is repeated at each position.",
        "Flatten before the last layer, or use return_sequences=False in the last "
        "recurrent layer.",
    )
    if recurrent is None or not recurrent.layer.return_sequences:
        return found
    name = recurrent.layer.name
    return replace(
        found,
        layer=recurrent.path,
        meaning=f"The target is repeated at each position: {name} returns its state at "
        "each step, and the layers after it predict at each.",
        advice=f"Use return_sequences=False in {name}, so that it returns only the last "
        "one.",
    )


def _of_each_step(output, calls):
    """A target for each step, but a prediction for the last one only."""
    targets, per_example = output.targets, output.targets[:1].size
    if output.prediction.ndim != 2 or targets.ndim < 2 or per_example == output.units:
        return None
    recurrent = _recurrent_before(output, calls)
    if recurrent is None or recurrent.layer.return_sequences:
        return None
    steps = recurrent.input_shape[1]
    if targets.shape[1] != steps or steps < 2:
        return None
    name = recurrent.layer.name
    return replace(
        wrong_targets(
            output,
            f"the targets have the shape {targets.shape[1:]} for each example, as if for "
            f"each of the {steps} steps that it reads, but the model predicts one of "
            f"{output.prediction.shape[1:]}",
            f"{name} returns its last state only.",
            f"Use return_sequences=True in {name}; or, for one target for each sequence, "
            "give that alone.",
        ),
        layer=recurrent.path,
    )


def _recurrent_before(output, calls):
    """The call of the recurrent layer whose steps an output goes through one by one."""
    numbers = [n for n, call in enumerate(calls) if call.path == output.layer]
    while numbers:
        call = calls[numbers[-1]]
        if isinstance(call.layer, _RECURRENT):
            return call
        passes = isinstance(call.layer, _STEP_BY_STEP) and not call.gap
        numbers = call.reads if passes and len(call.reads) == 1 else ()
    return None
