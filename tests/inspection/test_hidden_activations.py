"""Which layers count as hidden activations."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers.inspection.hidden_activations import hidden_activations


class Swish(layers.Layer):
    """An activation of which Keras and the catalogue know nothing."""

    def call(self, x):
        return x * ops.sigmoid(x)


class Scaled(layers.Layer):
    """An activation with weights of a given shape."""

    def __init__(self, shape, **kwargs):
        super().__init__(**kwargs)
        self.shape = shape

    def build(self, input_shape):
        self.scale = self.add_weight(shape=self.shape)

    def call(self, x):
        return x * self.scale


class ChannelsFirst(layers.Layer):
    """An activation with a weight for each channel, along the first axis."""

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[1],))

    def call(self, x):
        return x * ops.reshape(self.scale, (-1, 1))


class Mixing(layers.Layer):
    """A dense layer as tutorials write it, with its weights not named a kernel."""

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], input_shape[-1]))

    def call(self, x):
        return ops.matmul(x, self.w)


class Blend(layers.Layer):
    """A layer with a kernel, and an `activation` as given."""

    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, activation

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units))

    def call(self, x):
        x = ops.matmul(x, self.kernel)
        return x if self.activation is None else self.activation(x)


class GatedLinear(layers.Layer):
    """An activation that halves the number of units."""

    def call(self, x):
        value, gate = ops.split(x, 2, axis=-1)
        return value * ops.sigmoid(gate)


class SilentDropout(layers.Dropout):
    """A kind of dropout of the user's own."""


class CappedReLU(layers.ReLU):
    """A kind of ReLU of the user's own."""


def sites(*between, shape=(4,), first=None):
    """The sites of a net: first layer, those between, last layer.

    Each as the name of what applies it and the name of the layer before it.
    """
    first = first or layers.Dense(4, name="first")
    model = keras.Sequential([keras.Input(shape), first, *between, layers.Dense(3)])
    found = hidden_activations(model)
    for site in found:
        assert site.activation is site.applied_by or site.applied_by is site.weighted
    return [(site.applied_by.name, site.weighted.name) for site in found]


@pytest.mark.parametrize(
    "make",
    [
        Swish,
        layers.PReLU,
        layers.Softmax,
        CappedReLU,
        lambda **kwargs: layers.Lambda(lambda x: x * ops.sigmoid(x), **kwargs),
        lambda **kwargs: Scaled((), **kwargs),
        lambda **kwargs: Scaled((4,), **kwargs),
    ],
)
def test_a_layer_that_keeps_the_shape_is_an_activation(make):
    assert sites(make(name="f")) == [("f", "first")]


@pytest.mark.parametrize("shape", [(4, 4, 2), (1, 1, 2), (4, 1, 1), (2,)])
def test_an_activation_of_images_may_have_weights_for_each_element(shape):
    convolution = layers.Conv2D(2, 3, padding="same", name="first")
    between = [Scaled(shape, name="f"), layers.Flatten()]
    assert sites(*between, shape=(4, 4, 1), first=convolution) == [("f", "first")]


@pytest.mark.parametrize(
    "gated",
    [
        lambda h: h * ops.sigmoid(h),
        lambda h: layers.Multiply()([layers.Activation("sigmoid")(h), h]),
        lambda h: layers.Multiply()([layers.Dense(4, "sigmoid")(h), h]),
        lambda h: ops.tanh(h) * ops.sigmoid(h),
    ],
)
def test_of_a_gate_the_product_is_the_activation(gated):
    start = keras.Input((4,))
    hidden = gated(layers.Dense(4, "relu", name="first")(start))
    model = keras.Model(start, layers.Dense(3)(hidden))
    x = ops.ones((2, 4))
    found = hidden_activations(model, lambda: model(x), x)
    names = [site.applied_by.name for site in found if site.name != "first"]
    assert [name.partition("_")[0] for name in names] == ["multiply"]


def test_an_activation_may_have_a_weight_for_each_channel_along_any_axis():
    between = [ChannelsFirst(name="f"), layers.Flatten()]
    assert sites(*between, shape=(3, 2)) == [("f", "first")]


def test_a_layer_that_mixes_units_is_no_activation():
    assert sites(layers.ReLU(name="f"), Mixing()) == [("f", "first")]
    sequence = layers.Dense(5, name="first")
    between = [layers.ReLU(name="f"), Mixing(), layers.Flatten()]
    assert sites(*between, shape=(4, 5), first=sequence) == [("f", "first")]


