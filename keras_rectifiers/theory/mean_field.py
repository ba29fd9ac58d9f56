"""Mean-field theory: how the size of signal and gradient changes from layer to layer.

In a wide net with random weights, the pre-activations of a layer are normally
distributed. Their variance q follows from that of the previous layer,

    q' = weight_variance E[f(x)^2] + bias_variance,   x ~ N(0, q),

and backpropagation through a layer whose pre-activations have the variance q multiplies
the mean square of the gradient at the activations by

    gradient_factor = weight_variance E[f'(x)^2].

`weight_variance` is the variance of a kernel's entries times their fan-in.

References:
    - Poole, Lahiri, Raghu, Sohl-Dickstein, Ganguli 2016, "Exponential expressivity in
      deep neural networks through transient chaos", https://arxiv.org/abs/1606.05340
    - Schoenholz, Gilmer, Ganguli, Sohl-Dickstein 2017, "Deep information propagation",
      https://arxiv.org/abs/1611.01232
"""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_rectifiers import arguments
from keras_rectifiers.gradient_decay import gradient_decay
from keras_rectifiers.theory.moments import Moments, moments

# Of the logarithm of q' / q.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class FixedPoint:
    """A variance that does not change from layer to layer.

    Args:
        variance: the variance of the pre-activations, >= 0.
        deviation_factor: the factor by which each layer multiplies a small deviation
            from this variance, d q' / d q.
        gradient_factor: the factor by which each layer multiplies the mean square of
            the gradient in backpropagation: below 1 it vanishes, above 1 it explodes.
    """

    variance: float
    deviation_factor: float
    gradient_factor: float

    @property
    def stability(self) -> str:
        """`"stable"`, `"unstable"` or `"neutral"`, for whether deviations shrink or grow."""
        size = abs(self.deviation_factor)
        if abs(size - 1) < 1e-9:
            return "neutral"
        return "stable" if size < 1 else "unstable"

    def __str__(self) -> str:
        return (
            f"{self.stability} at variance {self.variance:.6g}: per layer, deviations x "
            f"{self.deviation_factor:.6g}, gradient variance x {self.gradient_factor:.6g}"
        )


