"""The runner: trains what the store lacks, in this process or in workers."""

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
        trials: its trials.
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
    """Something that happened during a run.

    Args:
        kind: `"started"`, `"finished"` or `"failed"`.
        work: the population that it happened to.
        error: what is known of a failure: its traceback, if its process lives.
        record: the file that it is recorded in; None if it cannot be written.
    """

    kind: str
    work: Work
    error: str = ""
    record: Path | None = None


def wanted(study: Study, profile: str, store: Store) -> list[Trial]:
    """Lists the trials of a study, as far as what the store holds tells which they are.

    Args:
        study: the study.
        profile: one of its profiles.
        store: what is finished of it.

    Returns:
        What is to be known first comes first: the search for learning rates, as far as
        it has gone, then the trials that are known beforehand, and last, where the
        search is finished, those at the rates that it found.
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
    """Lists what a store lacks of the trials, as populations.

    Args:
        trials: the trials wanted.
        store: what is finished.
        done: keys of trials to leave out instead. Default: `store.done()`.

    Returns:
        The populations to train: first those on which the choice of a learning rate
        waits, and of each kind the most costly first.

    Raises:
        ValueError: if a trial's data set is unknown, not as it should be, or does not
            suit the trial; see `datasets.describe`.
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
    """Trains populations and puts their tables into the store, one by one.

    What is finished stays, whatever happens to the rest: an exception in a population
    is recorded under `failures/` of the store's folder and the others go on.

    Args:
        work: the populations.
        store: where their tables go.
        workers: 1 trains in this process; more train in as many local processes,
            which never import the caller's `__main__`.
        more: asked for further populations whenever none is waiting, as long as any is
            being trained; for trials that depend on what others gave.
        scheduler: the address of a Dask scheduler, whose workers train then. They must
            see the store's folder under the same path.
        deterministic: whether TensorFlow is told to take no operation whose result
            differs from run to run; those that train stay so.

    Returns:
        A generator that does the work as it is consumed and yields an `Event` whenever
        a population starts, finishes or fails. It raises a `ConnectionError` if the
        scheduler cannot be reached, has no workers, or is lost.

    Raises:
        TypeError: if `workers` is no integer.
        ValueError: if it is less than 1, more than a machine can start, or above 1 with
            a scheduler, which has its own.
    """
    workers = check_integer(
        "workers", workers, layer="run", least=1, largest=MOST_WORKERS
    )
    if scheduler and workers > 1:
        raise ValueError(
            "A scheduler has workers of its own: leave workers at 1. Received: "
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
    """A folder for what local workers write: on a disk of this computer, if there is one."""
    folders = [results]
    with contextlib.suppress(FileNotFoundError):
        folders = [tempfile.gettempdir(), results]
    for folder in folders:
        with contextlib.suppress(UnicodeEncodeError):
            folder.encode()  # of another path Dask's workers would never start
            return folder
    raise ConnectionError(
        "Workers need a folder for temporary files whose path is UTF-8: name one with the "
        "environment variable TMPDIR. A run with one worker needs none."
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
