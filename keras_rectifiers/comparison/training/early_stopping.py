"""Which members of a population stop, as Keras's callback tells of one net."""

import numpy as np


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
