"""Data that arrive in batches: tf.data, PyTorch's loaders and Keras's own."""

from typing import Any

import keras
import numpy as np

from keras_rectifiers.arguments import shown

_BATCH_SIZE = 1024


def is_loader(data: Any) -> bool:
    """Tells whether data arrive in batches."""
    is_tensorflow = hasattr(data, "element_spec") and hasattr(data, "batch")
    is_torch = hasattr(data, "dataset") and hasattr(data, "batch_size")
    return is_tensorflow or is_torch or isinstance(data, keras.utils.PyDataset)


def read_loader(loader: Any) -> tuple:
    """Reads all batches of a loader once.

    Returns:
        `(x, y)` or `(x, y, sample_weight)`, nests of arrays.

    Raises:
        ValueError: if it does not end, has no batches, or its batches are no such
            tuples.
    """
    batches = list(_batches(loader))
    if not batches:
        raise ValueError(
            f"Expected batches of data. Received: none from {shown(loader)}"
        )
    for batch in batches:
        if not isinstance(batch, tuple) or len(batch) not in (2, 3):
            raise ValueError(
                "Expected each batch to be (x, y) or (x, y, sample_weight). Received: "
                f"{type(batch).__name__} from {shown(loader)}"
            )
    return keras.tree.map_structure(lambda *parts: np.concatenate(parts), *batches)


def _batches(loader: Any):
    if hasattr(loader, "element_spec"):
        if int(loader.cardinality()) == -1:
            raise ValueError(
                "Expected data that end. Leave out repeat(), or add take(n). Received: "
                f"{shown(loader)}"
            )
        specs = keras.tree.flatten(loader.element_spec)
        if any(spec.shape.rank == 0 for spec in specs):  # single examples
            loader = loader.batch(_BATCH_SIZE)
        batches = loader
    elif isinstance(loader, keras.utils.PyDataset):
        if loader.num_batches is None:
            raise ValueError(
                f"Expected data that end. Received: {shown(loader)}, of unknown size."
            )
        batches = (loader[index] for index in range(loader.num_batches))
    else:
        if not hasattr(loader.dataset, "__len__"):
            raise ValueError(
                "Expected data that end. Use a dataset with a length. Received: "
                f"{shown(loader)}"
            )
        batches = loader
    for batch in batches:
        batch = tuple(batch) if isinstance(batch, list) else batch
        yield keras.tree.map_structure(np.asarray, batch)
