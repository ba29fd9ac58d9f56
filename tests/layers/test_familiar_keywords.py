"""Keywords of other libraries: each layer names its own instead."""

import re

import keras
import pytest

from keras_rectifiers import get, layers

CASES = [
    ("PReLU", "shared_axes", [1, 2], "over all axes except `channel_axis`"),
    ("PReLU", "alpha_initializer", "zeros", "it is `initializer` here"),
    ("PReLU", "alpha_regularizer", "l2", "it is `regularizer` here"),
    ("PReLU", "alpha_constraint", None, "it is `constraint` here"),
    ("PReLU", "num_parameters", 3, "one with shared=True"),
    ("PReLU", "init", 0.1, "initializer=keras.initializers.Constant(...)"),
    ("PReLU", "alpha", 0.1, "initializer=keras.initializers.Constant(...)"),
    ("PReLU", "negative_slope", 0.1, "initializer=keras.initializers.Constant(...)"),
    ("RReLU", "inplace", True, "never change their input"),
    ("RReLU", "negative_slope", 0.1, "from `lower` to `upper`"),
    ("RReLU", "alpha", 0.1, "from `lower` to `upper`"),
    ("SmoothReLU", "beta", 2.0, "the factor of x is `sharpness`"),
    ("SmoothReLU", "alpha", 2.0, "the factor of x is `sharpness`"),
    ("SmoothReLU", "threshold", 20, "leave it out"),
    ("SmoothReLU", "axis", 1, "is `channel_axis`"),
    ("ShiftedReLU", "theta", 1.0, "the kink is `threshold`"),
    ("ShiftedReLU", "alpha", 1.0, "the smallest value is `threshold`"),
    ("ShiftedReLU", "negative_slope", 0.1, "keras.layers.ReLU has `negative_slope`"),
    ("Maxout", "num_units", 4, "the number of output channels is `units`"),
    ("Maxout", "pool_size", 2, "the number of output channels as `units`"),
    ("Maxout", "dim", 1, "the axis of the channels is `channel_axis`"),
    ("SShapedReLU", "t_left_initializer", "zeros", "is `lower_threshold`, a number"),
    ("SShapedReLU", "a_left_initializer", "ones", "is `lower_slope`, a number"),
    ("SShapedReLU", "t_right_initializer", "ones", "not its distance from the other"),
    ("SShapedReLU", "a_right_initializer", "ones", "is `upper_slope`, a number"),
    ("SShapedReLU", "shared_axes", [1, 2], "over all axes except `channel_axis`"),
    ("Swish", "sharpness", 2.0, "the factor of x is `beta`"),
    ("Swish", "beta_initializer", "ones", "the initial value is `beta`"),
    ("SquaredReLU", "negative_slope", 0.1, "keras.layers.ReLU has `negative_slope`"),
    ("GatedLinearUnit", "dim", 1, "the axis of the channels is `channel_axis`"),
    ("GatedLinearUnit", "units", 4, "half as many output channels"),
    ("CReLU", "dim", 1, "the axis of the channels is `channel_axis`"),
    ("CReLU", "device", "cpu", "keras.device"),
]


@pytest.mark.parametrize(("layer", "keyword", "value", "advice"), CASES)
def test_a_keyword_of_another_library_gets_ours_named(layer, keyword, value, advice):
    beginning = re.escape(f"{layer} has no argument `{keyword}`: ")
    end = re.escape(f". Received: {keyword}={value!r}")
    with pytest.raises(ValueError, match=f"^{beginning}.*{end}$") as caught:
        getattr(layers, layer)(**{keyword: value})
    assert advice in str(caught.value)


@pytest.mark.parametrize("name", layers.__all__)
def test_each_argument_that_is_named_instead_is_one(name):
    layer = getattr(layers, name)
    module = __import__(layer.__module__, fromlist=["_KEYWORDS"])
    arguments = set(layer.__init__.__code__.co_varnames) | {"keras"}
    for keyword, advice in module._KEYWORDS.items():
        assert keyword not in arguments
        named = re.findall(r"`(\w+)`|(\w+)=", advice)
        others = {"max_value", "negative_slope", "alpha"}  # of Keras's own layers
        assert {a or b for a, b in named} - others <= arguments, keyword


def test_it_is_named_by_get_too():
    with pytest.raises(ValueError, match="it is `initializer` here"):
        get("prelu", alpha_initializer="zeros")


def test_other_keywords_are_for_keras_to_refuse():
    with pytest.raises(ValueError, match="Unrecognized keyword arguments"):
        layers.PReLU(chanel_axis=1)
    layer = layers.PReLU(name="slopes", trainable=False, dtype="float16")
    assert isinstance(layer, keras.layers.Layer)


def test_maxout_without_units_says_so():
    with pytest.raises(TypeError, match="expects `units` to be an integer"):
        layers.Maxout()


@pytest.mark.parametrize(
    ("layer", "settings"), [(layers.Maxout, {"units": 2}), (layers.CReLU, {})]
)
def test_the_axis_of_older_models_is_the_channel_axis(layer, settings):
    config = layer(**settings, channel_axis=1).get_config()
    config["axis"] = config.pop("channel_axis")
    assert layer.from_config(config).channel_axis == 1
    assert layer(**settings, axis=-2, channel_axis=-2).channel_axis == -2
    message = (
        f"{layer.__name__} expects `channel_axis` or its old name `axis`, not both. "
        "Received: channel_axis=2 and axis=1"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(**settings, channel_axis=2, axis=1)
