"""Layers made by their names, and named by what they are."""

import keras
import pytest

from keras_rectifiers import layers
from keras_rectifiers.activations import get, identify
from keras_rectifiers.catalogue import CATALOGUE

NAMES = list(CATALOGUE)
SETTINGS = {"maxout": {"units": 2}}


@pytest.mark.parametrize("name", NAMES)
def test_a_made_layer_is_identified_as_what_it_is(name):
    found = identify(get(name, **SETTINGS.get(name, {})))
    assert found is not None
    kind = (found.kinks, found.piecewise_linear, found.bounded, found.flat_zero)
    entry = CATALOGUE[name]
    assert kind == (
        entry.kinks,
        entry.piecewise_linear,
        entry.bounded,
        entry.flat_zero,
    )


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        (keras.activations.relu, "relu"),
        (keras.activations.tanh, "tanh"),
        (keras.activations.softplus, "softplus"),
        (keras.activations.softmax, "softmax"),
        (keras.layers.Softmax(), "softmax"),
        (layers.CReLU(channel_axis=1), "crelu"),
        (layers.RReLU(0, 0, form="slope"), "relu"),
        (layers.RReLU(0, 0.1, form="slope"), "rrelu"),
        (keras.layers.ELU(alpha=0), "relu"),
        (keras.layers.ELU(), "elu"),
        (keras.layers.LeakyReLU(negative_slope=0.3), "leaky_relu"),
        (keras.layers.LeakyReLU(negative_slope=0.0), "relu"),
        (layers.ShiftedReLU(threshold=0.0), "relu"),
        (keras.layers.ReLU(max_value=6.0), None),
        (lambda x: x, None),
        (type("Cubed", (keras.layers.ReLU,), {})(), None),
        (keras.layers.Dropout(0.5), None),
        (layers.Swish(3.0, learnable=False), "learned_swish"),
        (keras.activations.silu, "silu"),
        (keras.activations.glu, "glu"),
        (layers.GatedLinearUnit(), "glu"),
        (layers.GatedLinearUnit(keras.activations.relu), "reglu"),
        (layers.GatedLinearUnit(keras.layers.ReLU()), "reglu"),
    ],
)
def test_layers_and_functions_of_keras_are_identified(activation, name):
    assert identify(activation) is (None if name is None else CATALOGUE[name])


@pytest.mark.parametrize(
    ("layer", "kinks"),
    [
        (keras.layers.ELU(alpha=2.0), (0.0,)),
        (layers.ShiftedReLU(0.5), (0.5,)),
        (layers.SShapedReLU(), (0.0,)),
        (layers.SShapedReLU(-2.0, 0.1, 3.0, 0.2), (-2.0, 3.0)),
        (layers.GatedLinearUnit("leaky_relu"), (0.0,)),
        (layers.GatedLinearUnit(layers.Swish()), ()),
        (layers.GatedLinearUnit(lambda x: x), ()),
    ],
)
def test_kinks_are_those_of_the_layer_and_not_of_the_entry(layer, kinks):
    found = identify(layer)
    assert found is not None
    assert found.kinks == kinks


def test_a_gated_unit_is_exactly_zero_where_its_gate_is():
    found = identify(layers.GatedLinearUnit("squared_relu"))
    assert found is not None
    assert (found.name, found.flat_zero, found.elementwise) == ("glu", True, False)
