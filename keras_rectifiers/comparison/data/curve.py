"""A generated data set of points on a noisy curve, whose targets are numbers.

The curve is a sine wave. As in `keras_rectifiers.comparison.data.planar`, numbers are
rounded to a millionth, so that they are the same on every machine.
"""

import numpy as np

NUM_TRAIN = 100
NUM_TEST = 200

# The standard deviation of the noise, and the seed of all that is random.
NOISE = 0.1
_SEED = 0


def height(x: np.ndarray) -> np.ndarray:
    """The smooth curve, sin(pi x), without noise."""
    return np.sin(np.pi * x)


def make() -> dict[str, np.ndarray]:
    """Creates the data set, with arrays named as in `keras.datasets`.

    Returns:
        `x_train` float32 `(100, 1)`, ascending from -1 to 1; `y_train` float32 `(100,
        1)`, the height of the curve with uniform noise of mean 0; `x_test` and `y_test`
        likewise with 200 points, whose heights have no noise.
    """
    rng = np.random.default_rng(_SEED)
    # Uniform numbers of a generator are the same everywhere; its normal ones need not be.
    noise = NOISE * np.sqrt(3) * (2 * rng.random(NUM_TRAIN) - 1)
    arrays = {}
    for split, size, strays in (("train", NUM_TRAIN, noise), ("test", NUM_TEST, 0.0)):
        x = np.linspace(-1, 1, size)
        arrays[f"x_{split}"] = np.round(x, 6).astype(np.float32)[:, np.newaxis]
        y = np.round(height(x) + strays, 6).astype(np.float32)
        arrays[f"y_{split}"] = y[:, np.newaxis]
    return arrays
