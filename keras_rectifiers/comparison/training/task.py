"""What the engine is given: a task, which is shared, and members, which differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_rectifiers.comparison.data.splits import Split
from keras_rectifiers.comparison.training.example_order import (
    Shuffling,
    example_order,
)
from keras_rectifiers.inspection.hidden_activations import Site

__all__ = ["Data", "Member", "Split", "Task"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Data:
    """All examples; a `Split` says which are for what.

    Args:
        x: inputs, an array or a nest of arrays, examples first.
        y: targets likewise, or None.
        sample_weight: weights of the examples, as `model.fit` takes them, or None.
        checksum: of the content, for keys in a store.
    """

    x: Any
    y: Any
    sample_weight: Any = None
    checksum: str = ""

    @property
    def num_examples(self) -> int:
        """The number of all examples."""
        return len(keras.tree.flatten(self.x)[0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """What the members of a population share.

    Args:
        build: makes the compiled model; optimizer, loss and metrics are its own. It is
            called in the engine, which sets what is random in it.
        data: the examples.
        batch_size: examples per step; the remainder of an epoch is not used in it.
        epochs: passes over the training split; with 0 the model is only measured.
        patience: number of consecutive epochs without a new lowest value of `monitor`
            on the validation split, after which a member stops and keeps its current
            weights; 0: no early stopping.
        probe_size: number of training examples on which the layers are measured.
        measures: whether the layers are measured, before training and after each epoch.
        monitor: what is followed in training, `"loss"` or the name of a metric that is
            better if it is lower: its mean over the steps of each epoch is recorded, and
            early stopping watches it.
        order: the examples of each step of an epoch: a function of the seed of a member,
            the size of its training split and the epoch, from 1, that returns places in
            the split, int `(steps, batch_size)`, in each epoch equally many steps. None:
            all in random order.
        sites: finds where the layers are measured; None: at every hidden activation.
        keeps_values: whether the variables after training are kept in the results.
    """

    build: Callable[[], keras.Model]
    data: Data
    batch_size: int
    epochs: int
    patience: int = 0
    probe_size: int = 256
    measures: bool = True
    monitor: str = "loss"
    order: Callable[[int, int, int], np.ndarray] | None = None
    sites: Callable[[keras.Model], list[Site]] | None = None
    keeps_values: bool = False

    def examples_of_steps(self, seed: int, num_train: int, epoch: int) -> np.ndarray:
        """The examples of each step of an epoch, see `order`."""
        if self.order is not None:
            return self.order(seed, num_train, epoch)
        return example_order(Shuffling(seed, self.batch_size), num_train, epoch)


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """What the members of a population differ in.

    Args:
        seed: sets the initial weights, the noise and the order of the examples.
        split: which examples are for what; of equal sizes in all members.
        learning_rate: the first learning rate; None: that of the model's optimizer.
        start: gives the first values of variables, by their paths; the others are
            drawn from their initializers.
    """

    seed: int
    split: Split
    learning_rate: float | None = None
    start: Callable[[keras.Model], Mapping[str, np.ndarray]] | None = None
