"""Standardising of examples, chunk by chunk: large data sets fit in memory only once."""

from collections.abc import Iterator

import numpy as np

# So many numbers are worked on at a time, in float64.
_CHUNK = 2**19


def moments(x: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean and the standard deviation over axes, float64.

    Args:
        x: examples first.
        axes: the first one is among them.

    Returns:
        Both of the shape of the other axes; a standard deviation of 0 is given as 1.
    """
    count = np.prod([x.shape[axis] for axis in axes])
    total = sum(x[c].sum(axis=axes, dtype=np.float64) for c in _chunks(x))
    mean = np.asarray(total) / count
    squares = sum(((x[c] - mean) ** 2).sum(axis=axes) for c in _chunks(x))
    deviation = np.sqrt(squares / count)
    deviation[deviation == 0] = 1.0
    return mean, deviation


def standardised(x: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Returns (x - mean) / deviation as float32.

    Args:
        x: examples first.
        mean: as `moments` returns it, as is `deviation`.
    """
    scaled = np.empty(x.shape, np.float32)
    for chunk in _chunks(x):
        scaled[chunk] = (x[chunk] - mean) / deviation
    return scaled


def _chunks(x: np.ndarray) -> Iterator[slice]:
    size = max(1, _CHUNK // x[0].size)
    for start in range(0, len(x), size):
        yield slice(start, start + size)
