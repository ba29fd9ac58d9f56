"""The folder of a report: what may be overwritten in it, and how it is written."""

import errno
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from keras_rectifiers.comparison.trials import atomic_write

# Marks a folder as a report, and lists the files in it that may be overwritten.
MARKER = ".keras_rectifiers_report"
_MARK = "A report of the studies of keras_rectifiers. Its files:"

_TITLE = b"<title>Rectifiers: what the textbooks claim, and what we measure</title>"


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes the files of a report, each atomically, in their order.

    Args:
        folder: created if it does not exist; other files in it are left alone.
        files: path in the folder -> content.

    Raises:
        FileExistsError: if a file would be overwritten that is not part of a report.
        OSError: if a file cannot be written.
    """
    _check_nothing_is_lost(folder, files)
    listed = sorted({*files, *_listed(folder)})
    atomic_write.write(folder / MARKER, "\n".join([_MARK, *listed, ""]).encode())
    for name, content in files.items():
        atomic_write.write(folder / name, content)


def _check_nothing_is_lost(folder: Path, names: Iterable[str]) -> None:
    """Checks that a report overwrites nothing in the folder but an earlier report."""
    listed = _listed(folder)
    index = folder / "index.html"
    # Reports from versions that did not list their files.
    if not listed and (
        (folder / MARKER).exists()
        or (index.is_file() and _TITLE in index.read_bytes()[:1000])
    ):
        return
    for name in names:
        if name not in listed and os.path.lexists(folder / name):
            raise FileExistsError(
                errno.EEXIST,
                f"{name} already exists there and is not part of a report",
                str(folder / name),
            )


def _listed(folder: Path) -> set[str]:
    """The files listed in the marker of one or several reports in a folder."""
    try:
        first, *names = (folder / MARKER).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    return set(names) if first == _MARK else set()