@dataclass(frozen=True, kw_only=True)
class MeanField:
    """Mean-field theory of a wide net of random layers of the same kind.

    The activation is assumed to be continuous with finite slope: jumps are ignored by
    the gradient factor and by the stability of a variance of 0.

    Args:
        activation: as in `gain`.
        weight_variance: variance of a kernel's entries times their fan-in, >= 0; for
            example `gain(activation)**2`, 2 for the He initialisation, and 1 for the
            Glorot initialisation if fan-in and fan-out are equal.
        bias_variance: variance of the biases, >= 0.
        training: as in `gain`.

    Raises:
        TypeError, ValueError: as for `gain`, or if a variance is negative or not
            finite.

    Example: a tanh net whose weights are too large for the fixed point at variance 0.

    >>> net = MeanField(activation="tanh", weight_variance=1.5)
    >>> for point in net.fixed_points():
    ...     print(point)
    unstable at variance 0: per layer, deviations x 1.5, gradient variance x 1.5
    stable at variance 0.286894: per layer, deviations x 0.695491, gradient variance x 1.04057
    """

    activation: Any
    weight_variance: float
    bias_variance: float = 0.0
    training: bool = True

    def __post_init__(self):
        for name in ("weight_variance", "bias_variance"):
            _check_variance(name, getattr(self, name))
        arguments.check_flag("training", self.training, layer="MeanField")
        _ = self._moments  # so that a wrong activation is refused here

    def next_variance(self, variance):
        """The variance of the next layer's pre-activations, q'.

        Args:
            variance: the variance of a layer's pre-activations; floats of any shape.

        Returns:
            Floats of that shape; NaN where the activation overflows.
        """
        mean_square = self._moments.mean_square(variance)
        return self.weight_variance * mean_square + self.bias_variance

    def gradient_factor(self, variance):
        """The factor of the gradient's mean square in backpropagation through a layer.

        Args:
            variance: the variance of the pre-activations of that layer; floats of any
                shape.

        Returns:
            Floats of that shape; NaN where the activation overflows.
        """
        return self.weight_variance * self._moments.slope_mean_square(variance)

    def variance_path(self, mean_square, *, depth: int, input_weight_variance=None):
        """The variance of the pre-activations of each layer.

        Args:
            mean_square: the mean square of the features of one or several input
                examples; floats of any shape.
            depth: the number of hidden layers, >= 1.
            input_weight_variance: the `weight_variance` of the first layer. Defaults to
                `None`, the same as for the others.

        Returns:
            Floats `(depth, *shape)`, the layer nearest to the input first.

        Raises:
            TypeError, ValueError: if `depth` is not an integer of at least 1, or a mean
                square or variance is negative or not finite.
        """
        depth = arguments.check_integer("depth", depth, layer="MeanField", least=1)
        if input_weight_variance is None:
            input_weight_variance = self.weight_variance
        _check_variance("input_weight_variance", input_weight_variance)
        if not np.all((np.asarray(mean_square) >= 0) & np.isfinite(mean_square)):
            raise ValueError(
                "MeanField expects mean squares that are finite and at least 0. "
                f"Received: mean_square={mean_square!r}"
            )
        first = input_weight_variance * np.asarray(mean_square) + self.bias_variance
        path = [first]
        while len(path) < depth:
            path.append(self.next_variance(path[-1]))
        return np.stack(path)

    def gradient_decay(
        self, mean_square, *, depth: int, input_weight_variance=None
    ) -> float:
        """The predicted `gradient_decay` of a net of this kind at initialisation.

        In decades per layer; negative if the gradient vanishes towards the input. All
        examples have equal weight at the last hidden layer, and each follows its own
        path.

        The theory is for infinite width, which nets approach at different rates. At
        width 1000 and depth 50 (`benchmarks/initializers.py`: 15 activations with their
        own gain, He and Glorot weights, 10 nets), every net is within the larger of
        0.005 and 5% of the prediction, with two exceptions. GELU and SiLU with their
        own gain are off by up to 0.012: their fixed point is unstable, so random
        deviations in each layer grow in the layers after it. GELU and softplus with He
        weights are off by up to 0.020. For softplus, the prediction is -0.047; nets of
        width 1000 have -0.032 and nets of width 3000 have -0.037.

        Args:
            mean_square: the mean square of the features of each example of the batch,
                `(examples,)`.
            depth: the number of hidden layers, >= 2.
            input_weight_variance: as in `variance_path`.

        Returns:
            The slope as defined by `keras_rectifiers.gradient_decay.gradient_decay`; NaN if
            fewer than 2 layers have a finite gradient other than 0.
        """
        path = self.variance_path(
            np.ravel(mean_square),
            depth=depth,
            input_weight_variance=input_weight_variance,
        )
        # The gradient at a layer's activations has passed all layers above it.
        factors = np.concatenate(
            [self.gradient_factor(path[1:]), np.ones_like(path[:1])]
        )
        squares = np.cumprod(factors[::-1], axis=0)[::-1].mean(axis=1)
        return gradient_decay(np.sqrt(squares))[0]

    def fixed_points(self) -> tuple[FixedPoint, ...]:
        """The variances that layers do not change: 0, and those from 1e-12 to 1e12.

        Returns:
            The `FixedPoint`s in ascending order; none if the variance grows without
            bound. If `keeps_every_variance`, only 0 is returned. Two fixed points that
            are closer than 12% to each other are missed.
        """
        variances = [0.0] if self.next_variance(0.0) == 0 else []
        grid, growth = self._log_growth()
        # Nearer to 0 than its rounding errors, its sign means nothing.
        clear = np.abs(growth) > _ROUNDING
        grid, growth = grid[clear], growth[clear]
        for i in np.flatnonzero(np.diff(np.sign(growth))):
            variances.append(self._bisect(grid[i], grid[i + 1], growth[i] > 0))
        return tuple(
            fixed_point(self._moments, self.weight_variance, v) for v in variances
        )

    @property
    def keeps_every_variance(self) -> bool:
        """Whether all variances are fixed points, as for ReLU with the He gain."""
        _, growth = self._log_growth()
        return bool(np.all(np.abs(growth) <= _ROUNDING))

    @functools.cached_property
    def _moments(self) -> Moments:
        return moments(self.activation, training=self.training)

    def _log_growth(self):
        grid = np.geomspace(1e-12, 1e12, 481)
        with np.errstate(divide="ignore"):
            return grid, np.log(self.next_variance(grid) / grid)

    def _bisect(self, low, high, grows_at_low):
        for _ in range(60):
            middle = math.sqrt(low * high)
            if (self.next_variance(middle) > middle) == grows_at_low:
                low = middle
            else:
                high = middle
        return math.sqrt(low * high)


def _check_variance(name, value):
    arguments.check_number(name, value, layer="MeanField", least=0)


def fixed_point(found: Moments, weight_variance: float, variance: float) -> FixedPoint:
    """What happens at a variance that a layer passes on unchanged."""
    gradient_factor = weight_variance * float(found.slope_mean_square(variance))
    # Where 0 is a fixed point f(0) is 0, and E[f(x)^2] near it is variance E[f'(0)^2].
    deviation_factor = gradient_factor
    if variance > 0:
        deviation_factor = weight_variance * float(found.mean_square_growth(variance))
    return FixedPoint(
        variance=variance,
        deviation_factor=deviation_factor,
        gradient_factor=gradient_factor,
    )
