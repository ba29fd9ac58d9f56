"""The data that a user gives: read into arrays once, and checked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.comparing.loaders import is_loader, read_loader
from keras_rectifiers.comparison.training.task import Data, Split

# Fewer leave nothing to choose a learning rate by and to compare.
FEWEST_EXAMPLES = 20

_EXPECTED = (
    "Expected `data` to be (x, y), (x, y, sample_weight), three such tuples for "
    "training, validation and test, two for training and test, or tf.data datasets or "
    "PyTorch loaders in their place. Several inputs are a list or a dictionary."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """All examples, and which are fixed to be for what.

    Args:
        data: the examples of all parts.
        num_train, num_validation, num_test: the sizes of the parts that were given,
            which follow each other in `data`; 0 for a part that each seed draws.
        labels: the class of each example, by which splits are stratified; None if the
            targets are no classes.
    """

    data: Data
    num_train: int
    num_validation: int = 0
    num_test: int = 0
    labels: np.ndarray | None

    def given(self) -> Split:
        """The indices of the given parts."""
        ends = np.cumsum([self.num_train, self.num_validation, self.num_test])
        train, validation, test = np.split(np.arange(ends[-1]), ends[:2])
        return Split(train, validation, test)


def read_examples(data: Any) -> Examples:
    """Reads data into arrays, and checks them.

    Args:
        data: as for `compare`.

    Raises:
        TypeError: if the data are something else.
        ValueError: if the data are no numbers, not finite, empty, of different lengths
            or too few, or have only one class.
    """
    parts = [_arrays(part) for part in _parts(data)]
    for name, (x, y, weight) in zip(_names(len(parts)), parts, strict=True):
        _check_part(name, x, y, weight)
    joined = tuple(_joined(nests) for nests in zip(*parts, strict=True))
    x, y, weight = joined
    _check_enough(len(keras.tree.flatten(x)[0]))
    labels = labels_of(y)
    sizes = [len(keras.tree.flatten(part[0])[0]) for part in parts]
    if labels is None:
        _check_targets_differ(y, sizes[0])
    else:
        _check_classes(labels, labels[: sizes[0]], is_drawn=len(parts) < 3)
    by_part = dict(zip(_SIZES[len(parts)], sizes, strict=True))
    checked = Data(x=x, y=y, sample_weight=weight, checksum=_checksum(joined, sizes))
    return Examples(data=checked, labels=labels, **by_part)


def labels_of(y: Any) -> np.ndarray | None:
    """The class of each example, if the targets are classes, else None.

    Classes are integers, counted or one-hot. Many different integers are counts.
    """
    arrays = keras.tree.flatten(y)
    if len(arrays) != 1:
        return None
    y = arrays[0]
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 1:
        is_whole = y.dtype.kind in "bui" or bool(
            (y == np.round(y)).all() and len(np.unique(y)) == 2
        )
        if not is_whole:
            return None
        classes, labels = np.unique(y, return_inverse=True)
        return labels if len(classes) <= max(20, len(y) / 10) else None
    if y.ndim == 2 and y.shape[1] > 1:
        is_one_hot = ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        return np.argmax(y, axis=1) if is_one_hot else None
    return None


_SIZES = {
    1: ("num_train",),
    2: ("num_train", "num_test"),
    3: ("num_train", "num_validation", "num_test"),
}


def _names(num_parts: int) -> Sequence[str]:
    return {
        1: ("data",),
        2: ("the training part", "the test part"),
        3: ("the training part", "the validation part", "the test part"),
    }[num_parts]


def _parts(data: Any) -> list:
    if is_loader(data):
        return [data]
    if not isinstance(data, tuple):
        raise TypeError(f"{_EXPECTED} Received: {shown(data)}")
    is_part = [is_loader(part) or isinstance(part, tuple) for part in data]
    if all(is_part) and len(data) in (2, 3):
        return list(data)
    if any(is_part) or len(data) not in (2, 3):
        raise TypeError(f"{_EXPECTED} Received: a tuple of {_kinds(data)}.")
    return [data]


def _kinds(data: tuple) -> str:
    return ", ".join(type(part).__name__ for part in data) or "nothing"


def _arrays(part: Any) -> tuple:
    if is_loader(part):
        part = read_loader(part)
    if len(part) not in (2, 3):
        raise TypeError(f"{_EXPECTED} Received: a tuple of {_kinds(part)}.")
    x, y, weight = (*part, None)[:3]
    return tuple(
        None if nest is None else keras.tree.map_structure(_array, _columns(nest))
        for nest in (x, y, weight)
    )


def _columns(nest: Any) -> Any:
    """A table of pandas as one array, and a list of numbers too: they are no nests."""
    if hasattr(nest, "to_numpy"):
        return nest.to_numpy()
    if isinstance(nest, list) and nest and not hasattr(nest[0], "shape"):
        return np.array(nest)
    return nest


def _array(values: Any) -> np.ndarray:
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    array = np.asarray(values)
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        return array.astype(np.float32) if array.dtype == np.float64 else array


def _check_part(name: str, x: Any, y: Any, weight: Any) -> None:
    nests = {"x": x, "y": y, "sample_weight": weight}
    lengths = {}
    for which, nest in nests.items():
        for array in keras.tree.flatten(nest) if nest is not None else ():
            _check_numbers(f"{which} of {name}", array)
            lengths.setdefault(which, len(array))
            if len(array) != lengths["x"]:
                raise ValueError(
                    f"Expected {which} of {name} to have as many examples as x. "
                    f"Received: {lengths['x']} in x and {len(array)} in {which}."
                )
    if y is None:
        raise ValueError(f"Expected targets in {name}. Received: y=None.")
    if weight is not None and min(a.min() for a in keras.tree.flatten(weight)) < 0:
        raise ValueError(f"Expected sample weights of {name} of at least 0.")


def _check_numbers(which: str, array: np.ndarray) -> None:
    if array.ndim == 0 or not array.size:
        raise ValueError(
            f"Expected {which} to be an array of examples. Received: the shape "
            f"{array.shape}."
        )
    if array.dtype.kind not in "buif":
        hint = (
            " Number the classes first: y = numpy.unique(y, return_inverse=True)[1]."
            if which.startswith("y")
            else ""
        )
        raise ValueError(
            f"Expected {which} to hold numbers.{hint} Received: dtype {array.dtype}."
        )
    if array.dtype.kind == "f":
        wrong = int((~np.isfinite(array)).sum())
        if wrong:
            raise ValueError(
                f"Expected {which} to hold finite float32 numbers. Remove the examples, "
                f"or replace the values. Received: {wrong} that are NaN, infinite or "
                f"too large, of {array.size}."
            )


def _check_enough(number: int) -> None:
    if number < FEWEST_EXAMPLES:
        raise ValueError(
            f"Expected at least {FEWEST_EXAMPLES} examples, because some of them are "
            f"for the choice of the learning rate and for the test. Received: {number}."
        )


def _check_targets_differ(y: Any, num_train: int) -> None:
    arrays = [array[:num_train] for array in keras.tree.flatten(y)]
    if all((array == array[:1]).all() for array in arrays):
        raise ValueError(
            "Expected the targets of the training examples to differ. Received: the "
            f"same target in all {num_train} examples."
        )


def _check_classes(labels: np.ndarray, train: np.ndarray, *, is_drawn: bool) -> None:
    counts = np.bincount(train)
    if (counts > 0).sum() < 2:
        raise ValueError(
            "Expected the training examples to have at least two classes. Received: "
            f"only one, in all {len(train)} examples."
        )
    if is_drawn and counts[counts > 0].min() < 3:
        raise ValueError(
            "Expected at least three examples of each class, because some are for "
            "validation and test. Join rare classes, or give the three parts yourself. "
            f"Received: {counts[counts > 0].min()} of a class."
        )


def _joined(nests: Sequence) -> Any:
    if all(nest is None for nest in nests):
        return None
    try:
        return keras.tree.map_structure(lambda *a: np.concatenate(a), *nests)
    except (TypeError, ValueError) as error:
        shapes = [
            keras.tree.map_structure(lambda a: a.shape[1:], n)
            if n is not None
            else None
            for n in nests
        ]
        raise ValueError(
            "Expected all parts of the data to have the same structure, and the same "
            f"shapes but for the number of examples. Received: {shapes}."
        ) from error


def _checksum(nests: Sequence, sizes: Sequence[int]) -> str:
    digest = hashlib.sha256(repr(sizes).encode())
    for nest in nests:
        digest.update(b"|")
        for path, array in (
            keras.tree.flatten_with_path(nest) if nest is not None else ()
        ):
            digest.update(f"{path} {array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
