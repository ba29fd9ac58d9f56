"""The generic forms of the rectifiers and the backend's, against closed forms."""

import inspect
from functools import partial

import keras
import numpy as np
import pytest

from keras_rectifiers import functions, kernels
from keras_rectifiers.kernels import generic
from tests import derivatives
from tests.derivatives import differentiated

BACKEND = keras.backend.backend()
DTYPE = "float32" if BACKEND == "jax" else "float64"
SHAPE = (4, 3, 2, 5)
# One value; one per channel, last or first; one per position; one per element.
BROADCAST = [(), (1,), (5,), (1, 1, 1, 5), (3, 1, 1), (2, 1), (4, 1, 1, 1), SHAPE]
TRAINING = pytest.mark.parametrize("training", [False, True])
gradients = partial(derivatives.gradients, is_compiled=True)


@pytest.fixture
def own():
    return kernels.for_tensor(keras.ops.zeros(3))


@pytest.fixture(params=["generic", "own"])
def module(request, own):
    return generic if request.param == "generic" else own


@pytest.fixture
def x(rng):
    return rng.normal(size=SHAPE).astype(DTYPE)


def tensor(values, dtype=DTYPE):
    return keras.ops.convert_to_tensor(values, dtype)


def array(values):
    return keras.ops.convert_to_numpy(values)


def summed_to(values, shape):
    """The sum over the axes along which an array of that shape is broadcast."""
    values = values.sum(axis=tuple(range(values.ndim - len(shape))))
    axes = tuple(i for i, size in enumerate(shape) if size == 1)
    return values.sum(axis=axes, keepdims=True)


def expit(z):
    return np.exp(-np.logaddexp(0, -z))


def test_the_backend_has_a_module_with_the_functions_of_the_generic_one(own):
    assert own.__name__ == f"keras_rectifiers.kernels.{BACKEND}"
    for name, function in vars(generic).items():
        if inspect.isfunction(function):
            signature = inspect.signature(getattr(own, name))
            assert signature == inspect.signature(function), name


def test_symbolic_tensors_are_computed_by_keras_ops():
    assert kernels.for_tensor(keras.KerasTensor((2, 3))) is generic


@TRAINING
@pytest.mark.parametrize("shape", BROADCAST)
def test_prelu_and_its_derivatives(module, x, rng, shape, training):
    slope = rng.uniform(-0.5, 1.5, size=shape).astype(DTYPE)
    upstream = rng.normal(size=SHAPE).astype(DTYPE)

    def weighted(x, slope):
        return module.prelu(x, slope, training=training) * tensor(upstream)

    y = module.prelu(tensor(x), tensor(slope), training=training)
    np.testing.assert_allclose(array(y), np.where(x > 0, x, slope * x), rtol=1e-6)
    by_x, by_slope = gradients(weighted, x, slope, dtype=DTYPE)
    expected = upstream * np.where(x > 0, 1, slope)
    np.testing.assert_allclose(by_x, expected, rtol=1e-6)
    expected = summed_to(upstream * np.minimum(x, 0), shape)
    np.testing.assert_allclose(by_slope, expected, rtol=2e-5, atol=1e-6)


@TRAINING
def test_a_slope_wider_than_the_input_makes_the_result_as_wide(module, training):
    by_x, by_slope = gradients(
        lambda x, slope: module.prelu(x, slope, training=training),
        [[-2.0], [3.0]],
        [0.5, 0.25],
    )
    np.testing.assert_array_equal(by_x, [[0.75], [2]])
    np.testing.assert_array_equal(by_slope, [-2, -2])


@TRAINING
def test_mixed_second_derivative_of_prelu(module, x, training):
    def by_slope(x):
        slope = tensor([0.1, 0.2, 0.3, 0.4, 0.5])
        _, by_slope = differentiated(
            lambda x, slope: module.prelu(x, slope, training=training)
        )(x, slope)
        return by_slope * tensor([1, 2, 3, 4, 5])

    (second,) = gradients(by_slope, x, dtype=DTYPE)
    expected = np.where(x > 0, 0, [1, 2, 3, 4, 5])
    np.testing.assert_allclose(second, expected, atol=1e-6)


