"""Gains against closed forms, golden values and a simulation."""

import copy
import math
import pickle

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers.activations import get
from keras_rectifiers.theory.gain import gain

NAMES = [
    "relu",
    "leaky_relu",
    "leaky_relu_0.1",
    "very_leaky_relu",
    "prelu",
    "smooth_relu",
    "softplus",
    "elu",
    "shifted_relu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "linear",
]


@pytest.mark.parametrize(
    ("activation", "slope"),
    [
        ("relu", 0.0),
        ("leaky_relu", 0.01),
        ("leaky_relu_0.1", 0.1),
        ("very_leaky_relu", 1 / 5.5),
        ("prelu", 0.25),
        ("linear", 1.0),
        (0.3, 0.3),
        (keras.layers.LeakyReLU(0.3), 0.3),
    ],
    ids=str,
)
def test_gain_of_the_leaky_family_is_hes(activation, slope):
    assert gain(activation) == pytest.approx(math.sqrt(2 / (1 + slope**2)), rel=1e-14)


@pytest.mark.parametrize(
    ("activation", "training", "expected"),
    [
        ("leaky_relu", True, 1.4141429),
        ("prelu", True, 1.3719887),
        ("rrelu", True, 1.3856406),
        ("rrelu", False, 1.3914022),
    ],
)
def test_gain_has_the_golden_values(activation, training, expected):
    assert gain(activation, training=training) == pytest.approx(expected, abs=5e-8)


def test_gain_of_shifted_relu_is_the_closed_form():
    # E[max(z, -1)^2] = Phi(-1) + E[z^2; z > -1], the latter Phi(1) - phi(1).
    below = 0.5 * math.erfc(1 / math.sqrt(2))
    density = math.exp(-0.5) / math.sqrt(2 * math.pi)
    expected = below + (1 - below) - density
    assert gain("shifted_relu") == pytest.approx(1 / math.sqrt(expected), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_gain_agrees_with_a_simulation(name, rng):
    z = rng.normal(size=(1_000_000, 1)).astype(np.float32)
    square = np.square(ops.convert_to_numpy(get(name)(z)), dtype=np.float64)
    assert gain(name) == pytest.approx(1 / math.sqrt(square.mean()), rel=5e-3)


@pytest.mark.parametrize(
    ("name", "stability", "gradient_factor"),
    [
        ("relu", "neutral", 1.0),
        ("rrelu", "neutral", 1.0),
        ("gelu", "unstable", 1.07203),
        ("silu", "unstable", 1.06663),
        ("elu", "stable", 1.0359),
        ("tanh", "stable", 1.17781),
        ("sigmoid", "stable", 0.152827),
        ("smooth_relu", "stable", 0.318459),
    ],
)
def test_gain_says_what_it_cannot_do(name, stability, gradient_factor):
    point = gain(name).fixed_point
    assert point.variance == 1
    assert point.stability == stability
    assert point.gradient_factor == pytest.approx(gradient_factor, rel=1e-5)


def test_gain_is_a_number_that_can_be_copied():
    number = gain("gelu")
    assert str(number) == f"{number}" == repr(float(number))
    assert isinstance(number * np.ones(2, np.float32), np.ndarray)
    for twin in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert twin == number
        assert twin.fixed_point == number.fixed_point
    assert repr(number) == (
        "Gain(1.5335304, unstable at variance 1: per layer, deviations x 1.14406, "
        "gradient variance x 1.07203)"
    )


def test_gain_of_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"Neither the catalogue nor .* 'relo'"):
        gain("relo")


def test_gain_of_nothing_but_zeros_is_refused():
    with pytest.raises(
        ValueError,
        match=r"^Expected an activation that is not 0 everywhere, because such an activation has no gain\. Received: <ReLU .*>$",
    ):
        gain(keras.layers.ReLU(max_value=0.0))
