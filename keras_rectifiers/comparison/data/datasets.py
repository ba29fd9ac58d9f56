"""Data sets by name: split, scaled, with the checksum of their content."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from keras_rectifiers.comparison.data import checks
from keras_rectifiers.comparison.data.published import directory
from keras_rectifiers.comparison.data.scaling import SCALINGS, scaled
from keras_rectifiers.comparison.data.source import read, taken
from keras_rectifiers.comparison.data.splits import SPLITS, Split
from keras_rectifiers.comparison.trials.trial import Trial


@dataclass(frozen=True, kw_only=True)
class Description:
    """The properties of a data set that are known before its examples are scaled.

    Args:
        input_shape: the shape of one example.
        num_train, num_test: number of training and of test examples.
        num_classes: number of classes; 0 if the targets are numbers.
        num_outputs: what a net has to predict: a score for each class, or so many
            numbers; to a `Recipe`, two classes are one number.
        checksum: the checksum of the content and the splits.
    """

    input_shape: tuple[int, ...]
    num_train: int
    num_test: int
    num_classes: int
    num_outputs: int
    checksum: str


@dataclass(frozen=True, kw_only=True)
class Dataset(Description):
    """A data set in three splits.

    Args:
        name: as in `Trial.dataset`.
        x_train, x_validation, x_test: float32 `(examples, height, width, channels)` or
            `(examples, features)`. `"standardised"`: by the mean and standard deviation
            of the training split (constant values become 0), for each channel of
            images, for each feature, and for each pixel of `"digits"`. `"unit"`: from
            0, the smallest value of the training split, to 1, its largest. `"raw"`: as
            published. Where a seed draws the splits, the scale is that of all published
            training examples; of `"digits"` always that of the training split.
        y_train, y_validation, y_test: int32 `(examples,)`, classes counted from 0; or
            float32 `(examples, numbers)`, which are not scaled.
        input_shape, num_train, num_test, num_classes, num_outputs, checksum: as in
            `Description`.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


class Pool(NamedTuple):
    """The examples of trials that split a data set differently.

    Args:
        x: float32 `(examples, ...)`, scaled as in `Dataset`.
        y: int32 `(examples,)` or float32 `(examples, numbers)`.
        splits: of each trial, the indices of its examples.
    """

    x: np.ndarray
    y: np.ndarray
    splits: Sequence[Split]


def load(
    name: str,
    *,
    train_size: int = 0,
    subset_seed: int = 0,
    inputs: str = "standardised",
    split_seed: int | None = None,
) -> Dataset:
    """Loads a data set.

    Args:
        name: one of

            - `"digits"`: scikit-learn's 1,797 grey images of 8x8 pixels, in 1,257
              training, 180 validation and 360 test examples, stratified by class;
            - `"ring"`, `"spiral"`, `"checkerboard"`, `"circle"`, `"two_moons"`:
              generated points in the plane, which no line can separate, in 1,440 training, 160 validation and 2,000
              test examples; see `keras_rectifiers.comparison.data.planar`;
            - `"curve"`: generated points on a noisy curve, whose targets are numbers;
              see `keras_rectifiers.comparison.data.curve`;
            - `"adding_10"`, `"adding_20"`, `"adding_40"`: generated sequences of so
              many time steps, whose targets are numbers; see
              `keras_rectifiers.comparison.data.adding`;
            - `"noisy_digits"`: the digits with pixels that are missing, whose targets
              are all pixels; see `keras_rectifiers.comparison.data.noisy_digits`;
            - `"mnist"`, `"fashion_mnist"`, `"cifar10"`, `"cifar100"`: from the file
              `<name>.npz` in the folder given by the environment variable
              `KERAS_RECTIFIERS_DATA`, otherwise through `keras.datasets`, which
              downloads it;
            - the path of an .npz file with the arrays `x_train`, `y_train`, `x_test`
              and `y_test`, which ends in `.npz`, in lower or upper case; `~` stands for
              the home directory.

            For all data sets except digits, the validation split is a tenth of the
            training examples, stratified by class if there are classes.
        train_size: number of training examples to use, stratified by class; 0: all. The
            validation split is reduced to the same number if it has more; the test
            split stays the same.
        subset_seed: the seed that selects them.
        inputs: the scaling of the inputs: `"standardised"`, `"unit"` or `"raw"`; see
            `Dataset`.
        split_seed: the seed that draws the training and the validation split, and the
            examples of them that are used, anew from the published training examples;
            of digits, which have no published splits, also the test split. Default: the
            same splits for everyone.

    Returns:
        The `Dataset`; its arrays are read-only.

    Raises:
        ValueError: if the data set or the scaling is unknown, the data are not valid
            (see `checks.check`), there are fewer training examples, or they are
            all identical.
    """
    if inputs not in SCALINGS:
        raise ValueError(
            f"inputs must be one of {', '.join(map(repr, SCALINGS))}. Received: "
            f"{inputs!r}."
        )
    return _load(name, train_size, subset_seed, inputs, split_seed, directory())


def load_for(trial: Trial) -> Dataset:
    """Loads the data of a trial; see `load` and `describe`."""
    num_outputs = describe(trial).num_outputs
    loaded = _load(*_settings(trial), _split_seed(trial), directory())
    return replace(loaded, num_outputs=num_outputs)


