"""The files of a `LayerMonitor`: a log that survives a crash, and TensorBoard events.

Neither stops a training: if the disk cannot be written to, there is one warning.
"""

import importlib
import json
import math
import os
import re
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

NUM_BUCKETS = 30

COLUMNS = ("epoch", "step", "layer", "depth", "measure", "value")

# How a line of a log begins, as far as a process got that died while it wrote it.
_BEGINNING = re.compile(rb'\[(\[(\d+(,( (\d+(,( (".*)?)?)?)?)?)?)?)?', re.DOTALL)
# So much of a file is read to tell whether it is a log.
_NUM_BYTES = 2**20


class Log:
    """A file to which each measurement is appended as one line of JSON.

    Args:
        path: the path of the file; parent folders are created. Existing content is
            kept.

    Raises:
        TypeError: if `path` is not a path.
        ValueError: if the path is empty, or the file is not a log.
    """

    argument = "path"
    errors: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, path):
        self.path = checked_path("path", path)
        self._file: Any = None
        if self.path.is_file() and not _is_log(self.path):
            raise ValueError(
                "LayerMonitor expects `path` to be a new file or a log of a "
                "LayerMonitor, to which it appends. Choose another path, because this "
                f"file is not overwritten. Received: path={str(self.path)!r}"
            )

    def write(self, rows: Sequence[tuple], arrays: Mapping) -> None:
        """Appends the rows of one measurement (columns: `COLUMNS`) and flushes them."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab+")
            self._end_torn_line()
        # One write of one line: a process that dies leaves at most one torn line.
        self._file.write((json.dumps(rows) + "\n").encode())
        self._file.flush()

    def _end_torn_line(self) -> None:
        if self._file.seek(0, os.SEEK_END):
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":
                self._file.write(b"\n")

    def close(self) -> None:
        """Closes the file; the next `write` opens it again."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


def with_each(logs: list, act: Callable[[Any], None]) -> None:
    """Lets each log act; one that cannot write is removed from the list with a warning."""
    for log in list(logs):
        try:
            act(log)
        except log.errors as error:
            logs.remove(log)
            warnings.warn(
                f"LayerMonitor cannot write to {log.argument}={str(log.path)!r} and has "
                f"stopped writing there: {error}. The training continues, and `frame` "
                "remains complete.",
                stacklevel=2,
            )


