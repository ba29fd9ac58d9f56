"""How far the training of a model has come, and the rehearsal of more of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from keras_rectifiers.diagnosis.checks.classes import is_order_of_classes
from keras_rectifiers.diagnosis.checks.rehearsals import (
    LEARNED_WELL,
    LEARNS,
    Rehearsals,
)
from keras_rectifiers.diagnosis.layer_measures import begun
from keras_rectifiers.diagnosis.loss_bounds import LossBounds
from keras_rectifiers.diagnosis.own_optimizer import (
    can_rehearse,
    clipping_of,
    num_steps_taken,
)
from keras_rectifiers.diagnosis.rehearsal import Rehearser
from keras_rectifiers.diagnosis.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the training of a model has come.

    Args:
        bounds: the losses of a constant and of a perfect prediction.
        now: the loss of the model as it is.
        num_taken: how many steps it has been trained.
    """

    bounds: LossBounds
    now: float
    num_taken: int

    @property
    def is_trained(self) -> bool:
        return self.num_taken > 0

    @property
    def has_learned_well(self) -> bool:
        return self.is_trained and self.bounds.is_under(LEARNED_WELL, self.now)

    @property
    def is_spoilt(self) -> bool:
        """Whether it has been trained, and knows nothing."""
        learned = self.bounds.is_under(LEARNS, self.now)
        return self.is_trained and self.bounds.are_known and not learned


def progress_of(subject: Subject, bounds: LossBounds, now: float) -> Progress:
    """How far a subject has come, given the bounds of its loss and its loss."""
    return Progress(bounds=bounds, now=now, num_taken=num_steps_taken(subject.model))


def first_values(subject: Subject, progress: Progress) -> tuple[Sequence, Sequence]:
    """The values to look at: a model that training has spoilt as it began."""
    if progress.is_spoilt:
        return begun(subject.model, subject.x, 0)
    return subject.values


def rehearsed(
    subject: Subject,
    progress: Progress,
    start: tuple[Sequence, Sequence],
    *,
    num_steps: int,
    batch_size: int,
) -> Rehearsals | None:
    """Rehearses some steps of the model's own optimizer.

    Args:
        subject: what is looked at.
        progress: how far it has come.
        start: the values to begin with, where it does not go on.
        num_steps, batch_size: as for `diagnose`.

    Returns:
        The rehearsals, None if nothing can be rehearsed.
    """
    model = subject.model
    if not num_steps or not progress.bounds.are_known or not can_rehearse(model):
        return None
    # What was trained in order is to be seen going on in random order.
    restarted = progress.is_spoilt and not is_order_of_classes(subject.outputs)
    rehearser = Rehearser(
        model,
        subject.x,
        subject.y,
        loss=subject.loss,
        values=start if restarted else subject.values,
        continues=not restarted,
        batch_size=batch_size,
    )
    has_two_modes = progress.is_trained and subject.is_normalised
    return Rehearsals(
        bounds=progress.bounds,
        is_trained=progress.is_trained,
        now=progress.now,
        own=rehearser.run(num_steps=num_steps),
        again=(lambda factor: rehearser.run(factor=factor, num_steps=num_steps))
        if rehearser.has_rate
        else None,
        restarted=restarted,
        num_taken=progress.num_taken,
        clipping=clipping_of(model),
        in_training_mode=rehearser.first_loss(subject.values)
        if has_two_modes
        else math.nan,
    )
