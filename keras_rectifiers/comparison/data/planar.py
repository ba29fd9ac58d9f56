"""Generated data sets of points in the plane in two classes that no line separates.

They are the same on every machine: they use uniform numbers from a seeded generator,
and coordinates are rounded to a millionth, so that they do not depend on the last bit
of a machine's sine.
"""

from collections.abc import Callable, Mapping

import numpy as np

NUM_TRAIN = 1600
NUM_TEST = 2000

# The inner disc, the gap and the ring, in shares of the ring's outer radius.
DISC, RING = 0.5, 0.7
# How far the points of a spiral stray from it, inwards, as a share of the radius.
STRAY = 0.05
# The radius with half of the square's area, which goes from -1 to 1.
CIRCLE = np.sqrt(2 / np.pi)
# The radius of the moons, and how far points stray from them, as a share of it.
MOON, MOON_STRAY = 0.55, 0.2
# The squares along a side of the board.
SQUARES = 4


def make(name: str) -> dict[str, np.ndarray]:
    """Creates a data set, with arrays named as in `keras.datasets`.

    Args:
        name: a name of `MAKERS`.

    Returns:
        `x_train` float32 `(1600, 2)`, within +-1; `y_train` int32 `(1600,)`, 0 or 1,
        equally many of each; `x_test` and `y_test` likewise, with 2,000 points.
    """
    rng = np.random.default_rng(list(MAKERS).index(name))
    arrays = {}
    for split, size in (("train", NUM_TRAIN), ("test", NUM_TEST)):
        labels = np.arange(size) % 2
        points = MAKERS[name](labels, rng)
        arrays[f"x_{split}"] = np.round(points, 6).astype(np.float32)
        arrays[f"y_{split}"] = labels.astype(np.int32)
    return arrays


def ring(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A disc of radius 0.5 (class 0) within a ring from 0.7 to 1 (class 1).

    The points are uniform over each area.

    Args:
        labels: int `(examples,)`.
        rng: the random number generator.

    Returns:
        float64 `(examples, 2)`.
    """
    inner, outer = np.where(labels, RING, 0.0), np.where(labels, 1.0, DISC)
    share = rng.random(len(labels))
    radius = np.sqrt(inner**2 + share * (outer**2 - inner**2))
    return _at(radius, rng.random(len(labels)))


def spiral(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two interleaved spirals of one turn, rotated by half a turn against each other.

    The radius of a point on the spiral is its share of the turn, from 0.1 to 1; the
    points are shifted inwards by up to 0.05, uniformly. Arguments and result as for
    `ring`.
    """
    share = 0.1 + 0.9 * rng.random(len(labels))
    radius = share * (1 - STRAY * rng.random(len(labels)))
    return _at(radius, share + labels / 2)


def checkerboard(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A board of four by four squares: one class is black, the other white.

    The points are uniform over the squares of their class. Arguments and result as for
    `ring`.
    """
    size = len(labels)
    row = np.floor(SQUARES * rng.random(size))
    pair = np.floor(SQUARES / 2 * rng.random(size))
    column = 2 * pair + (row + labels) % 2
    corner = np.stack([column, row], axis=1)
    return (corner + rng.random((size, 2))) * (2 / SQUARES) - 1


def circle(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A circle (class 1) that takes half of a square's area (class 0).

    The points are uniform over each area. Arguments and result as for `ring`.
    """
    points = np.empty((0, 2))
    wanted = [np.count_nonzero(labels == label) for label in (0, 1)]
    while True:
        points = np.concatenate([points, 2 * rng.random((len(labels), 2)) - 1])
        is_inside = np.hypot(*points.T) < CIRCLE
        if min(np.bincount(is_inside, minlength=2) - wanted) >= 0:
            break
    placed = np.empty((len(labels), 2))
    for label in (0, 1):
        placed[labels == label] = points[is_inside == label][: wanted[label]]
    return placed


def two_moons(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two half circles that reach into each other, the upper one of class 0.

    The points stray from them by up to 0.1 to each side, uniformly in the radius.
    Arguments and result as for `ring`.
    """
    radius = MOON * (1 + MOON_STRAY * (2 * rng.random(len(labels)) - 1))
    points = _at(radius, rng.random(len(labels)) / 2)
    lower = MOON * np.array([1.0, 0.5])
    points = np.where(labels[:, np.newaxis], lower - points, points)
    return points - lower / 2


MAKERS: Mapping[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "ring": ring,
    "spiral": spiral,
    "checkerboard": checkerboard,
    "circle": circle,
    "two_moons": two_moons,
}


def _at(radius: np.ndarray, turns: np.ndarray) -> np.ndarray:
    angle = 2 * np.pi * turns
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
