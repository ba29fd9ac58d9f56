"""What every layer of the library has to do. A new layer gets a row in ROWS."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest

from keras_rectifiers import layers
from tests.compiling import QUICKEST
from tests.derivatives import compiled_on_jax, differentiated

# Keras 3.15 converts its TensorFlow variables in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


@dataclass(frozen=True)
class Row:
    """One way to configure a layer, and what is particular to it."""

    layer: type[keras.layers.Layer]
    arguments: dict[str, Any] = field(default_factory=dict)
    # What a new layer computes in inference, in numpy.
    formula: Callable[[np.ndarray], np.ndarray] = lambda x: x
    smallest_rank: int = 1
    output_shape: Callable[[tuple], tuple] = lambda shape: shape
    # Dense reports the shape before its activation.
    usable_as_activation: bool = True
    # A mask has no place along an axis whose size the layer changes.
    carries_mask: bool = True
    draws_in_training: bool = False
    num_weights: Callable[[int], int] = lambda channels: 0

    def make(self, **keywords):
        return self.layer(**self.arguments, **keywords)

    def make_built(self):
        layer = self.make()
        layer.build((None, 6))
        return layer


def leaky(slope):
    return lambda x: np.where(x > 0, x, slope * x)


def softplus(sharpness):
    return lambda x: np.logaddexp(0, sharpness * x) / sharpness


def concatenated_rectifier(axis):
    return lambda x: np.concatenate([np.maximum(x, 0), np.maximum(-x, 0)], axis)


def swish(beta):
    return lambda x: x * np.exp(-np.logaddexp(0, -beta * x))


def s_shaped(lower_threshold, lower_slope, upper_threshold, upper_slope):
    return lambda x: (
        np.clip(x, lower_threshold, upper_threshold)
        + lower_slope * np.minimum(x - lower_threshold, 0)
        + upper_slope * np.maximum(x - upper_threshold, 0)
    )


def gated(activation, axis):
    def formula(x):
        first, second = np.split(x, 2, axis)
        return first * activation(second)

    return formula


def halved(shape, axis):
    shape = list(shape)
    shape[axis] //= 2
    return tuple(shape)


def strided_maxout(x):
    return np.max([x[..., i : i + 2] for i in range(0, x.shape[-1], 2)], axis=0)


def contiguous_maxout(x):
    return np.stack([group.max(axis=1) for group in np.split(x, 3, axis=1)], axis=1)


ROWS = {
    "prelu": Row(
        layers.PReLU,
        formula=leaky(0.25),
        smallest_rank=2,
        num_weights=lambda channels: channels,
    ),
    "prelu_shared": Row(
        layers.PReLU,
        {
            "initializer": "ones",
            "channel_axis": 1,
            "shared": True,
            "regularizer": "l2",
            "constraint": "non_neg",
        },
        formula=leaky(1),
        num_weights=lambda channels: 1,
    ),
    "rrelu": Row(layers.RReLU, formula=leaky(2 / 11), draws_in_training=True),
    "rrelu_channel": Row(
        layers.RReLU,
        {
            "lower": 0.125,
            "upper": 0.25,
            "form": "slope",
            "noise": "channel",
            "channel_axis": 1,
            "seed": 5,
        },
        formula=leaky(0.1875),
        smallest_rank=2,
        draws_in_training=True,
    ),
    "smooth_relu": Row(layers.SmoothReLU, formula=softplus(1)),
    "smooth_relu_learned": Row(
        layers.SmoothReLU,
        {"sharpness": 3.0, "learnable": True},
        formula=softplus(3),
        num_weights=lambda channels: 1,
    ),
    "smooth_relu_per_channel": Row(
        layers.SmoothReLU,
        {"sharpness": 2.0, "learnable": True, "shared": False, "channel_axis": -1},
        formula=softplus(2),
        smallest_rank=2,
        num_weights=lambda channels: channels,
    ),
    "shifted_relu": Row(layers.ShiftedReLU, formula=lambda x: np.maximum(x, -1)),
    "shifted_relu_at_half": Row(
        layers.ShiftedReLU, {"threshold": 0.5}, formula=lambda x: np.maximum(x, 0.5)
    ),
    "squared_relu": Row(layers.SquaredReLU, formula=lambda x: np.maximum(x, 0) ** 2),
    "swish": Row(layers.Swish, formula=swish(1), num_weights=lambda channels: 1),
    "swish_fixed": Row(
        layers.Swish, {"beta": 3.0, "learnable": False}, formula=swish(3)
    ),
    "swish_per_channel": Row(
        layers.Swish,
        {"beta": 0.5, "shared": False, "channel_axis": -1},
        formula=swish(0.5),
        smallest_rank=2,
        num_weights=lambda channels: channels,
    ),
    "s_shaped_relu": Row(
        layers.SShapedReLU,
        formula=s_shaped(0, 0.2, 1, 1),
        smallest_rank=2,
        num_weights=lambda channels: 4 * channels,
    ),
    "s_shaped_relu_shared": Row(
        layers.SShapedReLU,
        {
            "lower_threshold": -0.75,
            "lower_slope": 0.5,
            "upper_threshold": 0.25,
            "upper_slope": 0.1,
            "channel_axis": 1,
            "shared": True,
        },
        formula=s_shaped(-0.75, 0.5, 0.25, 0.1),
        num_weights=lambda channels: 4,
    ),
    "gated_linear_unit": Row(
        layers.GatedLinearUnit,
        formula=gated(lambda x: np.exp(-np.logaddexp(0, -x)), -1),
        smallest_rank=2,
        output_shape=lambda shape: halved(shape, -1),
        usable_as_activation=False,
    ),
    "gated_linear_unit_channels_first": Row(
        layers.GatedLinearUnit,
        # Its gate is open at -1, so that an infinite input gives an infinite output.
        {"activation": "softplus", "channel_axis": 1},
        formula=gated(lambda x: np.logaddexp(0, x), 1),
        smallest_rank=2,
        output_shape=lambda shape: halved(shape, 1),
        usable_as_activation=False,
        carries_mask=False,
    ),
    "maxout": Row(
        layers.Maxout,
        {"units": 2},
        formula=strided_maxout,
        smallest_rank=2,
        output_shape=lambda shape: (*shape[:-1], 2),
        usable_as_activation=False,
    ),
    "maxout_contiguous": Row(
        layers.Maxout,
        {"units": 3, "channel_axis": 1, "grouping": "contiguous"},
        formula=contiguous_maxout,
        smallest_rank=2,
        output_shape=lambda shape: (shape[0], 3, *shape[2:]),
        usable_as_activation=False,
        carries_mask=False,
    ),
    "crelu": Row(
        layers.CReLU,
        formula=concatenated_rectifier(-1),
        smallest_rank=2,
        output_shape=lambda shape: (*shape[:-1], 2 * shape[-1]),
        usable_as_activation=False,
    ),
    "crelu_channels_first": Row(
        layers.CReLU,
        {"channel_axis": 1},
        formula=concatenated_rectifier(1),
        smallest_rank=2,
        output_shape=lambda shape: (shape[0], 2 * shape[1], *shape[2:]),
        usable_as_activation=False,
        carries_mask=False,
    ),
}

SHAPES = [(4,), (4, 6), (4, 6, 2), (4, 6, 5, 6), (2, 6, 2, 5, 4)]

# JAX has no float64 unless it is switched on for the whole process.
DTYPES = ["float16", "bfloat16", "float32"]
if keras.backend.backend() != "jax":
    DTYPES.append("float64")


@pytest.fixture(params=ROWS.values(), ids=ROWS.keys())
def row(request):
    return request.param


def pytest_generate_tests(metafunc):
    if "row_and_shape" in metafunc.fixturenames:
        cases = {
            f"{name}-rank{len(shape)}": (row, shape)
            for name, row in ROWS.items()
            for shape in SHAPES
            if len(shape) >= row.smallest_rank
        }
        metafunc.parametrize("row_and_shape", cases.values(), ids=cases.keys())
    for fixture, wanted in (
        ("usable_row", lambda row: row.usable_as_activation),
        ("masking_row", lambda row: row.carries_mask),
        ("settled_row", lambda row: not row.draws_in_training),
    ):
        if fixture in metafunc.fixturenames:
            cases = {name: row for name, row in ROWS.items() if wanted(row)}
            metafunc.parametrize(fixture, cases.values(), ids=cases.keys())


def test_every_public_layer_has_a_row():
    assert layers_without_row(vars(layers), ROWS) == [], (
        "CONTRIBUTING.md, Add a rectifier: each layer has a row in ROWS."
    )


def test_a_layer_without_a_row_is_noticed():
    class Unlisted(keras.layers.Layer):
        pass

    public = {**vars(layers), "Unlisted": Unlisted, "_Private": Unlisted}
    assert layers_without_row(public, ROWS) == ["Unlisted"]


def test_every_constructor_argument_is_set_in_some_row():
    for layer in {row.layer for row in ROWS.values()}:
        rows = [row for row in ROWS.values() if row.layer is layer]
        assert set().union(*(row.arguments for row in rows)) == set(arguments(layer))


def test_config_holds_every_constructor_argument(row):
    config = row.make().get_config()
    assert set(arguments(row.layer)) <= set(config)


def test_config_makes_the_same_layer_again(row):
    layer = row.make(name="named", dtype="float16", trainable=False)
    again = row.layer.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.name, again.compute_dtype, again.trainable) == (
        "named",
        "float16",
        False,
    )


def test_config_keeps_what_was_passed(row):
    config = row.make().get_config()
    for argument, passed in row.arguments.items():
        kept = config[argument]
        if isinstance(kept, dict):
            # Initializers, regularizers and constraints serialise to a dict.
            module = getattr(keras, f"{argument}s")
            kept, passed = kept["class_name"], type(module.get(passed)).__name__
        assert kept == passed


def test_layer_is_registered_under_the_package(row):
    serialized = keras.saving.serialize_keras_object(row.make())
    assert serialized["registered_name"] == f"keras_rectifiers>{row.layer.__name__}"
    again = keras.saving.deserialize_keras_object(serialized)
    assert type(again) is row.layer


def test_saved_model_loads_without_custom_objects(row, rng, tmp_path):
    x = rng.normal(size=(4, 6)).astype("float32")
    model = keras.Sequential([keras.Input((6,)), row.make(), keras.layers.Dense(2)])
    perturb_weights(model, rng)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(predict(loaded, x), predict(model, x))
    # In training as well: the state of a seed generator is saved with the weights.
    np.testing.assert_array_equal(
        predict(loaded, x, training=True), predict(model, x, training=True)
    )


def test_cloned_model_with_the_same_weights_gives_the_same_output(row, rng):
    x = rng.normal(size=(4, 6)).astype("float32")
    model = keras.Sequential([keras.Input((6,)), row.make()])
    perturb_weights(model, rng)
    clone = keras.models.clone_model(model)
    assert clone.layers[0] is not model.layers[0]
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(predict(clone, x), predict(model, x))


def test_new_layer_computes_its_formula(row_and_shape, rng):
    row, shape = row_and_shape
    x = rng.normal(size=shape)
    y = predict(row.make(), x.astype("float32"))
    # Any two backends then agree to 1e-6.
    np.testing.assert_allclose(y, row.formula(x), rtol=5e-7, atol=5e-7)


def test_gradient_is_that_of_the_formula(row_and_shape, rng):
    row, shape = row_and_shape
    x = rng.normal(size=shape).astype("float32").astype("float64")
    weights = rng.normal(size=row.output_shape(shape))
    layer = row.make()

    def numerical(index):
        step = np.zeros(shape)
        step[index] = 1e-7
        change = row.formula(x + step) - row.formula(x - step)
        return np.sum(weights * change) / 2e-7

    expected = [numerical(index) for index in np.ndindex(shape)]
    layer.build(shape)
    gradient, *_ = gradients_of_weighted_sum(layer, x.astype("float32"), weights)
    # The step's rounding, in float64.
    np.testing.assert_allclose(gradient.ravel(), expected, rtol=1e-6, atol=5e-7)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_training_changes_neither_outputs_nor_gradients(settled_row, rng, dtype):
    x = rng.normal(size=(64, 6)).astype(dtype)
    x[:2] = [[0.0], [-0.0]]
    weights = rng.normal(size=settled_row.output_shape(x.shape))
    layer = settled_row.make(dtype=dtype)
    layer.build(x.shape)
    perturb_weights(layer, rng)
    rounding = {"float32": 1e-6, "float16": 2e-3}[dtype]
    np.testing.assert_allclose(
        predict(layer, x, training=True), predict(layer, x), rtol=rounding
    )
    for of_training, of_inference in zip(
        *(
            gradients_of_weighted_sum(layer, x, weights, training=t)
            for t in (True, False)
        ),
        strict=True,
    ):
        assert np.any(of_inference)
        np.testing.assert_allclose(
            of_training, of_inference, rtol=20 * rounding, atol=20 * rounding
        )


@pytest.mark.parametrize("training", [False, True])
def test_symbolic_shape_and_dtype_are_those_of_the_call(row_and_shape, training, rng):
    row, shape = row_and_shape
    layer = row.make()
    symbolic = layer(keras.KerasTensor(shape), training=training)
    y = layer(rng.normal(size=shape).astype("float32"), training=training)
    expected = row.output_shape(shape)
    assert tuple(y.shape) == tuple(symbolic.shape) == expected
    assert layer.compute_output_shape(shape) == expected
    assert symbolic.dtype == keras.backend.standardize_dtype(y.dtype) == "float32"


def test_number_of_learned_weights(row_and_shape):
    row, shape = row_and_shape
    layer = row.make()
    layer.build(shape)
    count = sum(math.prod(weight.shape) for weight in layer.trainable_weights)
    assert count == row.num_weights(shape[-1])


@pytest.mark.parametrize("training", [False, True])
def test_model_of_unknown_batch_and_spatial_size_equals_the_eager_call(
    row, rng, training
):
    layer = row.make()
    config = layer.get_config()
    if config.get("channel_axis") == 1:
        inputs = keras.Input((6, None, None))
        x = rng.normal(size=(3, 6, 4, 5)).astype("float32")
    else:
        inputs = keras.Input((None, None, 6))
        x = rng.normal(size=(3, 4, 5, 6)).astype("float32")
    model = keras.Model(inputs, layer(inputs))
    perturb_weights(model, rng)
    state = [keras.ops.convert_to_numpy(v) for v in layer.non_trainable_variables]
    through_model = predict(model, x, training=training)
    for variable, saved in zip(layer.non_trainable_variables, state, strict=True):
        variable.assign(saved)
    np.testing.assert_array_equal(through_model, predict(layer, x, training=training))
    assert through_model.shape == row.output_shape(x.shape)


def test_mask_passes_through(masking_row, tolerance):
    x = np.array([[[1.0, -1.0], [9.0, 9.0], [-2.0, 3.0]]], "float32")
    model = keras.Sequential(
        [
            keras.layers.Masking(9.0),
            masking_row.make(),
            keras.layers.GlobalAveragePooling1D(),
        ]
    )
    pooled = predict(model, x)
    # The mean of the first and the last position: the mask has come through.
    y = predict(masking_row.make(), x)
    np.testing.assert_allclose(pooled, (y[:, 0] + y[:, 2]) / 2, rtol=tolerance)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_output_has_the_compute_dtype(row, rng, dtype, training):
    layer = row.make(dtype=dtype)
    x = keras.ops.cast(rng.normal(size=(3, 6)), dtype)
    y = layer(x, training=training)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    assert np.isfinite(keras.ops.convert_to_numpy(keras.ops.cast(y, "float32"))).all()


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_mixed_policy_computes_in_half_precision_and_keeps_float32_weights(
    row, rng, dtype, training
):
    layer = row.make(dtype=f"mixed_{dtype}")
    y = layer(rng.normal(size=(3, 6)).astype("float32"), training=training)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    assert {weight.dtype for weight in layer.trainable_weights} <= {"float32"}


@pytest.mark.parametrize("training", [False, True])
def test_half_precision_agrees_with_single_precision(row, rng, training):
    x = rng.normal(size=(8, 6)).astype("float16")
    single = predict(row.make(name="one"), x.astype("float32"))
    half = predict(row.make(name="two", dtype="float16"), x)
    # Ten bits of the significand are kept.
    np.testing.assert_allclose(half, single, rtol=2**-9, atol=2**-12)


@pytest.mark.parametrize("training", [False, True])
def test_empty_batch_gives_an_empty_batch(row, training):
    y = row.make()(np.zeros((0, 6, 4), "float32"), training=training)
    assert tuple(y.shape) == row.output_shape((0, 6, 4))


@pytest.mark.parametrize("training", [False, True])
def test_missing_values_show_in_the_output(row, training):
    x = np.ones((2, 6), "float32")
    x[1, 2] = np.nan
    assert np.isnan(predict(row.make(), x, training=training)).any()


@pytest.mark.parametrize("training", [False, True])
def test_infinite_values_stay_infinite_and_make_no_missing_ones(row, training):
    x = np.full((2, 6), -1, "float32")
    x[1, 2] = np.inf
    y = predict(row.make(), x, training=training)
    assert np.isposinf(y).sum() == 1
    assert not np.isnan(y).any()


@pytest.mark.parametrize("training", [False, True])
def test_integers_count_as_floats(row, training):
    x = np.array([[-3, -1, 0, 1, 2, 4]])
    y = row.make(name="one")(x.astype("int32"), training=training)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    if not training:
        expected = predict(row.make(name="two"), x.astype("float32"))
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(y), expected)


def test_layer_serves_in_time_distributed(row, rng):
    x = rng.normal(size=(2, 3, 6)).astype("float32")
    layer = row.make()
    each = [predict(layer, x[:, step]) for step in range(3)]
    y = predict(keras.layers.TimeDistributed(layer), x)
    np.testing.assert_array_equal(y, np.stack(each, axis=1))


def test_summary_of_a_model_shows_the_shape(row):
    model = keras.Sequential([keras.Input((6, 4)), row.make(name="rectifier")])
    shape = row.output_shape((None, 6, 4))
    assert model.output_shape == shape
    lines = []
    model.summary(line_length=120, print_fn=lines.append)
    (line,) = [line for line in "".join(lines).split("\n") if "rectifier (" in line]
    assert str(shape) in line


def test_layer_trains_in_a_subclassed_model(row, rng):
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.rectifier = row.make()
            self.outputs_layer = keras.layers.Dense(1)

        def call(self, inputs, training=False):
            hidden = self.rectifier(inputs, training=training)
            return self.outputs_layer(hidden)

    model = Model()
    model.compile("sgd", "mse", **QUICKEST)
    model.fit(rng.normal(size=(8, 6)), np.ones((8, 1)), batch_size=4, verbose=0)
    assert len(model.trainable_weights) == 2 + len(row.make_built().trainable_weights)
    assert np.isfinite(model.predict(rng.normal(size=(8, 6)), verbose=0)).all()


def test_layer_trains_and_predicts_in_a_sequential_model(row, rng):
    x = rng.normal(size=(32, 6)).astype("float32")
    y = x.sum(axis=1, keepdims=True)
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(6), row.make(), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    before = [weight.copy() for weight in model.get_weights()]
    history = model.fit(x, y, batch_size=10, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    for old, weight in zip(before, model.weights, strict=True):
        assert not np.array_equal(old, keras.ops.convert_to_numpy(weight)), weight.path
    assert np.isfinite(model.predict(x, verbose=0)).all()


def test_layer_serves_as_the_activation_of_dense(usable_row, rng, tmp_path, tolerance):
    x = rng.normal(size=(16, 5)).astype("float32")
    model = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(6, activation=usable_row.make())]
    )
    model.compile("sgd", "mse", **QUICKEST)
    model.fit(x, np.ones((16, 6)), batch_size=8, verbose=0)
    activation = model.layers[0].activation
    linear = keras.ops.matmul(x, model.layers[0].kernel) + model.layers[0].bias
    np.testing.assert_allclose(
        predict(model, x), predict(activation, linear), rtol=tolerance, atol=tolerance
    )
    assert {id(w) for w in activation.trainable_weights} <= {
        id(w) for w in model.trainable_weights
    }
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded.layers[0].activation) is usable_row.layer
    for training in (False, True):
        np.testing.assert_array_equal(
            predict(loaded, x, training=training), predict(model, x, training=training)
        )


def arguments(layer):
    """Names of the arguments that the layer adds to those of every layer."""
    parameters = inspect.signature(layer.__init__).parameters.values()
    return [p.name for p in parameters if p.name != "self" and p.kind != p.VAR_KEYWORD]


def layers_without_row(public, rows):
    listed = {row.layer for row in rows.values()}
    return sorted(
        name
        for name, value in public.items()
        if not name.startswith("_")
        and inspect.isclass(value)
        and issubclass(value, keras.layers.Layer)
        and value not in listed
    )


def predict(model, x, training=False):
    y = model(x, training=training)
    return keras.ops.convert_to_numpy(y)


def gradients_of_weighted_sum(layer, x, weights, training=False):
    """With respect to the input and to each weight of a built layer."""
    x = keras.ops.convert_to_tensor(x)
    weights = keras.ops.convert_to_tensor(weights, x.dtype)
    variables = layer.trainable_variables

    def weighted_sum(x, *values):
        with keras.StatelessScope(zip(variables, values, strict=True)):
            y = layer(x, training=training)
        return keras.ops.sum(weights * y)

    values = [variable.value for variable in variables]
    return [
        keras.ops.convert_to_numpy(keras.ops.cast(gradient, "float32"))
        for gradient in compiled_on_jax(differentiated(weighted_sum))(x, *values)
    ]


def perturb_weights(model, rng):
    """Moves the weights off their initial values, so that losing them shows."""
    for weight in model.trainable_weights:
        weight.assign(weight + rng.uniform(0.1, 0.2, size=weight.shape))


@pytest.mark.parametrize(
    "made",
    [lambda x: [x, x], lambda x: {"a": x}, lambda x: None],
    ids=["list", "dict", "None"],
)
def test_what_is_not_one_tensor_is_refused(row, made):
    inputs = made(np.ones((2, 6), "float32"))
    message = (
        f"{row.layer.__name__} expects one tensor or array. Received: inputs=.* of type "
        f"{type(inputs).__name__}"
    )
    with pytest.raises(TypeError, match=message):
        row.make()(inputs)


@pytest.mark.parametrize("dtype", ["int32", "bool", "complex64"])
def test_a_dtype_without_fractions_is_refused(row, dtype):
    name = row.layer.__name__
    with pytest.raises(
        ValueError, match=f"^{name} expects `dtype` to be a floating-point dtype"
    ):
        row.make(dtype=dtype)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="others have no tensors of texts"
)
def test_texts_are_refused(row):
    with pytest.raises(TypeError, match="Rectifiers expect real numbers"):
        row.make()(np.full((2, 6), "a"))
