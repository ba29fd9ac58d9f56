"""The examples to look at, from arrays or from data that arrive in batches."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.diagnosis.checks.lost_values import (
    not_finite,
    without_lost_columns,
)
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.rehearsal import NUM_EXAMPLES as NUM_LOST

NUM_EXAMPLES = 512
# Of arrays; what the layers return for all images of a data set fills the memory.
MOST_EXAMPLES = 2048
# Batches of another size that are passed over.
MOST_OTHERS = 100


def taken(x: Any, y: Any) -> tuple[Any, Any]:
    """Takes examples from what `model.fit` accepts.

    Args:
        x: arrays; or a data set (`tf.data.Dataset`, a PyTorch loader, a
            `keras.utils.PyDataset`, a generator) of batches `(x, y)`.
        y: the targets; None for a data set, which has them.

    Returns:
        x and y. Of a data set the first batches, until they hold `NUM_EXAMPLES`; where
        sequences or images differ in size, those that are of the size of the first.

    Raises:
        ValueError: if there are no targets, if the batches are not `(x, y)`, or if there
            are none.
    """
    if not _is_data_set(x):
        if y is None:
            raise ValueError(
                "Expected the targets y beside the inputs x, as in diagnose(model, x, y), "
                "or a data set of batches (x, y). Received: x of type "
                f"{type(x).__name__} and y=None."
            )
        return x, y
    if y is not None:
        raise ValueError(
            "Expected arrays x and y, or a data set alone, which has the targets. Leave y "
            f"out. Received: x of type {type(x).__name__} and y."
        )
    batches, num_examples, num_others = [], 0, 0
    for batch in _batches(x):
        if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
            raise ValueError(
                "Expected a data set whose batches are (x, y) or (x, y, sample_weight). "
                f"Received: batches of type {type(batch).__name__}."
            )
        batch = keras.tree.map_structure(np.asarray, tuple(batch[:2]))
        if 0 in (array.ndim for array in keras.tree.flatten(batch)):
            raise ValueError(
                "Expected a data set of batches. Add .batch(32). Received: single "
                "examples."
            )
        if batches and _sizes(batch) != _sizes(batches[0]):
            num_others += 1
            if num_others > MOST_OTHERS:
                break
            continue
        batches.append(batch)
        num_examples += len(keras.tree.flatten(batch[0])[0])
        if num_examples >= NUM_EXAMPLES:
            break
    if not batches:
        raise ValueError("Expected a data set with batches. Received: none.")
    x, y = keras.tree.map_structure(lambda *parts: np.concatenate(parts), *batches)
    return keras.tree.map_structure(lambda array: array[:NUM_EXAMPLES], (x, y))


def finite(x: Any, y: Any) -> tuple[Any, Any, list[Finding]]:
    """The examples without those that are NaN or infinite, and what was found.

    Args:
        x, y: nests of arrays. Where none is finite they are left as they are; columns
            of which no value is finite are 0.
    """
    try:
        as_arrays = [keras.tree.map_structure(np.asarray, nest) for nest in (x, y)]
        as_arrays[0], of_columns = without_lost_columns(as_arrays[0])
        found, are_finite = not_finite(*as_arrays)
        found = of_columns + found
    except Exception:  # `checked_batch` says what is wrong with it
        return x, y, []
    if not found or not are_finite.any():
        return x, y, found
    x, y = (keras.tree.map_structure(lambda a: a[are_finite], n) for n in as_arrays)
    return x, y, found


def with_lost(x: Any, y: Any, *, like: tuple) -> tuple | None:
    """Some examples, among them some that are NaN or infinite; None if there are none.

    Args:
        x, y: nests of arrays.
        like: x and y as tensors, without these examples.
    """
    arrays = [np.asarray(array) for array in keras.tree.flatten((x, y))]
    tensors = keras.tree.flatten(like)
    if len(arrays) != len(tensors):
        return None
    found, are_finite = not_finite(arrays[:-1], arrays[-1:])
    if not found:
        return None
    few = np.flatnonzero(~are_finite)[: NUM_LOST // 2]
    rows = np.sort([*few, *np.flatnonzero(are_finite)[: NUM_LOST - len(few)]])
    taken = [
        ops.convert_to_tensor(array[rows], dtype=tensor.dtype)
        for array, tensor in zip(arrays, tensors, strict=True)
    ]
    return keras.tree.pack_sequence_as(like, taken)


def at_most(x: Any, y: Any) -> tuple[Any, Any]:
    """At most `MOST_EXAMPLES` of the examples, from all parts, as they may be sorted.

    Args:
        x, y: nests of arrays. Where they do not fit each other they are left as they are.
    """
    arrays = keras.tree.flatten((x, y))
    if not all(getattr(array, "shape", ()) for array in arrays):
        return x, y
    num_examples = arrays[0].shape[0]
    others = {array.shape[0] for array in arrays} - {num_examples}
    if others or num_examples is None or num_examples <= MOST_EXAMPLES:
        return x, y
    rows = np.linspace(0, num_examples - 1, MOST_EXAMPLES).astype(int)
    return keras.tree.map_structure(lambda array: _rows(array, rows), (x, y))


def _rows(array, rows):
    """Rows of an array, or of a frame with the names of its columns."""
    return array.iloc[rows] if hasattr(array, "iloc") else np.asarray(array)[rows]


def _is_data_set(x) -> bool:
    arrays = isinstance(x, (np.ndarray, list, tuple, dict, str)) or hasattr(x, "shape")
    return not arrays and (hasattr(x, "__iter__") or hasattr(x, "__getitem__"))


def _sizes(batch) -> list[tuple]:
    return [array.shape[1:] for array in keras.tree.flatten(batch)]


def _batches(x):
    if isinstance(x, keras.utils.PyDataset):
        return (x[index] for index in range(x.num_batches or 10**9))
    return iter(x)
