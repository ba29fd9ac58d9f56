"""Expectations by quadrature against closed forms."""

import re

import numpy as np
import pytest
from scipy.special import ndtr

from keras_rectifiers.theory.quadrature import measure_function

VARIANCES = np.array([1e-4, 0.01, 0.3, 1.0, 3.0, 20.0, 100.0])


def leaky_to_6(x):
    return np.where(x > 1.4999, np.minimum(x, 6.0), 0.1 * (x - 1.4999))


@pytest.mark.parametrize(
    ("function", "mean_square", "growth", "slope_mean_square"),
    [
        pytest.param(
            np.sin,
            lambda q: -np.expm1(-2 * q) / 2,
            lambda q: np.exp(-2 * q),
            lambda q: (1 + np.exp(-2 * q)) / 2,
            id="sine",
        ),
        pytest.param(
            lambda x: x**2,
            lambda q: 3 * q**2,
            lambda q: 6 * q,
            lambda q: 4 * q,
            id="square",
        ),
    ],
)
def test_smooth_functions(function, mean_square, growth, slope_mean_square):
    q = VARIANCES
    found = measure_function(function)
    assert found.mean_square(q) == pytest.approx(mean_square(q), rel=1e-12)
    assert found.mean_square_growth(q) == pytest.approx(growth(q), rel=1e-12, abs=1e-14)
    assert found.slope_mean_square(q) == pytest.approx(slope_mean_square(q), rel=1e-12)


def test_kinks_and_jumps_are_found_where_they_are():
    # The slopes are 0.1 below 1.4999, 1 up to 6, and 0 from there on.
    low, high = (ndtr(at / np.sqrt(VARIANCES)) for at in (1.4999, 6.0))
    found = measure_function(leaky_to_6)
    assert found.slope_mean_square(VARIANCES) == pytest.approx(
        0.01 * low + high - low, rel=1e-10
    )


def test_a_jump_has_no_slope():
    found = measure_function(lambda x: np.where(x > 0.7, 1.0, 0.0))
    above = ndtr(-0.7 / np.sqrt(VARIANCES))
    # Where it is 1e-12 there is nothing to find.
    assert found.mean_square(VARIANCES) == pytest.approx(above, rel=1e-10, abs=1e-13)
    assert found.slope_mean_square(VARIANCES) == pytest.approx(0, abs=1e-10)


def test_a_bend_as_sharp_as_a_kink_is_resolved():
    found = measure_function(lambda x: np.logaddexp(0, 1e4 * x) / 1e4)
    # The integral of the logistic function's difference from the step is known:
    # E[f'^2] is lower than 1/2 by the density at 0 divided by the sharpness.
    expected = 0.5 - 1 / np.sqrt(2 * np.pi) / 1e4
    assert found.slope_mean_square(1.0) == pytest.approx(expected, abs=1e-12)


def test_variances_of_any_size_in_any_shape():
    found = measure_function(np.tanh)
    q = np.array([[0.0, 1e-70, 1e-20], [1e20, 1e70, 1e80]])
    expected = np.array([[0.0, 1e-70, 1e-20], [1.0, 1.0, np.nan]])
    assert found.mean_square(q) == pytest.approx(expected, rel=1e-9, abs=0, nan_ok=True)
    assert found.slope_mean_square(q[0]) == pytest.approx(np.ones(3), rel=1e-12)
    assert np.isnan(found.mean_square(np.nan))


def test_where_the_function_overflows_nothing_is_claimed():
    found = measure_function(np.exp)
    assert found.mean_square(4.0) == pytest.approx(np.exp(8.0), rel=1e-12)
    assert found.slope_mean_square(4.0) == pytest.approx(np.exp(8.0), rel=1e-12)
    assert np.isnan(found.mean_square(1e6))
    assert np.isnan(found.slope_mean_square(1e6))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.tanh(x).astype(np.float32),
        lambda x: x + 1e-9 * np.sin(1e12 * x),
    ],
    ids=["float32", "noise"],
)
def test_a_function_with_noise_is_refused(function):
    message = (
        "An expectation needs a function that is smooth except for a few kinks. Write "
        "it so that it draws no random numbers and computes in the dtype of its "
        "input, here float64. Received: a function that no polynomial approximates, "
        "even on short intervals"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        measure_function(function)


def test_a_function_that_is_not_finite_is_refused():
    message = (
        "An expectation needs a function that is finite from -16 to 16. Received: a "
        "function that returns NaN or infinity there"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        measure_function(np.log)
