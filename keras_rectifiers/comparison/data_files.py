"""Data sets in .npz files: read without trust, checked, decoded once into a cache."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

# The names that `keras.datasets` uses.
NAMES = ("x_train", "y_train", "x_test", "y_test")

# What is smaller is decoded as fast as it is mapped.
CACHED_FROM_BYTES = 2**25

_CHUNK = 2000

Arrays = Mapping[str, np.ndarray]


def read(path: Path) -> dict[str, np.ndarray]:
    """Reads the four arrays of an .npz file; pickles in it are never loaded.

    Args:
        path: the file.

    Returns:
        The arrays by name, as they stand in the file.

    Raises:
        ValueError: if the file is not there, is no .npz file or is damaged, lacks an
            array, or one of them is pickled.
    """
    if not path.is_file():
        raise ValueError(f"There is no data file {path}.")
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path} is not a whole .npz file, as numpy.savez writes it. Files of "
            "another kind, pickles among them, are not read."
        )
    arrays, name = {}, ""
    try:
        # NumPy would leave a damaged file open.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            names = file.files
            for name in NAMES:
                if name in names:
                    arrays[name] = file[name]
    except Exception as error:  # which one depends on the damaged byte
        if "allow_pickle" in str(error):
            raise ValueError(
                f"{name} in {path} is pickled Python objects, which are not read, since "
                "loading them can run any program. Save it as an array of numbers."
            ) from None
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise ValueError(
            f"{path} is damaged, or not as numpy.savez writes it: {reason}."
        ) from error
    lacking = [name for name in NAMES if name not in names]
    if lacking:
        raise ValueError(
            f"{path} lacks {', '.join(lacking)}. Expected the arrays {', '.join(NAMES)}, "
            f"as in keras.datasets; it has {', '.join(names) or 'none'}."
        )
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(
                f"{name} in {path} is no array, as numpy.savez writes it. Nothing else "
                "is read, pickles least of all."
            )
    return arrays


def check(arrays: Arrays, where: str | Path) -> dict[str, np.ndarray]:
    """Checks that arrays are a classification data set.

    Args:
        arrays: `x_train` and `x_test`: finite numbers, `(examples, features)`, or images
            `(examples, height, width)` or `(examples, height, width, channels)`;
            `y_train` and `y_test`: whole numbers from 0 to classes - 1, `(examples,)`
            or `(examples, 1)`.
        where: what they are, for the messages.

    Returns:
        The arrays, with channels where images have none, and labels int32
        `(examples,)`.

    Raises:
        ValueError: if anything is otherwise, or the training labels are of one class.
    """
    checked = {}
    for split in ("train", "test"):
        x, y = arrays[f"x_{split}"], arrays[f"y_{split}"]
        if x.ndim not in (2, 3, 4) or not x.size:
            raise ValueError(
                f"x_{split} of {where} must have shape (examples, features), (examples, "
                f"height, width) or (examples, height, width, channels). Got {x.shape}."
            )
        if x.dtype.kind not in "buif":
            raise ValueError(
                f"x_{split} of {where} must hold numbers. Got dtype {x.dtype}."
            )
        parts = (x[i : i + _CHUNK] for i in range(0, len(x), _CHUNK))
        most = np.finfo(np.float32).max
        if x.dtype.kind == "f" and not all((abs(part) <= most).all() for part in parts):
            raise ValueError(
                f"x_{split} of {where} holds NaN, infinity or more than float32 can, "
                f"{most:.3g}. Drop those examples, or put a number in their place."
            )
        if y.shape not in ((len(x),), (len(x), 1)):
            raise ValueError(
                f"y_{split} of {where} must be labels of shape ({len(x)},) or "
                f"({len(x)}, 1), one for each of x_{split}. Got {y.shape}."
            )
        if y.dtype.kind not in "iu":
            raise ValueError(
                f"y_{split} of {where} must hold whole numbers, the classes from 0 on. "
                f"Got dtype {y.dtype}."
            )
        checked[f"x_{split}"] = x[..., np.newaxis] if x.ndim == 3 else x
        checked[f"y_{split}"] = y.reshape(-1)
    x_train, y_train, x_test, y_test = (checked[name] for name in NAMES)
    if x_train.shape[1:] != x_test.shape[1:]:
        raise ValueError(
            f"x_train and x_test of {where} must be alike but for the number of "
            f"examples. Got {arrays['x_train'].shape} and {arrays['x_test'].shape}."
        )
    classes, counts = np.unique(y_train, return_counts=True)
    if len(classes) == 1:
        raise ValueError(
            f"y_train of {where} holds one class only, {classes[0]}. Expected at "
            "least two."
        )
    if classes[0] != 0 or classes[-1] != len(classes) - 1:
        raise ValueError(
            f"y_train of {where} holds {len(classes)} classes, which must be numbered "
            f"0 to {len(classes) - 1}. Got {classes[0]} to {classes[-1]}."
        )
    if counts.min() < 2:
        raise ValueError(
            f"y_train of {where} holds class {classes[counts.argmin()]} only once. "
            "Expected two examples or more, one of which may go to validation."
        )
    if y_test.min() < 0 or y_test.max() >= len(classes):
        raise ValueError(
            f"y_test of {where} must hold classes of y_train, 0 to {len(classes) - 1}. "
            f"Got {y_test.min()} to {y_test.max()}."
        )
    for name in ("y_train", "y_test"):
        checked[name] = checked[name].astype(np.int32)
    return checked


def checksum(arrays: Arrays) -> str:
    """Returns the SHA-256 of arrays: their names, dtypes, shapes and contents."""
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def file_checksum(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached(entry: str, decode: Callable[[], Arrays]) -> tuple[Arrays, str]:
    """Decodes arrays once; afterwards every process maps them from the cache.

    The cache is the folder `keras_rectifiers` in `$XDG_CACHE_HOME`, by default
    `~/.cache`. It may be deleted at any time. Where it cannot be written to, each
    process decodes for itself.

    Args:
        entry: their name in the cache, which changes with what they are decoded from.
        decode: returns them; called if they are not there, or damaged.

    Returns:
        The arrays, read-only, and their `checksum`.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "keras_rectifiers" / entry
    there = _mapped(folder)
    if there:
        return there
    arrays = decode()
    if sum(array.nbytes for array in arrays.values()) >= CACHED_FROM_BYTES:
        with contextlib.suppress(OSError):
            _put(folder, arrays)
        there = _mapped(folder)
        if there:
            return there
    for array in arrays.values():
        array.flags.writeable = False
    return arrays, checksum(arrays)


def _mapped(folder: Path) -> tuple[Arrays, str] | None:
    """Maps an entry of the cache; None if it is not there as it was written."""
    try:
        expected = (folder / "checksum").read_text()
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in NAMES
        }
    except (OSError, EOFError, ValueError):
        return None
    return (arrays, expected) if checksum(arrays) == expected else None


def _put(folder: Path, arrays: Arrays) -> None:
    """Adds an entry that appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, suffix=".tmp"))
    try:
        for name, array in arrays.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
        (temporary / "checksum").write_text(checksum(arrays))
        # What was found wanting; if another process has mended it, ours is not needed.
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
