"""What some rehearsed steps show: the learning rate, divergence, the order of examples."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from keras_rectifiers import keras_internals
from keras_rectifiers.diagnosis.findings import Finding, number
from keras_rectifiers.diagnosis.loss_bounds import LossBounds
from keras_rectifiers.diagnosis.own_optimizer import optimizer_of
from keras_rectifiers.diagnosis.program import BINARY, CATEGORICAL, SPARSE, Output
from keras_rectifiers.diagnosis.rehearsal import Rehearsal

# Shares of the loss of the best constant prediction. Below the first a model has learned
# something, below the third most of it.
LEARNS = 0.85
LEARNED = 0.5
LEARNED_WELL = 0.2
# A healthy step changes a kernel by a thousandth.
HEALTHY_UPDATE = 1e-3
# Above this share a trained model has learned nothing, and is not only slow.
NOTHING = 0.98
SMALLEST_UPDATE = 1e-4
LOWER_RATES = ((0.1, "a tenth"), (0.01, "a hundredth"), (0.001, "a thousandth"))
# Of the mean prediction to the frequency of the classes, as a total variation.
LARGEST_BIAS = 0.25


def check_optimizer(model: keras.Model) -> list[Finding]:
    """Returns what is wrong with the learning rate whatever the examples are."""
    optimizer = optimizer_of(model)
    if optimizer is None:
        return []
    rate = keras_internals.learning_rate(optimizer)
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


@dataclass(frozen=True, kw_only=True)
class Trial:
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
    """

    bounds: LossBounds
    is_trained: bool
    now: float
    own: Rehearsal
    again: Callable[[float], Rehearsal] | None
    restarted: bool
    in_training_mode: float = math.nan

    @property
    def learns(self) -> bool | None:
        """Whether it has learned, or learns in the rehearsal; None if it had no time.

        Random weights may be better than a constant, which is not learned.
        """
        if self.is_trained and self.bounds.is_under(LEARNS, self.now):
            return True
        learns = self.bounds.is_under(LEARNS, self.own.end, self.own.before)
        return None if self.own.is_cut and not learns else learns


def check(trial: Trial, outputs: Sequence[Output]) -> list[Finding]:
    """Returns what the rehearsals show."""
    own, bounds = trial.own, trial.bounds
    is_good = trial.is_trained and bounds.is_under(LEARNED, trial.now)
    if not is_good and bounds.is_under(LEARNED, trial.in_training_mode, trial.now):
        return [_modes_disagree(trial)]
    if trial.is_trained and not trial.restarted:
        return _of_trained(trial, outputs)
    if trial.learns is not False:
        return []
    if trial.again is None:
        return _diverging(own)
    for factor, words in LOWER_RATES:
        if bounds.is_under(NOTHING, own.end):
            break
        lower = trial.again(factor)
        if bounds.is_under(LEARNS, lower.end, own.before, own.end):
            return [_too_high(own, lower, words, trial)]
    if own.lost_at is not None:
        return _diverging(own)
    return _too_low(trial) or _stuck(trial)


def _of_trained(trial, outputs):
    """A model that has learned something, or would at once."""
    own = trial.own
    if trial.bounds.is_under(LEARNED_WELL, trial.now):
        return []
    if own.update < SMALLEST_UPDATE:
        return _too_low(trial)
    if trial.bounds.is_under(LEARNED, trial.now):
        return []
    # In inference it may only be that the averages of normalisation have caught up.
    # The first loss is in training mode, and before any step.
    if not trial.bounds.is_under(0.5, own.end, trial.now, float(own.losses[0])):
        return []
    # Any model can learn some examples by heart.
    if not trial.bounds.is_under(LEARNS, own.unseen_after, own.unseen_before):
        return []
    biased = _biased(outputs)
    fell = (
        f"the loss falls from {number(trial.now)} to {number(own.end)} in "
        f"{len(own.losses)} further steps in random order"
    )
    if biased:
        return [
            Finding(
                kind="order",
                where="training",
                observation=f"{biased}, and {fell}",
                meaning="It looks like a training on examples sorted by class, of which "
                "the last ones are remembered best.",
                advice="Shuffle the examples: shuffle=True in fit, and before "
                "validation_split.",
            )
        ]
    return [_unfinished(trial, fell)]


