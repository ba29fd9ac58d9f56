"""Where a Sequential model applies its hidden activations."""

from dataclasses import dataclass
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
    sites: list[Site] = []
    weighted = None
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            raise ValueError(
                f"The model {model.name!r} holds another model, {layer.name!r}, into "
                "which the probe does not look. Put its layers into one Sequential."
            )
        if _is_weighted(layer):
            # The one before had no activation up to here: it counts as linear.
            if weighted is not None and not (sites and sites[-1].weighted is weighted):
                sites.append(Site(weighted.activation, weighted, weighted))
            weighted, num_hidden = layer, len(sites)
            if layer.activation is not keras.activations.linear:
                sites.append(Site(layer.activation, layer, layer))
        elif weighted is not None and _is_activation(layer):
            sites.append(Site(layer, layer, weighted))
    if weighted is None or num_hidden == 0:
        raise ValueError(
            f"The model {model.name!r} has no hidden activation to measure: expected "
            "at least two dense or convolution layers, got "
            f"{[layer.name for layer in model.layers]}."
        )
    return sites[:num_hidden]


def _is_weighted(layer) -> bool:
    return hasattr(layer, "kernel") and hasattr(layer, "activation")


def _is_activation(layer) -> bool:
    # With settings that the catalogue does not know, they are activations all the same.
    kinds = (
        keras.layers.Activation,
        keras.layers.ReLU,
        keras.layers.LeakyReLU,
        keras.layers.ELU,
        keras.layers.Softmax,
    )
    return isinstance(layer, kinds) or identify(layer) is not None
