"""What is done to a model for as long as the probe runs it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras

from keras_rectifiers.catalogue import identify
from keras_rectifiers.differentiation import with_derivative
from keras_rectifiers.sites import Site


@contextmanager
def recording(sites: Sequence[Site], mark: Callable):
    """Records what passes through activations while the block runs the model.

    Args:
        sites: where the activations are applied.
        mark: asks for the gradient with regard to an activation, as in
            `keras_rectifiers.differentiation.gradients`.

    Yields:
        A list with an entry for each site, filled during the run: the pre-activation
        z, the activation a, and the derivative f'(z), None unless the function is
        known to be piecewise linear or bounded.

    Raises:
        ValueError: if the run did not pass through a site.
    """
    seen: list[Any] = [None] * len(sites)

    def recorder(index, activation, known):
        wants_derivative = known is not None and (
            known.piecewise_linear or known.bounded
        )

        def apply(z, *args, **kwargs):
            def function(z):
                return activation(z, *args, **kwargs)

            a, derivative = (
                with_derivative(function, z)
                if wants_derivative
                else (function(z), None)
            )
            a = mark(a)
            seen[index] = (z, a, derivative)
            return a

        return apply

    with ExitStack() as stack:
        for index, site in enumerate(sites):
            name = "call" if site.applied_by is site.activation else "activation"
            apply = recorder(
                index, getattr(site.applied_by, name), identify(site.activation)
            )
            stack.enter_context(_replaced(site.applied_by, name, apply))
        yield seen
    for site, arrays in zip(sites, seen, strict=True):
        if arrays is None:
            raise ValueError(
                f"The layer {site.applied_by.name!r} has an activation that its call "
                "does not use, so the probe cannot see it. Expected that it calls "
                "self.activation; or leave that out and add the activation as a layer "
                "of its own."
            )


@contextmanager
def computing_in_float32(model):
    """Lets layers of mixed precision compute in float32 while the block runs.

    Half precision loses small gradients; training keeps them by scaling the loss, but
    no one scale keeps those of all layers. In float32, the precision of the weights,
    the gradients are those of the function that is trained.

    Args:
        model: any model. Layers that hold their weights in half precision stay as
            they are, and so do float64 layers.
    """
    with ExitStack() as stack:
        for layer in model._flatten_layers():
            if layer.variable_dtype == "float32" and layer.compute_dtype != "float32":
                # The public setter changes a map of policies for good.
                policy = keras.DTypePolicy("float32")
                stack.enter_context(_replaced(layer, "_dtype_policy", policy))
        yield


@contextmanager
def _replaced(layer, name: str, value):
    """Gives a layer another value of an attribute while the block runs."""
    own = vars(layer)
    replaced = {name: own[name]} if name in own else {}
    # Past Keras's own __setattr__, which would track and lock the attribute.
    object.__setattr__(layer, name, value)
    try:
        yield
    finally:
        object.__delattr__(layer, name)
        own.update(replaced)
