"""A data set as it was published, and which of its examples are whose."""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np

from keras_rectifiers.comparison.data import checks, npz_files, splits
from keras_rectifiers.comparison.data.published import arrays_of
from keras_rectifiers.comparison.data.splits import Split


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data set and its splits.

    The training examples are counted first, and the test examples after them.
    """

    arrays: npz_files.Arrays
    split: Split
    num_classes: int
    num_outputs: int
    checksum: str


# The keys of all trials of a run ask for those of all seeds.
@functools.lru_cache(maxsize=256)
def read(
    name: str,
    train_size: int,
    subset_seed: int,
    split_seed: int | None,
    directory: str,
) -> Source:
    """Reads a data set and splits it; the arguments are those of `datasets.load`."""
    arrays, content = arrays_of(name, directory)
    targets = np.asarray(arrays["y_train"])
    has_classes = targets.ndim == 1
    # Numbers are split as if all examples were of one class.
    labels = targets if has_classes else np.zeros(len(targets), np.int32)
    num_train, num_test = len(labels), len(arrays["y_test"])
    split = Split(
        *splits.train_and_validation(labels, split_seed),
        np.arange(num_train, num_train + num_test),
    )
    if name == "digits":
        if split_seed is None:
            pair = splits.digits_train_and_validation(labels)
            split = Split(*pair, split.test)
        else:
            labels = np.concatenate([labels, arrays["y_test"]])
            split = splits.digits(labels, split_seed)
    num_classes = int(labels.max()) + 1 if has_classes else 0
    if train_size:
        most = len(split.train)
        if not num_classes <= train_size <= most:
            least = f"{num_classes} (the number of classes of {name!r})"
            raise ValueError(
                "Trial's train_size must be 0, for all examples, or from "
                f"{least if has_classes else 1} to {most:,} "
                f"(the number of its training examples). Received: {train_size}."
            )
        seed = subset_seed if split_seed is None else split_seed
        train, validation = (
            splits.subset(labels, part, train_size, seed) for part in split[:2]
        )
        split = Split(train, validation, split.test)
    if name != "digits":
        checks.check_varies(arrays["x_train"], split.train, repr(name))
    digest = hashlib.sha256(content.encode())
    of_seed = split if split_seed is not None else split[:2]
    for indices in of_seed:
        digest.update(indices.astype("<i8").tobytes())
    return Source(
        arrays=arrays,
        split=split,
        num_classes=num_classes,
        num_outputs=num_classes if has_classes else targets.shape[1],
        checksum=digest.hexdigest(),
    )


def taken(arrays: npz_files.Arrays, kind: str, rows: np.ndarray) -> np.ndarray:
    """The examples of some rows, counted through the training and the test part."""
    train, test = arrays[f"{kind}_train"], arrays[f"{kind}_test"]
    is_test = rows >= len(train)
    taken = np.empty((len(rows), *train.shape[1:]), np.result_type(train, test))
    taken[~is_test] = train[rows[~is_test]]
    taken[is_test] = test[rows[is_test] - len(train)]
    return taken
