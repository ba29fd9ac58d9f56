"""Scales examples in chunks, because large data sets fit into memory only once."""

from collections.abc import Iterator

import numpy as np

# So many numbers are worked on at a time, in float64.
_CHUNK = 2**19


def mean_and_std(x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean and the standard deviation over axes, float64.

    Args:
        x: examples first.
        axes: axes that include the first one.

    Returns:
        Both with the shape of the other axes; the standard deviation of constant values
        is returned as 1.
    """
    count = np.prod([x.shape[axis] for axis in axes])
    total = sum(x[c].sum(axis=axes, dtype=np.float64) for c in _chunks(x))
    mean = np.asarray(total) / count
    squares = sum(((x[c] - mean) ** 2).sum(axis=axes) for c in _chunks(x))
    deviation = np.sqrt(squares / count)
    # Whatever the rounding of the sum has left of what is constant.
    first = x[tuple(slice(1) if i in axes else slice(None) for i in range(x.ndim))]
    varies = np.any([(x[c] != first).any(axis=axes) for c in _chunks(x)], axis=0)
    mean = np.where(varies, mean, first.reshape(mean.shape))
    deviation[~varies | (deviation == 0)] = 1.0
    return mean, deviation


def _range(x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The smallest value and the span of all, float64."""
    least, most = np.asarray(x.min(), float), np.asarray(x.max(), float)
    return least, np.asarray((most - least) or 1.0)


def _as_published(
    x: np.ndarray, axes: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(0.0), np.asarray(1.0)


# Scaling -> what is subtracted from the inputs, and what they are divided by.
SCALINGS = {"standardised": mean_and_std, "unit": _range, "raw": _as_published}


def scaled(x: np.ndarray, offset: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Returns (x - offset) / scale as float32.

    Args:
        x: examples first.
        offset, scale: as returned by one of `SCALINGS`.
    """
    result = np.empty(x.shape, np.float32)
    for chunk in _chunks(x):
        result[chunk] = (x[chunk] - offset) / scale
    return result


def _chunks(x: np.ndarray) -> Iterator[slice]:
    size = max(1, _CHUNK // x[0].size)
    for start in range(0, len(x), size):
        yield slice(start, start + size)
