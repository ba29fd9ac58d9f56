"""Data sets as they were published: embedded, generated, from files or from Keras."""

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from keras_rectifiers.comparison.data import (
    adding,
    checks,
    curve,
    noisy_digits,
    npz_files,
    planar,
    splits,
)
from keras_rectifiers.comparison.trials.trial_fields import check_dataset

# Where the .npz files of known data sets are looked for; worker processes inherit it.
DATA_DIR = "KERAS_RECTIFIERS_DATA"

# Name -> what makes the arrays of a generated data set, named as in `keras.datasets`.
# Targets are classes, int32 `(examples,)`, or numbers, float32 `(examples, numbers)`.
GENERATED: Mapping[str, Callable[[], Mapping[str, np.ndarray]]] = {
    **{name: functools.partial(planar.make, name) for name in planar.MAKERS},
    "curve": curve.make,
    **{f"adding_{n}": functools.partial(adding.make, n) for n in adding.LENGTHS},
    "noisy_digits": lambda: noisy_digits.make(_digits()),
}

# Name -> checksum of its arrays as published, by `npz_files.checksum`. Of CIFAR-100
# only the archive's is known, which Keras checks when it downloads it.
KNOWN = {
    "mnist": "54419ef891304ca97f47bd303771d694be06bddb51d9c04e0a43dfefa02697f1",
    "fashion_mnist": "6c9e5cefda3153add6061c5b35c402b5c2c65eaa8bfdfe21e98d3b94518cbed3",
    "cifar10": "63abfb0678532d22fded810195db431f0680a9ee62202ea70a995527d39cda59",
    "cifar100": None,
}


@functools.lru_cache(maxsize=4)
def arrays_of(name: str, directory: str) -> tuple[npz_files.Arrays, str]:
    """Returns the arrays of a data set and their checksum."""
    if name == "digits":
        arrays = _digits()
        return arrays, npz_files.checksum(arrays)
    if name in GENERATED:
        arrays = GENERATED[name]()
        return arrays, npz_files.checksum(arrays)
    check_dataset(name)
    if name in KNOWN:
        path = Path(directory, f"{name}.npz")
    else:
        path = Path(os.path.expanduser(name))
    if name not in KNOWN or (directory and _is_file(path)):
        if not _is_file(path):
            raise ValueError(f"There is no data file {path}.")
        where = str(path)
        try:
            entry = f"{path.stem}-{npz_files.file_checksum(path)}"
        except OSError as error:
            raise ValueError(
                f"The data file {path} cannot be read: {error.strerror}."
            ) from error
        arrays, content = npz_files.cached(
            entry, lambda: checks.check(npz_files.read(path), path)
        )
    else:
        where = f"keras.datasets.{name}"
        arrays, content = npz_files.cached(
            f"{name}-keras", lambda: _from_keras(name, directory)
        )
    if KNOWN.get(name) not in (None, content):
        raise ValueError(
            f"{where} does not hold the published data set {name!r}: expected the "
            f"checksum {KNOWN[name]} of its arrays. To use your own data set, pass "
            f"its path. Received: {content}."
        )
    return arrays, content


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # such as of a name that is too long
        raise ValueError(f"There is no data file {path}: {error.strerror}.") from error


def directory() -> str:
    """The folder of data sets that the user has named; empty if none."""
    return os.path.expanduser(os.environ.get(DATA_DIR, ""))


def _from_keras(name: str, directory: str) -> npz_files.Arrays:
    module = importlib.import_module(f"keras.datasets.{name}")
    try:
        # It tells of downloads where results are printed.
        with contextlib.redirect_stdout(sys.stderr):
            (x_train, y_train), (x_test, y_test) = module.load_data()
    except MemoryError:
        raise
    except Exception as error:  # Keras raises nothing more special
        folder = directory or (
            "a folder, and pass that folder with --data-dir or the environment "
            "variable " + DATA_DIR
        )
        raise ValueError(
            f"The data set {name!r} is not on this machine and could not be downloaded "
            f"({error}). Put {name}.npz, with the arrays {', '.join(npz_files.NAMES)}, "
            f"into {folder}."
        ) from error
    published = (x_train, y_train, x_test, y_test)
    arrays: dict[str, np.ndarray] = dict(zip(npz_files.NAMES, published, strict=True))
    return checks.check(arrays, f"{name!r} of keras.datasets")


def _digits() -> npz_files.Arrays:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = digits.images[..., np.newaxis].astype(np.float32)
    labels = digits.target.astype(np.int32)
    x_train, x_test, y_train, y_test = train_test_split(
        images, labels, test_size=0.2, stratify=labels, random_state=splits.SEED
    )
    return dict(zip(npz_files.NAMES, (x_train, y_train, x_test, y_test), strict=True))
