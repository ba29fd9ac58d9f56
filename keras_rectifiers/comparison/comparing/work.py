"""Trains the parts of an experiment, here or in worker processes."""

import contextlib
import functools
import pickle
import sys
import tempfile
import traceback
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from keras_rectifiers.comparison.comparing.experiment import Experiment, Part
from keras_rectifiers.comparison.comparing.progress import Progress
from keras_rectifiers.comparison.running import dask_workers
from keras_rectifiers.comparison.trials.results_folder import TABLES
from keras_rectifiers.comparison.trials.store import Store, Tables

# An activation that kills its worker so often is given up.
_ALLOWED_DEATHS = 2


@dataclass(kw_only=True)
class Work:
    """What has been done.

    Args:
        tables: the tables of all finished trainings, those of earlier runs too.
        failures: name of an activation -> the traceback of what failed.
        is_interrupted: whether Ctrl-C ended it.
    """

    tables: Tables
    failures: dict[str, str] = field(default_factory=dict)
    is_interrupted: bool = False


def carry_out(
    experiment: Experiment,
    *,
    store: Store | None,
    workers: int | str,
    progress: Progress,
) -> Work:
    """Trains what is missing; an activation that fails does not stop the others.

    Args:
        experiment: what is trained.
        store: where finished parts are kept; None: in memory only.
        workers: 1 trains in this process, more in that many others, which do not import
            the caller's `__main__`; the address of a Dask scheduler, in its workers.
        progress: is told when a part has ended.

    Returns:
        The `Work`, of what is finished if the run is interrupted by Ctrl-C.

    Raises:
        ConnectionError: if there is no scheduler or no worker, or it is lost.
    """
    done = store.done() if store is not None else set()
    work = Work(tables=Tables.empty())
    parts = experiment.parts(done)
    collected: list[Tables] = []
    if isinstance(workers, str):
        ended = _in_cluster(experiment, parts, workers)
    elif workers > 1 and len(parts) > 1:
        ended = _in_processes(experiment, parts, workers)
    else:
        ended = _here(experiment, parts, work.failures, progress)
    try:
        with contextlib.closing(ended):
            for part, result in ended:
                is_failed = isinstance(result, str)
                if is_failed:
                    work.failures[part.activation] = result
                elif store is not None:
                    store.write(result)
                else:
                    collected.append(result)
                progress.ended(part, failed=is_failed)
    except KeyboardInterrupt:
        work.is_interrupted = True
    if store is not None:
        work.tables = store.read(experiment.keys())
    elif collected:
        work.tables = Tables(
            **{
                table: pd.concat(
                    [getattr(tables, table) for tables in collected], ignore_index=True
                )
                for table in TABLES
            }
        )
    return work


def _here(
    experiment: Experiment,
    parts: Sequence[Part],
    failures: dict[str, str],
    progress: Progress,
) -> Generator[tuple[Part, Tables | str], None, None]:
    for part in parts:
        if part.activation in failures:
            yield part, failures[part.activation]
            continue
        try:
            result = experiment.train(
                part, progress=functools.partial(progress.within, part)
            )
        except Exception:
            result = traceback.format_exc()
        yield part, result


def _in_processes(
    experiment: Experiment, parts: Sequence[Part], workers: int
) -> Generator[tuple[Part, Tables | str], None, None]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        dask_workers.local(
            min(workers, len(parts)), scratch, allowed_deaths=_ALLOWED_DEATHS
        ) as client,
    ):
        path = Path(scratch) / "experiment.pickle"
        path.write_bytes(_pickled(experiment))
        yield from _by(client, path, parts)


def _in_cluster(
    experiment: Experiment, parts: Sequence[Part], scheduler: str
) -> Generator[tuple[Part, Tables | str], None, None]:
    if not parts:
        return
    from dask import config

    # Each part takes the data along: the machines need not have a folder in common.
    with (
        config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}),
        dask_workers.existing(scheduler) as client,
    ):
        yield from _by(client, _pickled(experiment), parts)


def _by(
    client, source: Path | bytes, parts: Sequence[Part]
) -> Generator[tuple[Part, Tables | str], None, None]:
    calls = [(source, part) for part in parts]
    for index, result in dask_workers.call(client, train_in_worker, calls):
        if isinstance(result, Exception):
            result = "".join(traceback.format_exception(result))
        if result is not None:
            yield parts[index], result


def _pickled(experiment: Experiment) -> bytes:
    """Holds functions of `__main__` by what they are, not by where they stand."""
    import cloudpickle

    return pickle.dumps((list(sys.path), cloudpickle.dumps(experiment)))


def train_in_worker(source: Path | bytes, part: Part) -> Tables | str:
    """Trains a part in a worker; returns the traceback if it fails."""
    try:
        return _experiment(source).train(part)
    except Exception:
        return traceback.format_exc()


@functools.lru_cache(maxsize=1)
def _experiment(source: Path | bytes) -> Experiment:
    content = source.read_bytes() if isinstance(source, Path) else source
    folders, pickled = pickle.loads(content)
    # Where the modules of the caller are, beside a script for example.
    sys.path.extend(folder for folder in folders if folder not in sys.path)
    return pickle.loads(pickled)
