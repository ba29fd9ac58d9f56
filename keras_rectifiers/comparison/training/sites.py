"""Where the layers of a model are measured."""

import warnings
from collections.abc import Callable

import keras
from keras import ops

from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import find_sites


def sites_of(
    model: keras.Model, x, find: Callable[[keras.Model], list[Site]] | None = None
) -> list[Site]:
    """Where the layers of a model are measured; nowhere, with a warning, if they cannot.

    Args:
        model: a built model.
        x: a batch of inputs, as arrays.
        find: finds them. Default: every hidden activation.
    """
    if find is not None:
        return find(model)
    try:
        return find_sites(model, keras.tree.map_structure(ops.convert_to_tensor, x))
    except ValueError as error:
        warn_unmeasured(error)
        return []


def warn_unmeasured(error: Exception) -> None:
    """Tells why the layers are not measured."""
    warnings.warn(
        "The layers are not measured; set measures=False to avoid this warning. "
        f"Received: {error}",
        stacklevel=3,
    )
