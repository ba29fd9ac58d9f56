"""Gains against closed forms and a simulation."""

import math

import numpy as np
import pytest
from keras import ops

from keras_rectifiers.catalogue import CATALOGUE, get
from keras_rectifiers.propagation import gain


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("relu", 0.0),
        ("leaky_relu", 0.01),
        ("leaky_relu_0.1", 0.1),
        ("very_leaky_relu", 1 / 5.5),
        ("prelu", 0.25),
        ("linear", 1.0),
    ],
)
def test_gain_of_the_leaky_family_is_hes(name, slope):
    assert gain(name) == pytest.approx(math.sqrt(2 / (1 + slope**2)), rel=1e-9)


def test_gain_of_rrelu_depends_on_the_mode():
    assert gain("rrelu") == pytest.approx(1.3856406, abs=5e-8)
    assert gain("rrelu", training=False) == pytest.approx(1.3914022, abs=5e-8)


def test_gain_of_shifted_relu_is_the_closed_form():
    # E[max(z, -1)^2] = Phi(-1) + E[z^2; z > -1], the latter Phi(1) - phi(1).
    below = 0.5 * math.erfc(1 / math.sqrt(2))
    density = math.exp(-0.5) / math.sqrt(2 * math.pi)
    expected = below + (1 - below) - density
    assert gain("shifted_relu") == pytest.approx(1 / math.sqrt(expected), rel=1e-9)


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - {"rrelu"}))
def test_gain_agrees_with_a_simulation(name, rng):
    z = rng.normal(size=(1_000_000, 1)).astype(np.float32)
    square = np.square(ops.convert_to_numpy(get(name)(z)), dtype=np.float64)
    assert gain(name) == pytest.approx(1 / math.sqrt(square.mean()), rel=5e-3)


def test_gain_of_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="There is no activation named 'relo'"):
        gain("relo")
