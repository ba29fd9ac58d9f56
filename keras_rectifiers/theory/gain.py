"""The gain of an activation, with which weights preserve the variance of a signal."""

import math
from typing import Any

from keras_rectifiers.theory.mean_field import FixedPoint, fixed_point
from keras_rectifiers.theory.moments import moments


class Gain(float):
    """A gain and its stability: `fixed_point` is the `FixedPoint` at variance 1.

    In every other respect it is a float.
    """

    fixed_point: FixedPoint

    def __new__(cls, value: float, fixed_point: FixedPoint):
        gain = super().__new__(cls, value)
        gain.fixed_point = fixed_point
        return gain

    def __getnewargs__(self):  # for copies and pickles
        return float(self), self.fixed_point

    def __repr__(self) -> str:
        return f"Gain({float(self):.8g}, {self.fixed_point})"

    __str__ = float.__repr__


def gain(activation: Any, *, training: bool = True) -> Gain:
    """The gain that preserves a variance of 1 of the pre-activations.

    `gain = 1 / sqrt(E[f(z)^2])` for z ~ N(0, 1). With kernels of variance
    `gain^2 / fan_in`, layers with this activation pass on a variance of 1. For the
    leaky family the gain is that of He, `sqrt(2 / (1 + negative_slope^2))`.

    The gain has two limits. First, it preserves only a variance of 1, except for the
    leaky family, for which it preserves any. For GELU and SiLU this fixed point is
    unstable: any deviation grows from layer to layer. Second, outside the leaky family
    it does not preserve the gradient: per layer, its variance falls to 0.15 of its
    value with the logistic function and to 0.32 with softplus, and grows by 4 to 18%
    with ELU, SiLU, GELU and tanh. The `fixed_point` of the result shows both.

    Args:
        activation: a name for `get`, such as `"relu"`, a layer, a function, or a
            number, the negative slope of a leaky rectifier. For a layer with weights,
            their initial values are used, not the learned ones.
        training: for RReLU, whether the slopes are drawn (True) or at their inference
            value (False). No other activation depends on it.

    Returns:
        The gain, > 0: a float with the `FixedPoint` at variance 1 as an attribute.

    Raises:
        TypeError: if `activation` is none of these.
        ValueError: if the name is unknown, or if the activation does not act on each
            element separately, draws random numbers, is not finite, or is 0 everywhere.

    Example:

    >>> round(gain("relu"), 6), round(gain(0.1), 6)
    (1.414214, 1.407195)
    >>> round(gain("rrelu"), 7), round(gain("rrelu", training=False), 7)
    (1.3856406, 1.3914022)
    >>> print(gain("sigmoid").fixed_point)
    stable at variance 1: per layer, deviations x 0.106341, gradient variance x 0.152827

    References:
        - He, Zhang, Ren, Sun 2015, "Delving deep into rectifiers", section 2.2,
          https://arxiv.org/abs/1502.01852
    """
    found = moments(activation, training=training)
    mean_square = float(found.mean_square(1.0))
    if mean_square == 0:
        raise ValueError(
            "Expected an activation that is not 0 everywhere, because such an "
            f"activation has no gain. Received: {activation!r}"
        )
    return Gain(1 / math.sqrt(mean_square), fixed_point(found, 1 / mean_square, 1.0))
