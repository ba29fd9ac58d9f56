"""The store: the tables of finished trials as write-once Parquet files.

Under one folder lie `trials/`, `measurements/` and `outputs/`. A population writes one
file to each, under a name made of its trials' keys; `trials` comes last and is the
commit mark: a trial is done when its key stands there. Files are never changed. They
appear whole or not at all, so two runs over one folder do not harm each other.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# The commit mark is written last.
TABLES = ("measurements", "outputs", "trials")


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The frames of finished trials, joined by `key`.

    Args:
        trials: one row for each trial: its settings and its outcomes.
        measurements: one row for each trial, epoch, layer and measure: `key`,
            `epoch` (0 is before training), `layer` (0 is the hidden activation
            nearest to the input; missing for what belongs to the whole net),
            `measure`, `value`.
        outputs: what fits neither: `key`, `epoch`, `layer`, `name`, `index`, `value`.
    """

    trials: pd.DataFrame
    measurements: pd.DataFrame
    outputs: pd.DataFrame


class Store:
    """A folder of finished trials.

    Args:
        folder: made if it is not there.

    Raises:
        OSError: if the folder cannot be made or written to.
    """

    def __init__(self, folder: str | os.PathLike):
        self.folder = Path(folder)
        for table in TABLES:
            (self.folder / table).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder / "trials"):
            pass

    def done(self) -> set[str]:
        """Returns the keys of all finished trials.

        A damaged file is set aside, see `damaged`, so that its trials count as missing
        and are run again.

        Raises:
            OSError: if a file cannot be opened; it stays where it is.
        """
        return {key for tables in self._populations() for key in tables.trials.key}

    def damaged(self) -> list[Path]:
        """Returns the files that were set aside, what they hold being damaged."""
        return sorted(self.folder.glob("*/*.damaged"))

    def write(self, tables: Tables) -> None:
        """Adds the tables of finished trials, all or none.

        Args:
            tables: the frames; every key of `measurements` and `outputs` stands in
                `trials`.

        Raises:
            OSError: if a file cannot be written; what was there is untouched.
        """
        keys = "".join(sorted(tables.trials.key))
        name = hashlib.sha256(keys.encode()).hexdigest()[:24] + ".parquet"
        for table in TABLES:
            self._write(self.folder / table / name, getattr(tables, table))

    def read(self, keys: Collection[str]) -> Tables:
        """Reads the tables of some trials.

        Args:
            keys: the keys of the trials wanted.

        Returns:
            The frames of those that are finished, sorted, whatever the order in which
            they were written.

        Raises:
            OSError: if a file cannot be opened.
        """
        wanted = set(keys)
        parts: dict[str, list[pd.DataFrame]] = {table: [] for table in TABLES}
        for population in self._populations():
            there = set(population.trials.key)
            for table in TABLES if there & wanted else ():
                frame = getattr(population, table)
                # Most populations are wanted as a whole: searching keys is slow.
                part = frame if there <= wanted else frame[frame.key.isin(wanted)]
                if len(part):
                    parts[table].append(part)
        frames = {}
        for table in TABLES:
            if not parts[table]:
                frames[table] = pd.DataFrame(columns=_COLUMNS[table])
                continue
            frame = pd.concat(parts[table], ignore_index=True)
            # Two runs over one folder may both have trained a trial; one suffices.
            frames[table] = (
                frame.drop_duplicates(_GRAIN[table])
                .sort_values(_GRAIN[table], kind="stable")
                .reset_index(drop=True)
            )
        return Tables(**frames)

    def _populations(self) -> Iterator[Tables]:
        """Yields the tables of each population that is there whole."""
        for path in sorted((self.folder / "trials").glob("*.parquet")):
            frames = {t: self._read(self.folder / t / path.name) for t in TABLES}
            if all(frame is not None for frame in frames.values()):
                yield Tables(**frames)

    def _read(self, path: Path) -> pd.DataFrame | None:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            table = pq.read_table(
                pa.BufferReader(content), page_checksum_verification=True
            )
            frame = table.to_pandas()
            if set(_COLUMNS[path.parent.name]) <= set(frame.columns):
                return frame
        except MemoryError:
            raise
        except Exception:  # checksums cover the pages only: the footer may say anything
            pass
        # Another run over the folder may have been quicker.
        with contextlib.suppress(FileNotFoundError):
            path.replace(path.with_suffix(".damaged"))
        return None

    @staticmethod
    def _write(path: Path, frame: pd.DataFrame) -> None:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                pq.write_table(
                    pa.Table.from_pandas(frame, preserve_index=False),
                    file,
                    write_page_checksum=True,
                )
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


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
