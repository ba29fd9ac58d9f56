"""How far numbers are from what should hold, at points of a grid."""

from collections.abc import Callable

import numpy as np

X = np.linspace(-5, 5, 2001)
POINTS = "2,001 points from −5 to 5"
_STEP = 1e-5  # of central differences


def largest_deviation(*differences: np.ndarray) -> float:
    return max(float(np.abs(difference).max()) for difference in differences)


def deviation_outside(y: np.ndarray, low, high) -> float:
    """By how much y leaves the range from low to high at most."""
    return float(np.maximum(np.maximum(low - y, y - high), 0).max())


def slope_of(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    return (function(x + _STEP) - function(x - _STEP)) / (2 * _STEP)
