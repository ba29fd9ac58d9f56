"""Values and derivatives of the rectifiers, against formulas written in numpy."""

from functools import partial

import hypothesis
import hypothesis.strategies as st
import keras
import numpy as np
import pytest

from keras_rectifiers import functions
from tests.derivatives import gradients

SEED = np.array([3, 0], dtype="int32")

# Whatever float32 holds that is neither subnormal nor near the overflow.
FINITE = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)
MODERATE = st.floats(-50, 50, width=32, allow_subnormal=False)
SLOPES = st.floats(-2, 2, width=32, allow_subnormal=False)
SHARPNESSES = st.sampled_from([1e-3, 0.1, 1.0, 2.0, 5.0, 100.0, 1e6])


def value(function, x, *arguments, dtype="float32", **keywords):
    y = function(keras.ops.convert_to_tensor(x, dtype), *arguments, **keywords)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    return keras.ops.convert_to_numpy(keras.ops.cast(y, "float32"))


def central_difference(function, x):
    step = 1e-6 * np.maximum(1, np.abs(x))
    return (function(x + step) - function(x - step)) / (2 * step)


def softplus_reference(x, sharpness):
    return np.logaddexp(0, sharpness * np.asarray(x, "float64")) / sharpness


# prelu


@hypothesis.given(FINITE, SLOPES)
def test_prelu_is_the_identity_above_zero_and_linear_below(x, slope):
    expected = np.float32(x) if x > 0 else np.float32(slope) * np.float32(x)
    assert value(functions.prelu, [x], slope) == pytest.approx(expected, rel=1e-6)


def test_prelu_of_infinite_and_missing_inputs():
    x = [np.inf, -np.inf, np.nan]
    np.testing.assert_array_equal(
        value(functions.prelu, x, 0.25), [np.inf, -np.inf, np.nan]
    )


def test_prelu_takes_one_slope_per_channel():
    y = value(functions.prelu, [[-1.0, -1.0], [-2.0, 2.0]], [0.5, 0.25])
    np.testing.assert_array_equal(y, [[-0.5, -0.25], [-1.0, 2.0]])


def test_prelu_keeps_the_dtype_of_x_when_the_slope_has_another():
    slope = keras.ops.convert_to_tensor([0.25], "float32")
    assert value(functions.prelu, [-2.0], slope, dtype="float16") == -0.5


def test_derivatives_of_prelu_at_zero_and_beside_it():
    by_x, by_slope = gradients(
        functions.prelu, [-2.0, -0.0, 0.0, 3.0], [0.1, 0.2, 0.3, 0.4]
    )
    np.testing.assert_array_equal(by_x, np.float32([0.1, 0.2, 0.3, 1]))
    np.testing.assert_array_equal(by_slope, [-2, 0, 0, 0])


@pytest.mark.parametrize("slope", [0.0, 0.25])
def test_gradients_of_prelu_at_positive_infinity_are_not_missing(slope):
    by_x, by_slope = gradients(functions.prelu, [np.inf], [slope])
    assert by_x == 1
    assert by_slope == 0


# rrelu


@pytest.mark.parametrize(("form", "slope"), [("divisor", 2 / 11), ("slope", 11 / 48)])
def test_rrelu_without_a_seed_scales_by_the_mean_of_the_default_bounds(form, slope):
    y = value(functions.rrelu, [[-1.0, 2.0]], form=form)
    np.testing.assert_array_equal(y, [[-np.float32(slope), 2]])


@pytest.mark.parametrize("form", ["divisor", "slope"])
@pytest.mark.parametrize("noise", ["element", "channel"])
def test_gradient_of_rrelu_is_the_slope_drawn_in_the_same_call(rng, form, noise):
    x = rng.normal(size=(5, 4, 3)).astype("float32")

    def draw(x):
        return functions.rrelu(x, form=form, noise=noise, seed=SEED)

    slopes = -value(draw, -np.ones_like(x))
    assert np.unique(slopes).size == (60 if noise == "element" else 15)
    (gradient,) = gradients(draw, x)
    np.testing.assert_array_equal(gradient, np.where(x > 0, 1, slopes))
    # A quotient and the product with the inverse differ by their rounding.
    np.testing.assert_allclose(
        value(draw, x), np.where(x > 0, x, slopes * x), rtol=2e-7
    )


