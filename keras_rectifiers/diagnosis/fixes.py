"""Tries the cures of what was found: the same steps, with one thing changed."""

import math
from collections.abc import Sequence
from dataclasses import replace

import keras
from keras import ops

from keras_rectifiers.diagnosis.cures import CURES
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.loss_bounds import loss_bounds
from keras_rectifiers.diagnosis.rehearsal import Rehearser
from keras_rectifiers.diagnosis.rehearsed_program import Program
from keras_rectifiers.inspection.example_losses import per_example

# A cure has helped if the loss falls to this share of that without it.
HELPS = 0.85


def tried(
    program: Program, found: Sequence[Finding], *, num_steps: int
) -> list[Finding]:
    """Tries the cures of each finding.

    Args:
        program: the program as it is, at its first weights.
        found: the findings.
        num_steps: how many steps each cure gets.

    Returns:
        The findings, with what each cure did in `tried`.
    """
    as_it_is = _share(program, num_steps)
    told = []
    for finding in found:
        sentences = []
        for words, cure in CURES.get(finding.kind, ()):
            changed = cure(program)
            if changed is None:
                continue
            share = _share(changed, num_steps)
            sentences.append(_sentence(words, share, as_it_is, num_steps))
        told.append(replace(finding, tried=tuple(sentences)))
    return told


def _sentence(words, share, as_it_is, num_steps) -> str:
    now = _percent(as_it_is)
    if share < HELPS * min(as_it_is, 1.0):
        return (
            f"Tried: {words} the loss falls to {_percent(share)} of that of a constant "
            f"prediction in {num_steps} steps; as it is, to {now}."
        )
    return (
        f"Tried: {words} it does not get better in {num_steps} steps "
        f"({_percent(share)}; as it is, {now})."
    )


def _percent(share) -> str:
    if not math.isfinite(share):
        return "NaN"
    return f"{share:.0%}" if share < 10 else f"{share:.2g} times"


def _share(program: Program, num_steps: int) -> float:
    """The loss after the steps, where a constant prediction has 1."""
    rehearser = Rehearser(
        program.model,
        program.x,
        program.y,
        loss=program.loss,
        values=program.values,
        continues=False,
        penalised=program.penalised,
        clipnorm=program.clipnorm,
    )
    prediction = keras.tree.pack_sequence_as(
        program.y if isinstance(program.y, (dict, list)) else 0,
        [ops.convert_to_tensor(o.prediction, "float32") for o in program.outputs],
    )
    losses = per_example(program.model, program.loss)
    bounds = loss_bounds(program.outputs, losses, program.y, prediction)
    return bounds.share(rehearser.run(factor=program.factor, num_steps=num_steps).end)
