"""Creates the layer of an activation from its name, and finds the name of a layer."""

import dataclasses
from typing import Any

import keras

from keras_rectifiers import layers
from keras_rectifiers.by_name import FUNCTIONS as FUNCTIONS
from keras_rectifiers.by_name import get as get
from keras_rectifiers.by_name import layer_and_settings
from keras_rectifiers.by_name import layer_class as layer_class
from keras_rectifiers.catalogue import CATALOGUE, Activation


def seeded(name: str, /, *, seed: int, **settings) -> keras.layers.Layer:
    """Creates the layer of an activation like `get`, with a seed if it accepts one.

    Without a seed, Keras draws one from Python's global random state, which changes it.
    """
    seeds = {"seed": seed} if layer_and_settings(name)[0] is layers.RReLU else {}
    return get(name, **settings | seeds)


def identify(activation: Any) -> Activation | None:
    """Returns the catalogue's entry for a layer or function.

    The entry's `kinks`, `piecewise_linear`, `bounded`, `flat_zero` and `elementwise`
    hold for `activation`; its `settings` and `derivative_range` may differ (a leaky
    ReLU with any slope is identified as `leaky_relu`). The kinks of an S-shaped ReLU
    are those that it starts with. A gated linear unit whose gate has no name of its own
    in the catalogue is identified as `glu`.

    Args:
        activation: an activation layer, or an activation function of Keras.

    Returns:
        The `Activation`, or None if the catalogue has no entry for it.
    """
    if isinstance(activation, keras.layers.Activation):
        activation = activation.activation
    # A subclass may compute anything.
    kind = type(activation)
    if kind is keras.layers.ReLU:
        plain = not (
            activation.max_value or activation.negative_slope or activation.threshold
        )
        return CATALOGUE["relu"] if plain else None
    if kind is keras.layers.LeakyReLU:
        leaky = activation.negative_slope > 0
        return CATALOGUE["leaky_relu" if leaky else "relu"]
    if kind is layers.RReLU:
        leaky = activation.upper > 0
        return CATALOGUE["rrelu" if leaky else "relu"]
    if kind is layers.ShiftedReLU:
        kink = activation.threshold
        shifted = dataclasses.replace(CATALOGUE["shifted_relu"], kinks=(kink,))
        return shifted if kink else CATALOGUE["relu"]
    if kind is keras.layers.ELU:
        kinked = dataclasses.replace(CATALOGUE["elu"], kinks=(0.0,))
        known = {0: CATALOGUE["relu"], 1: CATALOGUE["elu"]}
        return known.get(activation.alpha, kinked)
    if kind is layers.SShapedReLU:
        start = activation.get_config()
        kinks = tuple(
            start[f"{side}_threshold"]
            for side in ("lower", "upper")
            if start[f"{side}_slope"] != 1
        )
        return dataclasses.replace(CATALOGUE["s_shaped_relu"], kinks=kinks)
    if kind is layers.GatedLinearUnit:
        gate = identify(activation.activation)
        if gate is None:
            return CATALOGUE["glu"]
        for known in CATALOGUE.values():
            if known.gate == gate.name:
                return known
        return dataclasses.replace(
            CATALOGUE["glu"], kinks=gate.kinks, flat_zero=gate.flat_zero
        )
    if kind is keras.layers.PReLU:
        return CATALOGUE["prelu"]
    # No parameter of the others changes what is asked here.
    for known in CATALOGUE.values():
        if not known.settings and layer_class(known) is kind:
            return known
    name = getattr(activation, "__name__", "")
    if name and getattr(keras.activations, name, None) is activation:
        # Keras's functions carry slopes of their own, which they hide.
        return CATALOGUE.get(name)
    return None
