"""The store: the tables of finished trials as write-once Parquet files.

A folder contains `trials/`, `measurements/` and `outputs/`. A population writes one
file to each, with a name derived from the keys of its trials; `trials` is written last
and is the commit mark: a trial is done if its key is there. Files are never changed and
are written atomically, so two runs can share a folder. Each has a digest of all its
bytes, which other readers of Parquet ignore. Files with other names are neither read
nor changed.
"""

import collections
import contextlib
import hashlib
import itertools
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from keras_rectifiers.comparison.trials import (
    atomic_write,
    parquet_files,
    results_folder,
)
from keras_rectifiers.comparison.trials.results_folder import TABLES, TIMINGS
from keras_rectifiers.comparison.trials.timing_plan import no_timings


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """The frames of finished trials, joined by `key`.

    Args:
        trials: one row for each trial: its settings and its outcomes.
        measurements: one row for each trial, epoch, layer and measure: `key`, `epoch`
            (0 is before training), `layer` (0 is the hidden activation nearest to the
            input; missing for measures of the whole net), `measure`, `value`.
        outputs: everything else: `key`, `epoch`, `layer`, `name`, `index`, `value`.
        timings: the times of activations, which belong to no trial; see `TimingPlan`.
    """

    trials: pd.DataFrame
    measurements: pd.DataFrame
    outputs: pd.DataFrame
    timings: pd.DataFrame = field(default_factory=no_timings)

    @classmethod
    def empty(cls) -> "Tables":
        """Returns the tables without any trial."""
        return cls(**{t: pd.DataFrame(columns=names) for t, names in _COLUMNS.items()})

    def only(self, keys: Iterable[str]) -> "Tables":
        """Returns the tables of some of the trials, by their keys, and all timings."""
        keys = set(keys)
        frames = {table: getattr(self, table) for table in TABLES}
        chosen = {t: f[f["key"].isin(keys)] for t, f in frames.items()}
        return replace(self, **chosen)

    def categorical(self) -> "Tables":
        """Returns the same tables, the texts of the measurements as categories.

        That takes a third of the memory, and rows are chosen from it faster.
        """
        categories = {"key": "category", "measure": "category"}
        return replace(self, measurements=self.measurements.astype(categories))


