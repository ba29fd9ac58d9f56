"""Digits with missing pixels, whose targets are the whole digits.

For auto-encoders that remove noise (Vincent 2008, "Extracting and composing robust
features with denoising autoencoders").
"""

from collections.abc import Mapping

import numpy as np

# The share of the pixels that are set to 0.
MISSING = 0.3
# The largest pixel of the digits.
_LARGEST = 16
_SEED = 0


def make(digits: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Creates the data set, with arrays named as in `keras.datasets`.

    Args:
        digits: the images `x_train` and `x_test`, `(examples, 8, 8, 1)`, from 0 to 16.

    Returns:
        `x_train` float32 `(examples, 8, 8, 1)`, pixels from 0 to 1 with three of ten set
        to 0 at random, once for all; `y_train` float32 `(examples, 64)`, all pixels;
        `x_test` and `y_test` likewise.
    """
    rng = np.random.default_rng(_SEED)
    arrays = {}
    for split in ("train", "test"):
        whole = np.asarray(digits[f"x_{split}"], np.float32) / _LARGEST
        is_there = rng.random(whole.shape) >= MISSING
        arrays[f"x_{split}"] = np.where(is_there, whole, np.float32(0))
        arrays[f"y_{split}"] = whole.reshape(len(whole), -1)
    return arrays
