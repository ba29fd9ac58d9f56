"""Deviations and slopes, on numbers that can be told at sight."""

import numpy as np
import pytest

from studies.definitions.deviations import (
    X,
    deviation_outside,
    largest_deviation,
    slope_of,
)


def test_the_largest_deviation_counts_on_both_sides_and_of_all_arrays():
    assert largest_deviation(np.array([0.1, -0.4]), np.array([0.3])) == 0.4
    assert largest_deviation(np.array([0.1]), np.array([0.5, 0.0])) == 0.5


@pytest.mark.parametrize(
    ("y", "found"), [([0.0, 1.0], 0.0), ([-0.25, 1.0], 0.25), ([0.5, 3.0], 2.0)]
)
def test_a_number_within_the_range_does_not_deviate(y, found):
    assert deviation_outside(np.array(y), 0.0, 1.0) == found


def test_the_slope_of_a_parabola_is_twice_x():
    np.testing.assert_allclose(slope_of(np.square, X), 2 * X, atol=1e-8)