@TRAINING
@pytest.mark.parametrize("shape", BROADCAST)
def test_smooth_relu_and_its_derivatives(module, x, rng, shape, training):
    sharpness = rng.uniform(0.5, 8, size=shape).astype(DTYPE)
    upstream = rng.normal(size=SHAPE).astype(DTYPE)

    def weighted(x, sharpness):
        return module.smooth_relu(x, sharpness, training=training) * tensor(upstream)

    y = module.smooth_relu(tensor(x), tensor(sharpness), training=training)
    softplus = np.logaddexp(0, sharpness * x) / sharpness
    np.testing.assert_allclose(array(y), softplus, rtol=2e-6, atol=1e-7)
    by_x, by_sharpness = gradients(weighted, x, sharpness, dtype=DTYPE)
    logistic = expit(sharpness * x)
    np.testing.assert_allclose(by_x, upstream * logistic, rtol=2e-6, atol=1e-7)
    expected = upstream * (x * logistic - softplus) / sharpness
    expected = summed_to(expected, shape)
    np.testing.assert_allclose(by_sharpness, expected, rtol=2e-5, atol=2e-6)


@TRAINING
@pytest.mark.parametrize("sharpness", [1e-30, 0.1, 1.0, 3.0, 200.0, 1e30])
def test_smooth_relu_of_a_number(module, sharpness, training):
    x = np.array([-1e38, -80, -3, -1e-3, 0, 1e-3, 1, 2.5, 80, 1e38, -np.inf, np.inf])
    y = module.smooth_relu(tensor(x, "float32"), sharpness, training=training)
    with np.errstate(over="ignore"):
        expected = np.logaddexp(0, sharpness * x) / sharpness
    expected = np.where(x > 1e37, x, expected)
    np.testing.assert_allclose(array(y), expected, rtol=1e-6, atol=1e-37)
    (by_x,) = gradients(
        lambda x: module.smooth_relu(x, sharpness, training=training), x
    )
    with np.errstate(over="ignore"):
        expected = expit(sharpness * x)
    np.testing.assert_allclose(by_x, expected, rtol=1e-6, atol=1e-7)


@TRAINING
@pytest.mark.parametrize("sharpness", [1.0, 3.0, "learned"])
def test_second_derivative_of_smooth_relu(module, x, sharpness, training):
    k = 2.5 if sharpness == "learned" else sharpness
    taken = tensor([k]) if sharpness == "learned" else k

    def first(x):
        (by_x,) = differentiated(
            lambda x: module.smooth_relu(x, taken, training=training)
        )(x)
        return by_x

    (second,) = gradients(first, x, dtype=DTYPE)
    expected = k * expit(k * x) * expit(-k * x)
    np.testing.assert_allclose(second, expected, rtol=1e-5, atol=2e-6)


@TRAINING
def test_mixed_second_derivative_of_smooth_relu(module, x, training):
    def by_sharpness(x):
        _, by_sharpness = differentiated(
            lambda x, k: module.smooth_relu(x, k, training=training)
        )(x, tensor([2.0]))
        return by_sharpness

    (second,) = gradients(by_sharpness, x, dtype=DTYPE)
    expected = x * expit(2 * x) * expit(-2 * x)
    np.testing.assert_allclose(second, expected, rtol=1e-5, atol=1e-6)


