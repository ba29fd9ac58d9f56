"""The rehearsals of a model, and what counts as having learned."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from keras_rectifiers.diagnosis.loss_bounds import LossBounds
from keras_rectifiers.diagnosis.rehearsal import Rehearsal

# Shares of the loss of the best constant prediction. Below the first a model has learned
# something, below the third most of it.
LEARNS = 0.85
LEARNED = 0.5
LEARNED_WELL = 0.2
# Above this share a trained model has learned nothing, and is not only slow.
NOTHING = 0.98


@dataclass(frozen=True, kw_only=True)
class Rehearsals:
    """The rehearsals of a model.

    Args:
        bounds: the losses of a constant and of a perfect prediction.
        is_trained: whether the model has been trained before.
        now: the loss of the model as it is.
        own: the rehearsal with the user's own optimizer.
        again: rehearses with another learning rate, given as a factor; None if the
            optimizer has a schedule.
        in_training_mode: the loss of a trained model as it is in training mode, NaN if
            it has no batch normalisation.
        restarted: whether `own` began at fresh weights, because those of the trained
            model have not learned.
        num_taken: how many steps the model has been trained.
        clipping: how its optimizer limits the gradients, such as "clipnorm=1.0"; "" if
            it does not.
    """

    bounds: LossBounds
    is_trained: bool
    now: float
    own: Rehearsal
    again: Callable[[float], Rehearsal] | None
    restarted: bool
    in_training_mode: float = math.nan
    num_taken: int = 0
    clipping: str = ""

    @property
    def learns(self) -> bool | None:
        """Whether it has learned, or learns in the rehearsal; None if it had no time.

        Random weights may be better than a constant, which is not learned.
        """
        if self.is_trained and self.bounds.is_under(LEARNS, self.now):
            return True
        learns = self.bounds.is_under(LEARNS, self.own.end, self.own.before)
        return None if self.own.is_cut and not learns else learns

    @property
    def falls(self) -> bool:
        """Whether the loss falls in the rehearsal, if only a little.

        Also on other examples where there are some, as a little is always learned by
        heart.
        """
        own, bounds = self.own, self.bounds
        return bounds.is_under(NOTHING, own.end, own.before) and (
            math.isnan(own.unseen_after)
            or bounds.is_under(NOTHING, own.unseen_after, own.unseen_before)
        )

    @property
    def was_shorter(self) -> bool:
        """Whether the model has been trained for fewer steps than were rehearsed."""
        return self.is_trained and self.num_taken < len(self.own.losses)