def pool(trials: Sequence[Trial]) -> Pool:
    """Loads the data of trials that differ in their seeds only, each example once."""
    for trial in trials:
        describe(trial)
    seeds = [_split_seed(trial) for trial in trials]
    distinct = tuple(dict.fromkeys(seeds))
    x, y, of_seeds = _pool(*_settings(trials[0]), distinct, directory())
    by_seed = dict(zip(distinct, of_seeds, strict=True))
    return Pool(x, y, [by_seed[seed] for seed in seeds])


def describe(trial: Trial) -> Description:
    """Describes the data of a trial, and checks that the trial can use them.

    Args:
        trial: its data set, architecture, batch size and probe size are used.

    Raises:
        ValueError: as for `load`; or if the data are not suitable for the trial.
    """
    name, train_size, subset_seed, _ = _settings(trial)
    source = read(name, train_size, subset_seed, _split_seed(trial), directory())
    shape = source.arrays["x_train"].shape[1:]
    if trial.recipe != "standard" and source.num_classes > 2:
        raise ValueError(
            f"Trial's recipe {trial.recipe!r} needs two classes or numbers. Received: "
            f"{trial.dataset!r} with {source.num_classes} classes."
        )
    is_one_number = trial.recipe != "standard" and source.num_classes == 2
    description = Description(
        input_shape=shape,
        num_train=len(source.split.train),
        num_test=len(source.split.test),
        num_classes=source.num_classes,
        num_outputs=1 if is_one_number else source.num_outputs,
        checksum=source.checksum,
    )
    if trial.is_convolutional and len(shape) != 3:
        raise ValueError(
            f"Trial's architecture {trial.architecture!r} needs images. The data set "
            f"{trial.dataset!r} has {shape[0]} features; use 'mlp'."
        )
    if trial.is_recurrent and (len(shape) < 2 or shape[0] != trial.depth):
        steps = f"{shape[0]} time steps" if len(shape) > 1 else "no time steps"
        raise ValueError(
            "Trial's depth must be the number of time steps of the data with "
            f"{trial.architecture!r}. Received: {trial.depth}, and {trial.dataset!r} has "
            f"{steps}."
        )
    for field in ("batch_size", "probe_size"):
        if getattr(trial, field) > description.num_train:
            raise ValueError(
                f"Trial's {field} must be at most the {description.num_train:,} "
                f"training examples of {trial.dataset!r}. Received: {getattr(trial, field)}."
            )
    return description


def _settings(trial: Trial) -> tuple[str, int, int, str]:
    """What the trials of a population share of their data."""
    return trial.dataset, trial.train_size, trial.subset_seed, trial.inputs


def _split_seed(trial: Trial) -> int | None:
    return trial.seed if trial.split == "by_seed" else None


# Two of them, as the populations of a study may take turns.
@functools.lru_cache(maxsize=2)
def _load(
    name: str,
    train_size: int,
    subset_seed: int,
    inputs: str,
    split_seed: int | None,
    directory: str,
) -> Dataset:
    x, y, (split,) = _pool(
        name, train_size, subset_seed, inputs, (split_seed,), directory
    )
    arrays = {}
    for part in SPLITS:
        indices = getattr(split, part)
        arrays[f"x_{part}"], arrays[f"y_{part}"] = x[indices], y[indices]
    for array in arrays.values():
        array.flags.writeable = False
    source = read(name, train_size, subset_seed, split_seed, directory)
    return Dataset(
        name=name,
        input_shape=x.shape[1:],
        num_train=len(split.train),
        num_test=len(split.test),
        num_classes=source.num_classes,
        num_outputs=source.num_outputs,
        checksum=source.checksum,
        **arrays,
    )


@functools.lru_cache(maxsize=2)
def _pool(
    name: str,
    train_size: int,
    subset_seed: int,
    inputs: str,
    split_seeds: tuple[int | None, ...],
    directory: str,
) -> Pool:
    sources = [
        read(name, train_size, subset_seed, seed, directory) for seed in split_seeds
    ]
    arrays = sources[0].arrays
    is_own_scale = name == "digits" or split_seeds == (None,)
    groups = [[source] for source in sources] if is_own_scale else [sources]
    num_axes = 1 if name == "digits" else max(1, arrays["x_train"].ndim - 1)
    axes = tuple(range(num_axes))
    parts, found, start = [], [], 0
    for group in groups:
        x_train = arrays["x_train"]
        if is_own_scale:
            x_train = taken(arrays, "x", group[0].split.train)
        offset, scale = SCALINGS[inputs](x_train, axes)
        rows = np.unique(np.concatenate([i for s in group for i in s.split]))
        x = scaled(taken(arrays, "x", rows), offset, scale)
        own = [
            Split(*(np.searchsorted(rows, indices) for indices in source.split))
            for source in group
        ]
        for split in own:
            checks.check_varies(
                x,
                split.train,
                f"{name!r}, in float32 and with inputs {inputs!r},",
            )
        found += [Split(*(indices + start for indices in split)) for split in own]
        parts.append((x, taken(arrays, "y", rows)))
        start += len(rows)
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Pool(x, y, found)
