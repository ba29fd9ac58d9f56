"""Batch normalisation of models that have not been trained yet.

In inference it uses moving averages, which are 0 and 1 at the start. With them it does
nothing, and a deep model looks as if it were not normalised.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.inspection.batch import mode_of, random_stream_kept
from keras_rectifiers.inspection.call_trace import replaced
from keras_rectifiers.inspection.patching import computing_in_float32


def are_initial(model: keras.Model) -> bool:
    """Whether a model has batch normalisation, all of it as it begins."""
    layers = _normalisations(model)
    return bool(layers) and all(
        not _array(layer.moving_mean).any()
        and (_array(layer.moving_variance) == 1).all()
        for layer in layers
    )


def with_batch_statistics(
    model: keras.Model, values: tuple[Sequence, Sequence], x
) -> tuple[Sequence, Sequence]:
    """Sets the moving averages to the means and variances of a batch.

    Args:
        model: a built model, which keeps its values.
        values: as for `probe`.
        x: inputs from `checked_batch`.

    Returns:
        The values, of which other averages are those that x has in each layer. Frozen
        layers keep theirs.
    """
    if not _normalisations(model):
        return values
    with (
        computing_in_float32(model),
        at_most_momentum(model, 0.0),
        random_stream_kept(),
    ):
        _, states = model.stateless_call(*values, x, **mode_of(model.call, True))
    return values[0], states


@contextmanager
def at_most_momentum(model: keras.Model, momentum: float) -> Iterator[None]:
    """Lets moving averages follow the batches faster while the block runs."""
    with ExitStack() as stack:
        for layer in _normalisations(model):
            least = min(layer.momentum, momentum)
            stack.enter_context(replaced(layer, "momentum", least))
        yield


def _normalisations(model) -> list:
    return [
        layer
        for layer in keras_internals.layers_within(model)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]


def _array(variable) -> np.ndarray:
    return ops.convert_to_numpy(variable)
