"""Expectations of a function of a normal variable, at any variance.

Only values of the function are used. The line is divided into panels on each of which a
polynomial approximates the function almost to the last digit; a panel without such a
polynomial is halved until there is one, or until it is too narrow to matter. This finds
kinks and jumps automatically, but not a spike between the points of a panel. The
derivative is that of the polynomials, and the expectations are Gauss-Legendre sums over
the panels.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.polynomial.legendre import leggauss

# The normal density beyond 12 standard deviations is under 1e-31.
_REACH = 12.0

# The panels end at the powers of 2 between these, so that the density of a variable of
# any size is smooth on each of them; where the function is rough they are cut further.
_SMALLEST, _LARGEST = 2.0**-128, 2.0**128
_NUM_NODES = 20

_DEGREE = 23
# Of the last coefficients of the polynomial, relative to the largest value of the
# function so far from 0. Rounding alone leaves 1e-16.
_TOLERANCE = 4e-15
_NARROWEST = 2.0**-48
_MAX_PANELS = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalMoments:
    """E[f(x)^2] and E[f'(x)^2] for x ~ N(0, variance), as functions of the variance.

    Created by `measure_function`. Variances may range from 1e-77 to 1e75, unless the
    function overflows earlier; smaller ones count as 0, larger ones give NaN. Values
    beyond 12 standard deviations are ignored: this does not matter for functions that
    grow as a power of x, but `exp` is correct only up to a variance of 4.

    Args:
        nodes: the points x in ascending order, `(num_nodes,)`.
        squares: f(x)^2 times the weight of x in the quadrature, `(num_nodes,)`.
        slope_squares: f'(x)^2 times that weight, `(num_nodes,)`.
        square_at_zero: f(0)^2.
    """

    nodes: np.ndarray
    squares: np.ndarray
    slope_squares: np.ndarray
    square_at_zero: float

    def mean_square(self, variance) -> np.ndarray:
        """Returns E[f(x)^2], an array of the shape of `variance`."""
        found = self._sum(self.squares, variance)
        return np.where(np.less(variance, _SMALLEST**2), self.square_at_zero, found)

    def mean_square_growth(self, variance) -> np.ndarray:
        """Returns the derivative of E[f(x)^2] with respect to the variance."""

        # The density's logarithm grows by this much.
        def growth(x, variance):
            return (x**2 / variance - 1) / (2 * variance)

        return self._sum(self.squares, variance, growth)

    def slope_mean_square(self, variance) -> np.ndarray:
        """Returns E[f'(x)^2]; a jump of f counts as flat, as in backpropagation."""
        return self._sum(self.slope_squares, variance)

    def _sum(self, values, variances, factor=None) -> np.ndarray:
        variances = np.maximum(np.asarray(variances, np.float64), _SMALLEST**2)
        sums = [self._sum_at(values, variance, factor) for variance in variances.flat]
        return np.array(sums, np.float64).reshape(variances.shape)

    def _sum_at(self, values, variance, factor):
        reach = _REACH * np.sqrt(variance)
        if not reach <= self.nodes[-1]:  # NaN is not
            return np.nan
        within = slice(*np.searchsorted(self.nodes, [-reach, reach]))
        x = self.nodes[within]
        density = np.exp(x**2 / (-2 * variance)) / np.sqrt(2 * np.pi * variance)
        if factor is not None:
            density *= factor(x, variance)
        return values[within] @ density


@np.errstate(all="ignore")  # overflow far out is looked for
def measure_function(function: Callable[[np.ndarray], np.ndarray]) -> NormalMoments:
    """Evaluates a function for its expectations.

    Args:
        function: maps float64 points `(num_points,)` to values of that shape and dtype,
            each point separately. It may have kinks and jumps.

    Returns:
        The `NormalMoments`. Their relative error is about 1e-14, and below 1e-11 if
        there are kinks at points other than 0. For variances below 1e-12 it is that of
        the function's values near 0.

    Raises:
        ValueError: if, within 12 standard deviations of a variable of variance 1, the
            function is not finite, or is not smooth except for a few kinks.
    """
    lefts, rights, slopes = _cut(function)
    reach = rights[-1]
    powers = 2.0 ** np.arange(np.log2(_SMALLEST), np.log2(_LARGEST) + 1)
    powers = powers[powers < reach]
    edges = np.unique(np.concatenate([lefts, [reach], -powers, powers]))
    points, weights = leggauss(_NUM_NODES)
    half = np.diff(edges)[:, np.newaxis] / 2
    nodes = (edges[:-1, np.newaxis] + half * (1 + points)).ravel()
    weights = (half * weights).ravel()

    panel = np.searchsorted(lefts, nodes, side="right") - 1
    within = 2 * (nodes - lefts[panel]) / (rights - lefts)[panel] - 1
    slope = chebyshev.chebval(within, slopes[:, panel], tensor=False)
    return NormalMoments(
        nodes=nodes,
        squares=weights * function(nodes) ** 2,
        slope_squares=weights * slope**2,
        square_at_zero=float(function(np.zeros(1))[0] ** 2),
    )


def _cut(function):
    """Cuts the line into panels on which a polynomial reproduces the function.

    Returns their left and right ends in ascending order, symmetric about 0, and the
    Chebyshev coefficients of the derivative on each, `(degree, num_panels)`.
    """
    edges, scale = _first_edges(function)
    left, right = edges[:-1], edges[1:]
    points, to_coefficients = _chebyshev_transform()
    found, num_panels = [], 0
    while left.size and num_panels < _MAX_PANELS:
        half = (right - left) / 2
        x = left + half * (1 + points[:, np.newaxis])
        coefficients = to_coefficients @ function(x.ravel()).reshape(x.shape)
        # At a kink they fall off slowly. Single ones vanish for some kinks, four do not.
        is_smooth = np.abs(coefficients[-4:]).max(axis=0) <= _TOLERANCE * scale
        size = np.maximum(1, np.maximum(np.abs(left), np.abs(right)))
        is_done = is_smooth | (right - left <= _NARROWEST * size)
        slopes = np.where(is_smooth, chebyshev.chebder(coefficients) / half, 0)
        found.append((left[is_done], right[is_done], slopes[:, is_done]))
        num_panels += left.size
        left, middle, right = (a[~is_done] for a in (left, left + half, right))
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        scale = np.tile(scale[~is_done], 2)

    # What oscillates for ever is known up to where the panels were used up.
    reach = np.minimum(np.abs(left), np.abs(right)).min(initial=edges[-1])
    reach = edges[edges <= reach].max()
    if reach < _REACH:
        raise ValueError(
            "An expectation needs a function that is smooth except for a few kinks. "
            "Write it so that it draws no random numbers and computes in the dtype of "
            "its input, here float64. Received: a function that no polynomial "
            "approximates, even on short intervals"
        )
    lefts, rights, slopes = (
        np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True)
    )
    order = np.argsort(lefts)
    order = order[(lefts[order] >= -reach) & (rights[order] <= reach)]
    return lefts[order], rights[order], slopes[:, order]


def _first_edges(function):
    """The edges to start from, and the largest |f| up to each panel's outer end."""
    # 0 is an edge from the start: most kinks are there.
    ends = 2.0 ** np.arange(-2, np.log2(_LARGEST) + 1)
    sizes = np.maximum(np.abs(function(-ends)), np.abs(function(ends)))
    sizes[0] = max(sizes[0], np.abs(function(np.zeros(1)))[0])
    largest = np.maximum.accumulate(sizes)
    num_finite = np.sum(largest < 1e150)  # the square is finite too; NaN is not
    ends, largest = ends[:num_finite], largest[:num_finite]
    if ends.max(initial=0) < _REACH:
        raise ValueError(
            "An expectation needs a function that is finite from -16 to 16. Received: "
            "a function that returns NaN or infinity there"
        )
    return (
        np.concatenate([-ends[::-1], [0.0], ends]),
        np.concatenate([largest[::-1], largest]),
    )


@functools.cache
def _chebyshev_transform():
    """Points from -1 to 1, ends included, and the matrix from values to coefficients."""
    points = chebyshev.chebpts2(_DEGREE + 1)
    return points, np.linalg.inv(chebyshev.chebvander(points, _DEGREE))
