"""The gain of an activation, by which weights keep the variance of a signal."""

import math
from typing import Any

from keras_rectifiers.theory.mean_field import FixedPoint, fixed_point
from keras_rectifiers.theory.moments import moments


class Gain(float):
    """A gain, and what it cannot do: `fixed_point` is the `FixedPoint` at variance 1.

    It is a float in every other respect.
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
    """The gain that keeps the variance of the pre-activations at 1.

    `gain = 1 / sqrt(E[f(z)^2])` for z ~ N(0, 1). With kernels of variance
    `gain^2 / fan_in` a layer that is fed by the activation passes a variance of 1 on
    to the next. For the leaky family it is He's `sqrt(2 / (1 + negative_slope^2))`.

    What it cannot do: it keeps a variance of 1, and no other unless the activation is
    of the leaky family. For GELU and SiLU that fixed point is unstable: any deviation
    grows along the layers. And outside the leaky family it does not keep the gradient:
    per layer, its variance falls to 0.15 with the logistic function and to 0.32 with
    softplus, and grows by 4 to 18% with ELU, SiLU, GELU and tanh. The result says both,
    in `fixed_point`.

    Args:
        activation: a name that `get` takes, such as `"relu"`, a layer, a function, or
            a number, the negative slope of a leaky rectifier. Of a layer with weights
            the initial values count, not what has been learned.
        training: for RReLU, whether the slopes are drawn (True) or at their inference
            value (False). No other activation depends on it.

    Returns:
        The gain, > 0: a float that also holds the `FixedPoint` at variance 1.

    Raises:
        TypeError: if `activation` is nothing of the kind.
        ValueError: if there is no such name; or the activation does not act on
            each element by itself, draws random numbers, is not finite, or is 0
            everywhere.

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
            f"An activation that is 0 everywhere has no gain. Received: {activation!r}"
        )
    return Gain(1 / math.sqrt(mean_square), fixed_point(found, 1 / mean_square, 1.0))
