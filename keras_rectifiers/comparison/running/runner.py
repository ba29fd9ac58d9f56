"""The runner: trains the trials that the store lacks, here or in workers."""

import contextlib
import functools
import os
import tempfile
import traceback
from collections.abc import (
    Callable,
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
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.running import dask_workers
from keras_rectifiers.comparison.running.dask_workers import MOST_WORKERS
from keras_rectifiers.comparison.running.jobs import Job, attempt, carry_out
from keras_rectifiers.comparison.training import plan
from keras_rectifiers.comparison.trials import failures
from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.study import Study
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


def wanted(study: Study, profile: str, store: Store) -> list[Trial]:
    """Lists the trials of a study, as far as they are known from the store.

    Args:
        study: the study.
        profile: one of its profiles.
        store: the store of finished trials.

    Returns:
        The trials in the order in which they are needed: first the search for learning
        rates as far as it is known, then the trials that are known in advance, and
        last, if the search is finished, those at the chosen rates.
    """
    tunings = study.tunings.get(profile, ())
    if not tunings:
        return list(dict.fromkeys(study.trials[profile]()))
    tables = store.read(())
    search = [trial for tuning in tunings for trial in tuning.search(tables)]
    while True:
        tables = store.read([key(trial) for trial in search])
        found = [trial for tuning in tunings for trial in tuning.search(tables)]
        if found == search:
            break
        search = found
    reports = [trial for tuning in tunings for trial in tuning.reports(tables)]
    return list(dict.fromkeys([*search, *study.trials[profile](), *reports]))


def missing(
    trials: Iterable[Trial], store: Store, *, done: Collection[str] | None = None
) -> list[Work]:
    """Lists the trials missing from a store, as populations.

    Args:
        trials: the requested trials.
        store: the store of finished trials.
        done: keys of trials to leave out instead. Default: `store.done()`.

    Returns:
        The populations to train: first those that choose a learning rate, and within
        each kind the most costly first.

    Raises:
        ValueError: if a trial's data set is unknown, invalid, or not suitable for the
            trial; see `datasets.describe`.
    """
    done = store.done() if done is None else done
    lacking = [t for t in distinct(trials) if key(t) not in done]
    work = [
        Work(trials=tuple(group), cost=plan.cost(group))
        for group in plan.populations(lacking)
    ]
    return sorted(work, key=lambda w: all(t.seed < TUNING_SEEDS for t in w.trials))


def run(
    work: Sequence[Work],
    store: Store,
    *,
    workers: int = 1,
    more: Callable[[], Sequence[Work]] | None = None,
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
        more: called for further populations whenever none is waiting and some are being
            trained; for trials that depend on the results of others.
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
    work, jobs = list(work), []

    def add_jobs() -> None:
        """Makes jobs of the work that has none yet."""
        for item in work[len(jobs) :]:
            jobs.append(
                Job(
                    trials=item.trials,
                    keys=tuple(map(key, item.trials)),
                    folder=os.path.abspath(store.folder),
                    data=os.environ.get(datasets.DATA_DIR, ""),
                    deterministic=deterministic,
                )
            )

    def extend() -> None:
        work.extend(more() if more else ())
        add_jobs()

    add_jobs()
    if more is None:
        workers = min(workers, len(work))
    if scheduler and work:
        outcomes = _on_cluster(jobs, extend, scheduler)
    elif workers > 1 and work:
        outcomes = _in_processes(jobs, extend, workers)
    else:
        outcomes = _in_process(jobs, extend)
    return _events(outcomes, work, jobs, store)


def key(trial: Trial) -> str:
    """Returns a trial's key in the store."""
    checksum = datasets.describe(trial).checksum
    return _key(trial, checksum, backend=keras.backend.backend())


# A run asks for the keys of all its trials again and again.
_key = functools.lru_cache(maxsize=2**18)(Trial.key)


# Each yields (index, None) when a job is begun, and (index, error) when it has ended,
# the error being empty if it is finished. When none is waiting, `extend` may add some.


def _in_process(
    jobs: Sequence[Job], extend: Callable[[], None]
) -> Iterator[tuple[int, str | None]]:
    index = 0
    while index < len(jobs):
        yield index, None
        yield index, carry_out(jobs[index])
        index += 1
        if index == len(jobs):
            extend()


def _in_processes(
    jobs: Sequence[Job], extend: Callable[[], None], num_workers: int
) -> Iterator[tuple[int, str | None]]:
    with (
        tempfile.TemporaryDirectory(
            dir=_temporary_folder(jobs[0].folder),
            prefix=".attempts-",
            ignore_cleanup_errors=True,
        ) as scratch,
        # `attempt` counts for each population; what comes later is not known yet.
        dask_workers.local(num_workers, scratch, allowed_deaths=2**31) as client,
    ):
        yield from _in_workers(client, jobs, extend, scratch)


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
    jobs: Sequence[Job], extend: Callable[[], None], scheduler: str
) -> Iterator[tuple[int, str | None]]:
    with (
        dask_workers.existing(scheduler) as client,
        # Where every worker that sees the store sees it.
        tempfile.TemporaryDirectory(
            dir=jobs[0].folder, prefix=".attempts-", ignore_cleanup_errors=True
        ) as scratch,
    ):
        yield from _in_workers(client, jobs, extend, scratch)


def _in_workers(
    client, jobs: Sequence[Job], extend: Callable[[], None], scratch: str
) -> Iterator[tuple[int, str | None]]:
    calls: list[tuple] = []

    def extend_calls() -> None:
        for index in range(len(calls), len(jobs)):
            calls.append((f"{scratch}/{index}", jobs[index]))

    def more() -> None:
        extend()
        extend_calls()

    extend_calls()
    for index, error in dask_workers.call(client, attempt, calls, more):
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
