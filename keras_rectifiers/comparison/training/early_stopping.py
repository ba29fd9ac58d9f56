"""Early stopping of a population's members, like Keras's callback for one net."""

import numpy as np


class EarlyStopping:
    """Finds which members stop, like `keras.callbacks.EarlyStopping` for a single net.

    Args:
        patience: as in `Trial`; with 0 no member stops.
        num_members: size of the population.
    """

    def __init__(self, patience: int, num_members: int):
        self.patience = patience
        self.lowest: np.ndarray | None = None
        self.epochs_since = np.zeros(num_members, int)

    def stops(self, validation_loss: np.ndarray) -> np.ndarray:
        """Takes the losses `(members,)` after an epoch; returns which members stop."""
        if self.lowest is None:
            self.lowest = validation_loss
            return np.zeros(len(validation_loss), bool)
        is_lower = validation_loss < self.lowest  # what is NaN is not
        self.lowest = np.where(is_lower, validation_loss, self.lowest)
        self.epochs_since = np.where(is_lower, 0, self.epochs_since + 1)
        return (self.patience > 0) & (self.epochs_since >= self.patience)