def test_derivative_of_rrelu_at_zero_is_the_slope_drawn():
    (gradient,) = gradients(lambda x: functions.rrelu(x, seed=SEED), np.zeros((9, 9)))
    assert np.all((gradient > 1 / 8.001) & (gradient < 1 / 2.999))
    assert np.unique(gradient).size == 81


@pytest.mark.parametrize("form", ["divisor", "slope"])
@hypothesis.given(slope=st.floats(0.01, 1))
@hypothesis.settings(max_examples=20)
def test_rrelu_with_equal_bounds_is_a_leaky_rectifier_to_the_last_bit(form, slope):
    x = np.linspace(-3, 3, 50, dtype="float32")[None]
    bound = 1 / slope if form == "divisor" else slope
    slope = 1 / bound if form == "divisor" else bound

    def random(x):
        return functions.rrelu(x, lower=bound, upper=bound, form=form, seed=SEED)

    def leaky(x):
        return keras.ops.leaky_relu(x, negative_slope=slope)

    np.testing.assert_array_equal(value(random, x), value(leaky, x))
    np.testing.assert_array_equal(gradients(random, x), gradients(leaky, x))


@pytest.mark.parametrize("keywords", [{}, {"lower": 5.5, "upper": 5.5, "seed": SEED}])
def test_derivative_of_rrelu_without_draws_at_zero_is_the_slope(keywords):
    (gradient,) = gradients(
        lambda x: functions.rrelu(x, **keywords), [[-0.0, 0.0, -1.0, 1.0]]
    )
    slope = np.float32(2 / 11)
    np.testing.assert_array_equal(gradient, [[slope, slope, slope, 1]])


@pytest.mark.parametrize("seed", [None, SEED])
def test_rrelu_of_infinite_and_missing_inputs(seed):
    x = [[np.inf, -np.inf, np.nan]]
    y = value(functions.rrelu, x, seed=seed)
    np.testing.assert_array_equal(y, [[np.inf, -np.inf, np.nan]])


# smooth_relu


@pytest.mark.parametrize(
    ("x", "sharpness", "expected"),
    [
        (0, 1, 0.69314718),
        (0, 2, 0.34657359),
        (0, 5, 0.13862944),
        (1, 5, 1.00134307),
        (-1, 5, 0.00134307),
        (100, 5, 100),
    ],
)
def test_golden_values_of_smooth_relu(x, sharpness, expected):
    y = value(functions.smooth_relu, [float(x)], sharpness)
    assert y == pytest.approx(expected, rel=1e-6)


@hypothesis.given(FINITE, SHARPNESSES)
def test_smooth_relu_is_the_softplus_divided_by_the_sharpness(x, sharpness):
    y = value(functions.smooth_relu, [x], sharpness)
    expected = softplus_reference(x, sharpness)
    # Values below the smallest normal number may be flushed to 0.
    assert y == pytest.approx(expected, rel=3e-6, abs=2e-38 / min(sharpness, 1))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("sharpness", [1e-3, 1.0, 300.0, 1e6])
def test_smooth_relu_holds_in_half_precision(dtype, sharpness):
    x = np.array([-6e4, -300, -1, -1e-3, 0, 1e-3, 1, 300, 6e4], "float32")
    x = keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.cast(x, dtype), "float32"))
    y = value(functions.smooth_relu, x, sharpness, dtype=dtype)
    precision = {"float16": 2**-10, "bfloat16": 2**-7}[dtype]
    # 2**-24: the smallest number of float16.
    np.testing.assert_allclose(
        y, softplus_reference(x, sharpness), rtol=precision, atol=2**-24
    )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("sharpness", [1e-3, 1.0, 1e6])
def test_derivative_of_smooth_relu_at_zero_is_one_half(dtype, sharpness):
    (gradient,) = gradients(
        lambda x: functions.smooth_relu(x, sharpness), [-0.0, 0.0], dtype=dtype
    )
    np.testing.assert_array_equal(gradient, [0.5, 0.5])


