"""The losses between which a model learns: of a constant, and of a perfect prediction."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_rectifiers.diagnosis.program import BINARY, CATEGORICAL, SPARSE, Output

# Perfect for smoothed labels, of which the loss only knows.
_SMOOTHED = 0.1


@dataclass(frozen=True, kw_only=True)
class LossBounds:
    """The losses between which a model learns.

    Args:
        constant: the loss of the best constant prediction, NaN if it is not known.
        perfect: the loss of a prediction without an error, which is above 0 for targets
            between two classes.
    """

    constant: float
    perfect: float = 0.0

    @property
    def are_known(self) -> bool:
        return self.constant > self.perfect

    def share(self, loss: float) -> float:
        """A loss on the scale from 0, of a perfect prediction, to 1, of a constant."""
        return (loss - self.perfect) / (self.constant - self.perfect)

    def is_under(self, share: float, loss: float, *others: float) -> bool:
        """Whether a loss is under a share of a constant prediction's.

        Args:
            share: between 0 and 1.
            loss: the loss.
            others: losses of which it has to be under that share as well.
        """
        limit = min((self.constant, *others)) - self.perfect
        return loss - self.perfect < share * limit


def loss_bounds(
    outputs: Sequence[Output], losses: Callable, y: Any, prediction: Any
) -> LossBounds:
    """Computes the losses of predictions that know nothing, and all.

    Args:
        outputs: the outputs of the model.
        losses: the loss of each example, from targets and predictions.
        y: the targets, as the loss expects them.
        prediction: a prediction of the model, for its form.

    Returns:
        The bounds, which are not known if an output has no targets or is a nest of its
        own, or if the loss of a constant is NaN or infinite.
    """

    def loss_of(predicted: Callable[[Output], np.ndarray | None]) -> float:
        arrays = [predicted(output) for output in outputs]
        if any(array is None for array in arrays):
            return math.inf
        tensors = [keras.ops.convert_to_tensor(array, "float32") for array in arrays]
        nest = keras.tree.pack_sequence_as(prediction, tensors)
        loss = float(np.mean(keras.ops.convert_to_numpy(losses(y, nest))))
        return loss if math.isfinite(loss) else math.inf

    if len(outputs) != len(keras.tree.flatten(prediction)):
        return LossBounds(constant=math.nan)
    constant = min(
        loss_of(lambda output: _constant(output, np.mean)),
        # Of the absolute error the median is best.
        loss_of(lambda output: _constant(output, np.median)),
    )
    perfect = min(
        loss_of(lambda output: _mixed(output, 0.0)),
        loss_of(lambda output: _mixed(output, _SMOOTHED)),
    )
    return LossBounds(
        constant=constant if math.isfinite(constant) else math.nan,
        perfect=perfect if math.isfinite(perfect) else 0.0,
    )


def _constant(output, centre) -> np.ndarray | None:
    targets = _per_unit(output)
    if targets is None:
        return None
    if output.loss in SPARSE:  # the shares of the classes at all positions
        targets = targets.reshape(-1, output.units)
    return _broadcast(output, centre(targets, axis=0))


def _mixed(output, share) -> np.ndarray | None:
    """The targets as a prediction, with a share of their mean."""
    targets = _per_unit(output)
    if targets is None:
        return None
    return _broadcast(output, (1 - share) * targets + share * targets.mean(0))


def _per_unit(output) -> np.ndarray | None:
    """The targets as one number for each unit: labels become one-hot."""
    if output.loss not in SPARSE:
        return output.targets
    labels = output.targets.astype(int)
    if labels.size != math.prod(output.prediction.shape[:-1]):
        return None
    labels = labels.reshape(output.prediction.shape[:-1])
    if output.ignored is not None:
        labels = np.where(labels == output.ignored, 0, labels)
    if labels.min() < 0 or labels.max() >= output.units:
        return None
    return np.eye(output.units)[labels]


def _broadcast(output, values) -> np.ndarray | None:
    """A prediction with these values, as logits if the loss expects them."""
    if output.loss in (*BINARY, *CATEGORICAL, *SPARSE):
        values = np.clip(values, 1e-6, 1 - 1e-6)
        if output.from_logits:
            odds = values / (1 - values) if output.loss in BINARY else values
            values = np.log(odds)
    shape = output.prediction.shape
    for form in (shape, shape[1:]):
        if np.size(values) == math.prod(form):
            values = np.reshape(values, form)
            break
    try:
        return np.broadcast_to(values, shape)
    except ValueError:
        return None
