"""The folder of a report: what may be overwritten in it, and how it is written."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from keras_rectifiers.comparison.trials import atomic_write

# Marks a folder as a report, and lists the files in it that may be overwritten. Lines
# are only ever added, so that a report that is killed loses no entry: a name, or a name
# after `_GONE`, by which it is no longer listed.
MARKER = ".keras_rectifiers_report"
_MARK = "A report of the studies of keras_rectifiers. Its files:"
_GONE = "removed: "

_TITLE = b"<title>Rectifiers: what the textbooks claim, and what we measure</title>"


def write_files(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    on_wait: Callable[[], object] = lambda: None,
) -> None:
    """Writes the files of a report, each atomically, in their order.

    Files of an earlier report that lie in the folders of the same studies, and that
    this one does not have, are removed at the end. While another report is written to
    the folder, it waits: otherwise each would take files of the other for old ones.

    Args:
        folder: created if it does not exist; other files in it are left alone.
        files: path in the folder -> content.
        on_wait: called before it waits for another report.

    Raises:
        FileExistsError: if a file would be overwritten that is not part of a report.
        OSError: if a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _no_other_writes(folder, on_wait):
        _check_nothing_is_lost(folder, files)
        if missing := set(files) - _listed(folder):
            _add_to_marker(folder, missing)
        for name, content in files.items():
            atomic_write.write(folder / name, content)
        if stale := _stale(files, _listed(folder)):
            for name in stale:
                (folder / name).unlink(missing_ok=True)
            _add_to_marker(folder, {f"{_GONE}{name}" for name in stale})


@contextlib.contextmanager
def _no_other_writes(folder: Path, on_wait: Callable[[], object]) -> Iterator[None]:
    """Locks the folder; the system frees it too if this process is killed."""
    place = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(place, fcntl.LOCK_EX)
        except OSError:
            pass  # Some network drives have no locks.
        yield
    finally:
        os.close(place)


def _add_to_marker(folder: Path, lines: Iterable[str]) -> None:
    """Adds lines to the marker, to disk, by a single write at its end."""
    with (folder / MARKER).open("ab", buffering=0) as marker:
        # The first line ends what a killed report may have left.
        marker.write("\n".join(["", _MARK, *sorted(lines), ""]).encode())
        os.fsync(marker.fileno())


def _stale(files: Iterable[str], listed: Iterable[str]) -> set[str]:
    """What an earlier report wrote for the same studies and this one did not."""
    studies = {PurePosixPath(name).parts[0] for name in files if "/" in name}
    return {
        name
        for name in set(listed) - set(files)
        if "/" in name
        and (parts := PurePosixPath(name).parts)[0] in studies
        and ".." not in parts
    }


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
        lines = (folder / MARKER).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    listed: set[str] = set()
    for line in lines if _MARK in lines else ():
        if line.startswith(_GONE):
            listed.discard(line.removeprefix(_GONE))
        elif line and line != _MARK:
            listed.add(line)
    return listed
