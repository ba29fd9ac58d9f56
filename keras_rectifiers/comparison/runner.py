"""The runner: trains what the store lacks, in this process or in local workers."""

import contextlib
import hashlib
import os
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keras_rectifiers.comparison import datasets, population
from keras_rectifiers.comparison.population import plan
from keras_rectifiers.comparison.store import Store
from keras_rectifiers.comparison.trial import Trial


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
        error: the traceback of a failure.
    """

    kind: str
    work: Work
    error: str = ""


def missing(trials: Sequence[Trial], store: Store) -> list[Work]:
    """Lists what a store lacks of the trials, as populations.

    Args:
        trials: the trials wanted.
        store: what is finished.

    Returns:
        The populations to train, the most costly first.

    Raises:
        ValueError: if a trial names an unknown data set.
    """
    done = store.done()
    lacking = [t for t in dict.fromkeys(trials) if key(t) not in done]
    return [
        Work(trials=tuple(group), cost=plan.cost(group))
        for group in plan.populations(lacking)
    ]


def run(work: Sequence[Work], store: Store, *, workers: int = 1) -> Iterator[Event]:
    """Trains populations and puts their tables into the store, one by one.

    What is finished stays, whatever happens to the rest: an exception in a population
    is recorded under `failures/` of the store's folder and the others go on.

    Args:
        work: the populations.
        store: where their tables go.
        workers: 1 trains in this process; more train in as many local processes,
            which never import the caller's `__main__`.

    Returns:
        An iterator that does the work as it is consumed and yields an `Event` whenever
        a population starts, finishes or fails.

    Raises:
        ValueError: if `workers` is less than 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1. Got {workers}.")
    workers = min(workers, len(work))
    events = _in_process(work, store) if workers <= 1 else _local(work, store, workers)
    return _with_records(events, store)


def key(trial: Trial) -> str:
    """Returns a trial's key in the store."""
    return trial.key(datasets.load(trial.dataset).checksum)


def _in_process(work: Sequence[Work], store: Store) -> Iterator[Event]:
    for item in work:
        yield Event(kind="started", work=item)
        error = _train(item.trials, os.fspath(store.folder))
        yield _outcome(item, error)


def _local(work: Sequence[Work], store: Store, workers: int) -> Iterator[Event]:
    from dask import config
    from distributed import Client, as_completed
    from distributed.deploy.subprocess import SubprocessCluster

    threads = max(1, (os.cpu_count() or 1) // workers)
    configuration = config.merge(
        config.config,
        {
            "distributed": {
                # Its sampling of the stack slows the tracing of programs.
                "worker": {"profile": {"enabled": False}},
                "nanny": {
                    "pre-spawn-environ": {
                        "TF_NUM_INTRAOP_THREADS": threads,
                        "OMP_NUM_THREADS": threads,
                        "TF_CPP_MIN_LOG_LEVEL": 3,
                        # Keep freed memory: Dask's setting gives it back at every
                        # occasion, and each training step then spends as long on
                        # page faults as on arithmetic.
                        "MALLOC_TRIM_THRESHOLD_": 2**31 - 1,
                        "MALLOC_MMAP_THRESHOLD_": 2**25,
                    }
                },
            }
        },
    )
    # Workers are programs of their own, so they do not import the caller's __main__.
    with _inherited("DASK_INTERNAL_INHERIT_CONFIG", config.serialize(configuration)):
        cluster = SubprocessCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0"
        )
    with cluster, Client(cluster, set_as_default=False) as client:
        waiting = list(reversed(work))
        running = {}
        futures = as_completed(loop=client.loop)

        def start() -> Event:
            item = waiting.pop()
            future = client.submit(
                _train, item.trials, os.fspath(store.folder), pure=False
            )
            running[future] = item
            futures.add(future)
            return Event(kind="started", work=item)

        for _ in range(workers):
            yield start()
        for future in futures:
            item = running.pop(future)
            try:
                error = future.result()
            except Exception:  # a worker that died
                error = traceback.format_exc()
            yield _outcome(item, error)
            if waiting:
                yield start()


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


def _outcome(work: Work, error: str) -> Event:
    return Event(kind="failed" if error else "finished", work=work, error=error)


def _with_records(events: Iterator[Event], store: Store) -> Iterator[Event]:
    """Keeps a record of each population that failed, until it is finished."""
    for event in events:
        if event.kind != "started":
            keys = "".join(map(key, event.work.trials))
            name = hashlib.sha256(keys.encode()).hexdigest()[:24] + ".txt"
            record = store.folder / "failures" / name
            # A full disk must not end the run: the event tells of the failure as well.
            with contextlib.suppress(OSError):
                record.unlink(missing_ok=True)
                if event.kind == "failed":
                    record.parent.mkdir(exist_ok=True)
                    settings = "\n".join(map(repr, event.work.trials))
                    record.write_text(f"{event.error}\n{settings}\n")
        yield event
