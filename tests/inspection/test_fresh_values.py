"""Fresh values: every kernel is drawn anew, and nothing of the user's is touched."""

import inspect
import random

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU, SmoothReLU
from keras_rectifiers.inspection.fresh_values import fresh_values

# Each layer of Keras that has kernels -> how to make it, and the shape of its input.
WITH_KERNELS = {
    "AdditiveAttention": None,  # its scale starts at a random place
    "Bidirectional": (lambda: layers.Bidirectional(layers.GRU(2)), (4, 3)),
    "Conv1D": (lambda: layers.Conv1D(2, 2), (5, 3)),
    "Conv1DTranspose": (lambda: layers.Conv1DTranspose(2, 2), (5, 3)),
    "Conv2D": (lambda: layers.Conv2D(2, 2), (5, 5, 3)),
    "Conv2DTranspose": (lambda: layers.Conv2DTranspose(2, 2), (5, 5, 3)),
    "Conv3D": (lambda: layers.Conv3D(2, 2), (3, 3, 3, 2)),
    "Conv3DTranspose": (lambda: layers.Conv3DTranspose(2, 2), (3, 3, 3, 2)),
    "ConvLSTM1D": (lambda: layers.ConvLSTM1D(2, 2), (3, 4, 2)),
    "ConvLSTM2D": (lambda: layers.ConvLSTM2D(2, 2), (3, 4, 4, 2)),
    "ConvLSTM3D": (lambda: layers.ConvLSTM3D(2, 2), (2, 3, 3, 3, 2)),
    "Dense": (lambda: layers.Dense(2), (3,)),
    "DepthwiseConv1D": (lambda: layers.DepthwiseConv1D(2), (5, 3)),
    "DepthwiseConv2D": (lambda: layers.DepthwiseConv2D(2), (5, 5, 3)),
    "EinsumDense": (lambda: layers.EinsumDense("ab,bc->ac", 2), (3,)),
    "Embedding": (lambda: layers.Embedding(5, 3), (4,)),
    "GRU": (lambda: layers.GRU(2), (4, 3)),
    "GroupQueryAttention": None,  # takes several inputs: below
    "LSTM": (lambda: layers.LSTM(2), (4, 3)),
    "MultiHeadAttention": None,
    "RNN": (
        lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(2)]),
        (4, 3),
    ),
    "ReversibleEmbedding": (
        lambda: layers.ReversibleEmbedding(5, 3, tie_weights=False),
        (4,),
    ),
    "SeparableConv1D": (lambda: layers.SeparableConv1D(2, 2), (5, 3)),
    "SeparableConv2D": (lambda: layers.SeparableConv2D(2, 2), (5, 5, 3)),
    "SimpleRNN": (lambda: layers.SimpleRNN(2), (4, 3)),
    "SpectralNormalization": (
        lambda: layers.SpectralNormalization(layers.Dense(2)),
        (3,),
    ),
    "TimeDistributed": (
        lambda: layers.TimeDistributed(layers.DepthwiseConv1D(2)),
        (2, 5, 3),
    ),
}
ALONE = {
    name: case for name, case in WITH_KERNELS.items() if case and hasattr(layers, name)
}
SHOWN = ("kernel", "embeddings", "vector_u")


@pytest.mark.parametrize(("make", "shape"), ALONE.values(), ids=ALONE)
def test_kernels_of_kerass_layers_are_drawn_anew(make, shape):
    model = keras.Sequential([keras.Input(shape), make()])
    assert kernels_that_stay(model) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.MultiHeadAttention(2, 3),
        lambda: layers.GroupQueryAttention(3, 4, 2),
    ],
)
def test_kernels_of_attention_are_drawn_anew(make):
    inputs = keras.Input((4, 3))
    model = keras.Model(inputs, make()(inputs, inputs))
    assert len(kernels_of(model)) == 4
    assert kernels_that_stay(model) == []


