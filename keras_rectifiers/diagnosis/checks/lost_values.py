"""Values that are NaN or infinite."""

from typing import Any

import keras
import numpy as np

from keras_rectifiers.diagnosis.findings import Finding, first_few


def not_finite(x: Any, y: Any) -> tuple[list[Finding], np.ndarray]:
    """Finds NaN and infinite values.

    Args:
        x, y: nests of arrays with the examples along the first axis.

    Returns:
        The findings, and for each example whether it is finite.
    """
    found = []
    finite = np.ones(len(keras.tree.flatten(x)[0]), bool)
    for name, nest in (("inputs", x), ("targets", y)):
        for array in keras.tree.flatten(nest):
            if array.dtype.kind != "f" or len(array) != len(finite):
                continue
            wrong = ~np.isfinite(array)
            rows = wrong.reshape(len(wrong), -1).any(1)
            if rows.any():
                finite &= ~rows
                found.append(_not_finite(name, array, wrong, rows))
    return found, finite


def _not_finite(name, array, wrong, rows):
    what = "NaN" if np.isnan(array[wrong]).all() else "NaN or infinite"
    first = ", ".join(map(str, np.flatnonzero(rows)[:3]))
    columns = ""
    if array.ndim == 2 and array.shape[1] > 1:
        bad = np.flatnonzero(wrong.any(0))
        columns = f", in {len(bad)} of {array.shape[1]} columns ({first_few(bad)})"
    return Finding(
        kind="not finite data",
        where="data",
        certainty="certain",
        observation=f"the {name} are {what} in {rows.sum()} of {len(rows)} examples "
        f"(the first rows: {first}){columns}",
        meaning="A single one of them makes the loss and all weights NaN.",
        advice="Remove these examples, or fill the missing values, for example with the "
        "mean of the column.",
    )


def without_lost_columns(x: Any) -> tuple[Any, list[Finding]]:
    """Finds columns that are NaN or infinite in every example.

    Args:
        x: a nest of arrays with the examples along the first axis.

    Returns:
        x, where these columns are 0, and the findings.
    """
    found = []

    def filled(array):
        if array.dtype.kind != "f" or array.ndim != 2 or len(array) < 2:
            return array
        lost = ~np.isfinite(array).any(0)
        if not lost.any() or lost.all():
            return array
        found.append(_lost_columns(np.flatnonzero(lost), array.shape[1]))
        return np.where(lost, np.zeros((), array.dtype), array)

    return keras.tree.map_structure(filled, x), found


def _lost_columns(lost, num_columns):
    return Finding(
        kind="not finite data",
        where="data",
        certainty="certain",
        observation=f"{len(lost)} of {num_columns} columns ({first_few(lost)}) of the inputs "
        "are NaN or infinite in every example",
        meaning="They make the loss and all weights NaN. It is so where a constant column "
        "is divided by its standard deviation, which is 0.",
        advice="Remove these columns, or add a small number to the standard deviation.",
    )
