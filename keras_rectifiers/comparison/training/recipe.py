"""What every way of training a trial shares: the optimizer, the loss, the order."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from keras_rectifiers.comparison.nets.initial_values import derive_seed, draw_kernel
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection import measures
from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import LayerArrays, measure_layer

# More examples would take more memory, and be no faster.
EVALUATED_AT_ONCE = 2000

# Keras's default for Adam.
PRETRAINING_RATE = 1e-3

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
    """Makes a trial's optimizer.

    Args:
        trial: all but its learning rate matters.
        learning_rate: as Keras's optimizers take it.
        clips: whether it clips the gradients where the trial says so.
        functional: makes another optimizer's class of it.
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
    """What weight decay leaves alone: all that the activations learn."""
    return [
        variable for site in sites for variable in site.activation.trainable_variables
    ]


def pretrained_layers(model: keras.Model) -> list[keras.layers.Dense]:
    """The layers of an MLP that `Trial.pretraining` trains: all dense but the last."""
    return [x for x in model.layers if isinstance(x, keras.layers.Dense)][:-1]


def decoder_kernel(trial: Trial, index: int, shape: tuple[int, int]) -> np.ndarray:
    """Draws the weights from which the decoder of a hidden layer is pre-trained.

    Args:
        trial: its seed matters.
        index: of the hidden layer, from 0.
        shape: `(width, inputs of the layer)`.
    """
    seed = derive_seed(trial.seed, index, "decoder")
    return draw_kernel("glorot", "linear", shape, seed)


def learning_rate(trial: Trial, first: float, num_examples: int):
    """A trial's learning rate over its steps, as Keras's optimizers take it.

    Args:
        trial: its schedule, epochs and batch size matter.
        first: the learning rate of the first step.
        num_examples: size of the training split, which sets the schedule's steps.
    """
    if trial.schedule == "constant":
        return first
    num_steps = max(1, trial.epochs * (num_examples // trial.batch_size))
    return _SCHEDULES[trial.schedule](first, num_steps)


class RatePerMember(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rates of members that share a schedule but not its first rate.

    `first` is set before each use: a tensor that broadcasts against the variables.
    """

    first: Any = None

    def __init__(self, trial: Trial, num_examples: int):
        # A schedule is its first rate times a share that depends on the step alone.
        self.share = learning_rate(trial, 1.0, num_examples)

    def __call__(self, step):
        share = self.share(step) if callable(self.share) else self.share
        return self.first * share


class EarlyStopping:
    """Tells which members stop, as `keras.callbacks.EarlyStopping` tells of one net.

    Args:
        patience: as in `Trial`; with 0 nobody stops.
        num_members: size of the population.
    """

    def __init__(self, patience: int, num_members: int):
        self.patience = patience
        self.lowest: np.ndarray | None = None
        self.epochs_since = np.zeros(num_members, int)

    def stops(self, validation_loss: np.ndarray) -> np.ndarray:
        """Takes the losses `(members,)` after an epoch; returns who stops, booleans."""
        if self.lowest is None:
            self.lowest = validation_loss
            return np.zeros(len(validation_loss), bool)
        is_lower = validation_loss < self.lowest  # what is NaN is not
        self.lowest = np.where(is_lower, validation_loss, self.lowest)
        self.epochs_since = np.where(is_lower, 0, self.epochs_since + 1)
        return (self.patience > 0) & (self.epochs_since >= self.patience)


def loss_per_example(y, logits):
    """Cross-entropy of each example, `(examples,)`, in nats."""
    return keras.ops.sparse_categorical_crossentropy(y, logits, from_logits=True)


def layer_values(layer: LayerArrays) -> dict[str, Any]:
    """What is seen of a layer: its measures, and `is_dead` of each unit if it can die."""
    values = measure_layer(layer)
    if "dead_units" in values:
        values["is_dead"] = measures.is_dead(layer.derivative)
    return values


def order(trial: Trial, num_examples: int, epoch: int) -> np.ndarray:
    """The examples of each step of an epoch.

    Args:
        trial: its seed and batch size matter.
        num_examples: size of the training split.
        epoch: from 1.

    Returns:
        Indices `(steps, batch)`; the rest of the examples sits this epoch out.
    """
    rng = np.random.default_rng(derive_seed(trial.seed, epoch, "order"))
    num_steps = num_examples // trial.batch_size
    indices = rng.permutation(num_examples)[: num_steps * trial.batch_size]
    return indices.reshape(num_steps, trial.batch_size).astype(np.int32)
