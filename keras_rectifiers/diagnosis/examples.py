"""The examples to look at, from arrays or from data that arrive in batches."""

from typing import Any

import keras
import numpy as np

NUM_EXAMPLES = 512


def taken(x: Any, y: Any) -> tuple[Any, Any]:
    """Takes examples from what `model.fit` accepts.

    Args:
        x: arrays; or a data set (`tf.data.Dataset`, a PyTorch loader, a
            `keras.utils.PyDataset`, a generator) of batches `(x, y)`.
        y: the targets; None for a data set, which has them.

    Returns:
        x and y. Of a data set the first batches, until they hold `NUM_EXAMPLES`.

    Raises:
        ValueError: if the batches are not `(x, y)`, or if there are none.
    """
    if y is not None or not _is_data_set(x):
        return x, y
    batches, num_examples = [], 0
    for batch in _batches(x):
        if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
            raise ValueError(
                "Expected a data set whose batches are (x, y) or (x, y, sample_weight). "
                f"Received: batches of type {type(batch).__name__}."
            )
        batch = keras.tree.map_structure(np.asarray, tuple(batch[:2]))
        if keras.tree.flatten(batch[0])[0].ndim == 0:
            raise ValueError(
                "Expected a data set of batches. Add .batch(32). Received: single "
                "examples."
            )
        batches.append(batch)
        num_examples += len(keras.tree.flatten(batch[0])[0])
        if num_examples >= NUM_EXAMPLES:
            break
    if not batches:
        raise ValueError("Expected a data set with batches. Received: none.")
    x, y = keras.tree.map_structure(lambda *parts: np.concatenate(parts), *batches)
    return keras.tree.map_structure(lambda array: array[:NUM_EXAMPLES], (x, y))


def _is_data_set(x) -> bool:
    arrays = isinstance(x, (np.ndarray, list, tuple, dict, str)) or hasattr(x, "shape")
    return not arrays and (hasattr(x, "__iter__") or hasattr(x, "__getitem__"))


def _batches(x):
    if isinstance(x, keras.utils.PyDataset):
        return (x[index] for index in range(x.num_batches or 10**9))
    return iter(x)