@pytest.mark.parametrize(
    "layer",
    [
        layers.BatchNormalization(),
        layers.LayerNormalization(),
        layers.UnitNormalization(),
        layers.Dropout(0.5),
        SilentDropout(0.5),
        layers.GaussianNoise(0.5),
        layers.ActivityRegularization(),
        layers.Identity(),
        layers.Rescaling(0.5),
        layers.Flatten(),
        layers.Reshape((2, 2)),
        layers.SpectralNormalization(layers.Dense(4)),
    ],
    ids=lambda layer: type(layer).__name__,
)
@pytest.mark.parametrize("make", [layers.ReLU, Swish])
def test_other_layers_of_keras_are_no_activations(layer, make):
    names = iter("abcd")

    def copy():
        return layer.from_config({**layer.get_config(), "name": next(names)})

    flat = layers.Flatten(name="flat")
    assert sites(copy(), make(name="f"), flat) == [("f", "first")]
    assert sites(make(name="f"), copy(), flat) == [("f", "first")]
    assert sites(copy(), flat) == [("first", "first")]


def test_several_activations_in_a_row_are_as_many_sites():
    fused = layers.Dense(4, activation="relu", name="first")
    found = sites(Swish(name="f"), layers.Dropout(0.5), layers.ReLU(name="g"))
    assert found == [("f", "first"), ("g", "first")]
    found = sites(Swish(name="f"), first=fused)
    assert found == [("first", "first"), ("f", "first")]


def test_a_layer_that_changes_the_shape_is_the_activation_if_there_is_no_other():
    assert sites(GatedLinear(name="f")) == [("f", "first")]
    assert sites(GatedLinear(), layers.ReLU(name="f")) == [("f", "first")]
    pick = layers.Lambda(lambda x: x[:, :2])
    assert sites(layers.ReLU(name="f"), pick) == [("f", "first")]


def test_layers_before_the_first_and_after_the_last_kernel_are_not_hidden():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            Swish(),
            layers.Dense(4),
            Swish(name="f"),
            layers.Dense(3),
            Swish(),
        ]
    )
    assert [site.applied_by.name for site in hidden_activations(model)] == ["f"]


def test_a_kernel_of_the_users_own_is_the_one_before_the_activation():
    between = [layers.ReLU(name="f"), Blend(4, name="own"), layers.ReLU(name="g")]
    assert sites(*between) == [("f", "first"), ("g", "own")]
    # What it applies within is not known, so it is not said to be linear.
    assert sites(layers.ReLU(name="f"), Blend(4)) == [("f", "first")]
    assert sites(first=Blend(4, keras.activations.linear, name="own")) == [
        ("own", "own")
    ]


@pytest.mark.parametrize(
    "change", [lambda layer: layer.enable_lora(1), lambda layer: layer.quantize("int8")]
)
def test_a_layer_without_a_kernel_of_its_own_is_refused(change):
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, name="first"), layers.Dense(3)]
    )
    change(model.layers[1])  # the last kernel is no matter of a hidden activation
    hidden_activations(model)
    change(model.layers[0])
    with pytest.raises(
        ValueError,
        match=r"^Expected a layer whose kernel is a single floating-point variable\. "
        r"Probe the model before quantize\(\) or enable_lora\(\)\. Received: 'first', "
        r"which is quantised or adapted with LoRA\.$",
    ):
        hidden_activations(model)


def test_a_layer_in_two_models_is_judged_alike():
    shared = Swish(name="f")
    shared(np.ones((2, 7), "float32"))
    keras.Sequential([keras.Input((9,)), shared])
    assert sites(shared) == [("f", "first")]


@pytest.mark.parametrize("by_name", [False, True])
def test_a_layer_of_several_tensors_is_no_activation(by_name):
    """Such as the one that draws the code of a variational autoencoder."""

    class Sampling(layers.Layer):
        def call(self, inputs):
            mean, log_variance = inputs
            return mean + ops.exp(log_variance / 2)

    start = keras.Input((4,))
    both = [layers.Dense(4, name=name)(start) for name in ("mean", "variance")]
    sampling = Sampling()
    code = sampling(inputs=both) if by_name else sampling(both)
    end = layers.Dense(3)(layers.Dense(4, "relu", name="first")(code))
    model = keras.Model(start, end)
    x = ops.ones((2, 4))
    found = hidden_activations(model, lambda: model(x), x)
    assert [site.applied_by.name for site in found] == ["mean", "variance", "first"]
