"""Tries the cures of what was found: the same steps, with one thing changed."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.cures import CURES, options
from keras_rectifiers.diagnosis.data_cures import with_lost
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.loss_bounds import LossBounds, loss_bounds
from keras_rectifiers.diagnosis.program import BINARY, Output
from keras_rectifiers.diagnosis.rehearsal import Rehearser, evenly
from keras_rectifiers.diagnosis.rehearsed_program import Program
from keras_rectifiers.diagnosis.subject import described
from keras_rectifiers.inspection.example_losses import per_example

# A cure has helped if the loss falls to this share of that without it, and of that of
# a constant prediction.
HELPS = 0.85
# A right output or scale helps little in the first steps of plain SGD.
LONGER = 4


@dataclass(frozen=True, kw_only=True)
class End:
    """Where a program is after some steps.

    Args:
        share: the loss, where a constant prediction has 1; infinite if it is NaN.
        num_steps: how many steps were taken.
        problem: why there is no share, "" if there is one.
    """

    share: float
    num_steps: int
    problem: str = ""


def tried(
    program: Program, found: Sequence[Finding], *, num_steps: int
) -> list[Finding]:
    """Tries the cures of each finding.

    Args:
        program: the program as it is, at its first weights.
        found: the findings.
        num_steps: how many steps each cure gets; what helps slowly gets more.

    Returns:
        The findings, with what each cure did in `tried`. Of a cure that cannot be made,
        or whose loss cannot be compared, nothing is said.
    """
    as_it_is = _end(program)
    as_given = _end(with_lost(program))
    told = []
    for finding in found:
        sentences = []
        own = as_given if finding.kind == "not finite data" else as_it_is
        for entry in CURES.get(finding.kind, ()):
            made = [(words, cure(program)) for words, cure in options(entry)]
            ends = [(words, _end(other)) for words, other in made if other is not None]
            if ends:
                words, end = min(ends, key=lambda pair: pair[1](num_steps).share)
                sentences.append(_told(words, end, own, num_steps))
        told.append(replace(finding, tried=tuple(filter(None, sentences))))
    return told


def _told(words, changed, as_it_is, num_steps) -> str:
    cured, own = changed(num_steps), as_it_is(num_steps)
    if cured.problem:
        return ""
    if not _helps(cured, own) and _is_better(cured, own):
        cured, own = changed(LONGER * num_steps), as_it_is(LONGER * num_steps)
    taken = cured.num_steps
    if not _is_better(cured, own):
        return (
            f"Tried: {words} it does not get better in {taken} steps "
            f"({_percent(cured.share)}; as it is, {own.problem or _percent(own.share)})."
        )
    reached = _percent(cured.share)
    reached += "" if reached.endswith("times") else " of"
    falls = "falls" if _helps(cured, own) else "only falls"
    return (
        f"Tried: {words} the loss {falls} to {reached} that of a constant prediction in "
        f"{taken} steps; as it is, {own.problem or f'to {_percent(own.share)}'}."
    )


def _is_better(cured, own) -> bool:
    return cured.share < HELPS * own.share


def _helps(cured, own) -> bool:
    return cured.share < HELPS * min(own.share, 1.0)


def _percent(share) -> str:
    if not math.isfinite(share):
        return "NaN"
    return f"{share:.0%}" if share < 10 else f"{number(share)} times"


def _end(program: Program) -> Callable[[int], End]:
    """Where a program is after so many steps."""

    @functools.cache
    def prepared():
        model = program.model
        # Of these alone the losses are compared, and to run a large model takes long.
        rows = evenly(np.arange(len(keras.tree.flatten(program.x)[0])))
        x, y = keras.tree.map_structure(
            lambda tensor: ops.take(tensor, ops.convert_to_tensor(rows), axis=0),
            (program.x, program.y),
        )
        rehearser = Rehearser(
            model,
            x,
            y,
            loss=program.loss,
            values=program.values,
            continues=False,
            penalised=program.penalised,
            clipnorm=program.clipnorm,
        )
        prediction, _, outputs = described(model, program.values, x, y, program.loss)
        losses = per_example(model, program.loss)
        bounds = loss_bounds(outputs, losses, y, prediction)
        if not all(map(_is_told_by_loss, outputs)):
            bounds = LossBounds(constant=math.nan)
        return rehearser, bounds

    @functools.cache
    def end(num_steps):
        try:
            rehearser, bounds = prepared()
            rehearsed = rehearser.run(factor=program.factor, num_steps=num_steps)
        except Exception:  # which one depends on the backend
            return End(share=math.inf, num_steps=0, problem="it cannot be rehearsed")
        num_taken = len(rehearsed.losses)
        if not math.isfinite(rehearsed.end):
            return End(share=math.inf, num_steps=num_taken)
        if not bounds.are_known:
            return End(
                share=math.inf, num_steps=num_taken, problem="its loss tells nothing"
            )
        return End(share=bounds.share(rehearsed.end), num_steps=num_taken)

    return end


def _is_told_by_loss(output: Output) -> bool:
    """Whether a small loss means that the targets are predicted."""
    if output.loss in BINARY and (output.targets.min() < 0 or output.targets.max() > 1):
        return False  # No prediction is perfect for such targets.
    # On TensorFlow the loss is that of the logits, but the prediction is always 1.
    return output.units > 1 or output.activation != "softmax"
