"""Checks of classification data sets, with advice on how to fix them."""

from pathlib import Path

import numpy as np

from keras_rectifiers.comparison.data.npz_files import NAMES, Arrays

# Examples that are looked at a time.
_CHUNK = 2000

# What to do about labels that are none.
_OF_ONE_HOT = " These are one-hot: use {y}.argmax(axis=1)."
_OF_NAMES = (
    "Number them: numpy.unique(y_train, return_inverse=True)[1], and number y_test by "
    "the same classes."
)
_OF_WHOLE_NUMBERS = "Use {y}.astype(int)."
_OF_LOST_LABELS = "Remove the examples whose label is NaN or infinite."
_OF_TARGETS = (
    "If they are regression targets: the studies compare classifiers only. Divide the "
    "targets into classes: numpy.digitize({y}, numpy.quantile(y_train, [1/3, 2/3])) "
    "gives three classes of about equal size."
)


def check(arrays: Arrays, where: str | Path) -> dict[str, np.ndarray]:
    """Checks that arrays are a classification data set.

    Args:
        arrays: `x_train` and `x_test`: finite numbers, `(examples, features)`, or
            images `(examples, height, width)` or `(examples, height, width, channels)`;
            `y_train` and `y_test`: integers from 0 to classes - 1, `(examples,)` or
            `(examples, 1)`.
        where: a name of the arrays, for the messages.

    Returns:
        The arrays, with a channel axis added to images without one, and labels as int32
        `(examples,)`.

    Raises:
        ValueError: if the arrays are not as described, or the training labels have only
            one class.
    """
    checked = {}
    for split in ("train", "test"):
        x, y = arrays[f"x_{split}"], arrays[f"y_{split}"]
        _check_inputs(x, f"x_{split}", where)
        _check_labels(y, f"y_{split}", where, inputs=f"x_{split}", num_examples=len(x))
        checked[f"x_{split}"] = x[..., np.newaxis] if x.ndim == 3 else x
        checked[f"y_{split}"] = y.reshape(-1)
    x_train, y_train, x_test, y_test = (checked[name] for name in NAMES)
    if x_train.shape[1:] != x_test.shape[1:]:
        raise ValueError(
            f"x_train and x_test of {where} must have the same shape except for the "
            f"number of examples. Received: {arrays['x_train'].shape} and "
            f"{arrays['x_test'].shape}."
        )
    _check_classes(y_train, y_test, where)
    for name in ("y_train", "y_test"):
        checked[name] = checked[name].astype(np.int32)
    return checked


def check_varies(x: np.ndarray, train: np.ndarray, which: str) -> None:
    """Refuses training examples that are all identical: a net would learn to guess."""
    first = x[train[0]]
    parts = (train[i : i + _CHUNK] for i in range(0, len(train), _CHUNK))
    if not any((x[part] != first).any() for part in parts):
        raise ValueError(
            f"The {len(train):,} training examples of {which} are all identical, so "
            "no classes can be learned from them. Expected inputs that differ."
        )


def _check_inputs(x: np.ndarray, name: str, where: str | Path) -> None:
    if x.ndim not in (2, 3, 4) or not x.size:
        raise ValueError(
            f"{name} of {where} must have shape (examples, features), (examples, "
            f"height, width) or (examples, height, width, channels). Received: {x.shape}."
        )
    if x.ndim == 4 and _is_channels_first(x.shape):
        raise ValueError(
            f"{name} of {where} must have shape (examples, height, width, channels), "
            f"but its channels seem to come first. Received: {x.shape}, which is "
            f"{x.shape[1]} rows of {x.shape[2]} pixels of {x.shape[3]} channels: use "
            f"{name}.transpose(0, 2, 3, 1)."
        )
    if x.dtype.kind not in "buif":
        raise ValueError(
            f"{name} of {where} must hold numbers. Received: dtype {x.dtype}."
        )
    parts = (x[i : i + _CHUNK] for i in range(0, len(x), _CHUNK))
    most = np.finfo(np.float32).max
    if x.dtype.kind == "f" and not all((abs(part) <= most).all() for part in parts):
        raise ValueError(
            f"{name} of {where} holds NaN, infinity or values above the largest "
            f"float32, {most:.3g}. Remove those examples, or replace the values."
        )


def _check_labels(
    y: np.ndarray, name: str, where: str | Path, *, inputs: str, num_examples: int
) -> None:
    if y.shape not in ((num_examples,), (num_examples, 1)):
        raise ValueError(
            f"{name} of {where} must be labels of shape ({num_examples},) or "
            f"({num_examples}, 1), one for each of {inputs}. Received: {y.shape}."
            + (_OF_ONE_HOT.format(y=name) if _is_one_hot(y) else "")
        )
    if y.dtype.kind not in "iu":
        raise ValueError(
            f"{name} of {where} must hold integers, the classes counted from 0. "
            f"Received: dtype {y.dtype}. {_instead(y).format(y=name)}"
        )


def _check_classes(y_train: np.ndarray, y_test: np.ndarray, where: str | Path) -> None:
    classes, counts = np.unique(y_train, return_counts=True)
    if len(classes) == 1:
        raise ValueError(
            f"y_train of {where} must hold at least two classes. Received: only class "
            f"{classes[0]}."
        )
    if classes[0] != 0 or classes[-1] != len(classes) - 1:
        raise ValueError(
            f"y_train of {where} holds {len(classes)} classes, which must be numbered "
            f"0 to {len(classes) - 1}. Received: {classes[0]} to {classes[-1]}. "
            + (_OF_TARGETS if _are_targets(y_train) else _OF_NAMES).format(y="y_train")
        )
    if counts.min() < 2:
        raise ValueError(
            f"y_train of {where} must hold at least two examples of each class, one "
            "of which may be used for validation. Received: only one of class "
            f"{classes[counts.argmin()]}."
            + (f" {_OF_TARGETS.format(y='y_train')}" if _are_targets(y_train) else "")
        )
    if y_test.min() < 0 or y_test.max() >= len(classes):
        raise ValueError(
            f"y_test of {where} must hold only classes of y_train, 0 to "
            f"{len(classes) - 1}. Received: {y_test.min()} to {y_test.max()}."
        )


def _is_channels_first(shape: tuple[int, ...]) -> bool:
    """Tells whether (examples, a, b, c) is more likely channels, height, width.

    Images of one, three or four rows, with more channels than that, are rare, unless they
    are square; a single row may be a sequence, unless it would make a square picture.
    """
    _, first, second, last = shape
    if first == second != last:
        return False
    is_picture = first in (3, 4) or (first == 1 and second == last)
    return is_picture and last > 4


def _instead(y: np.ndarray) -> str:
    """What to give instead of labels that are no integers."""
    if y.dtype.kind not in "bf":
        return _OF_NAMES
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        return _OF_LOST_LABELS
    is_whole = y.dtype.kind == "b" or (y == np.round(y)).all()
    return _OF_WHOLE_NUMBERS if is_whole and not _are_targets(y) else _OF_TARGETS


def _are_targets(y: np.ndarray) -> bool:
    """Tells whether integers are more likely measured than classes: few come twice."""
    return len(np.unique(y)) > max(20, len(y) / 10)


def _is_one_hot(y: np.ndarray) -> bool:
    return (
        y.ndim == 2
        and y.dtype.kind in "buif"
        and bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())
    )
