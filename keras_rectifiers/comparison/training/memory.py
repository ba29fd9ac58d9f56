"""How many members of a population fit into memory together."""

import contextlib
import math
from typing import Any

import keras

from keras_rectifiers import keras_internals
from keras_rectifiers.comparison.training import part_sizes
from keras_rectifiers.inspection.call_trace import replaced

# A population is cut where it would need more than this, so that two workers fit in
# the memory of a laptop.
MEMORY_LIMIT = 2e9

# What the peak of memory was measured to be made of, in float32.
_BYTES = 4
# Of each member: weights and two moments of the optimizer, before and after an epoch,
# while parts of them are taken apart and together; or, untrained, weights and gradients.
COPIES_OF_WEIGHTS = 10
COPIES_OF_WEIGHTS_UNTRAINED = 6
# Of those that train at once, for each example of a batch: what the layers return, with
# their gradients.
_COPIES_TRAINED = 2
# Of those whose layers are measured at once, for each example of the probe.
_COPIES_PROBED = 4

_ATTENTION = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)


def most_members(
    model: keras.Model, x: Any, *, epochs: int, batch_size: int, probe_size: int
) -> int:
    """Estimates how many members of a model can be trained with 2 GB of memory.

    Args:
        model: a built model.
        x: the inputs of an example, as a batch of one.
        epochs: the number of epochs; 0: they are only measured.
        batch_size: examples in a step.
        probe_size: examples on which the layers are measured; 0: they are not.

    Returns:
        At least 1.
    """
    weights = sum(math.prod(variable.shape) for variable in model.weights)
    weights *= COPIES_OF_WEIGHTS if epochs else COPIES_OF_WEIGHTS_UNTRAINED
    returned = returned_floats(model, x)
    trained = _COPIES_TRAINED * returned * batch_size * bool(epochs)
    probed = _COPIES_PROBED * returned * probe_size
    # Convolutions are trained and measured one member after another.
    if part_sizes.has_convolutions(model):
        room = MEMORY_LIMIT / _BYTES - part_sizes.NUM_THREADS * (trained + probed)
        return max(1, int(room / weights))
    each = weights + trained + probed / part_sizes.NUM_THREADS
    return max(1, int(MEMORY_LIMIT / _BYTES / each))


def returned_floats(model: keras.Model, x: Any) -> int:
    """How many numbers all layers of a model return together for one example.

    With the scores of attention, which no layer returns.
    """
    found = 0

    def noting(layer, call):
        def noted(*args, **kwargs):
            nonlocal found
            result = call(*args, **kwargs)
            found += sum(math.prod(shape[1:]) for shape in _shapes(result))
            if isinstance(layer, _ATTENTION):
                query, value = (_shapes((args, kwargs)) * 2)[:2]
                scores = math.prod(query[1:-1]) * math.prod(value[1:-1])
                heads = getattr(layer, "num_heads", 0) or layer.num_query_heads
                found += 2 * heads * scores  # before softmax and after
            return result

        return replaced(layer, "call", noted)

    with contextlib.ExitStack() as stack:
        for layer in keras_internals.layers_within(model):
            if not isinstance(layer, keras.Model):
                stack.enter_context(noting(layer, layer.call))
        model(x)
    return found


def _shapes(tensors: Any) -> list[tuple]:
    shapes = (getattr(t, "shape", ()) for t in keras.tree.flatten(tensors))
    return [tuple(shape) for shape in shapes if len(shape)]