@hypothesis.given(MODERATE, SHARPNESSES)
def test_derivative_of_smooth_relu_is_the_logistic_function(x, sharpness):
    (gradient,) = gradients(lambda x: functions.smooth_relu(x, sharpness), [x])
    # np.tanh does not overflow, unlike the exponential.
    logistic = (1 + np.tanh(np.float64(sharpness) * x / 2)) / 2
    assert gradient == pytest.approx(logistic, rel=1e-5, abs=1e-6)


@hypothesis.given(
    st.floats(-5, 5, width=32, allow_subnormal=False), st.floats(0.25, 8, width=32)
)
def test_derivatives_of_smooth_relu_agree_with_finite_differences(x, sharpness):
    by_x, by_sharpness = gradients(functions.smooth_relu, [x], [sharpness])
    expected = central_difference(lambda x: softplus_reference(x, sharpness), x)
    assert by_x == pytest.approx(expected, rel=1e-5, abs=1e-6)
    expected = central_difference(lambda k: softplus_reference(x, k), sharpness)
    assert by_sharpness == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_smooth_relu_of_infinite_and_missing_inputs():
    y = value(functions.smooth_relu, [np.inf, -np.inf, np.nan], 5.0)
    np.testing.assert_array_equal(y, [np.inf, 0, np.nan])
    (gradient,) = gradients(functions.smooth_relu, [np.inf, -np.inf])
    np.testing.assert_array_equal(gradient, [1, 0])


def test_gradient_of_the_sharpness_at_infinite_inputs_is_not_missing():
    by_x, by_sharpness = gradients(
        functions.smooth_relu, [np.inf, -np.inf, 1.0], [2.0, 2.0, 2.0]
    )
    assert np.isfinite(by_x).all()
    np.testing.assert_array_equal(by_sharpness[:2], [0, 0])
    assert by_sharpness[2] != 0


# shifted_relu


@hypothesis.given(FINITE, st.floats(-3, 3, width=32, allow_subnormal=False))
def test_shifted_relu_is_the_larger_of_threshold_and_input(x, threshold):
    y = value(functions.shifted_relu, [x], threshold)
    assert y == np.float32(max(x, threshold))


def test_derivative_of_shifted_relu_is_zero_up_to_the_threshold():
    (gradient,) = gradients(functions.shifted_relu, [-2.0, -1.0, -0.99, 0.0, 3.0])
    np.testing.assert_array_equal(gradient, [0, 0, 1, 1, 1])


def test_shifted_relu_of_infinite_and_missing_inputs():
    y = value(functions.shifted_relu, [np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(y, [np.inf, -1, np.nan])


# swish


def swish_reference(x, beta):
    x = np.asarray(x, "float64")
    return x * np.exp(-np.logaddexp(0, -beta * x))


@hypothesis.given(MODERATE, st.floats(-8, 8, width=32, allow_subnormal=False))
def test_swish_is_the_input_times_its_logistic_function(x, beta):
    y = value(functions.swish, [x], beta)
    # The exponent has the relative error of a product of float32.
    assert y == pytest.approx(swish_reference(x, beta), rel=5e-5, abs=1e-37)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("beta", [1e-3, 1.0, 300.0, -2.0])
def test_swish_holds_in_half_precision(dtype, beta):
    x = np.array([-6e4, -300, -1, -1e-3, 0, 1e-3, 1, 300, 6e4], "float32")
    x = keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.cast(x, dtype), "float32"))
    y = value(functions.swish, x, beta, dtype=dtype)
    precision = {"float16": 2**-10, "bfloat16": 2**-7}[dtype]
    # 2**-24: the smallest number of float16.
    np.testing.assert_allclose(y, swish_reference(x, beta), rtol=precision, atol=2**-24)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("beta", [-3.0, 0.0, 1e-3, 1.0, 1e6])
def test_derivative_of_swish_at_zero_is_one_half(dtype, beta):
    (gradient,) = gradients(
        lambda x: functions.swish(x, beta), [-0.0, 0.0], dtype=dtype
    )
    np.testing.assert_array_equal(gradient, [0.5, 0.5])
    np.testing.assert_array_equal(value(functions.swish, [0.0], beta), [0])


