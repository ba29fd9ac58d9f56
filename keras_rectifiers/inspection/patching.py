"""Temporary changes to a model while the probe runs it."""

import itertools
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras

from keras_rectifiers import keras_internals
from keras_rectifiers.inspection.call_trace import replaced
from keras_rectifiers.inspection.gradients import with_derivative
from keras_rectifiers.inspection.hidden_activations import Site


@contextmanager
def recording(sites: Sequence[Site], mark: Callable):
    """Records the values at activations while the block runs the model once.

    Args:
        sites: where the activations are applied.
        mark: requests the gradient with respect to an activation, as in
            `keras_rectifiers.inspection.gradients.gradients`.

    Yields:
        A dictionary that is filled during the run: the index of a site -> the
        pre-activation z, the activation a, and the derivative f'(z), None unless the
        function is known to be piecewise linear or bounded. The entries are in the
        order of the run. If only the result of a layer can be seen, z is None too.

    Raises:
        ValueError: if the run did not pass through a site.
    """
    seen: dict[int, Any] = {}
    calls: dict[tuple[int, str], dict[int, int]] = {}
    layers = {}
    for index, site in enumerate(sites):
        is_fused = site.activation not in (None, site.applied_by)
        place = id(site.applied_by), "activation" if is_fused else "call"
        layers[place] = site.applied_by
        calls.setdefault(place, {})[site.call] = index

    def recorder(function, index_of_call):
        numbers = itertools.count()

        def apply(*args, **kwargs):
            index = index_of_call.get(next(numbers))
            if index is None:
                return function(*args, **kwargs)
            if sites[index].activation is None:
                result = function(*args, **kwargs)
                first, *others = keras.tree.flatten(result)
                first = mark(first)
                seen[index] = (None, first, None)
                return keras.tree.pack_sequence_as(result, [first, *others])
            seen[index] = _apply(function, sites[index].known, mark, *args, **kwargs)
            return seen[index][1]

        return apply

    with ExitStack() as stack:
        for place, index_of_call in calls.items():
            layer, (_, name) = layers[place], place
            apply = recorder(getattr(layer, name), index_of_call)
            stack.enter_context(replaced(layer, name, apply))
        yield seen
    for index, site in enumerate(sites):
        if index not in seen:
            raise ValueError(
                f"Expected the layer {site.name!r} to call self.activation. Let it do "
                "so, or leave self.activation out and add the activation as a "
                "separate layer. Received: an activation that the layer's call does "
                "not use."
            )


def _apply(activation, known, mark, z, *args, **kwargs):
    def function(z):
        return activation(z, *args, **kwargs)

    if known is not None and (known.piecewise_linear or known.bounded):
        a, derivative = with_derivative(function, z)
    else:
        a, derivative = function(z), None
    return z, mark(a), derivative


@contextmanager
def computing_in_float32(model):
    """Makes mixed-precision layers compute in float32 while the block runs.

    Half precision loses small gradients. Training avoids this by scaling the loss, but
    no single scale works for all layers. In float32, the precision of the weights, the
    gradients are those of the function that is trained.

    Args:
        model: any model. Layers with weights in half precision are not changed, nor are
            float64 layers.
    """
    with ExitStack() as stack:
        for layer in keras_internals.layers_within(model):
            if layer.variable_dtype == "float32" and layer.compute_dtype != "float32":
                policy = keras.DTypePolicy("float32")
                stack.enter_context(keras_internals.with_dtype_policy(layer, policy))
        yield
