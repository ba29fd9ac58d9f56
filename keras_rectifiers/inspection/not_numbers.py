"""What is said of inputs and targets that hold no numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

# Of the columns that are listed.
MOST_LISTED = 5
_GENERAL = (
    "From a data set, take one batch, as in x, y = next(iter(data)); convert classes to "
    "integers, and sparse or ragged arrays to dense ones."
)
_TO_COLUMNS = (
    "Encode them as numbers: categories as a column for each (pandas.get_dummies, or "
    'keras.layers.StringLookup with output_mode="one_hot"), sentences with '
    "keras.layers.TextVectorization; leave out what only names an example."
)
_TO_CLASSES = (
    "Encode the classes as integers: names, y = np.unique(y, return_inverse=True)."
)


def refusal(name: str, got: str, advice: str = _GENERAL) -> str:
    """The message for what holds no numbers.

    Args:
        name: "x" or "y".
        got: what was received.
        advice: what to do.
    """
    return (
        f"The probe batch {name} must hold arrays of numbers. Received: {got}. {advice}"
    )


def refusal_of_texts(name: str, array: np.ndarray, labels: Sequence[Any] = ()) -> str:
    """The message for an array of texts or of objects, which says where they are.

    Args:
        name: "x" or "y".
        array: of texts or objects, with the examples along the first axis.
        labels: the names of the columns, if they have some.
    """
    if not array.size:
        return refusal(name, "objects")
    is_table = array.ndim in (1, 2)
    table = array.reshape(len(array) if is_table else array.size, -1)

    def seen(what, holds):
        return _columns(what, table, holds, labels)

    if got := seen("texts", lambda value: _is_text(value) and not _is_number(value)):
        return refusal(name, got, _TO_COLUMNS if name == "x" else _TO_CLASSES)
    convert = f'Convert them: {name}.astype("float32").'
    if got := seen("numbers written as texts", _is_text):
        return refusal(name, got, convert)
    if got := seen("objects", lambda value: not _is_number(value)):
        return refusal(name, got)
    return refusal(name, "numbers in an array of objects", convert)


def _columns(what: str, table, holds: Callable[[Any], bool], labels) -> str:
    """What is in which columns, with an example of each; "" if it is in none."""
    num_columns = table.shape[1]
    labelled = len(labels) == num_columns
    found = []
    for number, column in enumerate(table.T):
        examples = [value for value in column.tolist() if holds(value)][:1]
        found += [(labels[number] if labelled else number, value) for value in examples]
    if not found:
        return ""
    if num_columns == 1:
        ((label, value),) = found
        return f"{what}{f' in {label}' * labelled}, such as {value!r}"
    listed = [f"{label} (such as {value!r})" for label, value in found[:MOST_LISTED]]
    listed += ["..."] * (len(found) > MOST_LISTED)
    return f"{what} in {len(found)} of {num_columns} columns: {', '.join(listed)}"


def _is_text(value) -> bool:
    return isinstance(value, (str, bytes))


def _is_number(value) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
