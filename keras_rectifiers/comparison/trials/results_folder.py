"""Whether a folder holds our results, is new or empty, or belongs to something else.

Files of others are never renamed, overwritten or deleted. So a results folder has a
marker, and only files with names of our own pattern are treated as ours.
"""

import re
from collections.abc import Callable
from pathlib import Path

# The commit mark is written last.
TABLES = ("measurements", "outputs", "trials")

# The times of activations, which are no trials.
TIMINGS = "timings"

MARKER = ".keras_rectifiers_results"

_FOLDERS = (*TABLES, TIMINGS, "failures")
_TABLE = re.compile(r"[0-9a-f]{24}\.parquet")
_DAMAGED = re.compile(r"[0-9a-f]{24}(\.\d+)?\.damaged")
_RECORD = re.compile(r"[0-9a-f]{24}\.txt")
_TEMPORARY = re.compile(r"[0-9a-f]{32}\.tmp")


def check(folder: Path, is_whole: Callable[[Path], bool]) -> None:
    """Checks that a folder can be used as a results folder.

    This is a folder with the marker, a folder without it that has one of our files
    (from versions without markers), or one that is empty or does not exist. Because
    other software also uses hexadecimal file names, a table or temporary file does not
    count by its name alone.

    Args:
        folder: the folder.
        is_whole: returns whether a file named like a table is one of ours.

    Raises:
        ValueError: if it is no folder, or holds other files.
        OSError: if it cannot be read.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(
            "Expected a results folder, an empty folder or a new one. Choose another "
            f"name. Received: {folder}, which is no folder."
        )
    if not folder.is_dir() or (folder / MARKER).is_file():
        return
    parts = [folder / name for name in _FOLDERS if (folder / name).is_dir()]
    inside = [path for part in parts for path in part.iterdir()]
    if any(_DAMAGED.fullmatch(p.name) or _RECORD.fullmatch(p.name) for p in inside):
        return
    if any(_TABLE.fullmatch(p.name) and p.is_file() and is_whole(p) for p in inside):
        return
    is_empty = not inside and len(parts) == len(list(folder.iterdir()))
    # What another run has written since comes after its marker.
    if not is_empty and not (folder / MARKER).is_file():
        raise ValueError(
            "Expected a results folder, an empty folder or a new one. Choose another "
            f"folder. Received: {folder}, which holds other files and no results of "
            "studies."
        )


def mark(folder: Path) -> None:
    """Creates a folder with the marker."""
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / MARKER
    if not marker.exists():
        marker.write_text("Results of the studies of keras_rectifiers.\n")


def tables(folder: Path) -> list[Path]:
    """The files of a table, sorted."""
    return _named(folder, _TABLE)


def damaged(folder: Path) -> list[Path]:
    """The files of a table that have been set aside, sorted."""
    return _named(folder, _DAMAGED)


def records(folder: Path) -> list[Path]:
    """The records of failures, sorted."""
    return _named(folder, _RECORD)


def temporaries(folder: Path) -> list[Path]:
    """Files that are being written, or were when their run was killed; sorted."""
    return _named(folder, _TEMPORARY)


def _named(folder: Path, pattern: re.Pattern) -> list[Path]:
    return sorted(path for path in folder.glob("*") if pattern.fullmatch(path.name))
