"""Gains and mean-field theory against closed forms and random nets."""

import math
import re

import keras
import numpy as np
import pytest
from scipy.special import erf, expit

from keras_rectifiers.gradient_decay import gradient_decay
from keras_rectifiers.theory.gain import gain
from keras_rectifiers.theory.mean_field import FixedPoint, MeanField


def test_the_variance_map_and_the_gradient_factor_have_both_variances():
    # E[clip(x, -1, 1)^2] = q erf(r) + 1 - erf(r) - 2 sqrt(q) phi(1 / sqrt(q)).
    net = MeanField(
        activation=keras.activations.hard_tanh, weight_variance=1.7, bias_variance=0.2
    )
    q = np.array([[0.1, 1.0], [2.5, 40.0]])
    inside = erf(1 / np.sqrt(2 * q))
    edge = 2 * np.sqrt(q / (2 * np.pi)) * np.exp(-1 / (2 * q))
    expected = 1.7 * (q * inside + 1 - inside - edge) + 0.2
    assert net.next_variance(q) == pytest.approx(expected, rel=1e-10)
    assert net.gradient_factor(q) == pytest.approx(1.7 * inside, rel=1e-10)


def test_the_path_of_relu_is_geometric():
    net = MeanField(activation="relu", weight_variance=1.5, bias_variance=0.1)
    path = net.variance_path([0.8, 3.0], depth=4)
    first = np.array([1.3, 4.6])  # the inputs have passed no activation
    expected = [first]
    for _ in range(3):
        expected.append(0.75 * expected[-1] + 0.1)
    assert path == pytest.approx(np.array(expected), rel=1e-14)
    other_input = net.variance_path([0.8, 3.0], depth=1, input_weight_variance=2.0)
    assert other_input == pytest.approx(np.array([[1.7, 6.1]]), rel=1e-14)


def test_a_stable_fixed_point_draws_the_path_and_an_unstable_one_repels_it():
    elu = MeanField(activation="elu", weight_variance=gain("elu") ** 2)
    assert elu.variance_path(0.5, depth=100)[-1] == pytest.approx(1.0, rel=1e-4)
    gelu = MeanField(activation="gelu", weight_variance=gain("gelu") ** 2)
    small, large = gelu.variance_path(
        [0.99, 1.01], depth=60, input_weight_variance=1.0
    )[-1]
    assert small < 0.1 and large > 10


def test_fixed_points_of_a_cubic_are_the_roots_of_its_map():
    # f(x) = x - x^3 / 10: E[f^2] = q - 3 q^2 / 5 + 3 q^3 / 20, E[f'^2] =
    # 1 - 3 q / 5 + 27 q^2 / 100.
    net = MeanField(activation=lambda x: x - x**3 / 10, weight_variance=2.0)
    # 2 (1 - 3 q / 5 + 3 q^2 / 20) = 1
    roots = [2 - math.sqrt(2 / 3), 2 + math.sqrt(2 / 3)]
    points = net.fixed_points()
    assert [p.variance for p in points] == pytest.approx([0, *roots], rel=1e-10)
    assert [p.stability for p in points] == ["unstable", "stable", "unstable"]
    assert [p.deviation_factor for p in points] == pytest.approx(
        [2.0, *(2 * (1 - 6 / 5 * q + 9 / 20 * q**2) for q in roots)], rel=1e-9
    )
    assert [p.gradient_factor for p in points] == pytest.approx(
        [2.0, *(2 * (1 - 3 / 5 * q + 27 / 100 * q**2) for q in roots)], rel=1e-9
    )


@pytest.mark.parametrize(
    ("activation", "weight_variance", "bias_variance", "expected"),
    [
        ("relu", 1.9, 0.1, [(2.0, "stable")]),
        ("relu", 1.9, 0.0, [(0.0, "stable")]),
        ("relu", 2.0, 0.1, []),
        ("relu", 2.0, 0.0, [(0.0, "neutral")]),
        ("leaky_relu_0.1", gain(0.1) ** 2, 0.0, [(0.0, "neutral")]),
        ("tanh", 0.9, 0.0, [(0.0, "stable")]),
        ("tanh", 1.0, 0.0, [(0.0, "neutral")]),
        ("shifted_relu", 2.0, 0.0, [(0.0, "unstable")]),
        ("gelu", gain("gelu") ** 2, 0.0, [(0.0, "stable"), (1.0, "unstable")]),
        ("elu", gain("elu") ** 2, 0.0, [(0.0, "unstable"), (1.0, "stable")]),
        ("sigmoid", gain("sigmoid") ** 2, 0.0, [(1.0, "stable")]),
    ],
)
def test_fixed_points_and_their_stability(
    activation, weight_variance, bias_variance, expected
):
    net = MeanField(
        activation=activation,
        weight_variance=weight_variance,
        bias_variance=bias_variance,
    )
    points = net.fixed_points()
    assert [p.variance for p in points] == pytest.approx([v for v, _ in expected])
    assert [p.stability for p in points] == [s for _, s in expected]
    for point in points:
        assert net.next_variance(point.variance) == pytest.approx(
            point.variance, rel=1e-12
        )


