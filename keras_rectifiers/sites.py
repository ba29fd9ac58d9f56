"""Where a Sequential model applies its hidden activations.

Keras does not mark activations as such. What Keras ships is known by its class; of a
layer that the user wrote, or a `Lambda`, nothing is known but its shapes and weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import keras

from keras_rectifiers.catalogue import identify


@dataclass(frozen=True)
class Site:
    """A place where an activation is applied.

    Args:
        activation: the layer or the function.
        applied_by: the layer that applies it: itself, or the layer it is given to.
        weighted: the dense or convolution layer before it, which may be `applied_by`.
    """

    activation: Any
    applied_by: keras.layers.Layer
    weighted: keras.layers.Layer


def hidden_activations(model: keras.Sequential) -> list[Site]:
    """Lists the hidden activations of a Sequential model, from the input on.

    They are the activations between a dense or convolution layer (one with a `kernel`)
    and the next one:

    - the `activation=` of the first, if it is not linear;
    - each layer that Keras or the catalogue has as an activation;
    - each layer of the user's own, or `Lambda`, that keeps the shape and has no kernel.
      Nothing is known of its function.

    Several in a row are as many sites. Where there is none, the first layer of the
    user's own that changes the shape counts as one, such as a gated linear unit; where
    there is none of these either, the layer with the kernel counts as linear. Keras's
    other layers, such as normalisation, dropout and pooling, are never sites.

    Args:
        model: a built Sequential model.

    Returns:
        Their sites.

    Raises:
        TypeError, ValueError: as `probe`.
    """
    if not isinstance(model, keras.Sequential):
        raise TypeError(
            "The probe reads Sequential models only. Got "
            f"{type(model).__name__} {getattr(model, 'name', '')!r}; build it as "
            "keras.Sequential([...])."
        )
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} is not built yet, so it has no weights. Start "
            "it with keras.Input(shape), or call model.build(input_shape)."
        )
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            raise ValueError(
                f"The model {model.name!r} holds another model, {layer.name!r}, into "
                "which the probe does not look. Put its layers into one Sequential."
            )
    weighted = [i for i, layer in enumerate(model.layers) if _is_weighted(layer)]
    sites = [
        site
        for first, following in pairwise(weighted)
        for site in _between(model.layers[first], model.layers[first + 1 : following])
    ]
    if not sites:
        raise ValueError(
            f"The model {model.name!r} has no hidden activation to measure: expected "
            "at least two dense or convolution layers, got "
            f"{[layer.name for layer in model.layers]}."
        )
    for site in sites:
        _check_kernel(site.weighted)
    return sites


def _between(weighted, followers: Sequence) -> list[Site]:
    """The sites of a weighted layer and of the layers up to the next one."""
    sites = [Site(f, f, weighted) for f in followers if _is_activation(f)]
    fused = getattr(weighted, "activation", None)
    linear = fused is keras.activations.linear
    if fused is not None and not linear:
        sites.insert(0, Site(fused, weighted, weighted))
    if sites:
        return sites
    for follower in followers:
        if _may_be_activation(follower):
            return [Site(follower, follower, weighted)]
    return [Site(fused, weighted, weighted)] if linear else []


def _is_weighted(layer) -> bool:
    # A wrapper shows the kernel of the layer within, which it calls in its own way.
    return hasattr(layer, "kernel") and not isinstance(layer, keras.layers.Wrapper)


def _is_activation(layer) -> bool:
    # With settings that the catalogue does not know, they are activations all the same.
    kinds = (
        keras.layers.Activation,
        keras.layers.ReLU,
        keras.layers.LeakyReLU,
        keras.layers.PReLU,
        keras.layers.ELU,
        keras.layers.Softmax,
    )
    return (
        isinstance(layer, kinds)
        or identify(layer) is not None
        or (_may_be_activation(layer) and layer.input.shape == layer.output.shape)
    )


def _may_be_activation(layer) -> bool:
    """Whether Keras does not tell what the layer is, and it has no kernel."""
    of_keras = (c for c in type(layer).__mro__ if c.__module__.startswith("keras."))
    if next(of_keras) not in (keras.layers.Layer, keras.layers.Lambda):
        return False
    # An activation's own weights stand for channels, positions or elements; what does
    # not broadcast against its input mixes units, as a kernel does.
    return all(
        len(weight.shape) < 2 or _broadcasts(weight.shape, layer.input.shape)
        for weight in layer.weights
    )


def _broadcasts(shape: Sequence, batch_shape: Sequence) -> bool:
    pairs = zip(reversed(shape), reversed(batch_shape[1:]), strict=False)
    return len(shape) < len(batch_shape) and all(
        size in (1, other) for size, other in pairs
    )


def _check_kernel(layer) -> None:
    kernel = layer.kernel
    if isinstance(kernel, keras.Variable) and "float" in kernel.dtype:
        return
    raise ValueError(
        f"The layer {layer.name!r} has no kernel of its own to take a gradient of: "
        "it is quantised, or adapted with LoRA. Expected a kernel that is one variable "
        "of floats; probe the model before quantize() or enable_lora()."
    )
