"""The runner: trains the trials that the store lacks, here or in workers."""

import contextlib
import functools
import os
import tempfile
import traceback
from collections.abc import (
    Collection,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from pathlib import Path

import keras

from keras_rectifiers.arguments import check_integer
from keras_rectifiers.comparison.data import datasets, published
from keras_rectifiers.comparison.running import dask_workers
from keras_rectifiers.comparison.running.dask_workers import MOST_WORKERS
from keras_rectifiers.comparison.running.jobs import Job, attempt, carry_out
from keras_rectifiers.comparison.training import plan
from keras_rectifiers.comparison.trials import failures
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial, distinct


@dataclass(frozen=True, kw_only=True)
class Work:
    """A population to train.

    Args:
        trials: the trials of the population.
        cost: its estimated share of the work, in arbitrary units.
    """

    trials: tuple[Trial, ...]
    cost: float

    def __str__(self):
        trial = self.trials[0]
        return (
            f"{trial.activation}, {trial.architecture} {trial.depth}x{trial.width}, "
            f"trials: {len(self.trials)}, epochs: {trial.epochs}"
        )


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event during a run.

    Args:
        kind: `"started"`, `"finished"` or `"failed"`.
        work: the population of the event.
        error: what is known about a failure: its traceback, if its process is alive.
        record: the file with the record of the failure; None if it cannot be written.
    """

    kind: str
    work: Work
    error: str = ""
    record: Path | None = None


def missing(
    trials: Iterable[Trial], store: Store, *, done: Collection[str] | None = None
) -> list[Work]:
    """Lists the trials missing from a store, as populations.

    Args:
        trials: the requested trials.
        store: the store of finished trials.
        done: keys of trials to leave out instead. Default: `store.done()`.

    Returns:
        The populations to train, the most costly first.

    Raises:
        ValueError: if a trial's data set is unknown, invalid, or not suitable for the
            trial; see `datasets.describe`.
    """
    done = store.done() if done is None else done
    lacking = [t for t in distinct(trials) if key(t) not in done]
    return [
        Work(trials=tuple(group), cost=plan.cost(group))
        for group in plan.populations(lacking)
    ]


def run(
    work: Sequence[Work],
    store: Store,
    *,
    workers: int = 1,
    scheduler: str = "",
    deterministic: bool = False,
) -> Generator[Event, None, None]:
    """Trains populations and writes their tables to the store, one by one.

    Finished populations are kept whatever happens to the others: an exception in a
    population is recorded under `failures/` in the store's folder, and the others
    continue.

    Args:
        work: the populations.
        store: the store for their tables.
        workers: 1 trains in this process; more train in that many local processes,
            which never import the caller's `__main__`.
        scheduler: the address of a Dask scheduler whose workers are used. They must
            have access to the store's folder under the same path.
        deterministic: whether TensorFlow uses only operations that give the same result
            in every run; this cannot be undone in the processes that train.

    Returns:
        A generator that does the work as it is consumed and yields an `Event` when a
        population starts, finishes or fails. It raises a `ConnectionError` if the
        scheduler cannot be reached, has no workers, or is lost.

    Raises:
        TypeError: if `workers` is not an integer.
        ValueError: if `workers` is below 1, more than a machine can start, or above 1
            with a scheduler, which has its own workers.
    """
    workers = check_integer(
        "workers", workers, layer="run", least=1, largest=MOST_WORKERS
    )
    if scheduler and workers > 1:
        raise ValueError(
            "A scheduler has its own workers, so workers must be 1. Received: "
            f"{workers} and the scheduler {scheduler!r}."
        )
    work = list(work)
    jobs = [
        Job(
            trials=item.trials,
            keys=tuple(map(key, item.trials)),
            folder=os.path.abspath(store.folder),
            data=os.environ.get(published.DATA_DIR, ""),
            deterministic=deterministic,
        )
        for item in work
    ]
    workers = min(workers, len(work))
    if scheduler and work:
        outcomes = _on_cluster(jobs, scheduler)
    elif workers > 1:
        outcomes = _in_processes(jobs, workers)
    else:
        outcomes = _in_process(jobs)
    return _events(outcomes, work, jobs, store)


def key(trial: Trial) -> str:
    """Returns a trial's key in the store."""
    checksum = datasets.describe(trial).checksum
    return _key(trial, checksum, backend=keras.backend.backend())


# A run asks for the keys of all its trials again and again.
_key = functools.lru_cache(maxsize=2**18)(Trial.key)


# Each yields (index, None) when a job is begun, and (index, error) when it has ended,
# the error being empty if it is finished.


def _in_process(jobs: Sequence[Job]) -> Iterator[tuple[int, str | None]]:
    for index, job in enumerate(jobs):
        yield index, None
        yield index, carry_out(job)


def _in_processes(
    jobs: Sequence[Job], num_workers: int
) -> Iterator[tuple[int, str | None]]:
    with (
        tempfile.TemporaryDirectory(
            dir=_temporary_folder(jobs[0].folder),
            prefix=".attempts-",
            ignore_cleanup_errors=True,
        ) as scratch,
        # `attempt` counts the deaths for each population.
        dask_workers.local(num_workers, scratch, allowed_deaths=2**31) as client,
    ):
        yield from _in_workers(client, jobs, scratch)


def _temporary_folder(results: str) -> str:
    """A folder for local workers, on a disk of this computer if there is one."""
    folders = [results]
    with contextlib.suppress(FileNotFoundError):
        folders = [tempfile.gettempdir(), results]
    for folder in folders:
        with contextlib.suppress(UnicodeEncodeError):
            folder.encode()  # of another path Dask's workers would never start
            return folder
    raise ConnectionError(
        "Workers need a folder for temporary files with a path in UTF-8. Set one with "
        "the environment variable TMPDIR. A run with a single worker does not need it."
    )


def _on_cluster(
    jobs: Sequence[Job], scheduler: str
) -> Iterator[tuple[int, str | None]]:
    with (
        dask_workers.existing(scheduler) as client,
        # Where every worker that sees the store sees it.
        tempfile.TemporaryDirectory(
            dir=jobs[0].folder, prefix=".attempts-", ignore_cleanup_errors=True
        ) as scratch,
    ):
        yield from _in_workers(client, jobs, scratch)


def _in_workers(
    client, jobs: Sequence[Job], scratch: str
) -> Iterator[tuple[int, str | None]]:
    calls = [(f"{scratch}/{index}", job) for index, job in enumerate(jobs)]
    for index, error in dask_workers.call(client, attempt, calls):
        if isinstance(error, Exception):
            error = "".join(traceback.format_exception(error))
        yield index, error


def _events(
    outcomes: Iterator[tuple[int, str | None]],
    work: Sequence[Work],
    jobs: Sequence[Job],
    store: Store,
) -> Generator[Event, None, None]:
    """Tells what happens, and keeps records of what failed until it is finished."""
    for index, error in outcomes:
        item, job = work[index], jobs[index]
        if error is None:
            yield Event(kind="started", work=item)
        elif error:
            trials = dict(zip(job.keys, job.trials, strict=True))
            record = failures.record(store, error, trials)
            yield Event(kind="failed", work=item, error=error, record=record)
        else:
            yield Event(kind="finished", work=item)
    failures.forget(store)