@TRAINING
@pytest.mark.parametrize("shape", BROADCAST)
def test_swish_and_its_derivatives(module, x, rng, shape, training):
    beta = rng.uniform(-3, 3, size=shape).astype(DTYPE)
    upstream = rng.normal(size=SHAPE).astype(DTYPE)

    def weighted(x, beta):
        return module.swish(x, beta, training=training) * tensor(upstream)

    gate = expit(beta * x)
    y = module.swish(tensor(x), tensor(beta), training=training)
    np.testing.assert_allclose(array(y), x * gate, rtol=3e-6)
    by_x, by_beta = gradients(weighted, x, beta, dtype=DTYPE)
    slope = gate * (1 - gate)
    expected = upstream * (gate + beta * x * slope)
    np.testing.assert_allclose(by_x, expected, rtol=1e-5, atol=1e-6)
    expected = summed_to(upstream * x**2 * slope, shape)
    np.testing.assert_allclose(by_beta, expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("dtype", sorted({"float32", DTYPE}))
def test_swish_of_the_largest_numbers_is_their_half_at_beta_zero(own, dtype):
    largest = np.finfo(dtype).max
    x = tensor([-largest, largest], dtype)
    for training in (False, True):
        y = own.swish(x, tensor([0.0], dtype), training=training)
        np.testing.assert_array_equal(array(y), [-largest / 2, largest / 2])
    y = own.swish(tensor([-np.inf, np.inf]), tensor([0.0]), training=True)
    np.testing.assert_array_equal(array(y), [-np.inf, np.inf])


@TRAINING
def test_second_derivative_of_swish(module, x, training):
    def first(x):
        (by_x,) = differentiated(
            lambda x: module.swish(x, tensor([2.0]), training=training)
        )(x)
        return by_x

    (second,) = gradients(first, x, dtype=DTYPE)
    gate = expit(2 * x)
    expected = 2 * gate * (1 - gate) * (2 + 2 * x * (1 - 2 * gate))
    np.testing.assert_allclose(second, expected, rtol=1e-5, atol=2e-6)


@TRAINING
@pytest.mark.parametrize("shape", BROADCAST)
def test_s_shaped_relu_and_its_derivatives(module, x, rng, shape, training):
    bounds = [(-1, 0.2), (-0.5, 1.5), (-0.2, 1), (-0.5, 1.5)]  # some have crossed
    given = [rng.uniform(*b, size=shape).astype(DTYPE) for b in bounds]
    upstream = rng.normal(size=SHAPE).astype(DTYPE)

    def weighted(*values):
        return module.s_shaped_relu(*values, training=training) * tensor(upstream)

    lower, lower_slope, upper, upper_slope = given
    crossed = upper <= lower
    upper = np.maximum(lower, upper)
    low, high = x <= lower, (x > lower) & (x >= upper)
    expected = np.where(low, lower + lower_slope * (x - lower), x)
    expected = np.where(high, upper + upper_slope * (x - upper), expected)
    y = module.s_shaped_relu(tensor(x), *map(tensor, given), training=training)
    np.testing.assert_allclose(array(y), expected, rtol=1e-5, atol=1e-6)
    by_lower = low * (1 - lower_slope) + (high & crossed) * (1 - upper_slope)
    expected = [
        np.where(low, lower_slope, np.where(high, upper_slope, 1)),
        by_lower,
        low * (x - lower),
        (high & ~crossed) * (1 - upper_slope),
        high * (x - upper),
    ]
    found = gradients(weighted, x, *given, dtype=DTYPE)
    for derivative, one in zip(found, expected, strict=True):
        one = summed_to(upstream * one, derivative.shape)
        np.testing.assert_allclose(derivative, one, rtol=2e-5, atol=2e-6)


def test_squared_relu_and_its_derivatives(module, x):
    np.testing.assert_allclose(
        array(module.squared_relu(tensor(x))), np.maximum(x, 0) ** 2, rtol=1e-6
    )

    def first(x):
        return differentiated(module.squared_relu)(x)[0]

    np.testing.assert_allclose(array(first(tensor(x))), 2 * np.maximum(x, 0), rtol=1e-6)
    (second,) = gradients(first, x, dtype=DTYPE)
    np.testing.assert_array_equal(second, np.where(x > 0, 2, 0))


@TRAINING
@pytest.mark.parametrize("is_strided", [True, False])
@pytest.mark.parametrize("pieces", [1, 2, 3])
@pytest.mark.parametrize("axis", [1, 2])
def test_maxout_divides_the_gradient_among_the_largest(
    module, rng, is_strided, pieces, axis, training
):
    options = {"is_strided": is_strided, "training": training}
    x = rng.integers(0, 3, size=(5, 6, 6)).astype(DTYPE)
    units = 6 // pieces
    y = array(module.maxout(tensor(x), units, axis, **options))
    (gradient,) = gradients(
        lambda x: module.maxout(x, units, axis, **options), x, dtype=DTYPE
    )
    moved, moved_y = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)
    expected = np.zeros(moved.shape)
    for unit in range(units):
        group = [
            unit + i * units if is_strided else unit * pieces + i for i in range(pieces)
        ]
        parts = moved[..., group]
        largest = parts.max(axis=-1)
        np.testing.assert_array_equal(moved_y[..., unit], largest)
        chosen = parts == largest[..., None]
        expected[..., group] = chosen / chosen.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(np.moveaxis(gradient, axis, -1), expected, rtol=1e-6)