class Store:
    """A folder of finished trials; reading neither creates nor changes it.

    Args:
        folder: the folder; it counts as empty if it does not exist.
    """

    def __init__(self, folder: str | os.PathLike):
        self.folder = Path(folder)
        self._sets_aside = False
        self._damaged_in_place: set[Path] = set()
        # Files are never changed, so what they hold need not be looked up again.
        self._keys: dict[Path, frozenset[str]] = {}

    def check(self) -> None:
        """Checks that the folder is a results folder, empty, or does not exist.

        Raises:
            ValueError: if the folder holds other files.
            OSError: if it cannot be looked into.
        """
        results_folder.check(
            self.folder, lambda path: parquet_files.is_whole(path.read_bytes())
        )

    def prepare(self) -> None:
        """Prepares the folder for a run, and removes temporary files of killed runs.

        After this call the store sets damaged files aside.

        Raises:
            ValueError: if the folder holds other files, see `check`.
            OSError: if the folder cannot be created or written to.
        """
        self.check()
        results_folder.mark(self.folder)
        for table in TABLES:
            folder = self.folder / table
            folder.mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            # Nobody can tell which of them another run is writing just now, perhaps on
            # another machine, and nobody need: `write` makes one anew if it is gone.
            self._remove_temporaries(folder)
        self._remove_temporaries(self.folder / TIMINGS)
        self._sets_aside = True
        self._damaged_in_place.clear()  # what was found there is looked at again

    def _remove_temporaries(self, folder: Path) -> None:
        for temporary in results_folder.temporaries(folder):
            with contextlib.suppress(OSError):
                temporary.unlink()

    def done(self) -> set[str]:
        """Returns the keys of all finished trials.

        A damaged file does not count (see `damaged`): its trials are missing, and a run
        trains them again.

        Raises:
            OSError: if a file cannot be opened; it is not moved.
        """
        return {key for keys, _ in self._populations() for key in keys}

    def schemas(self) -> dict[int, int]:
        """Returns schema -> number of finished trials; 0 means no recorded schema."""
        counts: collections.Counter[int] = collections.Counter()
        for _, contents in self._populations():
            source = pa.BufferReader(contents["trials"])
            table = pq.read_table(source)
            if "schema" in table.column_names:
                counts.update(table.column("schema").to_pylist())
            else:
                counts[0] += len(table)
        return dict(counts)

    def damaged(self) -> list[Path]:
        """Returns the damaged files: those set aside, and those still in place.

        Only a store that is prepared for a run sets them aside, if it has permission.
        """
        aside = [results_folder.damaged(self.folder / table) for table in TABLES]
        return sorted({*itertools.chain(*aside), *self._damaged_in_place})

    def gone(self) -> list[Path]:
        """Returns the files that someone has removed: `trials` still has theirs.

        Trials of which a file is gone do not count as done.
        """
        names = [path.name for path in results_folder.tables(self.folder / "trials")]
        aside = {
            path.with_name(f"{path.name.partition('.')[0]}.parquet")
            for path in self.damaged()
        }
        places = [self.folder / table / name for table in TABLES for name in names]
        return [place for place in places if place not in aside and not place.exists()]

    def write(self, tables: Tables) -> None:
        """Adds the tables of finished trials, all or none.

        Args:
            tables: the frames; every key of `measurements` and `outputs` must be in
                `trials`.

        Raises:
            OSError: if a file cannot be written; existing files are not changed.
        """
        keys = "".join(sorted(tables.trials.key))
        name = hashlib.sha256(keys.encode()).hexdigest()[:24] + ".parquet"
        for table in TABLES:
            atomic_write.write(
                self.folder / table / name,
                parquet_files.content(getattr(tables, table)),
            )

    def read(self, keys: Collection[str]) -> Tables:
        """Reads the tables of some trials.

        Args:
            keys: the keys of the requested trials.

        Returns:
            The frames of those that are finished, sorted independently of the order in
            which they were written.

        Raises:
            OSError: if a file cannot be opened.
        """
        wanted = set(keys)
        parts: dict[str, list[pd.DataFrame]] = {table: [] for table in TABLES}
        for there, contents in self._populations(wanted):
            # Two runs over one folder may both have trained a trial; one suffices, and
            # a mixture of both would be neither.
            found = there & wanted
            wanted -= found
            for table in TABLES if found else ():
                file = pq.ParquetFile(pa.BufferReader(contents[table]))
                frame = file.read().to_pandas()
                if "probe_size" in frame and "recipe" not in frame:
                    frame.insert(frame.columns.get_loc("probe_size") + 1, *_RECIPE)
                # Most populations are wanted as a whole: searching keys is slow.
                part = frame if there == found else frame[frame.key.isin(found)]
                if len(part):
                    parts[table].append(part)
        frames = {}
        for table in TABLES:
            if not parts[table]:
                frames[table] = pd.DataFrame(columns=_COLUMNS[table])
                continue
            frame = pd.concat(parts[table])
            frames[table] = frame.sort_values(_GRAIN[table], ignore_index=True)
        frames["trials"] = _quick_to_choose_from(frames["trials"])
        return Tables(**frames)

    def _populations(
        self, wanted: Collection[str] | None = None
    ) -> Iterator[tuple[frozenset[str], dict[str, bytes]]]:
        """Yields the keys and the files, by table, of each population there is whole.

        Passes over those that are known to hold none of the keys wanted, if these are
        given.
        """
        for path in results_folder.tables(self.folder / "trials"):
            known = self._keys.get(path)
            if wanted is not None and known and known.isdisjoint(wanted):
                continue
            contents = {t: self._content(self.folder / t / path.name) for t in TABLES}
            if all(contents.values()):
                # `read_table` takes a file for one of many, which takes its time.
                file = pq.ParquetFile(pa.BufferReader(contents["trials"]))
                keys = frozenset(file.read(columns=["key"])["key"].to_pylist())
                self._keys[path] = keys
                yield keys, contents

    def _content(self, path: Path) -> bytes:
        """Returns the content of a file; empty if it is not there or was damaged."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return b""
        if parquet_files.is_whole(content):
            return content
        if not self._sets_aside:
            self._damaged_in_place.add(path)
            return b""
        try:
            path.replace(_free(path))
        except FileNotFoundError:  # another run over the folder was quicker
            pass
        except OSError:  # the folder is read-only
            self._damaged_in_place.add(path)
        return b""


def _quick_to_choose_from(trials: pd.DataFrame) -> pd.DataFrame:
    """The same frame, from which few rows are chosen three times as fast.

    Claims and figures do so thousands of times. Taking rows from Arrow's strings takes
    long, and so does every further block of columns.
    """
    python = pd.StringDtype("python", na_value=np.nan)
    settings = trials.columns.drop("key")
    strings = [n for n in settings if isinstance(trials[n].dtype, pd.StringDtype)]
    return trials.astype(dict.fromkeys(strings, python)).copy()


def _free(path: Path) -> Path:
    """Returns where to put a damaged file: no earlier one is lost."""
    aside, number = path.with_suffix(".damaged"), 2
    while aside.exists():
        aside, number = path.with_suffix(f".{number}.damaged"), number + 1
    return aside


# The name and the value of a field that is younger than some stored results.
_RECIPE = ("recipe", "standard")
_GRAIN = {
    "trials": ["key"],
    "measurements": ["key", "epoch", "layer", "measure"],
    "outputs": ["key", "epoch", "layer", "name", "index"],
}
_COLUMNS = {
    "trials": _GRAIN["trials"],
    "measurements": [*_GRAIN["measurements"], "value"],
    "outputs": [*_GRAIN["outputs"], "value"],
}
