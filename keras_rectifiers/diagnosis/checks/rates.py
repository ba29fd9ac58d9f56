"""The learning rate: whether it is positive, falls too fast, is too high or too low."""

import math

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis.checks.rehearsals import LEARNS, Rehearsals
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.own_optimizer import num_steps_taken, optimizer_of
from keras_rectifiers.diagnosis.rehearsal import NUM_STEPS

# A healthy step changes a kernel by a thousandth.
HEALTHY_UPDATE = 1e-3
SMALLEST_UPDATE = 1e-4
LOWER_RATES = ((0.1, "a tenth"), (0.01, "a hundredth"), (0.001, "a thousandth"))
# Of the largest rate of a schedule; no training of any length should end so soon.
SPENT = 0.01


def check_optimizer(model: keras.Model) -> list[Finding]:
    """Returns what is wrong with the learning rate whatever the examples are."""
    optimizer = optimizer_of(model)
    if optimizer is None:
        return []
    rate = keras_internals.learning_rate(optimizer)
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return _falling(rate, num_steps_taken(model))
    if not isinstance(rate, float) or rate > 0:
        return []
    return [
        Finding(
            kind="negative rate",
            where="compile",
            certainty="certain",
            value=rate,
            observation=f"the learning rate is {number(rate)}, which is not positive",
            meaning="The steps go up the gradient, so the loss rises."
            if rate < 0
            else "Training changes nothing.",
            advice="Use a positive learning rate, for example 0.001 for Adam.",
        )
    ]


def _falling(schedule, num_taken):
    """A schedule that is spent after the first steps, as if they were epochs."""
    rates = [
        float(ops.convert_to_numpy(schedule(ops.convert_to_tensor(step, "int32"))))
        for step in range(2 * NUM_STEPS + 1)
    ]
    # One with restarts is as large again in the steps that follow.
    largest, last = max(rates), max(rates[NUM_STEPS:])
    if not largest > 0 or last >= SPENT * largest:
        return []
    spent = int(np.flatnonzero(np.array(rates) >= SPENT * largest)[-1]) + 1
    return [
        Finding(
            kind="rate too low",
            where="compile",
            # A training of these steps alone may be all that was meant.
            certainty="likely" if num_taken > 2 * spent else "possible",
            value=last,
            observation=f"the learning rate is too low: its schedule takes it from "
            f"{number(largest)} to less than a hundredth of that in {spent} steps, and to "
            f"{number(last)} in {NUM_STEPS}",
            meaning="Training stops after these steps. A schedule counts steps (batches), "
            "not epochs.",
            advice="Let it decay more slowly: decay_steps of the order of the number of "
            "batches in the whole training; or use a constant learning rate.",
        )
    ]


def too_high(rehearsals: Rehearsals) -> list[Finding]:
    """Returns whether the steps are too large: smaller ones learn what they do not."""
    own, bounds = rehearsals.own, rehearsals.bounds
    if rehearsals.again is None:
        return []
    for factor, words in LOWER_RATES:
        if rehearsals.falls:
            break
        lower = rehearsals.again(factor)
        if bounds.is_under(LEARNS, lower.end, own.before, own.end):
            return [_leaps(own, lower, words, rehearsals)]
    return []


def _leaps(own, lower, words, rehearsals):
    happened = (
        f"the loss is NaN at step {own.lost_at}"
        if own.lost_at is not None
        else f"the loss goes from {number(own.before)} to {number(own.end)} in "
        f"{len(own.losses)} steps"
    )
    return Finding(
        kind="rate too high",
        where="compile",
        observation=f"the learning rate is too high: {happened}; at {words} of the rate "
        f"it falls to {number(lower.end)}",
        meaning="Each step leaps over what it should reach"
        + (", or kills units for good." if rehearsals.own.lost_at is None else "."),
        advice=f"Use a lower learning rate, {words} of it or less.",
    )


def too_low(rehearsals: Rehearsals) -> list[Finding]:
    """Returns whether the steps are too small: larger ones learn what they do not."""
    own, bounds = rehearsals.own, rehearsals.bounds
    # Neither the training nor the steps from fresh weights have moved it, so it is enough
    # that larger ones do.
    share = LEARNS if rehearsals.restarted else 0.5
    if rehearsals.again is None or not 0 < own.update < SMALLEST_UPDATE:
        return []
    # To where a step is of a healthy size, or beyond it.
    first = math.ceil(math.log10(HEALTHY_UPDATE / own.update))
    for factor in (10**first, 10 ** (first + 1)):
        higher = rehearsals.again(float(factor))
        if not (
            bounds.is_under(share, higher.end, own.end)
            or _reaches_a_constant(bounds, higher.end, own.end)
        ):
            continue
        # A trained model may only learn by heart what is left, or what is new to it.
        unseen = higher.unseen_after, higher.unseen_before
        is_known = not (rehearsals.restarted and math.isnan(higher.unseen_after))
        if rehearsals.is_trained and is_known and not bounds.is_under(LEARNS, *unseen):
            continue
        return [
            Finding(
                kind="rate too low",
                where="compile",
                observation="the learning rate is too low: a step changes the weights "
                f"by a share of {number(own.update)} at most, and {len(own.losses)} "
                f"steps take the loss from {number(own.before)} to {number(own.end)}; "
                f"at {factor:,} times the rate it falls to {number(higher.end)}",
                meaning="Training takes that many times as long as it should.",
                advice=f"Use a higher learning rate, {factor:,} times as high."
                + f" First try a larger limit than {rehearsals.clipping}, which may be what "
                "makes the steps small." * bool(rehearsals.clipping),
            )
        ]
    return []


def _reaches_a_constant(bounds, loss, own):
    """Whether it gets to a constant prediction, to which the own steps do not get near."""
    return bounds.share(loss) < min(1.0, 0.5 * bounds.share(own))
