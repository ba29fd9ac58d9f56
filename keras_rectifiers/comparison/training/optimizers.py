"""The optimizer of a trial: its settings, its learning rate over the steps."""

import functools
from collections.abc import Sequence

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
) -> keras.Optimizer:
    """Creates a trial's optimizer.

    Args:
        trial: all of its settings except the learning rate are used.
        learning_rate: as for Keras's optimizers.
    """
    settings = {
        "learning_rate": learning_rate,
        "weight_decay": trial.weight_decay or None,
        "clipnorm": trial.clipnorm or None,
        "global_clipnorm": trial.global_clipnorm or None,
    }
    if trial.momentum:
        settings["momentum"] = trial.momentum
    if trial.nesterov:
        settings["nesterov"] = True
    return _OPTIMIZERS[trial.optimizer](**settings)


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
