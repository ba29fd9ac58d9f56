"""What some rehearsed steps show: divergence, the order of examples, an end too early."""

import math
from collections.abc import Sequence

from keras_rectifiers.diagnosis.checks import rates
from keras_rectifiers.diagnosis.checks.classes import biased, tells_apart
from keras_rectifiers.diagnosis.checks.rehearsals import (
    LEARNED,
    LEARNED_WELL,
    LEARNS,
    NOTHING,
    Rehearsals,
)
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.program import Output

# Of the loss of one batch to that of all; batches of a healthy model rarely differ so.
EASY_BATCH = 1 / 3
# An epoch or a few of a small data set.
FEW_STEPS = 300


def check(rehearsals: Rehearsals, outputs: Sequence[Output]) -> list[Finding]:
    """Returns what the rehearsals show."""
    own = rehearsals.own
    if _do_modes_disagree(rehearsals):
        return [_modes_disagree(rehearsals)]
    if rehearsals.is_trained and not rehearsals.restarted:
        return _of_trained(rehearsals, outputs)
    if rehearsals.learns is not False:
        return _spoilt_by_fit(rehearsals, outputs) or _hardly_begun(rehearsals, outputs)
    if rehearsals.again is None:
        return _diverging(own)
    too_high = rates.too_high(rehearsals)
    if too_high:
        return too_high
    if own.lost_at is not None:
        return _diverging(own)
    return (
        rates.too_low(rehearsals)
        or _hardly_begun(rehearsals, outputs)
        or _stuck(rehearsals, outputs)
    )


def _of_trained(rehearsals, outputs):
    """A model that has learned something, or would at once."""
    own = rehearsals.own
    if rehearsals.bounds.is_under(LEARNED_WELL, rehearsals.now):
        return []
    if own.update < rates.SMALLEST_UPDATE:
        return rates.too_low(rehearsals)
    if rehearsals.bounds.is_under(LEARNED, rehearsals.now):
        return []
    # In inference it may only be that the averages of normalisation have caught up.
    # The first loss is in training mode, and before any step.
    # After a long training a fall may be the rest of it, after a few steps it is the start.
    share = LEARNS if rehearsals.num_taken <= FEW_STEPS else 0.5
    if not rehearsals.bounds.is_under(
        share, own.end, rehearsals.now, float(own.losses[0])
    ):
        return []
    # Any model can learn some examples by heart.
    if not rehearsals.bounds.is_under(LEARNS, own.unseen_after, own.unseen_before):
        return []
    bias = biased(outputs)
    fell = (
        f"the loss falls from {number(rehearsals.now)} to {number(own.end)} in "
        f"{len(own.losses)} further steps in random order"
    )
    if bias:
        return [
            Finding(
                kind="order",
                where="training",
                observation=f"{bias}, and {fell}",
                meaning="It looks like a training on examples sorted by class, of which "
                "the last ones are remembered best.",
                advice="Shuffle the examples: shuffle=True in fit, and before "
                "validation_split.",
            )
        ]
    return [_ended_early(rehearsals, fell)]


def _ended_early(rehearsals, fell):
    meaning = "The training ended early."
    advice = "Train for more epochs, with smaller batches or a higher learning rate."
    if rehearsals.num_taken <= FEW_STEPS:
        meaning = f"The training ended early, after {rehearsals.num_taken} steps."
        advice += (
            " If an EarlyStopping ended it, look at its monitor, mode and patience."
        )
    if not math.isnan(rehearsals.in_training_mode):
        meaning = (
            meaning.rstrip(".") + ", or each epoch had the same batches, which batch "
            "normalisation has learned by heart."
        )
        advice += (
            f" If the last loss of fit was far below {number(rehearsals.now)}, it is the "
            "batches: after keras.utils.set_random_seed, fit does not shuffle anew in "
            "each epoch on TensorFlow, but tf.data.Dataset.shuffle does."
        )
    return Finding(
        kind="unfinished",
        where="training",
        observation=fell,
        meaning=meaning,
        advice=advice,
    )


def _do_modes_disagree(rehearsals):
    bounds, seen = rehearsals.bounds, rehearsals.in_training_mode
    if not rehearsals.is_trained or bounds.is_under(LEARNED_WELL, rehearsals.now):
        return False
    # What has learned is good in both modes, and one batch may be an easy one.
    share = EASY_BATCH if bounds.is_under(LEARNED, rehearsals.now) else LEARNED
    return bounds.is_under(share, seen, rehearsals.now)


