"""The decay of the gradient against computations by hand."""

import math

import numpy as np
import pytest

from keras_rectifiers.gradient_decay import gradient_decay


def test_gradient_decay_is_negative_where_the_gradient_vanishes_towards_the_input():
    # A tenth of the gradient is left at each layer towards the input.
    decay, left_out = gradient_decay([1e-3, 1e-2, 1e-1, 1.0])
    assert decay == pytest.approx(-1)
    assert left_out == 0


def test_gradient_decay_is_the_slope_of_a_least_squares_fit(rng):
    values = 10 ** rng.normal(size=12)
    slope = np.polyfit(np.arange(12)[::-1], np.log10(values), 1)[0]
    assert gradient_decay(values)[0] == pytest.approx(slope)


def test_gradient_decay_leaves_out_and_counts_what_has_no_logarithm():
    # The layers left keep their distance to the last one.
    decay, left_out = gradient_decay([0.0, 1e-4, np.nan, np.inf, 1.0])
    assert (decay, left_out) == (pytest.approx(-4 / 3), 3)


@pytest.mark.parametrize("values", [[], [1.0], [0.0, 1.0], [0.0, 0.0]])
def test_gradient_decay_is_missing_with_fewer_than_two_layers(values):
    assert math.isnan(gradient_decay(values)[0])
