"""How fast the gradient shrinks or grows from one hidden layer to the next."""

import math

import numpy as np


def gradient_decay(signal_gradients) -> tuple[float, int]:
    """Least-squares slope of log10 `signal_gradient` over the hidden layers.

    In decades per layer, against the number of hidden activations to the last one.
    Negative: the gradient vanishes towards the input. Positive: it explodes.

    Args:
        signal_gradients: `signal_gradient` of each hidden activation, the one nearest
            to the input first.

    Returns:
        The slope, and the number of layers left out because their gradient is exactly 0
        or not finite. The slope is NaN if fewer than 2 layers remain.
    """
    values = np.asarray(signal_gradients, dtype=np.float64)
    distance = np.arange(len(values))[::-1]
    left_out = int(len(values) - usable(values).sum())
    return slope_of_decades(distance, values), left_out


def slope_of_decades(positions, values) -> float:
    """Least-squares slope of log10 of the `usable` values over their positions.

    Args:
        positions, values: arrays `(n,)`.

    Returns:
        Decades per position; NaN if fewer than 2 different positions remain.
    """
    chosen = usable(values)
    x, y = positions[chosen], np.log10(values[chosen])
    if len(set(x)) < 2:
        return math.nan
    x = x - x.mean()
    return float(x @ (y - y.mean()) / (x @ x))


def usable(values):
    """Which values have a finite logarithm: those above 0 and below infinity."""
    return np.isfinite(values) & (values > 0)
