"""Whether columns of a table are copies of each other."""

from collections.abc import Sequence

import numpy as np

from keras_rectifiers.diagnosis.findings import Finding, first_few

# With fewer columns two may be equal on purpose, such as both ends of a scale.
FEWEST_COLUMNS = 4
# With fewer values equal columns are a chance, as of answers of yes and no.
FEWEST_VALUES = 10
# Of the columns that vary.
COPIED_SHARE = 0.5


def check(arrays: Sequence[np.ndarray]) -> list[Finding]:
    """Finds tables whose columns repeat each other, as if one had been read many times.

    Args:
        arrays: the inputs, `(examples, ...)`.
    """
    found = (_copied(array) for array in arrays if array.ndim == 2)
    return [finding for finding in found if finding is not None][:1]


def _copied(table):
    columns = [
        number
        for number in range(table.shape[1])
        if len(np.unique(table[:, number])) >= FEWEST_VALUES
    ]
    if len(columns) < FEWEST_COLUMNS:
        return None
    first: dict[bytes, int] = {}
    copies = [
        number
        for number in columns
        if first.setdefault(table[:, number].tobytes(), number) != number
    ]
    share = len(copies) / len(columns)
    if share < COPIED_SHARE:
        return None
    listed = first_few(copies)
    original = first[table[:, copies[0]].tobytes()]
    return Finding(
        kind="equal columns",
        where="data",
        value=share,
        observation=f"{len(copies)} of {len(columns)} columns of the inputs ({listed}) are "
        f"copies of others, such as {copies[0]} of {original}",
        meaning="They say nothing new, and the columns that they stand for are missing.",
        advice="Check how the columns are loaded and put together.",
    )