@TRAINING
def test_maxout_of_equal_infinities_divides_the_gradient(module, training):
    (gradient,) = gradients(
        lambda x: module.maxout(x, 1, 1, is_strided=True, training=training),
        [[np.inf, np.inf], [-np.inf, 1.0]],
    )
    np.testing.assert_array_equal(gradient, [[0.5, 0.5], [0, 1]])


@TRAINING
def test_gradients_arrive_through_a_choice_of_rows(module, x, training):
    """TensorFlow's gradient of such a choice is no tensor, but a sum of slices."""
    functions = [
        lambda x: module.prelu(x, tensor([0.25]), training=training),
        lambda x: module.smooth_relu(x, 1.0, training=training),
        lambda x: module.smooth_relu(x, 3.0, training=training),
        lambda x: module.smooth_relu(x, tensor([3.0]), training=training),
        lambda x: module.shifted_relu(x, 0.5),
        lambda x: module.maxout(x, 1, 2, is_strided=True, training=training),
    ]
    for function in functions:
        (chosen,) = gradients(
            lambda x, function=function: keras.ops.take(function(x), [2, 0], axis=0),
            x,
            dtype=DTYPE,
        )
        (full,) = gradients(function, x, dtype=DTYPE)
        np.testing.assert_array_equal(
            chosen, full * [[[[1]]], [[[0]]], [[[1]]], [[[0]]]]
        )


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_the_derivative_of_smooth_relu_at_a_missing_value_is_missing(own, sharpness):
    (by_x,) = gradients(
        lambda x: own.smooth_relu(x, sharpness, training=True), [np.nan]
    )
    assert np.isnan(by_x)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_the_kink_is_where_the_dtype_has_the_threshold(module, dtype):
    (by_x,) = gradients(lambda x: module.shifted_relu(x, 0.1), [0.1, 0.2], dtype=dtype)
    np.testing.assert_array_equal(by_x, [0, 1])


@pytest.mark.skipif(BACKEND != "torch", reason="it is PyTorch's way forwards")
# Of PyTorch itself, when it is first differentiated forwards.
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")
@pytest.mark.parametrize("beta", [0.5, [0.5, 1.0, 2.0]])
def test_swish_has_the_forward_derivatives_of_pytorch(beta):
    import torch

    x = torch.tensor([-2.0, 0.5, 3.0], dtype=torch.float64)
    beta = torch.tensor(beta, dtype=torch.float64)

    def total(x, beta):
        return own_swish(x, beta).sum()

    def own_swish(x, beta):
        return kernels.for_tensor(x).swish(x, beta, training=True)

    by_forward = torch.func.hessian(total, (0, 1))(x, beta)
    by_backward = torch.func.jacrev(torch.func.jacrev(total, (0, 1)), (0, 1))(x, beta)
    for one, other in zip(by_forward, by_backward, strict=True):
        for a, b in zip(one, other, strict=True):
            torch.testing.assert_close(a, b)
    _, along = torch.func.jvp(lambda x: own_swish(x, beta), (x,), (torch.ones(3),))
    gate = torch.sigmoid(beta * x)
    torch.testing.assert_close(along, gate * (1 + beta * x * (1 - gate)))


@pytest.mark.skipif(BACKEND != "jax", reason="others are not differentiated forwards")
def test_the_forward_derivative_by_the_slope_is_0_above_zero(module):
    import jax

    _, change = jax.jvp(
        lambda slope: module.prelu(tensor([np.inf, 2]), slope, training=True),
        (tensor([0.25]),),
        (tensor([1.0]),),
    )
    np.testing.assert_array_equal(change, [0, 0])
    value, change = jax.jvp(lambda x: functions.prelu(x, 0.25), (-1.0,), (1.0,))
    assert (value, change) == (-0.25, 0.25)


