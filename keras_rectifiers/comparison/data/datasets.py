"""Data sets by name: fixed splits, scaled, with the checksum of their content."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np

from keras_rectifiers.comparison.data import checks, npz_files, splits
from keras_rectifiers.comparison.data.published import arrays_of, directory
from keras_rectifiers.comparison.data.scaling import SCALINGS, scaled
from keras_rectifiers.comparison.trials.trial import Trial


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A classification data set in three fixed splits.

    Args:
        name: as in `Trial.dataset`.
        x_train, x_validation, x_test: float32 `(examples, height, width, channels)` or
            `(examples, features)`. `"standardised"`: by the mean and standard deviation
            of the training split (constant values become 0), for each channel of
            images, for each feature, and for each pixel of `"digits"`. `"unit"`: from
            0, the smallest value of the training split, to 1, its largest. `"raw"`: as
            published.
        y_train, y_validation, y_test: int32 `(examples,)`, classes counted from 0.
        num_classes: number of classes.
        checksum: the checksum of the content and the splits.
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


@dataclass(frozen=True, kw_only=True)
class Description:
    """The properties of a data set that are known before its examples are scaled.

    Args:
        input_shape: the shape of one example.
        num_train: number of training examples.
        num_classes: number of classes.
        checksum: as in `Dataset`.
    """

    input_shape: tuple[int, ...]
    num_train: int
    num_classes: int
    checksum: str


def load(
    name: str,
    *,
    train_size: int = 0,
    subset_seed: int = 0,
    inputs: str = "standardised",
) -> Dataset:
    """Loads a data set.

    Args:
        name: one of

            - `"digits"`: scikit-learn's 1,797 grey images of 8x8 pixels, in 1,257
              training, 180 validation and 360 test examples, stratified by class;
            - `"ring"`, `"spiral"`, `"checkerboard"`: generated points in the plane,
              which no line can separate, in 1,440 training, 160 validation and 800 test
              examples; see `keras_rectifiers.comparison.data.planar`;
            - `"mnist"`, `"fashion_mnist"`, `"cifar10"`, `"cifar100"`: from the file
              `<name>.npz` in the folder given by the environment variable
              `KERAS_RECTIFIERS_DATA`, otherwise through `keras.datasets`, which
              downloads it;
            - the path of an .npz file with the arrays `x_train`, `y_train`, `x_test`
              and `y_test`, which ends in `.npz`, in lower or upper case; `~` stands for
              the home directory.

            For all data sets except digits, the validation split is a tenth of the
            training examples, stratified by class.
        train_size: number of training examples to use, stratified by class; 0: all. The
        validation split is reduced to the same number if it has more; the test split
        stays the same. subset_seed: the seed that selects them. inputs: the scaling of
        the inputs: `"standardised"`, `"unit"` or `"raw"`; see
            `Dataset`.

    Returns:
        The `Dataset`; its arrays are read-only.

    Raises:
        ValueError: if the data set or the scaling is unknown, the data are not valid
            (see `data_checks.check`), there are fewer training examples, or they are
            all identical.
    """
    if inputs not in SCALINGS:
        raise ValueError(
            f"inputs must be one of {', '.join(map(repr, SCALINGS))}. Received: "
            f"{inputs!r}."
        )
    return _load(name, train_size, subset_seed, inputs, directory())


def load_for(trial: Trial) -> Dataset:
    """Loads the data of a trial; see `load` and `describe`."""
    describe(trial)
    return load(
        trial.dataset,
        train_size=trial.train_size,
        subset_seed=trial.subset_seed,
        inputs=trial.inputs,
    )


def describe(trial: Trial) -> Description:
    """Describes the data of a trial, and checks that the trial can use them.

    Args:
        trial: its data set, architecture, batch size and probe size are used.

    Raises:
        ValueError: as for `load`; or if the data are not suitable for the trial.
    """
    source = _source(trial.dataset, trial.train_size, trial.subset_seed, directory())
    shape = source.arrays["x_train"].shape[1:]
    description = Description(
        input_shape=shape,
        num_train=len(source.train),
        num_classes=source.num_classes,
        checksum=source.checksum,
    )
    if trial.is_convolutional and len(shape) != 3:
        raise ValueError(
            f"Trial's architecture {trial.architecture!r} needs images. The data set "
            f"{trial.dataset!r} has {shape[0]} features; use 'mlp'."
        )
    for field in ("batch_size", "probe_size"):
        if getattr(trial, field) > description.num_train:
            raise ValueError(
                f"Trial's {field} must be at most the {description.num_train:,} "
                f"training examples of {trial.dataset!r}. Received: {getattr(trial, field)}."
            )
    return description


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A data set as it was published, and which of its examples are whose."""

    arrays: npz_files.Arrays
    train: np.ndarray
    validation: np.ndarray
    per_pixel: bool
    num_classes: int
    checksum: str


# Two of them, as the populations of a study may take turns.
@functools.lru_cache(maxsize=2)
def _load(
    name: str, train_size: int, subset_seed: int, inputs: str, directory: str
) -> Dataset:
    source = _source(name, train_size, subset_seed, directory)
    x_train, y_train, x_test, y_test = (source.arrays[n] for n in npz_files.NAMES)
    axes = (0,) if source.per_pixel or x_train.ndim == 2 else (0, 1, 2)
    x = x_train[source.train]
    offset, scale = SCALINGS[inputs](x, axes)
    arrays = {
        "x_train": scaled(x, offset, scale),
        "y_train": y_train[source.train],
        "x_validation": scaled(x_train[source.validation], offset, scale),
        "y_validation": y_train[source.validation],
        "x_test": scaled(x_test, offset, scale),
        "y_test": y_test[:],
    }
    checks.check_varies(
        arrays["x_train"],
        np.arange(len(x)),
        f"{name!r}, in float32 and with inputs {inputs!r},",
    )
    for array in arrays.values():
        array.flags.writeable = False
    return Dataset(
        name=name, num_classes=source.num_classes, checksum=source.checksum, **arrays
    )


@functools.lru_cache(maxsize=16)
def _source(name: str, train_size: int, subset_seed: int, directory: str) -> _Source:
    arrays, content = arrays_of(name, directory)
    labels = np.asarray(arrays["y_train"])
    if name == "digits":
        train, validation = splits.digits_train_and_validation(labels)
    else:
        train, validation = splits.train_and_validation(labels)
    num_classes = int(labels.max()) + 1
    if train_size:
        if not num_classes <= train_size <= len(train):
            raise ValueError(
                "Trial's train_size must be 0, for all examples, or from "
                f"{num_classes} (the number of classes of {name!r}) to {len(train):,} "
                f"(the number of its training examples). Received: {train_size}."
            )
        train, validation = (
            splits.subset(labels, split, train_size, subset_seed)
            for split in (train, validation)
        )
    checks.check_varies(arrays["x_train"], train, repr(name))
    digest = hashlib.sha256(content.encode())
    digest.update(train.astype("<i8").tobytes() + validation.astype("<i8").tobytes())
    return _Source(
        arrays=arrays,
        train=train,
        validation=validation,
        per_pixel=name == "digits",
        num_classes=num_classes,
        checksum=digest.hexdigest(),
    )