def test_every_layer_of_keras_with_a_kernel_is_among_them():
    with_kernels = {
        name
        for name, kind in vars(layers).items()
        if inspect.isclass(kind)
        and issubclass(kind, layers.Layer)
        and any(
            parameter.endswith(("kernel_initializer", "wise_initializer"))
            or parameter == "embeddings_initializer"
            for parameter in inspect.signature(kind.__init__).parameters
        )
    }
    cells = {
        name for name in with_kernels if name.endswith("Cell")
    }  # in RNN, LSTM, ...
    aliases = {name for name in with_kernels if "Convolution" in name}
    assert with_kernels - cells - aliases <= set(WITH_KERNELS)


class Own(layers.Layer):
    """A layer of the user's, with weights of each kind."""

    def __init__(self, units=3, **keywords):
        super().__init__(**keywords)
        self.units = units
        self.scale = self.add_weight(shape=(2, 5), initializer="random_normal")

    def build(self, input_shape):
        shape = (input_shape[-1], self.units)
        self.one = self.add_weight(shape=shape, initializer="he_normal")
        self.two = self.add_weight(shape, keras.initializers.Orthogonal())
        self.three = self.add_weight(shape=shape, name="three")
        self.shift = self.add_weight(shape=(self.units,), initializer="ones")
        self.count = self.add_weight(shape=(), dtype="int32", trainable=False)

    def call(self, x):
        return x @ (self.one + self.two + self.three) + self.shift

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def test_weights_of_a_layer_of_the_users_are_drawn_anew():
    model = keras.Sequential([keras.Input((4,)), Own()])
    own = model.layers[0]
    own.shift.assign([5, 6, 7])
    own.count.assign(9)
    first, second = drawn(model, 1), drawn(model, 2)
    for weight in (own.scale, own.one, own.two, own.three):
        assert not np.array_equal(first[weight.path], second[weight.path]), weight.path
    np.testing.assert_array_equal(first[own.shift.path], [1, 1, 1])
    assert first[own.count.path] == 0
    two = first[own.two.path]
    np.testing.assert_allclose(two.T @ two, np.eye(3), atol=1e-5)


def test_a_layer_that_its_config_does_not_make_keeps_its_values():
    class Needing(layers.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], 2), name="kernel")

        def call(self, x):
            return x @ self.kernel * self.factor

    model = keras.Sequential([keras.Input((4,)), Needing(2.0)])
    assert kernels_that_stay(model) == [model.layers[0].kernel.path]


def test_learned_slopes_and_sharpnesses_start_anew(tolerance):
    model = keras.Sequential(
        [keras.Input((3,)), PReLU(), SmoothReLU(2.0, learnable=True)]
    )
    for weight in model.weights:
        weight.assign(weight + 1)
    slopes, sharpness = drawn(model, 1).values()
    np.testing.assert_array_equal(slopes, [0.25] * 3)
    np.testing.assert_allclose(sharpness, np.log([2]), rtol=tolerance)


def test_what_a_layer_has_adapted_to_stays():
    normalization = layers.Normalization()
    normalization.adapt(np.array([[1.0, 3.0], [5.0, 9.0]]))
    model = keras.Sequential([keras.Input((2,)), normalization, layers.Dense(1)])
    for weight in normalization.weights:
        np.testing.assert_array_equal(
            drawn(model, 1)[weight.path], ops.convert_to_numpy(weight)
        )


@pytest.mark.parametrize("mode", ["int8", "float8"])
def test_a_quantized_layer_keeps_what_has_no_initializer(mode):
    dense = layers.Dense(3, bias_initializer="ones")
    model = keras.Sequential([keras.Input((4,)), dense])
    dense.quantize(mode)
    first, second = drawn(model, 1), drawn(model, 2)
    np.testing.assert_array_equal(first[dense.bias.path], [1, 1, 1])
    is_drawn = not np.array_equal(first[dense.kernel.path], second[dense.kernel.path])
    assert is_drawn == (mode == "float8")
    for weight in model.weights:
        if "scale" in weight.name or (mode == "int8" and weight is not dense.bias):
            np.testing.assert_array_equal(
                first[weight.path], ops.convert_to_numpy(weight)
            )


