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
        ValueError: if it does not end or its size is not known, it has no batches, or
            its batches are no such tuples.
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
        _check_ends(loader)
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
        try:
            len(loader)
        except (TypeError, NotImplementedError) as error:  # of a stream or a sampler
            raise ValueError(
                "Expected data that end. Use a dataset and a sampler with a length. "
                f"Received: {shown(loader)}"
            ) from error
        batches = loader
    for batch in batches:
        batch = tuple(batch) if isinstance(batch, list) else batch
        yield keras.tree.map_structure(np.asarray, batch)


def _check_ends(dataset: Any) -> None:
    """Refuses a tf.data dataset that has no end, or of which that is not known."""
    num_elements = int(dataset.cardinality())
    if num_elements == -1:
        raise ValueError(
            "Expected data that end. Leave out repeat(), or add take(n). Received: "
            f"{shown(dataset)}"
        )
    if num_elements == -2:  # a generator, which may be endless, or a filter
        raise ValueError(
            "Expected a dataset of known size. Add .apply(tf.data.experimental."
            f"assert_cardinality(n)) with its number of elements n. Received: "
            f"{shown(dataset)}"
        )
