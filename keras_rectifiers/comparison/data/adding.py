"""The adding problem: sequences of numbers, two of which are marked and to be added.

It is what recurrent nets are tested with that have to remember (Hochreiter, Schmidhuber
1997, "Long short-term memory"). As in `keras_rectifiers.comparison.data.planar`,
numbers are uniform and rounded to a millionth, so that they are the same on every
machine.
"""

import numpy as np

# Numbers of time steps.
LENGTHS = (10, 20, 40)

NUM_TRAIN = 2000
NUM_TEST = 1000


def make(length: int) -> dict[str, np.ndarray]:
    """Creates a data set, with arrays named as in `keras.datasets`.

    Args:
        length: number of time steps, at least 2.

    Returns:
        `x_train` float32 `(2000, length, 2)`: numbers from 0 to 1, and marks, which are
        1 once in each half of the steps and otherwise 0; `y_train` float32 `(2000, 1)`:
        the sum of the two numbers that are marked; `x_test` and `y_test` likewise with
        1,000 examples. Who guesses the mean, which is 1, has a mean squared error of 1/6.
    """
    rng = np.random.default_rng(length)
    arrays = {}
    for split, size in (("train", NUM_TRAIN), ("test", NUM_TEST)):
        examples, half = np.arange(size), length // 2
        numbers = np.round(rng.random((size, length)), 6).astype(np.float32)
        marked = rng.integers(half, size=size), rng.integers(half, length, size=size)
        marks = np.zeros_like(numbers)
        for step in marked:
            marks[examples, step] = 1
        arrays[f"x_{split}"] = np.stack([numbers, marks], axis=-1)
        sums = np.sum(numbers * marks, axis=1, keepdims=True, dtype=np.float64)
        arrays[f"y_{split}"] = np.round(sums, 6).astype(np.float32)
    return arrays
