"""Whether the inputs say anything of the targets, by the nearest neighbour of each example."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.program import Output

# With fewer examples the nearest is far away.
FEWEST_EXAMPLES = 100
MOST_EXAMPLES = 512
MOST_COLUMNS = 4096
# Standard errors above chance; of inputs that say nothing, one data set in 700 has more.
STANDARD_ERRORS = 3.0
# With a frequent class there is little room above chance, and a rare one has few near.
LARGEST_CHANCE = 0.6


def check(outputs: Sequence[Output], x: Any) -> list[Finding]:
    """Finds inputs that say nothing of the targets, as if one had been shuffled alone.

    It is told of a model that does not learn, because there are relations that distances
    do not show, such as the order of tokens.

    Args:
        outputs: the outputs of the model; only of a single one the targets are compared.
        x: a nest of arrays with the examples along the first axis.
    """
    arrays = keras.tree.flatten(x)
    # Between tokens and other numbers of things there are no distances.
    if len(outputs) != 1 or any(np.asarray(a).dtype.kind != "f" for a in arrays):
        return []
    (output,) = outputs
    targets, is_class = _targets(output)
    if (
        targets is None
        or len(targets) < FEWEST_EXAMPLES
        or (targets == targets[0]).all()
    ):
        return []
    rows = np.linspace(0, len(targets) - 1, min(len(targets), MOST_EXAMPLES)).astype(
        int
    )
    table = np.concatenate([_table(np.asarray(a)[rows]) for a in arrays], axis=1)
    if not table.shape[1]:
        return []
    targets = targets[rows]
    near = targets[_nearest(table)]
    if is_class:
        seen = float(np.mean(near == targets))
        chance = float(
            np.sum((np.unique(targets, return_counts=True)[1] / len(rows)) ** 2)
        )
        error = np.sqrt(chance * (1 - chance) / len(rows))
        said = f"has the same class in {seen:.0%} of cases, by chance in {chance:.0%}"
    else:
        spread = near.std() * targets.std()
        if not spread:
            return []
        seen = float(
            np.mean((near - near.mean()) * (targets - targets.mean())) / spread
        )
        chance, error = 0.0, 1 / np.sqrt(len(rows))
        said = f"has a target whose correlation with its own is {seen:.2f}"
    if chance > LARGEST_CHANCE or seen > chance + STANDARD_ERRORS * error:
        return []
    return [
        Finding(
            kind="unrelated",
            where="data",
            certainty="possible",
            observation="the inputs seem to be unrelated to the targets: the example "
            f"nearest to another {said}",
            meaning="It is so if one of the two was shuffled or sorted without the other.",
            advice="Compare inputs and targets of single examples. Shuffle both with the "
            "same permutation, x[order] and y[order].",
        )
    ]


def _targets(output):
    """A number or class for each example, and whether it is a class; None for others."""
    if output.are_one_hot and output.targets.ndim == 2:
        return output.targets.argmax(-1), True
    if output.targets.size != len(output.targets):
        return None, False
    return output.targets.ravel(), output.num_classes > 0


def _table(array):
    """The columns of one size, without those that are constant."""
    table = array.reshape(len(array), -1).astype(np.float64)
    if table.shape[1] > MOST_COLUMNS:
        columns = np.linspace(0, table.shape[1] - 1, MOST_COLUMNS).astype(int)
        table = table[:, columns]
    spread = table.std(0)
    return (table - table.mean(0))[:, spread > 0] / spread[spread > 0]


def _nearest(table):
    squares = (table**2).sum(1)
    distances = squares[:, None] + squares - 2 * table @ table.T
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(1)
