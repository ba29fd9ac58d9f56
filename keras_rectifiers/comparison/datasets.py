"""Data sets by name: fixed splits, standardised, with the checksum of their content."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np

# Fixed for good: the splits belong to the data set, not to a trial.
_SPLIT_SEED = 0


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A classification data set in three fixed splits.

    Args:
        name: as in `Trial.dataset`.
        x_train, x_validation, x_test: float32 `(examples, height, width, channels)`,
            standardised per pixel with the training split's mean and standard
            deviation (a pixel that is constant there becomes 0).
        y_train, y_validation, y_test: int32 `(examples,)`, classes from 0.
        num_classes: number of classes.
        checksum: SHA-256 of the arrays.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    num_classes: int
    checksum: str


@functools.cache
def load(name: str) -> Dataset:
    """Loads a data set.

    Args:
        name: `"digits"`: scikit-learn's 1,797 grey images of 8x8 pixels, in 1,257
            training, 180 validation and 360 test examples, stratified by class.

    Returns:
        The `Dataset`; its arrays are read-only.

    Raises:
        ValueError: if there is no such data set.
    """
    if name != "digits":
        raise ValueError(f"There is no data set named {name!r}. There is: 'digits'.")
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = digits.images[..., np.newaxis].astype(np.float32)
    return _split(name, images, digits.target.astype(np.int32))


def _split(name: str, images: np.ndarray, labels: np.ndarray) -> Dataset:
    from sklearn.model_selection import train_test_split

    x_rest, x_test, y_rest, y_test = train_test_split(
        images, labels, test_size=0.2, stratify=labels, random_state=_SPLIT_SEED
    )
    x_train, x_validation, y_train, y_validation = train_test_split(
        x_rest, y_rest, test_size=0.125, stratify=y_rest, random_state=_SPLIT_SEED
    )
    mean = x_train.mean(axis=0, dtype=np.float64)
    deviation = x_train.std(axis=0, dtype=np.float64)
    deviation[deviation == 0] = 1.0
    arrays = {
        "x_train": x_train,
        "y_train": y_train,
        "x_validation": x_validation,
        "y_validation": y_validation,
        "x_test": x_test,
        "y_test": y_test,
    }
    checksum = hashlib.sha256()
    for key, array in arrays.items():
        if key.startswith("x_"):
            array = ((array - mean) / deviation).astype(np.float32)
        array = np.ascontiguousarray(array)
        array.flags.writeable = False
        arrays[key] = array
        checksum.update(f"{key} {array.dtype} {array.shape}".encode())
        checksum.update(array.tobytes())
    return Dataset(
        name=name,
        num_classes=int(labels.max()) + 1,
        checksum=checksum.hexdigest(),
        **arrays,
    )
