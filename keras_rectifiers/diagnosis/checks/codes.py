"""Whether a column of the inputs holds numbers of categories, as if they were amounts."""

from typing import Any

import keras
import numpy as np

from keras_rectifiers.diagnosis.findings import Finding, first_few
from keras_rectifiers.diagnosis.program import Output

# With fewer values a net learns the class of each of them from the amount.
FEWEST_VALUES = 8
# To know the mean target of a value.
FEWEST_PER_VALUE = 4
# Of the variance of the targets: what the values say of it one by one, and the most of
# that which their neighbours may say.
LEAST_SAID = 0.3
BY_NEIGHBOURS = 0.25


def check(output: Output, x: Any) -> Finding | None:
    """Finds numbers at equal steps that say much of the targets, but not their neighbours.

    An amount says of the targets nearly what the next larger and smaller amounts say. It
    is told of a model that does not learn, because enough units fit any function.

    Args:
        output: an output with its targets.
        x: a nest of arrays with the examples along the first axis.
    """
    targets = _targets(output)
    if targets is None or not targets.var():
        return None
    codes = [
        (number, position)
        # Integers may be looked up in an embedding.
        for position, array in enumerate(map(np.asarray, keras.tree.flatten(x)))
        if array.ndim == 2 and array.dtype.kind == "f"
        for number in range(array.shape[1])
        if _is_code(array[:, number], targets)
    ]
    if not codes:
        return None
    numbers = [number for number, position in codes if position == codes[0][1]]
    listed = first_few(numbers)
    one = len(numbers) == 1
    return Finding(
        kind="codes",
        where="data",
        certainty="possible",
        observation=f"column{'' if one else 's'} {listed} of the inputs {'holds' if one else 'hold'} "
        "values at equal steps that tell the targets apart one by one, but say nothing of "
        "them by their size, like the numbers of categories",
        meaning="A model takes them for amounts, so that numbers next to each other count "
        "as nearly the same.",
        advice="Encode the categories one-hot (keras.utils.to_categorical), or give them to "
        "an Embedding.",
    )


def _targets(output) -> np.ndarray | None:
    """`(examples, columns)`, with classes as one-hot columns; None for other shapes."""
    targets = output.targets.reshape(len(output.targets), -1)
    if output.are_one_hot or not output.num_classes:
        return targets
    if targets.shape[1] != 1:
        return None
    return (targets == np.unique(targets)).astype(np.float64)


def _is_code(column, targets) -> bool:
    values, group, counts = np.unique(column, return_inverse=True, return_counts=True)
    if len(values) < FEWEST_VALUES or not _are_at_equal_steps(values):
        return False
    if len(column) < FEWEST_PER_VALUE * len(values):
        return False
    sums = np.zeros((len(values), targets.shape[1]))
    np.add.at(sums, group.ravel(), targets)
    count = counts[:, None].astype(np.float64)
    # Of each example the others of its value, and the next values, are to tell it.
    others = (sums[group] - targets) / np.maximum(count[group] - 1, 1)
    sides, weights = np.zeros_like(sums), np.zeros_like(count)
    sides[1:], weights[1:] = sums[:-1], count[:-1]
    sides[:-1] += sums[1:]
    weights[:-1] += count[1:]
    near = (sides / weights)[group]
    alone = counts[group] > 1
    said = _said(others[alone], targets[alone])
    return said > LEAST_SAID and _said(near, targets) < BY_NEIGHBOURS * said


def _are_at_equal_steps(values) -> bool:
    """Whether they are whole numbers, or such that were scaled and shifted."""
    if (values % 1 == 0).all():
        return True
    steps = np.diff(values.astype(np.float64))
    steps = steps / steps.min()
    return bool(np.isfinite(steps).all() and (abs(steps - steps.round()) < 0.01).all())


def _said(predicted, targets) -> float:
    """The square of the correlation, over all columns together."""
    a, b = predicted - predicted.mean(0), targets - targets.mean(0)
    size = np.sqrt((a**2).sum() * (b**2).sum())
    together = float((a * b).sum() / size) if size else 0.0
    return together**2 if together > 0 else 0.0