@hypothesis.given(
    st.floats(-5, 5, width=32, allow_subnormal=False), st.floats(-4, 4, width=32)
)
def test_derivatives_of_swish_agree_with_finite_differences(x, beta):
    by_x, by_beta = gradients(functions.swish, [x], [beta])
    expected = central_difference(lambda x: swish_reference(x, beta), x)
    assert by_x == pytest.approx(expected, rel=1e-5, abs=2e-6)
    expected = central_difference(lambda b: swish_reference(x, b), beta)
    assert by_beta == pytest.approx(expected, rel=1e-5, abs=2e-6)


@pytest.mark.parametrize(
    ("beta", "limits", "slopes"),
    [(2.0, [0, np.inf], [0, 1]), (-2.0, [-np.inf, 0], [1, 0])],
)
def test_swish_and_its_gradients_at_infinite_and_huge_inputs(beta, limits, slopes):
    swish = partial(functions.swish, training=True)
    y = value(swish, [-np.inf, np.inf, np.nan], beta)
    np.testing.assert_array_equal(y, [*limits, np.nan])
    x = [-np.inf, np.inf, -3e38, 3e38]
    by_x, by_beta = gradients(swish, x, [beta] * 4)
    np.testing.assert_array_equal(by_x, slopes * 2)
    np.testing.assert_array_equal(by_beta, [0] * 4)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        # The derivative of x / (1 + exp(-beta x)) by beta is x^2 / 4 at beta = 0.
        (lambda x, beta: functions.swish(x, beta), 2_500),
        (lambda x, slope: functions.s_shaped_relu(x, 0.0, slope), -10_000),
    ],
)
def test_gradients_of_shared_parameters_do_not_stagnate_in_half_precision(
    function, expected, dtype
):
    x = keras.ops.cast(-np.ones((5000, 2)), dtype)
    (gradient,) = gradients(lambda parameter: function(x, parameter), [0.0])
    np.testing.assert_allclose(gradient, [expected], rtol=1e-6)


# squared_relu


@hypothesis.given(MODERATE)
def test_squared_relu_and_its_derivative(x):
    positive = max(np.float32(x), 0)
    assert value(functions.squared_relu, [x]) == pytest.approx(positive**2, rel=1e-6)
    (gradient,) = gradients(functions.squared_relu, [x])
    assert gradient == 2 * positive


