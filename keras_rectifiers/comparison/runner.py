"""The runner: trains what the store lacks, in this process or in local workers."""

import contextlib
import functools
import hashlib
import itertools
import os
import re
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from keras_rectifiers.comparison import datasets, population
from keras_rectifiers.comparison.population import plan
from keras_rectifiers.comparison.store import Store
from keras_rectifiers.comparison.trial import Study, Trial
from keras_rectifiers.comparison.tuning import TUNING_SEEDS

# How often a population is begun whose process dies: it may die of another's memory.
_ATTEMPTS = 3

_KEY_IN_RECORD = re.compile(r"^([0-9a-f]{24}) Trial\(", re.MULTILINE)


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
    """

    kind: str
    work: Work
    error: str = ""


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


def missing(trials: Sequence[Trial], store: Store) -> list[Work]:
    """Lists what a store lacks of the trials, as populations.

    Args:
        trials: the trials wanted.
        store: what is finished.

    Returns:
        The populations to train: first those on which the choice of a learning rate
        waits, and of each kind the most costly first.

    Raises:
        ValueError: if a trial names an unknown data set.
    """
    done = store.done()
    lacking = [t for t in dict.fromkeys(trials) if key(t) not in done]
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
) -> Iterator[Event]:
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

    Returns:
        An iterator that does the work as it is consumed and yields an `Event` whenever
        a population starts, finishes or fails.

    Raises:
        ValueError: if `workers` is less than 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1. Got {workers}.")
    if more is None or not work:
        workers, more = min(workers, len(work)), more or (lambda: ())
    train = _in_process if workers <= 1 else functools.partial(_local, workers=workers)
    return _with_records(train(work, store, more), store)


def key(trial: Trial) -> str:
    """Returns a trial's key in the store."""
    return trial.key(datasets.load(trial.dataset).checksum)


def _in_process(work: Sequence[Work], store: Store, more: Callable) -> Iterator[Event]:
    while work:
        for item in work:
            yield Event(kind="started", work=item)
            error = _train(item.trials, os.fspath(store.folder))
            yield _outcome(item, error)
        work = more()


def _local(
    work: Sequence[Work], store: Store, more: Callable, *, workers: int
) -> Iterator[Event]:
    from distributed import Client, as_completed

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        # `_attempt` counts for each population; what comes later is not known yet.
        _cluster(workers, scratch, allowed_deaths=2**31) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        waiting = list(reversed(work))
        running = {}
        numbers = itertools.count()
        futures = as_completed(loop=client.loop)

        def start() -> Event:
            item = waiting.pop()
            attempts = os.path.join(scratch, str(next(numbers)))
            folder = os.fspath(store.folder)
            future = client.submit(_attempt, attempts, item.trials, folder, pure=False)
            running[future] = item
            futures.add(future)
            return Event(kind="started", work=item)

        for _ in range(min(workers, len(waiting))):
            yield start()
        for future in futures:
            item = running.pop(future)
            try:
                error = future.result()
            except Exception:
                error = traceback.format_exc()
            yield _outcome(item, error)
            if not waiting:
                waiting.extend(reversed(more()))
            while waiting and len(running) < workers:
                yield start()


@contextlib.contextmanager
def _cluster(workers: int, scratch: str, *, allowed_deaths: int) -> Iterator:
    """Starts workers: programs of their own, which do not import the caller's main."""
    from dask import config
    from distributed.deploy.subprocess import SubprocessCluster

    threads = max(1, (os.cpu_count() or 1) // workers)
    # What Dask and TensorFlow log tells the user nothing, and would tear the display.
    silence = "import os; os.dup2(os.open(os.devnull, os.O_WRONLY), 2)"
    configuration = config.merge(
        config.config,
        {
            "temporary-directory": scratch,
            "distributed": {
                "logging": {"distributed": "critical"},
                "scheduler": {
                    "allowed-failures": allowed_deaths,
                    # Else the processes would outlive a caller that is killed, and
                    # the caller would wait for ever for workers that are gone.
                    "idle-timeout": "10 minutes",
                    "no-workers-timeout": "5 minutes",
                    "preload": [silence],
                },
                # Its sampling of the stack slows the tracing of programs.
                "worker": {"profile": {"enabled": False}},
                "nanny": {
                    "preload": [silence],
                    "pre-spawn-environ": {
                        "TF_NUM_INTRAOP_THREADS": threads,
                        "OMP_NUM_THREADS": threads,
                        # Keep freed memory: Dask's setting gives it back at every
                        # occasion, and each training step then spends as long on
                        # page faults as on arithmetic.
                        "MALLOC_TRIM_THRESHOLD_": 2**31 - 1,
                        "MALLOC_MMAP_THRESHOLD_": 2**25,
                    },
                },
            },
        },
    )
    variable = "DASK_INTERNAL_INHERIT_CONFIG"
    with _inherited(variable, config.serialize(configuration)), _without_ctrl_c():
        cluster = SubprocessCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=":0",
            scheduler_kwargs={"scheduler_file": os.path.join(scratch, "address")},
        )
    with cluster:
        yield cluster


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Keeps Ctrl-C from new processes: a terminal sends it to all, at the same time.

    They would end before this process can end them, which then is an error. It gets the
    signal when the block is left.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _inherited(name: str, value: str) -> Iterator[None]:
    """Puts a variable into the environment that new processes inherit."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def _train(trials: Sequence[Trial], folder: str) -> str:
    """Trains a population into the store; returns the traceback of what failed."""
    try:
        Store(folder).write(population.train(trials))
    except Exception:
        return traceback.format_exc()
    return ""


def _attempt(attempts: str, trials: Sequence[Trial], folder: str) -> str:
    """Trains a population in a worker, unless too many workers died of it.

    Dask alone would also blame one that was only next on a worker that died.

    Args:
        attempts: a file that gets a byte with each attempt.
    """
    with open(attempts, "ab") as file:
        number = file.tell()
        file.write(b".")
    # The worker may have died between finishing and saying so.
    if number and set(map(key, trials)) <= Store(folder).done():
        return ""
    if number >= _ATTEMPTS:
        return (
            f"Its process died, {_ATTEMPTS} times out of {_ATTEMPTS}, perhaps for lack "
            "of memory. A run with one worker shows its last words."
        )
    return _train(trials, folder)


def _outcome(work: Work, error: str) -> Event:
    return Event(kind="failed" if error else "finished", work=work, error=error)


def _with_records(events: Iterator[Event], store: Store) -> Iterator[Event]:
    """Keeps a record of each population that failed, until its trials are finished."""
    folder = store.folder / "failures"
    for event in events:
        if event.kind == "failed":
            keys = [key(trial) for trial in event.work.trials]
            name = hashlib.sha256("".join(keys).encode()).hexdigest()[:24] + ".txt"
            lines = [
                f"{k} {trial!r}"
                for k, trial in zip(keys, event.work.trials, strict=True)
            ]
            # A full disk must not end the run: the event tells of the failure as well.
            with contextlib.suppress(OSError):
                folder.mkdir(exist_ok=True)
                (folder / name).write_text("\n".join([event.error, *lines, ""]))
        yield event
    # The trials may have been grouped otherwise since, or finished by another run.
    records = list(folder.glob("*.txt"))
    done = store.done() if records else set()
    for record in records:
        with contextlib.suppress(OSError):
            failed = set(_KEY_IN_RECORD.findall(record.read_text()))
            if failed and failed <= done:
                record.unlink()
