"""Data sets in .npz files: read safely, and decoded once into a cache."""

import contextlib
import hashlib
import math
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np

# The names that `keras.datasets` uses.
NAMES = ("x_train", "y_train", "x_test", "y_test")

# What is smaller is decoded as fast as it is mapped.
CACHED_FROM_BYTES = 2**25

Arrays = Mapping[str, np.ndarray]


def read(path: Path) -> dict[str, np.ndarray]:
    """Reads the four arrays of an .npz file, without loading pickles.

    Args:
        path: the file.

    Returns:
        The arrays by name, unchanged.

    Raises:
        ValueError: if the file does not exist, is not an .npz file, is damaged or lacks
            an array, or if an array is pickled or does not fit into memory.
    """
    arrays = read_all(path, NAMES)
    lacking = [name for name in NAMES if name not in arrays]
    if lacking:
        raise ValueError(
            f"{path} lacks {', '.join(lacking)}. Expected the arrays "
            f"{', '.join(NAMES)}, as in keras.datasets. Received: "
            f"{', '.join(_names(path)) or 'none'}."
        )
    return arrays


def read_all(path: Path, names: Collection[str] = ()) -> dict[str, np.ndarray]:
    """Reads the arrays of an .npz file, whatever their names, without loading pickles.

    Args:
        path: the file.
        names: those to read, if the file has them. Default: all.

    Returns:
        The arrays by name, unchanged.

    Raises:
        ValueError: if the file does not exist, is not an .npz file or is damaged, or if
            an array is pickled or does not fit into memory.
    """
    if not path.is_file():
        raise ValueError(f"There is no data file {path}.")
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path} is not a complete .npz file as written by numpy.savez. Other "
            "kinds of files, such as pickles, are not read."
        )
    arrays, name = {}, ""
    try:
        # NumPy would leave a damaged file open.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            for name in names or file.files:
                if name in file.files:
                    arrays[name] = file[name]
    except MemoryError as error:
        size = _unpacked(path)[name]
        # NumPy tells what its header asks for, which damage may have made too much.
        asked = math.prod(getattr(error, "shape", ()))
        if asked > size:
            raise _damaged(path, error) from error
        raise ValueError(
            f"{path} does not fit in the memory of this machine: {name} takes "
            f"{size / 2**30:,.1f} GiB. Keep fewer examples, or smaller numbers, such as "
            "uint8 for images and float32 for features."
        ) from error
    except Exception as error:  # which one depends on the damaged byte
        if "allow_pickle" in str(error):
            raise ValueError(
                f"{name} in {path} consists of pickled Python objects, which are not "
                "read because loading them can run any code. Save it as an array of "
                "numbers."
            ) from None
        raise _damaged(path, error) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(
                f"{name} in {path} is not an array as written by numpy.savez. Nothing "
                "else is read, in particular no pickles."
            )
    return arrays


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
    """Decodes arrays once; afterwards every process memory-maps them from the cache.

    The cache is the folder `keras_rectifiers` in `$XDG_CACHE_HOME`, by default
    `~/.cache`. It may be deleted at any time. If it cannot be written to, or the user
    has no home directory, each process decodes the arrays itself.

    Args:
        entry: the name of the arrays in the cache, which depends on their source.
        decode: returns the arrays; called if they are not in the cache, or damaged.

    Returns:
        The arrays, read-only, and their `checksum`.
    """
    cache = _cache()
    folder = cache / entry if cache else None
    there = _mapped(folder) if folder else None
    if there:
        return there
    arrays = decode()
    num_bytes = sum(array.nbytes for array in arrays.values())
    if folder and num_bytes >= CACHED_FROM_BYTES:
        with contextlib.suppress(OSError):
            _put(folder, arrays)
        there = _mapped(folder)
        if there:
            return there
    for array in arrays.values():
        array.flags.writeable = False
    return arrays, checksum(arrays)


def _damaged(path: Path, error: Exception) -> ValueError:
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return ValueError(
        f"{path} is damaged, or was not written by numpy.savez: {reason}."
    )


def _names(path: Path) -> list[str]:
    return list(_unpacked(path))


def _unpacked(path: Path) -> dict[str, int]:
    """Array -> the bytes that it takes, as the archive says."""
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    return {name.removesuffix(".npy"): size for name, size in sizes.items()}


def _cache() -> Path | None:
    """Returns the folder of the cache; None for a user without a home, as in containers."""
    if home := os.environ.get("XDG_CACHE_HOME"):
        return Path(home) / "keras_rectifiers"
    try:
        return Path.home() / ".cache" / "keras_rectifiers"
    except RuntimeError:
        return None


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