def test_only_the_leaky_family_keeps_every_variance():
    def keeps(activation, weight_variance, bias_variance=0.0):
        return MeanField(
            activation=activation,
            weight_variance=weight_variance,
            bias_variance=bias_variance,
        ).keeps_every_variance

    assert keeps("relu", 2.0)
    assert keeps(keras.activations.relu6, 2.0) is False
    leaky_relu = keras.activations.leaky_relu
    assert keeps(leaky_relu, gain(leaky_relu) ** 2)
    assert not keeps("relu", 2.0, 1e-3)
    assert not keeps("relu", 1.99)
    assert not keeps("tanh", gain("tanh") ** 2)


# name -> f and f'
FUNCTIONS = {
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float)),
    "sigmoid": (expit, lambda x: expit(x) * expit(-x)),
    "silu": (lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x))),
}


@pytest.mark.parametrize("weights", ["gain", "glorot"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_random_net_does_what_is_predicted(name, weights, rng):
    function, derivative = FUNCTIONS[name]
    width, depth = 1000, 12
    weight_variance = gain(name) ** 2 if weights == "gain" else 1.0
    net = MeanField(
        activation=name, weight_variance=weight_variance, bias_variance=0.02
    )
    x = rng.normal(size=(50, 200)) * rng.uniform(0.5, 1.5, size=(50, 1))
    mean_square = np.mean(x**2, axis=1)

    a, kernels, slopes, measured_path = x, [], [], []
    for layer in range(depth):
        variance = 1.0 if layer == 0 else weight_variance
        fan_in = a.shape[1]
        kernels.append(rng.normal(size=(fan_in, width)) * math.sqrt(variance / fan_in))
        z = a @ kernels[-1] + rng.normal(size=width) * math.sqrt(0.02)
        measured_path.append(np.mean(z**2, axis=1))
        a, slopes = function(z), [*slopes, derivative(z)]
    gradient = rng.normal(size=a.shape)
    sizes = [np.sqrt(np.mean(np.sum(gradient**2, axis=1)))]
    for kernel, slope in zip(kernels[:0:-1], slopes[:0:-1], strict=True):
        gradient = (gradient * slope) @ kernel.T
        sizes.insert(0, np.sqrt(np.mean(np.sum(gradient**2, axis=1))))

    # By chance a width of 1000 leaves some 7% per layer and net.
    measured = np.array(measured_path)
    growth = measured[1:] / net.next_variance(measured[:-1])
    assert growth.mean() == pytest.approx(1, abs=0.06)
    first = net.variance_path(mean_square, depth=1, input_weight_variance=1.0)
    assert measured[0].mean() == pytest.approx(first.mean(), rel=0.05)
    predicted = net.gradient_decay(mean_square, depth=depth, input_weight_variance=1.0)
    assert gradient_decay(sizes)[0] == pytest.approx(predicted, abs=0.005)


def test_gradient_decay_of_relu_is_that_of_one_layer():
    net = MeanField(activation="relu", weight_variance=1.0)
    decay = net.gradient_decay([0.5, 1.0, 7.0], depth=20)
    assert decay == pytest.approx(math.log10(math.sqrt(0.5)), rel=1e-12)
    assert math.isnan(net.gradient_decay([1.0], depth=1))


@pytest.mark.parametrize("name", ["weight_variance", "bias_variance"])
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_an_impossible_variance_is_refused(name, value):
    variances = {"weight_variance": 1.0, name: value}
    message = (
        f"MeanField expects `{name}` to be from 0 to 1e+30. Received: {name}={value}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        MeanField(activation="tanh", **variances)


def test_a_wrong_activation_is_refused_at_once():
    with pytest.raises(ValueError, match=r"Neither the catalogue nor .* 'relo'"):
        MeanField(activation="relo", weight_variance=1.0)


def test_a_depth_of_0_is_refused():
    net = MeanField(activation="tanh", weight_variance=1.0)
    with pytest.raises(
        ValueError,
        match=r"^MeanField expects `depth` to be at least 1\. Received: depth=0$",
    ):
        net.variance_path(1.0, depth=0)


def test_a_fixed_point_reads_as_a_sentence():
    point = FixedPoint(variance=0.5, deviation_factor=-1.2, gradient_factor=0.9)
    assert str(point) == (
        "unstable at variance 0.5: per layer, deviations x -1.2, gradient variance x 0.9"
    )


@pytest.mark.parametrize("mean_square", [-1.0, math.nan, [1.0, math.inf]])
def test_mean_squares_that_cannot_be_are_refused(mean_square):
    message = (
        "MeanField expects mean squares that are finite and at least 0. "
        f"Received: mean_square={mean_square!r}"
    )
    net = MeanField(activation="relu", weight_variance=2.0)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        net.variance_path(mean_square, depth=3)
    with pytest.raises(ValueError, match="`input_weight_variance` to be from 0"):
        net.variance_path(1.0, depth=3, input_weight_variance=-1.0)
