"""Tries the cures of what was found: the same steps, with one thing changed."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import keras
from keras import ops

from keras_rectifiers.diagnosis.cures import CURES
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.loss_bounds import loss_bounds
from keras_rectifiers.diagnosis.rehearsal import Rehearser
from keras_rectifiers.diagnosis.rehearsed_program import Program
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
        share: the loss, where a constant prediction has 1.
        num_steps: how many steps were taken.
    """

    share: float
    num_steps: int


def tried(
    program: Program, found: Sequence[Finding], *, num_steps: int
) -> list[Finding]:
    """Tries the cures of each finding.

    Args:
        program: the program as it is, at its first weights.
        found: the findings.
        num_steps: how many steps each cure gets; what helps slowly gets more.

    Returns:
        The findings, with what each cure did in `tried`.
    """
    as_it_is = _end(program)
    told = []
    for finding in found:
        sentences = []
        for words, cure in CURES.get(finding.kind, ()):
            changed = cure(program)
            if changed is not None:
                sentences.append(_told(words, _end(changed), as_it_is, num_steps))
        told.append(replace(finding, tried=tuple(sentences)))
    return told


def _told(words, changed, as_it_is, num_steps) -> str:
    cured, own = changed(num_steps), as_it_is(num_steps)
    if not _helps(cured, own) and _is_better(cured, own):
        cured, own = changed(LONGER * num_steps), as_it_is(LONGER * num_steps)
    taken, now = cured.num_steps, _percent(own.share)
    if not _is_better(cured, own):
        return (
            f"Tried: {words} it does not get better in {taken} steps "
            f"({_percent(cured.share)}; as it is, {now})."
        )
    reached = _percent(cured.share)
    reached += "" if reached.endswith("times") else " of"
    falls = "falls" if _helps(cured, own) else "only falls"
    return (
        f"Tried: {words} the loss {falls} to {reached} that of a constant prediction in "
        f"{taken} steps; as it is, to {now}."
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

    def end(num_steps):
        rehearsed = rehearser.run(factor=program.factor, num_steps=num_steps)
        return End(share=bounds.share(rehearsed.end), num_steps=len(rehearsed.losses))

    return functools.cache(end)
