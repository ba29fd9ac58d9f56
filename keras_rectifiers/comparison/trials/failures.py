"""Records of failed populations: a text file for each, with its traceback.

They are in the folder `failures` next to the tables. A record lists the keys of its
trials, and counts until all of them are finished.
"""

import contextlib
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from keras_rectifiers.comparison.trials import atomic_write, results_folder
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.printable import printable

_KEY = re.compile(r"^([0-9a-f]{24}) (Trial\(.*\))$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The record of a failed population.

    Args:
        path: its file.
        error: the traceback, or whatever else is known.
        trials: key -> trial, as text.
    """

    path: Path
    error: str
    trials: Mapping[str, str]

    @property
    def message(self) -> str:
        """The last line of the error."""
        return last_line(self.error)


def record(store: Store, error: str, trials: Mapping[str, Trial]) -> Path | None:
    """Records that a population failed.

    Args:
        store: the store for its tables.
        error: the traceback, or whatever else is known.
        trials: key -> trial.

    Returns:
        The file; None if it cannot be written, because a full disk must not end the
        run.
    """
    name = hashlib.sha256("".join(trials).encode()).hexdigest()[:24] + ".txt"
    lines = [f"{key} {trial!r}" for key, trial in trials.items()]
    path = store.folder / "failures" / name
    text = "\n".join([printable(error, keep="\n\t"), *lines, ""])
    try:
        atomic_write.write(path, text.encode())
    except OSError:
        return None
    return path


def read(store: Store, done: Collection[str]) -> list[Failure]:
    """Reads the records of populations that failed and have not been finished since.

    Args:
        store: the store next to whose tables the records are.
        done: the keys of all finished trials; a trial may have been grouped differently
            since, or finished by another run.

    Returns:
        The failures, with those of their trials that are not finished.

    Raises:
        OSError: if a record cannot be opened.
    """
    found = []
    for path in results_folder.records(store.folder / "failures"):
        try:
            text = path.read_text("utf-8", errors="replace")
        except FileNotFoundError:  # another run has finished its trials
            continue
        named = dict(_KEY.findall(text))
        trials = {key: trial for key, trial in named.items() if key not in done}
        if trials:
            error = _KEY.split(text, maxsplit=1)[0].rstrip("\n")
            found.append(Failure(path=path, error=error, trials=trials))
    return found


def forget(store: Store) -> None:
    """Removes the records whose trials are all finished, by any run."""
    records = results_folder.records(store.folder / "failures")
    done = store.done() if records else set()
    for path in records:
        with contextlib.suppress(OSError):
            keys = {
                key
                for key, _ in _KEY.findall(path.read_text("utf-8", errors="replace"))
            }
            if keys and keys <= done:
                path.unlink()


def last_line(error: str) -> str:
    """Returns the last line of a traceback."""
    lines = error.strip().splitlines()
    return lines[-1] if lines else ""
