"""Initial values that are drawn for each seed, the same with every activation."""

import random
import warnings

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU, RReLU
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel

ACTIVATIONS = {
    "relu": layers.ReLU,
    "prelu": PReLU,
    "random prelu": lambda: PReLU(keras.initializers.RandomUniform(0.1, 0.3)),
    "rrelu": RReLU,
    "gelu": lambda: layers.Activation("gelu"),
}


class Scaled(layers.Layer):
    """A layer of the user's, with weights of its own that are drawn in several ways."""

    def build(self, input_shape):
        size = int(input_shape[-1])
        self.mixing = self.add_weight((size, size), "orthogonal")
        self.shift = self.add_weight(
            (size,), lambda shape, dtype: keras.random.normal(shape, dtype=dtype)
        )
        self.scale = self.add_weight(
            (size,),
            lambda shape, dtype: np.random.uniform(size=shape),  # noqa: NPY002
        )

    def call(self, x):
        return (x @ self.mixing + self.shift) * self.scale


class Own(keras.Model):
    """A model that is built when it is first called."""

    def __init__(self, activation):
        super().__init__()
        self.first, self.activation = layers.Dense(4), activation()
        self.noise, self.last = layers.Dropout(0.5), layers.Dense(1)

    def call(self, x, training=False):
        x = self.activation(self.first(x))
        return self.last(self.noise(x, training=training))


def mlp(activation):
    return keras.Sequential(
        [
            keras.Input((3,)),
            *(layers.Dense(4), layers.BatchNormalization(), activation()),
            *(layers.Dropout(0.5), layers.Dense(4), activation(), layers.Dense(1)),
        ]
    )


def with_own_layer(activation):
    parts = [Scaled(), activation(), Scaled(), activation(), layers.Dense(1)]
    return keras.Sequential([keras.Input((3,)), *parts])


def cnn(activation):
    parts = [layers.DepthwiseConv2D(2), activation(), layers.SeparableConv2D(3, 2)]
    parts += [activation(), layers.Flatten(), layers.Dense(2)]
    return keras.Sequential([keras.Input((5, 5, 2)), *parts])


def recurrent(activation):
    parts = [layers.LSTM(3), layers.Dense(4), activation(), layers.Dense(1)]
    return keras.Sequential([keras.Input((5, 2)), *parts])


def transformer(activation):
    inputs = keras.Input((4,), dtype="int32")
    x = layers.Embedding(7, 6)(inputs)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 3)(x, x))
    x = x + layers.Dense(6)(activation()(layers.Dense(8)(x)))
    return keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))


MODELS = {
    "mlp": (mlp, None),
    "own layer": (with_own_layer, None),
    "cnn": (cnn, None),
    "recurrent": (recurrent, None),
    "transformer": (transformer, None),
    "subclassed": (Own, np.ones((2, 3), np.float32)),
}


def drawn(make, activation, seed, example=None):
    """Place -> value of all that is not the activation's own."""
    recorded = RecordedModel(lambda: make(ACTIVATIONS[activation]), example)
    values = zip(recorded.places, recorded.values(seed), strict=True)
    return {
        place: value for place, value in values if place.owner not in ("PReLU", "RReLU")
    }


@pytest.mark.parametrize(("make", "example"), MODELS.values(), ids=MODELS)
def test_a_seed_draws_the_same_weights_whatever_the_activation(make, example):
    expected = drawn(make, "relu", 3, example)
    assert expected
    for activation in list(ACTIVATIONS)[1:]:
        got = drawn(make, activation, 3, example)
        assert list(got) == list(expected)
        for place, value in expected.items():
            np.testing.assert_array_equal(got[place], value, err_msg=str(place))


@pytest.mark.parametrize(("make", "example"), MODELS.values(), ids=MODELS)
def test_another_seed_draws_other_weights_but_the_same_constants(make, example):
    one, other = (drawn(make, "relu", seed, example) for seed in (3, 4))
    alike = {place for place in one if np.array_equal(one[place], other[place])}
    for place in alike:  # the biases of an LSTM are 0 and 1
        assert np.ptp(one[place]) == 0 or place.owner == "LSTMCell", place
    assert len(alike) < len(one)


def test_layers_of_one_class_and_shape_start_from_different_weights():
    scaled = drawn(with_own_layer, "relu", 0)
    matrices = [value for p, value in scaled.items() if p.shape == (3, 3)]
    assert len(matrices) == 2
    assert not np.array_equal(*matrices)
    np.testing.assert_allclose(matrices[0].T @ matrices[0], np.eye(3), atol=1e-5)


def test_drawing_moves_no_random_stream_and_leaves_the_model_alone():
    def next_numbers():
        return (
            random.random(),
            np.random.random(),  # noqa: NPY002
            float(keras.random.uniform(())),
        )

    keras.utils.set_random_seed(1)
    expected = next_numbers()
    keras.utils.set_random_seed(1)
    recorded = RecordedModel(lambda: with_own_layer(RReLU))
    before = recorded.model.get_weights()
    recorded.values(5)
    assert next_numbers() == expected
    for old, new in zip(before, recorded.model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


def test_what_the_builder_has_set_is_kept():
    pretrained = np.arange(12, dtype=np.float32).reshape(3, 4)

    def build():
        model = mlp(layers.ReLU)
        model.layers[0].kernel.assign(pretrained)
        return model

    recorded = RecordedModel(build)
    values = dict(
        zip((v.path for v in recorded.model.variables), recorded.values(0), strict=True)
    )
    first, second, _ = [v.path for v in recorded.model.variables if v.name == "kernel"]
    np.testing.assert_array_equal(values[first], pretrained)
    assert not np.array_equal(
        values[second], ops.convert_to_numpy(recorded.model.layers[4].kernel)
    )


def test_an_initializer_with_a_seed_of_its_own_is_told_and_obeys_the_member():
    def build():
        kernel = keras.initializers.GlorotUniform(seed=1)
        dense = layers.Dense(4, kernel_initializer=kernel, name="hidden")
        return keras.Sequential([keras.Input((3,)), dense, layers.Dropout(0.1, seed=2)])

    recorded = RecordedModel(build)
    with pytest.warns(
        UserWarning, match=r"hidden/kernel by GlorotUniform\(seed=1\)\.$"
    ):
        recorded.warn()
    assert not np.array_equal(recorded.values(0)[0], recorded.values(1)[0])


def test_weights_that_are_given_as_arrays_are_told():
    class Given(layers.Layer):
        def __init__(self):
            super().__init__()
            self.kernel = keras.Variable(np.eye(3, dtype=np.float32), name="own")
            self.scale = keras.Variable(np.ones(3, np.float32))

        def call(self, x):
            return x @ self.kernel * self.scale

    recorded = RecordedModel(lambda: keras.Sequential([keras.Input((3,)), Given()]))
    with pytest.warns(UserWarning, match=r"Received: \S*own\.$"):
        recorded.warn()


def test_nothing_is_told_of_models_of_keras():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        RecordedModel(lambda: mlp(PReLU)).warn()