def test_no_random_stream_is_moved_and_the_model_stays():
    model = keras.Sequential(
        [keras.Input((4,)), Own(), layers.Dropout(0.1), layers.Dense(2)]
    )
    before = model.get_weights()

    def next_numbers():
        return (
            random.random(),
            np.random.random(),  # noqa: NPY002
            *ops.convert_to_numpy(keras.random.normal((3,))),
        )

    keras.utils.set_random_seed(0)
    expected = next_numbers()
    keras.utils.set_random_seed(0)
    fresh_values(model, 1)
    assert next_numbers() == expected
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


def drawn(model, seed):
    values = zip(
        (model.trainable_variables, model.non_trainable_variables),
        fresh_values(model, seed),
        strict=True,
    )
    return {
        variable.path: ops.convert_to_numpy(value)
        for variables, of_kind in values
        for variable, value in zip(variables, of_kind, strict=True)
    }


def kernels_of(model):
    return [w.path for w in model.weights if any(name in w.name for name in SHOWN)]


def kernels_that_stay(model):
    """The paths of the kernels that are the same with another seed, or as they were."""
    first, second = drawn(model, 1), drawn(model, 2)
    now = {w.path: ops.convert_to_numpy(w) for w in model.weights}
    paths = kernels_of(model)
    assert paths
    return [
        path
        for path in paths
        if np.array_equal(first[path], second[path])
        or np.array_equal(first[path], now[path])
    ]


def test_a_layer_that_draws_from_numpy_when_it_is_made_moves_no_stream():
    class Projection(keras.layers.Layer):
        def __init__(self, **arguments):
            super().__init__(**arguments)
            self.angle = float(np.random.uniform())  # noqa: NPY002 (as users do)

        def build(self, input_shape):
            self.scale = self.add_weight(shape=(4,), initializer="ones")

        def call(self, x):
            return self.scale * keras.ops.cos(x + self.angle)

    model = keras.Sequential([keras.Input((4,)), Projection()])
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.uniform(size=3)  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    fresh_values(model, 0)
    np.testing.assert_array_equal(np.random.uniform(size=3), expected)  # noqa: NPY002


def test_fresh_values_are_those_of_a_new_model_and_leave_this_one_alone(rng):
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.SeparableConv2D(4, 3, bias_initializer="ones"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(50, kernel_initializer="he_normal"),
        ]
    )
    for variable in model.variables:
        variable.assign(rng.normal(size=variable.shape))
    before = model.get_weights()
    first, again, other = (fresh_values(model, seed) for seed in (1, 1, 2))
    by_path = {
        v.path.partition("/")[2]: ops.convert_to_numpy(value)
        for variables, values in zip(
            (model.trainable_variables, model.non_trainable_variables),
            first,
            strict=True,
        )
        for v, value in zip(variables, values, strict=True)
    }
    kernel = ops.convert_to_numpy(first[0][-2])
    assert kernel.std() == pytest.approx(np.sqrt(2 / len(kernel)), rel=0.1)
    shapes = sorted(
        set(
            map(
                float,
                np.concatenate([v.ravel() for v in by_path.values() if v.ndim == 1]),
            )
        )
    )
    assert shapes == [0.0, 1.0]
    for one, two in zip(first[0], again[0], strict=True):
        assert np.array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(two))
    assert not np.array_equal(kernel, ops.convert_to_numpy(other[0][-2]))
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_frozen_weights_stay_as_training_neither_draws_nor_changes_them():
    base = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])
    base.trainable = False
    model = keras.Sequential([keras.Input((3,)), base, layers.Dense(2)])
    base.layers[0].kernel.assign(ops.full((3, 4), 7.0))
    base.layers[1].moving_mean.assign(ops.full((4,), 5.0))
    (kernel, _), kept = fresh_values(model, 1)
    assert not np.array_equal(kernel, ops.convert_to_numpy(model.layers[1].kernel))
    for value, variable in zip(kept, model.non_trainable_variables, strict=True):
        np.testing.assert_array_equal(
            ops.convert_to_numpy(value), ops.convert_to_numpy(variable)
        )