def test_squared_relu_of_infinite_and_missing_inputs():
    y = value(functions.squared_relu, [np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(y, [np.inf, 0, np.nan])


def test_derivative_of_squared_relu_at_zero_is_zero():
    (gradient,) = gradients(functions.squared_relu, [-0.0, 0.0])
    np.testing.assert_array_equal(gradient, [0, 0])


# s_shaped_relu


def s_shaped_reference(x, lower_threshold, lower_slope, upper_threshold, upper_slope):
    if x <= lower_threshold:
        return lower_threshold + lower_slope * (x - lower_threshold)
    upper_threshold = max(lower_threshold, upper_threshold)
    if x < upper_threshold:
        return x
    return upper_threshold + upper_slope * (x - upper_threshold)


@hypothesis.given(
    MODERATE, st.tuples(*[st.floats(-2, 2, width=32, allow_subnormal=False)] * 4)
)
def test_s_shaped_relu_is_a_line_on_each_side_of_the_identity(x, parameters):
    expected = s_shaped_reference(x, *parameters)
    for training in (False, True):
        y = value(functions.s_shaped_relu, [x], *parameters, training=training)
        assert y == pytest.approx(expected, rel=1e-6, abs=1e-5)


def test_derivatives_of_s_shaped_relu_at_the_thresholds_are_those_of_the_lines():
    x = [-3.0, -1.0, 0.5, 2.0, 6.0]
    parameters = [[-1.0] * 5, [0.25] * 5, [2.0] * 5, [4.0] * 5]
    by_x, *by_parameters = gradients(functions.s_shaped_relu, x, *parameters)
    np.testing.assert_array_equal(by_x, [0.25, 0.25, 1, 4, 4])
    np.testing.assert_array_equal(
        by_parameters,
        [
            [0.75, 0.75, 0, 0, 0],
            [-2, 0, 0, 0, 0],
            [0, 0, 0, -3, -3],
            [0, 0, 0, 0, 4],
        ],
    )


@pytest.mark.parametrize("upper_threshold", [1.0, 0.5])
def test_the_lower_threshold_has_the_gradient_of_both_where_they_have_met(
    upper_threshold,
):
    x = [0.0, 1.0, 3.0]
    parameters = [[1.0] * 3, [0.25] * 3, [upper_threshold] * 3, [4.0] * 3]
    s_shaped_relu = partial(functions.s_shaped_relu, training=True)
    by_x, by_lower, _, by_upper, _ = gradients(s_shaped_relu, x, *parameters)
    np.testing.assert_array_equal(by_x, [0.25, 0.25, 4])
    np.testing.assert_array_equal(by_lower, [0.75, 0.75, -3])
    np.testing.assert_array_equal(by_upper, [0, 0, 0])


@hypothesis.given(
    st.floats(-5, 5, width=32, allow_subnormal=False),
    st.tuples(
        st.floats(-2, -0.5, width=32),
        st.floats(-2, 2, width=32, allow_subnormal=False),
        st.floats(0.5, 2, width=32),
        st.floats(-2, 2, width=32, allow_subnormal=False),
    ),
)
def test_derivatives_of_s_shaped_relu_agree_with_finite_differences(x, parameters):
    hypothesis.assume(min(abs(x - parameters[0]), abs(x - parameters[2])) > 1e-3)
    numbers = [x, *parameters]
    found = gradients(functions.s_shaped_relu, *([number] for number in numbers))
    for i, derivative in enumerate(found):

        def moved(number, i=i):
            return s_shaped_reference(*numbers[:i], number, *numbers[i + 1 :])

        expected = central_difference(moved, numbers[i])
        assert derivative == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_s_shaped_relu_of_infinite_and_missing_inputs():
    x = [np.inf, -np.inf, np.nan]
    for training in (False, True):
        y = value(functions.s_shaped_relu, x, -1.0, 0.5, 1.0, -2.0, training=training)
        np.testing.assert_array_equal(y, [-np.inf, -np.inf, np.nan])


# gated_linear_unit


@pytest.mark.parametrize("name", ["sigmoid", "relu", "silu", "gelu"])
def test_the_halves_of_a_gated_linear_unit_have_the_derivatives_of_a_product(name, rng):
    activation = getattr(keras.activations, name)
    x = rng.normal(size=(3, 4)).astype("float32")
    (gradient,) = gradients(lambda x: functions.gated_linear_unit(x, activation), x)
    gate = value(activation, x[:, 2:])
    (slope,) = gradients(activation, x[:, 2:])
    expected = np.concatenate([gate, x[:, :2] * slope], axis=1)
    # The products are taken in another order.
    np.testing.assert_allclose(gradient, expected, rtol=2e-6)


def test_reglu_is_zero_with_no_gradient_where_its_gate_is_closed():
    def reglu(x):
        return functions.gated_linear_unit(x, keras.ops.relu)

    x = [[5.0, 7.0, -2.0, 0.0]]
    np.testing.assert_array_equal(value(reglu, x), [[0, 0]])
    np.testing.assert_array_equal(gradients(reglu, x)[0], [[0, 0, 0, 0]])


# maxout


def test_strided_and_contiguous_groups_of_maxout():
    x = [[1.0, 5.0, 3.0, 4.0, 2.0, 0.0]]
    # Strided: (1, 4), (5, 2), (3, 0) and (1, 3, 2), (5, 4, 0).
    np.testing.assert_array_equal(value(functions.maxout, x, 3), [[4, 5, 3]])
    np.testing.assert_array_equal(value(functions.maxout, x, 2), [[3, 5]])
    # Contiguous: (1, 5), (3, 4), (2, 0).
    y = value(functions.maxout, x, 3, grouping="contiguous")
    np.testing.assert_array_equal(y, [[5, 4, 2]])


@hypothesis.given(FINITE, st.floats(0, 1, width=32, allow_subnormal=False))
def test_maxout_of_two_pieces_is_prelu_with_a_slope_of_at_most_1(x, slope):
    x = np.float32([[x]])
    pieces = np.concatenate([x, np.float32(slope) * x], axis=1)
    y = value(functions.maxout, pieces, 1)
    np.testing.assert_array_equal(y, value(functions.prelu, x, slope))


def test_gradient_of_maxout_goes_to_the_largest_and_is_shared_at_a_tie():
    (gradient,) = gradients(
        lambda x: functions.maxout(x, 2), [[1.0, 7.0, 3.0, 7.0, 2.0, 7.0]]
    )
    expected = [[0, 1 / 3, 1, 1 / 3, 0, 1 / 3]]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_maxout_of_infinite_and_missing_inputs():
    x = [[np.inf, -np.inf, np.nan, 1.0, -np.inf, 2.0]]
    np.testing.assert_array_equal(
        value(functions.maxout, x, 3), [[np.inf, -np.inf, np.nan]]
    )


# crelu


@hypothesis.given(FINITE)
def test_crelu_is_both_halves_of_its_input(x):
    y = value(functions.crelu, [[x, 1.0]])
    np.testing.assert_array_equal(y, np.float32([[max(x, 0), 1, max(-x, 0), 0]]))


def test_derivatives_of_crelu_at_zero_and_beside_it():
    (gradient,) = gradients(functions.crelu, [[-2.0, -0.0, 0.0, 3.0]])
    np.testing.assert_array_equal(gradient, [[-1, 0, 0, 1]])


def test_crelu_of_infinite_and_missing_inputs():
    y = value(functions.crelu, [[np.inf, -np.inf, np.nan]])
    np.testing.assert_array_equal(y, [[np.inf, 0, np.nan, 0, np.inf, np.nan]])


def test_complex_numbers_are_refused():
    x = keras.ops.convert_to_tensor(np.array([1 + 2j], "complex64"))
    with pytest.raises(
        TypeError,
        match=r"^Rectifiers expect real numbers\. Received: x of dtype complex64$",
    ):
        functions.prelu(x, 0.25)


def test_integers_are_cast_to_floats():
    x = keras.ops.convert_to_tensor([[-2, 3]], "int32")
    y = functions.prelu(x, 0.25)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(y), [[-0.5, 3]])


# Identities of the texts.


@hypothesis.given(FINITE, st.sampled_from([1.5, 2.0, 1000.0]))
def test_relu_is_invariant_to_positive_scales(x, scale):
    relu = keras.ops.relu
    assert value(relu, [np.float32(scale) * np.float32(x)]) == np.float32(
        scale
    ) * value(relu, [x])


@hypothesis.given(MODERATE, SHARPNESSES)
def test_smooth_relu_exceeds_relu_by_at_most_the_logarithm_of_2(x, sharpness):
    excess = value(functions.smooth_relu, [x], sharpness) - max(np.float32(x), 0)
    assert -1e-5 <= excess <= np.log(2) / sharpness + 1e-5


def test_smooth_relu_is_the_logarithm_of_the_sum_of_exponentials_with_zero(rng):
    x = rng.normal(size=50)
    y = value(functions.smooth_relu, x)
    pairs = keras.ops.convert_to_tensor(np.stack([0 * x, x], axis=1), "float32")
    expected = keras.ops.convert_to_numpy(keras.ops.logsumexp(pairs, axis=1))
    np.testing.assert_allclose(y, expected, rtol=2e-6)
    (gradient,) = gradients(functions.smooth_relu, x)
    softmax = keras.ops.convert_to_numpy(keras.ops.softmax(pairs))[:, 1]
    np.testing.assert_allclose(gradient, softmax, rtol=2e-6)


@hypothesis.given(MODERATE)
def test_elu_is_above_the_shifted_relu_that_it_smooths(x):
    elu = value(keras.ops.elu, [x])
    shifted = value(functions.shifted_relu, [x])
    assert shifted - 1e-6 <= elu <= shifted + np.exp(-1) + 1e-6


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ([3, 0.7, 0.5], [0.846, 0.085, 0.069]),
        ([1.2, 1, 1.5], [0.316, 0.258, 0.426]),
        ([1.5] + [1.2] * 9, [0.130] + [0.097] * 9),
    ],
)
def test_softmax_as_worked_in_the_texts(logits, expected):
    y = value(keras.ops.softmax, [logits])
    np.testing.assert_allclose(y, [expected], atol=0.00051)
