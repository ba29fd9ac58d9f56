"""Whose a folder is: results of ours, nobody's yet, or somebody else's.

What is somebody else's is never renamed, written to or deleted. So a results folder
carries a marker, and in it only files of our own naming are ours.
"""

import re
from pathlib import Path

# The commit mark is written last.
TABLES = ("measurements", "outputs", "trials")

MARKER = ".keras_rectifiers_results"

_FOLDERS = (*TABLES, "failures")
_TABLE = re.compile(r"[0-9a-f]{24}\.parquet")
_DAMAGED = re.compile(r"[0-9a-f]{24}(\.\d+)?\.damaged")
_RECORD = re.compile(r"[0-9a-f]{24}\.txt")
_TEMPORARY = re.compile(r"[0-9a-f]{32}\.tmp")


def check(folder: Path) -> None:
    """Checks that a folder is ours to read and to write to.

    Ours is one with the marker, one without (made before there were markers) that has a
    file of ours, and one that is empty or not there.

    Raises:
        ValueError: if it is somebody else's.
        OSError: if it cannot be looked into.
    """
    if not folder.is_dir() or (folder / MARKER).is_file():
        return
    parts = [folder / name for name in _FOLDERS if (folder / name).is_dir()]
    inside = [path.name for part in parts for path in part.iterdir()]
    if any(map(_is_ours, inside)):
        return
    if inside or len(parts) < len(list(folder.iterdir())):
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


def _is_ours(name: str) -> bool:
    patterns = (_TABLE, _DAMAGED, _RECORD, _TEMPORARY)
    return any(pattern.fullmatch(name) for pattern in patterns)