@pytest.mark.skipif(BACKEND != "torch", reason="it compiles functions of PyTorch")
@TRAINING
def test_the_functions_are_compiled_whole(x, training):
    import torch

    from keras_rectifiers import functions

    def function(x):
        x = functions.prelu(x, 0.25, training=training)
        x = functions.smooth_relu(x, 2.0, training=training)
        x = functions.shifted_relu(x, 0.5)
        return functions.maxout(x, 1, training=training)

    compiled = torch.compile(function, backend="eager", fullgraph=True)
    np.testing.assert_allclose(
        array(compiled(tensor(x))), array(function(tensor(x))), rtol=1e-6
    )


@pytest.mark.skipif(BACKEND != "tensorflow", reason="only it has unknown ranks")
def test_the_gradient_of_a_slope_has_its_shape_if_the_rank_is_unknown(own):
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec(None)])
    def derivatives(x):
        slope = tf.constant([[[0.5]]])
        by_x, by_slope = differentiated(
            lambda x, slope: own.prelu(x, slope, training=True)
        )(x, slope)
        return by_x, by_slope

    by_x, by_slope = derivatives(np.float32([-1, 2]))
    assert (by_x.shape, by_slope.shape) == ((2,), (1, 1, 1))


@pytest.mark.parametrize("is_divisor", [True, False])
def test_rrelu_maps_all_integers_to_the_bounds(module, is_divisor):
    random = keras.ops.convert_to_tensor([-(2**31), 0, 2**31 - 1, 0], "int32")
    y = module.rrelu(tensor([-1, -1, -1, 1]), random, 0.25, 0.75, is_divisor=is_divisor)
    factors = np.array([0.25, 0.5, 0.75])
    expected = 1 / factors if is_divisor else factors
    np.testing.assert_allclose(array(y), [*-expected, 1], rtol=1e-6)
    assert array(random).tolist() == [-(2**31), 0, 2**31 - 1, 0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("shape", [(2,), (2, 1), ()])
def test_gradients_of_slopes_do_not_stagnate_in_half_precision(own, dtype, shape):
    """The sum of ten thousand ones ends at 256 in bfloat16, and at 2048 in float16."""
    x = -np.ones((5000, 2, 2))
    (by_slope,) = gradients(
        lambda slope: own.prelu(tensor(x, dtype), slope, training=True),
        np.full(shape, 0.25),
        dtype=dtype,
    )
    expected = np.full(shape, -20_000.0 / max(1, np.prod(shape)))
    np.testing.assert_allclose(by_slope, expected, rtol=2**-7)


@TRAINING
@pytest.mark.parametrize("name", ["prelu", "smooth_relu"])
def test_a_population_equals_its_members(module, rng, name, training):
    function = partial(getattr(module, name), training=training)
    parameter = rng.uniform(0.5, 2, size=(3, 5))
    assert_a_population_equals_its_members(function, rng, [parameter])


@TRAINING
@pytest.mark.parametrize(("name", "count"), [("swish", 1), ("s_shaped_relu", 4)])
def test_a_population_of_learned_shapes_equals_its_members(
    module, rng, name, count, training
):
    function = partial(getattr(module, name), training=training)
    parameters = [rng.normal(size=(3, 5)) for _ in range(count)]
    assert_a_population_equals_its_members(function, rng, parameters)


def assert_a_population_equals_its_members(function, rng, parameters):
    given = [rng.normal(size=(3, 4, 6, 5)), *parameters]
    given = [tensor(values, "float32") for values in given]
    together = derivatives_together(function, given)
    for i in range(3):
        alone = differentiated(function)(*(values[i] for values in given))
        for one, all_of_them in zip(alone, together, strict=True):
            # The sums over a batch are taken in another order.
            np.testing.assert_allclose(
                array(all_of_them)[i], array(one), rtol=1e-5, atol=1e-6
            )


def derivatives_together(function, given):
    if BACKEND == "torch":
        import torch

        every = tuple(range(len(given)))
        total = torch.func.grad(lambda *values: function(*values).sum(), every)
        return torch.func.vmap(total)(*given)
    derivatives = differentiated(function)
    if BACKEND == "jax":
        import jax

        return jax.jit(jax.vmap(derivatives))(*given)
    import tensorflow as tf

    return tf.vectorized_map(
        lambda values: derivatives(*values), tuple(given), fallback_to_while_loop=False
    )