def _unfinished(trial, fell):
    meaning = "The training ended early."
    advice = "Train for more epochs, with smaller batches or a higher learning rate."
    if not math.isnan(trial.in_training_mode):
        meaning = (
            "The training ended early, or each epoch had the same batches, which batch "
            "normalisation has learned by heart."
        )
        advice += (
            f" If the last loss of fit was far below {number(trial.now)}, it is the "
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


def _modes_disagree(trial):
    return Finding(
        kind="modes disagree",
        where="model",
        observation="the two modes of the model disagree: in training mode the loss is "
        f"{number(trial.in_training_mode)}, in inference mode {number(trial.now)}",
        meaning="Batch normalisation uses the mean and variance of the batch in "
        "training, and their moving averages in inference, which have not caught up.",
        advice="Use a lower momentum in BatchNormalization (0.9), larger batches, or "
        "more steps; check that training= is passed on.",
    )


def is_order_of_classes(outputs: Sequence[Output]) -> bool:
    """Whether a class is predicted far too often, but not for every example."""
    return bool(_biased(outputs))


def _biased(outputs) -> str:
    """Which class is predicted far too often; "" if none is."""
    for output in outputs:
        targets, predicted = output.targets, output.prediction
        if output.from_logits or predicted.ndim != 2:
            continue
        if output.loss in SPARSE and output.are_whole:
            labels = targets.astype(int).ravel()
            truth = np.bincount(labels, minlength=output.units) / len(labels)
        elif output.loss in CATEGORICAL + BINARY and output.width == output.units:
            truth = targets.mean(0).ravel()
        else:
            continue
        mean = predicted.mean(0)
        if len(mean) != len(truth):
            continue
        distance = np.abs(mean - truth).sum() / (2 if len(mean) > 1 else 1)
        worst = int(np.argmax(mean - truth))
        if distance > LARGEST_BIAS and predicted.std(0).any():
            return (
                f"class {worst} is predicted with {mean[worst]:.0%}, but has a share of "
                f"{truth[worst]:.0%}"
            )
    return ""


def _too_high(own, lower, words, trial):
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
        + (", or kills units for good." if trial.own.lost_at is None else "."),
        advice=f"Use a lower learning rate, {words} of it or less.",
    )


def _too_low(trial):
    own, bounds = trial.own, trial.bounds
    if trial.again is None or not 0 < own.update < SMALLEST_UPDATE:
        return []
    # To where a step is of a healthy size, or beyond it.
    first = math.ceil(math.log10(HEALTHY_UPDATE / own.update))
    for factor in (10**first, 10 ** (first + 1)):
        higher = trial.again(float(factor))
        if not bounds.is_under(0.5, higher.end, own.end):
            continue
        # A trained model may only learn by heart what is left.
        unseen = higher.unseen_after, higher.unseen_before
        if trial.is_trained and not bounds.is_under(LEARNS, *unseen):
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
                advice=f"Use a higher learning rate, {factor:,} times as high.",
            )
        ]
    return []


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


def _stuck(trial):
    if not trial.is_trained or trial.bounds.is_under(NOTHING, trial.now):
        return []
    return [
        Finding(
            kind="stuck",
            where="training",
            observation=f"the loss is {number(trial.now)} after training, no better than "
            f"the {number(trial.bounds.constant)} of a constant prediction, and other learning "
            "rates do not help",
            meaning="The model has learned nothing.",
            advice="Compare inputs and targets of single examples, and train a simpler "
            "model on them.",
        )
    ]
