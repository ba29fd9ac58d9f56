"""How the size of a signal changes on its way through a layer's activation."""

import itertools
import math

import keras
import numpy as np

from keras_rectifiers.catalogue import Activation, entry

# The normal density beyond 12 standard deviations is under 1e-31.
_REACH = 12.0
_NODES = 200


def gain(activation: str, *, training: bool = True) -> float:
    """The gain that keeps the variance of the pre-activations at 1.

    `gain = 1 / sqrt(E[f(z)^2])` for z ~ N(0, 1). With kernels of variance
    `gain^2 / fan_in` a layer that is fed by the activation passes a variance of 1 on
    to the next. For the leaky family it is He's `sqrt(2 / (1 + negative_slope^2))`.

    What it cannot do: it keeps the variance only from 1 on. For GELU and SiLU that
    fixed point is unstable, so any deviation grows along the layers; and for the
    logistic function and softplus the gradient still decays.

    Args:
        activation: a name of the catalogue, such as `"relu"`.
        training: for RReLU, whether the slopes are drawn (True) or at their inference
            value (False). No other activation depends on it.

    Returns:
        The gain, > 0.

    Raises:
        ValueError: if the catalogue has no such name.

    Example:

    >>> round(gain("relu"), 6)
    1.414214
    >>> round(gain("rrelu"), 7), round(gain("rrelu", training=False), 7)
    (1.3856406, 1.3914022)

    References:
        - He, Zhang, Ren, Sun 2015, "Delving deep into rectifiers", section 2.2,
          https://arxiv.org/abs/1502.01852
    """
    known = entry(activation)
    layer = known.make()
    if known.name == "rrelu" and training:
        # E[1 / b^2] of a divisor b ~ U(lower, upper) is 1 / (lower * upper).
        return math.sqrt(2 / (1 + 1 / (layer.lower * layer.upper)))
    return 1 / math.sqrt(_expectation_of_square(known, layer))


def _expectation_of_square(known: Activation, layer: keras.layers.Layer) -> float:
    """E[f(z)^2] for z ~ N(0, 1), by Gauss-Legendre quadrature split at the kinks."""
    layer.dtype_policy = keras.DTypePolicy("float64")
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    # Smooth functions are split at 0 too: their bend is there.
    edges = [-_REACH, *sorted({0.0, *known.kinks}), _REACH]
    total = 0.0
    for left, right in itertools.pairwise(edges):
        half = (right - left) / 2
        z = (left + right) / 2 + half * nodes
        f = keras.ops.convert_to_numpy(layer(z[:, np.newaxis]))[:, 0]
        density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        total += half * float(weights @ (f**2 * density))
    return total