def _modes_disagree(rehearsals):
    return Finding(
        kind="modes disagree",
        where="model",
        observation="the two modes of the model disagree: in training mode the loss is "
        f"{number(rehearsals.in_training_mode)}, in inference mode {number(rehearsals.now)}",
        meaning="Batch normalisation uses the mean and variance of the batch in "
        "training, and their moving averages in inference, which have not caught up.",
        advice="Use a lower momentum in BatchNormalization (0.9), larger batches, or "
        "more steps; check that training= is passed on.",
    )


def _diverging(own):
    if own.lost_at is None:
        return []
    return [
        Finding(
            kind="diverging",
            where="training",
            observation=f"the loss is NaN or infinite at step {own.lost_at} of the "
            "user's own optimizer",
            meaning="Training diverges.",
            advice="Use a lower learning rate, clip the gradients (clipnorm=1.0), and "
            "look at the scale of inputs and targets.",
        )
    ]


def _hardly_begun(rehearsals, outputs):
    few = rehearsals.is_trained and rehearsals.num_taken <= FEW_STEPS
    few = few and rehearsals.restarted and not tells_apart(outputs)
    # Without other examples the fall may be one by heart.
    known = rehearsals.was_shorter or not math.isnan(rehearsals.own.unseen_after)
    return [_unfinished(rehearsals)] if few and known and rehearsals.falls else []


def _unfinished(rehearsals):
    own = rehearsals.own
    return Finding(
        kind="unfinished",
        where="training",
        observation=f"the training took only {rehearsals.num_taken} steps; from fresh weights "
        f"the loss falls from {number(own.before)} to {number(own.end)} in "
        f"{len(own.losses)} of them",
        meaning="The training ended before it had begun.",
        advice="Train for more epochs, with smaller batches and without a limit on "
        "steps_per_epoch, and see what an EarlyStopping watches.",
    )


def _spoilt_by_fit(rehearsals, outputs):
    """A trained model that knows nothing, though it learns from fresh weights."""
    own, bounds = rehearsals.own, rehearsals.bounds
    # A few examples are learned by heart, but not as well in so few steps. Fewer steps
    # than these may not have got as far.
    enough = LEARNS if rehearsals.was_shorter else LEARNED_WELL
    learns = rehearsals.learns and (
        bounds.is_under(enough, own.end)
        if math.isnan(own.unseen_after)
        else bounds.is_under(LEARNS, own.unseen_after, own.unseen_before)
    )
    if not rehearsals.is_trained or not learns:
        return []
    # Beyond the loss that it began with, it has not only been stopped.
    if rehearsals.num_taken <= FEW_STEPS and rehearsals.now <= own.before:
        return [_unfinished(rehearsals)]
    if tells_apart(outputs):
        return []  # With weights for the classes it may have learned at any loss.
    # Steps that learn so well are of the right size, and kill no units by themselves.
    is_well = bounds.is_under(LEARNED_WELL, own.end) and math.isfinite(rehearsals.now)
    return [
        Finding(
            kind="fit" if is_well else "stuck",
            where="training",
            observation=f"the loss is {number(rehearsals.now)} after {rehearsals.num_taken:,} steps "
            f"of training, hardly better than the {number(rehearsals.bounds.constant)} of a "
            f"constant prediction, but falls to {number(own.end)} in {len(own.losses)} "
            "steps from fresh weights on these examples, in batches in random order",
            meaning="The model can learn them, so it was trained in another way.",
            advice="Look at what fit gets: sample_weight and class_weight, batch_size, "
            "shuffle (examples sorted by class have to be shuffled), and whether its "
            "examples are these.",
        )
    ]


def _stuck(rehearsals, outputs):
    if not rehearsals.is_trained or rehearsals.bounds.is_under(NOTHING, rehearsals.now):
        return []
    if tells_apart(outputs):
        return []
    after, first = "training", ""
    if rehearsals.num_taken <= FEW_STEPS:
        after = f"only {rehearsals.num_taken} steps of training"
        first = (
            "Train for more epochs, with smaller batches or a higher learning rate; "
            "so few steps teach some models nothing. If that does not help: "
        )
    return [
        Finding(
            kind="stuck",
            where="training",
            observation=f"the loss is {number(rehearsals.now)} after {after}, no better than "
            f"the {number(rehearsals.bounds.constant)} of a constant prediction, and other learning "
            "rates do not help",
            meaning="The model has learned nothing.",
            advice=first
            + "Compare inputs and targets of single examples, and train a simpler model "
            "on them.",
        )
    ]
