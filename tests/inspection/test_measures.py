"""The measures against computations by hand in float64."""

import math

import numpy as np
import pytest
from keras import ops

from keras_rectifiers.inspection import measures


def value(tensor) -> float:
    return float(ops.convert_to_numpy(tensor))


def test_signal_gradient_is_the_root_mean_square_of_the_norm_per_example():
    gradient = np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)
    assert value(measures.signal_gradient(gradient)) == pytest.approx(
        math.sqrt((25 + 0) / 2)
    )


def test_signal_gradient_sums_over_positions_rather_than_averaging(rng):
    gradient = rng.normal(size=(5, 4, 4, 3))
    norms = np.sqrt((gradient**2).sum(axis=(1, 2, 3)))
    assert value(measures.signal_gradient(gradient)) == pytest.approx(
        math.sqrt((norms**2).mean())
    )


@pytest.mark.parametrize("scale", [1e-30, 1e-37, 1e25])
def test_signal_gradient_neither_underflows_nor_overflows_float32(rng, scale):
    gradient = rng.normal(size=(8, 16))
    exact = math.sqrt((gradient**2).sum() / 8) * scale
    assert value(
        measures.signal_gradient((gradient * scale).astype(np.float32))
    ) == pytest.approx(exact, rel=1e-5)


def test_signal_gradient_of_nothing_is_zero_and_of_nan_is_nan():
    assert value(measures.signal_gradient(np.zeros((3, 2), np.float32))) == 0
    assert math.isnan(value(measures.signal_gradient(np.full((3, 2), np.nan))))


def test_weight_gradient_is_relative_to_the_norm_of_the_weights(rng):
    gradient, weights = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    expected = np.linalg.norm(gradient) / np.linalg.norm(weights)
    assert value(measures.weight_gradient(gradient, weights)) == pytest.approx(expected)


def test_sparsity_counts_exact_zeros_only():
    activation = np.array([[0.0, -0.0, 1e-30, 2.0]], np.float32)
    assert value(measures.sparsity(activation)) == 0.5


def test_weights_are_zero_only_if_exactly_so():
    weights = np.array([[0.0, -0.0, 1e-30], [2.0, -1.0, 1.0]], np.float32)
    assert value(measures.zero_weights(weights)) == pytest.approx(1 / 3)


def test_the_largest_activation_is_so_by_magnitude():
    assert value(measures.largest_activation(np.array([[1.0, -3.0, 2.0]]))) == 3


def test_silent_units_need_every_example_and_position_at_or_below_zero():
    z = np.zeros((2, 3, 4))
    z[..., 0] = -1  # silent
    z[..., 1] = -1
    z[1, 2, 1] = 1e-9  # one position of one example speaks
    z[..., 2] = 0  # silent: z <= 0
    z[..., 3] = 2
    assert value(measures.silent_units(z)) == 0.5


def test_dead_units_need_a_derivative_of_exactly_zero_everywhere():
    derivative = np.array([[0.0, 0.0, 1e-30], [0.0, 1.0, 1e-30]], np.float32)
    z = np.ones_like(derivative)
    assert value(measures.dead_units(derivative, z)) == pytest.approx(1 / 3)
    is_dead = ops.convert_to_numpy(measures.is_dead(derivative, z))
    assert is_dead.tolist() == [1, 0, 0]


def test_saturation_counts_slopes_under_a_twentieth_of_the_largest():
    derivative = np.array([[0.012499, 0.012501, -0.012499, -0.012501]])
    assert value(measures.saturation(derivative, 0.25)) == 0.5


@pytest.mark.parametrize(
    ("function", "largest"), [(ops.sigmoid, 0.25), (ops.tanh, 1.0)]
)
def test_the_largest_slope_of_a_bounded_function_is_known(function, largest):
    assert measures.LARGEST_SLOPE[function.__name__] == largest
    # Against differences, where they are largest.
    z = np.linspace(-8, 8, 16_001)
    slopes = np.diff(ops.convert_to_numpy(function(z))) / np.diff(z)
    assert slopes.max() == pytest.approx(largest, rel=1e-5)


def test_mean_shift_is_0_when_centred_and_1_when_constant(rng):
    constant = np.tile(rng.normal(size=(1, 5)), (7, 1))
    centred = rng.normal(size=(50, 5))
    centred -= centred.mean(axis=0)
    assert value(measures.mean_shift(constant)) == pytest.approx(1)
    assert value(measures.mean_shift(centred)) == pytest.approx(0, abs=1e-12)
    # Units whose offsets cancel are still offset: the sum is over units.
    both = np.array([[1.0, -1.0], [1.0, -1.0]])
    assert value(measures.mean_shift(both)) == pytest.approx(1)


def test_activation_mean_and_std_go_over_all_axes(rng):
    activation = rng.normal(size=(3, 4, 5))
    assert value(measures.activation_mean(activation)) == pytest.approx(
        activation.mean()
    )
    assert value(measures.activation_std(activation)) == pytest.approx(activation.std())


def test_a_lost_net_has_no_shares():
    lost = np.array([[np.nan, 1.0], [0.0, 1.0]], np.float32)
    shares = [
        measures.sparsity(lost),
        measures.silent_units(lost),
        measures.dead_units(lost, np.ones_like(lost)),
        measures.dead_units(np.zeros_like(lost), lost),
        measures.saturation(lost, 1.0),
        measures.zero_weights(lost),
        measures.largest_activation(lost),
    ]
    is_dead = measures.is_dead(np.zeros_like(lost), lost)
    assert np.isnan(ops.convert_to_numpy(is_dead)).all()
    assert np.isnan([value(share) for share in shares]).all()


def test_double_precision_is_kept(rng):
    activation = rng.normal(size=(300, 300))
    assert value(measures.activation_std(activation)) == pytest.approx(
        activation.std(), rel=1e-12
    )
    assert value(measures.signal_gradient(activation)) == pytest.approx(
        np.sqrt((activation**2).sum() / 300), rel=1e-12
    )


def test_half_precision_is_widened(rng):
    activation = (rng.normal(size=(300, 300)) * 100).astype(np.float16)
    exact = activation.astype(np.float64)
    assert value(measures.activation_std(activation)) == pytest.approx(
        exact.std(), rel=1e-4
    )
    assert value(measures.signal_gradient(activation)) == pytest.approx(
        np.sqrt((exact**2).sum() / 300), rel=1e-4
    )
