"""The optimizer of a trial: its settings, its learning rate over the steps."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras

from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.hidden_activations import Site

_OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}
_SCHEDULES = {
    "cosine": keras.optimizers.schedules.CosineDecay,
    "linear": functools.partial(
        keras.optimizers.schedules.PolynomialDecay, end_learning_rate=0.0
    ),
}


def optimizer(
    trial: Trial,
    learning_rate,
    *,
    clips: bool = True,
    functional: Callable[[type], type] = lambda kind: kind,
) -> keras.Optimizer:
    """Creates a trial's optimizer.

    Args:
        trial: all of its settings except the learning rate are used.
        learning_rate: as for Keras's optimizers.
        clips: whether it clips the gradients if the trial asks for it.
        functional: converts the class of the optimizer.
    """
    settings = {
        "learning_rate": learning_rate,
        "weight_decay": trial.weight_decay or None,
    }
    if clips:
        settings["clipnorm"] = trial.clipnorm or None
        settings["global_clipnorm"] = trial.global_clipnorm or None
    if trial.momentum:
        settings["momentum"] = trial.momentum
    if trial.nesterov:
        settings["nesterov"] = True
    return functional(_OPTIMIZERS[trial.optimizer])(**settings)


def not_decayed(sites: Sequence[Site]) -> list[keras.Variable]:
    """The variables excluded from weight decay: all that the activations learn."""
    return [
        variable for site in sites for variable in site.activation.trainable_variables
    ]


def learning_rate(trial: Trial, first: float, num_examples: int):
    """A trial's learning rate or schedule, for Keras's optimizers.

    Args:
        trial: its schedule, epochs and batch size are used.
        first: the learning rate of the first step.
        num_examples: size of the training split, which determines the steps of the
            schedule.
    """
    if trial.schedule == "constant":
        return first
    num_steps = max(1, trial.epochs * (num_examples // trial.batch_size))
    return _SCHEDULES[trial.schedule](first, num_steps)


class RatePerMember(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rates of members that share a schedule with different first rates.

    `first` is set before each use: a tensor that broadcasts against the variables.
    """

    first: Any = None

    def __init__(self, trial: Trial, num_examples: int):
        # A schedule is its first rate times a share that depends on the step alone.
        self.share = learning_rate(trial, 1.0, num_examples)

    def __call__(self, step):
        share = self.share(step) if callable(self.share) else self.share
        return self.first * share
