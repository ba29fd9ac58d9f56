"""Rehearsals as they might have gone, before which nothing or a training was."""

import numpy as np

from keras_rectifiers.diagnosis.checks.rehearsals import Rehearsals
from keras_rectifiers.diagnosis.loss_bounds import LossBounds
from keras_rectifiers.diagnosis.rehearsal import Rehearsal


def steps(before, after, *, update=1e-3, lost_at=None, num=60, unseen=None):
    losses = np.full(lost_at or num, before, float)
    if lost_at:
        losses[-1] = np.nan
    return Rehearsal(
        losses=losses,
        before=before,
        after=after,
        update=update,
        unseen_before=before,
        unseen_after=after if unseen is None else unseen,
    )


def rehearsals(
    own, others=None, *, is_trained=False, now=1.0, restarted=False, unseen=None
):
    """Other rates do as the own one does, but for `others`: factor -> loss at the end."""
    others = others or {}

    def again(factor):
        return steps(own.before, others.get(factor, own.end), unseen=unseen)

    return Rehearsals(
        bounds=LossBounds(constant=1.0),
        is_trained=is_trained,
        now=now,
        own=own,
        again=again,
        restarted=restarted,
        num_taken=5000 if is_trained else 0,
    )
