"""Layers made by the name of an activation, in the catalogue or in Keras."""

import keras
import pytest

from keras_rectifiers import RectifierNormal, gain, layers
from keras_rectifiers.by_name import FUNCTIONS, get
from keras_rectifiers.catalogue import CATALOGUE

NAMES = list(CATALOGUE)


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


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_names_of_keras_activations_are_taken_where_the_functions_are(name):
    function = FUNCTIONS[name]
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
