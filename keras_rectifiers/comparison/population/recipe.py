"""What every way of training a trial shares: the optimizer, the loss, the order."""

from collections.abc import Callable

import keras
import numpy as np

from keras_rectifiers.comparison.architectures import derive_seed
from keras_rectifiers.comparison.trial import Trial

_OPTIMIZERS = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}


def optimizer(trial: Trial, learning_rate: float | Callable) -> keras.Optimizer:
    """Makes a trial's optimizer, with the learning rate given apart."""
    return _OPTIMIZERS[trial.optimizer](learning_rate=learning_rate)


def loss_per_example(y, logits):
    """Cross-entropy of each example, `(examples,)`, in nats."""
    return keras.ops.sparse_categorical_crossentropy(y, logits, from_logits=True)


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