def checked_path(argument, path) -> Path:
    """Returns a path given by the user, with `~` expanded.

    Args:
        argument: the name of the argument, for the message.
        path: a string or a path.

    Raises:
        TypeError: if it is neither a string nor a path.
        ValueError: if it is empty or has a null character.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"LayerMonitor expects `{argument}` to be a path, such as 'runs/first'. "
            f"Received: {argument}={path!r} of type {type(path).__name__}"
        )
    text = os.fsdecode(path)
    if not text or "\0" in text:
        raise ValueError(
            f"LayerMonitor expects `{argument}` to be a path that is not empty and "
            f"has no null characters. Received: {argument}={text!r}"
        )
    return Path(os.path.expanduser(text))


def _is_log(path) -> bool:
    """Whether a file is empty or holds a measurement or the beginning of one."""
    try:
        with path.open("rb") as file:
            lines = file.read(_NUM_BYTES).splitlines()
    except OSError:  # The first write warns of it.
        return True
    if not lines or any(map(_is_measurement, lines)):
        return True
    return len(lines) == 1 and _BEGINNING.fullmatch(lines[0]) is not None


def _is_measurement(line: bytes) -> bool:
    try:
        return bool(_rows(line))
    except (TypeError, ValueError):
        return False


def read(path) -> list[tuple]:
    """Reads the rows of a `Log`, without incomplete lines left by a process that died.

    Args:
        path: the path of the file.

    Returns:
        Rows with the columns `COLUMNS`.

    Raises:
        TypeError: if `path` is not a path.
        ValueError: if the path is empty, or the file has content but no measurement.
    """
    path = checked_path("path", path)
    measurements: list[list[tuple]] = []
    broken: list[tuple[int, bytes]] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            measurements.append(_rows(line))
        except (TypeError, ValueError):
            broken.append((number, line))
    if broken and not measurements:
        number, line = broken[0]
        raise ValueError(
            f"Expected {path} to be a file that was given to a LayerMonitor as path=, "
            f"with a JSON list of [{', '.join(COLUMNS)}] in each line. Received, in "
            f"line {number}: {line[:40]!r}"
        )
    if broken:
        lines = ", ".join(str(number) for number, _ in broken)
        warnings.warn(
            f"{path} has incomplete measurements, as left by a process that died "
            f"while writing. They are left out. Lines: {lines}.",
            stacklevel=2,
        )
    return [row for rows in measurements for row in rows]


def _rows(line: bytes) -> list[tuple]:
    rows = [tuple(row) for row in json.loads(line)]
    for epoch, step, layer, depth, measure, value in rows:
        is_row = all(isinstance(count, int) for count in (epoch, step, depth))
        is_row &= isinstance(layer, str) and isinstance(measure, str)
        if not (is_row and isinstance(value, (int, float))):
            raise ValueError
    return rows


class EventFile:
    """A file of TensorBoard's events, with scalars and histograms.

    TensorFlow writes it, on every backend.

    Args:
        folder: the folder of the file.

    Raises:
        TypeError: if `folder` is not a path.
        ValueError: if the path is empty.
        ModuleNotFoundError: if TensorFlow is not installed.
    """

    argument = "log_dir"

    def __init__(self, folder):
        folder = checked_path("log_dir", folder)
        try:
            self._tensorflow = importlib.import_module("tensorflow")
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                "log_dir= needs TensorFlow on every backend, because TensorFlow "
                "writes the files for TensorBoard. Install tensorflow or "
                "tensorflow-cpu, or log to path= instead."
            ) from None
        self.path = folder
        self.errors = (OSError, self._tensorflow.errors.OpError)
        self._writer = None

    def write(
        self, rows: Sequence[tuple], arrays: Mapping[str, Mapping[str, np.ndarray]]
    ) -> None:
        """Writes one measurement: a scalar for each row, a histogram for each array.

        Args:
            rows: rows with the columns `COLUMNS`.
            arrays: layer -> name -> array.
        """
        v1 = self._tensorflow.compat.v1
        if self._writer is None:
            self.path.mkdir(parents=True, exist_ok=True)
            name = f"events.out.tfevents.{time.time_ns()}.{os.getpid()}.layers"
            path = str(self.path / name)
            self._writer = self._tensorflow.io.TFRecordWriter(path)
            head = v1.Event(wall_time=time.time(), file_version="brain.Event:2")
            self._writer.write(head.SerializeToString())
        summary = v1.Summary()
        for _, _, layer, _, measure, value in rows:
            summary.value.add(tag=f"{measure}/{layer}", simple_value=value)
        for layer, of_layer in arrays.items():
            for name, array in of_layer.items():
                histogram = v1.HistogramProto(**_histogram(array))
                summary.value.add(tag=f"{name}/{layer}", histo=histogram)
        event = v1.Event(wall_time=time.time(), step=rows[0][1], summary=summary)
        self._writer.write(event.SerializeToString())
        self._writer.flush()

    def close(self) -> None:
        """Closes the file; the next `write` starts another."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()


def _histogram(array) -> dict:
    values = np.asarray(array, np.float64).ravel()
    values = values[np.isfinite(values)]
    if not len(values):
        return {"min": math.nan, "max": math.nan}
    counts, edges = np.histogram(values, NUM_BUCKETS)
    return {
        "min": values.min(),
        "max": values.max(),
        "num": len(values),
        "sum": values.sum(),
        "sum_squares": values @ values,
        "bucket_limit": edges[1:].tolist(),
        "bucket": counts.tolist(),
    }
