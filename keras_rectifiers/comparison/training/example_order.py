"""The order of the examples of an epoch."""

from typing import NamedTuple

import numpy as np

from keras_rectifiers.comparison.nets.initial_values import derive_seed
from keras_rectifiers.comparison.trials.trial import Trial


class Shuffling(NamedTuple):
    """What the order of the examples depends on."""

    seed: int
    batch_size: int


def example_order(
    trial: Trial | Shuffling, num_examples: int, epoch: int
) -> np.ndarray:
    """Returns the examples of each step of an epoch.

    Args:
        trial: only its seed and batch size are used.
        num_examples: size of the training split.
        epoch: from 1.

    Returns:
        Indices `(steps, batch)`; the remaining examples are not used in this epoch.
    """
    rng = np.random.default_rng(derive_seed(trial.seed, epoch, "order"))
    num_steps = num_examples // trial.batch_size
    indices = rng.permutation(num_examples)[: num_steps * trial.batch_size]
    return indices.reshape(num_steps, trial.batch_size).astype(np.int32)
