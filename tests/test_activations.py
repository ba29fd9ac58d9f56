"""Layers made by their names, and named by what they are."""

import keras
import pytest

from keras_rectifiers import RectifierNormal, activations, gain, layers
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


def test_get_passes_settings_on():
    assert get("maxout", units=3).units == 3
    assert get("leaky_relu", negative_slope=0.3).negative_slope == 0.3
    assert get("silu", name="named").name == "named"


def test_get_makes_a_new_layer_at_each_call():
    assert isinstance(get("rrelu"), layers.RReLU)
    assert get("rrelu") is not get("rrelu")


def test_get_names_the_near_ones_of_the_catalogue_and_of_keras():
    with pytest.raises(
        ValueError,
        match=r"^Neither the catalogue nor keras\.activations has 'mishh'\. "
        r"Nearest: mish, swish\.$",
    ):
        get("mishh")
    with pytest.raises(
        ValueError, match=r"They have: celu, crelu, .*, very_leaky_relu"
    ):
        get("xyzzy")
    with pytest.raises(
        TypeError,
        match=r"^Expected the name of an activation, such as 'rrelu'\. "
        r"Received: \['relu'\], of type list\.$",
    ):
        get(["relu"])


@pytest.mark.parametrize("name", sorted(activations.FUNCTIONS))
def test_names_of_keras_activations_are_taken_where_the_functions_are(name):
    function = activations.FUNCTIONS[name]
    if name in NAMES and name != "linear":  # the catalogue's parameters come first
        return
    if name == "threshold":
        with pytest.raises(ValueError, match=r"Use keras_rectifiers\.ShiftedReLU"):
            get(name)
        return
    assert get(name).activation is function

    def result(activation):
        try:
            return float(gain(activation))
        except ValueError as error:
            return str(error)

    assert result(name) == result(function)
    keras.Sequential([keras.Input((4,)), get(name)])


@pytest.mark.parametrize(
    ("name", "slope"),
    [("leaky_relu_0.3", 0.3), ("leaky_relu_0", 0), ("leaky_relu_1e-3", 0.001)],
)
def test_a_leaky_relu_has_the_slope_of_its_name(name, slope):
    assert get(name).negative_slope == slope
    assert gain(name) == gain(slope)


@pytest.mark.parametrize("name", ["leaky_relu_", "leaky_relu_x", "leaky_relu_1e999"])
def test_a_slope_that_is_no_number_is_refused(name):
    with pytest.raises(ValueError, match=f"has {name!r}. Nearest: leaky_relu"):
        get(name)


def test_other_names_of_one_function_mean_the_same():
    assert get("hard_swish").activation is get("hard_silu").activation
    assert gain("hard_swish") == gain("hard_silu")
    assert RectifierNormal("mish").scale == gain("mish") ** 2


def test_swish_is_silu_as_in_keras_unless_it_is_to_learn():
    assert get("swish").activation is get("silu").activation
    layer = get("learned_swish")
    layer.build((None, 3))
    assert len(layer.trainable_weights) == 1
    assert gain("learned_swish") == gain("silu")
