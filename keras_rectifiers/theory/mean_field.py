"""Mean-field theory: how signal and gradient change their size along the layers.

In a wide net with random weights the pre-activations of a layer are normal. Their
variance q follows from that of the layer before,

    q' = weight_variance E[f(x)^2] + bias_variance,   x ~ N(0, q),

and backpropagation multiplies the mean square of the gradient at the activations, on
its way through a layer whose pre-activations have the variance q, by

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
from keras_rectifiers.decay import gradient_decay
from keras_rectifiers.theory.moments import Moments, moments

# Of the logarithm of q' / q.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class FixedPoint:
    """A variance that a layer passes on unchanged.

    Args:
        variance: of the pre-activations, >= 0.
        deviation_factor: what a small deviation from the variance is multiplied by at
            each layer, d q' / d q.
        gradient_factor: what the mean square of the gradient is multiplied by at each
            layer on its way back: under 1 it vanishes, over 1 it explodes.
    """

    variance: float
    deviation_factor: float
    gradient_factor: float

    @property
    def stability(self) -> str:
        """`"stable"`, `"unstable"` or `"neutral"`, as deviations shrink or grow."""
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
    """A wide net of equal random layers, as mean-field theory sees it.

    The activation is taken to be continuous and of finite slope: the gradient factor,
    and the stability of a variance of 0, know nothing of a jump.

    Args:
        activation: as in `gain`.
        weight_variance: variance of a kernel's entries times their fan-in, >= 0; for
            example `gain(activation)**2`, 2 for He's initialisation, and 1 for
            Glorot's where fan-in and fan-out are equal.
        bias_variance: variance of the biases, >= 0.
        training: as in `gain`.

    Raises:
        TypeError, ValueError: as `gain`, or if a variance is negative or not finite.

    Example: a tanh net whose weights are a little too large for a signal of 0.

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
            variance: of a layer's pre-activations; floats of any shape.

        Returns:
            Floats of that shape; NaN where the activation overflows.
        """
        mean_square = self._moments.mean_square(variance)
        return self.weight_variance * mean_square + self.bias_variance

    def gradient_factor(self, variance):
        """What the mean square of the gradient is multiplied by on its way back.

        Args:
            variance: of the pre-activations of the layer that it passes; floats of any
                shape.

        Returns:
            Floats of that shape; NaN where the activation overflows.
        """
        return self.weight_variance * self._moments.slope_mean_square(variance)

    def variance_path(self, mean_square, *, depth: int, input_weight_variance=None):
        """The variances of the pre-activations along the layers.

        Args:
            mean_square: of the features of an input example, or of several; floats of
                any shape.
            depth: the number of hidden layers, >= 1.
            input_weight_variance: of the first layer, in the sense of
                `weight_variance`. Defaults to `None`, the same as of the others.

        Returns:
            Floats `(depth, *shape)`, the layer nearest to the input first.

        Raises:
            TypeError, ValueError: if `depth` is no integer of at least 1, or a mean
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
        """The `gradient_decay` that a net of this kind has at initialisation.

        In decades per layer; negative where the gradient vanishes towards the input.
        Examples count alike at the last hidden layer, and each follows its own path.

        The theory is that of infinite width; nets come near it at a different pace.
        Measured at width 1000 and depth 50 (`benchmarks/initializers.py`: 15 activations,
        each under its own gain, He's and Glorot's weights, 10 nets), every net is within
        the larger of 0.005 and 5%, but for: GELU and SiLU under their own gain, off by
        up to 0.012, whose fixed point is unstable, so that what the draw of each layer
        adds grows from there on; and GELU and softplus under He's weights, off by up to
        0.020. At width 3000 softplus has -0.037, where -0.047 is predicted and width
        1000 has -0.032.

        Args:
            mean_square: of the features of each example of the batch, `(examples,)`.
            depth: the number of hidden layers, >= 2.
            input_weight_variance: as in `variance_path`.

        Returns:
            The slope as `keras_rectifiers.decay.gradient_decay` defines it; NaN
            with fewer than 2 layers whose gradient is finite and not 0.
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
        """The variances that a layer passes on unchanged: 0, and from 1e-12 to 1e12.

        Returns:
            The `FixedPoint`s in ascending order; none if the variance grows without
            bound. Where `keeps_every_variance`, only 0 stands for them all. Two that
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
        """Whether all variances are fixed points, as with He's gain for ReLU."""
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
