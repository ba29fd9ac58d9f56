"""Whose a folder is: results of ours, nobody's yet, or somebody else's.

What is somebody else's is never renamed, written to or deleted. So a results folder
carries a marker, and in it only files of our own naming are ours.
"""

import re
from collections.abc import Callable
from pathlib import Path

# The commit mark is written last.
TABLES = ("measurements", "outputs", "trials")

MARKER = ".keras_rectifiers_results"

_FOLDERS = (*TABLES, "failures")
_TABLE = re.compile(r"[0-9a-f]{24}\.parquet")
_DAMAGED = re.compile(r"[0-9a-f]{24}(\.\d+)?\.damaged")
_RECORD = re.compile(r"[0-9a-f]{24}\.txt")
_TEMPORARY = re.compile(r"[0-9a-f]{32}\.tmp")


def check(folder: Path, is_whole: Callable[[Path], bool]) -> None:
    """Checks that a folder is ours to read and to write to.

    Ours is one with the marker, one without (made before there were markers) that has a
    file of ours, and one that is empty or not there. Other software too numbers its files
    in hexadecimal digits: by its name alone no table and no temporary file counts.

    Args:
        folder: which.
        is_whole: tells of a file that is named as a table whether it is one of ours.

    Raises:
        ValueError: if it is somebody else's.
        OSError: if it cannot be looked into.
    """
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
            f"The folder {folder} holds other files and no results of studies, so it is "
            "left alone. Expected a results folder, or one that is empty or not there "
            "yet: name another one."
        )


def mark(folder: Path) -> None:
    """Makes a folder, and puts the marker into it."""
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / MARKER
    if not marker.exists():
        marker.write_text("Results of the studies of keras_rectifiers.\n")


def tables(folder: Path) -> list[Path]:
    """The files of a table, sorted."""
    return _named(folder, _TABLE)


def damaged(folder: Path) -> list[Path]:
    """What has been set aside of a table, sorted."""
    return _named(folder, _DAMAGED)


def records(folder: Path) -> list[Path]:
    """The records of failures, sorted."""
    return _named(folder, _RECORD)


def temporaries(folder: Path) -> list[Path]:
    """What is being written, or was when its run was killed; sorted."""
    return _named(folder, _TEMPORARY)


def _named(folder: Path, pattern: re.Pattern) -> list[Path]:
    return sorted(path for path in folder.glob("*") if pattern.fullmatch(path.name))
