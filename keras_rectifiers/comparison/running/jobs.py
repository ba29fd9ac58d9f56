"""Jobs: populations that workers train, begun anew where the worker died."""

import os
import socket
import threading
import traceback
from dataclasses import dataclass

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial

# How often a population is begun whose process dies: it may die of another's memory.
_ATTEMPTS = 3

# Of a worker with several threads: Keras builds one net at a time in a process.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker must know to train a population.

    Args:
        trials: its trials.
        keys: theirs, as the run knows them.
        folder: of the store.
        data: the folder of data sets of the run; empty leaves the worker its own.
        deterministic: as in `run`.
    """

    trials: tuple[Trial, ...]
    keys: tuple[str, ...]
    folder: str
    data: str
    deterministic: bool


def attempt(attempts: str, job: Job) -> str:
    """Trains a population in a worker, unless too many workers died of it.

    Dask alone would also blame one that was only next on a worker that died.

    Args:
        attempts: a file that gets a byte with each attempt.
        job: what to train.
    """
    if not os.path.isdir(os.path.dirname(attempts)):
        return (
            f"The worker on {socket.gethostname()} does not see the folder "
            f"{job.folder}. The workers and the run must share it, under the same path."
        )
    if job.data:
        os.environ[datasets.DATA_DIR] = job.data
    with _ONE_AT_A_TIME:
        with open(attempts, "ab") as file:
            number = file.tell()
            file.write(b".")
        # The worker may have died between finishing and saying so.
        if number and set(job.keys) <= Store(job.folder).done():
            return ""
        if number >= _ATTEMPTS:
            return (
                f"Its process died, {_ATTEMPTS} times out of {_ATTEMPTS}, perhaps for "
                "lack of memory. A run with one worker shows its last words."
            )
        return carry_out(job)


def carry_out(job: Job) -> str:
    """Trains a population into the store; returns the traceback of what failed."""
    try:
        if job.deterministic:
            training.make_deterministic()
        tables = training.train(job.trials)
        if set(tables.trials.key) != set(job.keys):
            return (
                f"The worker on {socket.gethostname()} has other data, another backend or "
                "another version of keras_rectifiers than the run: its trials have other keys."
            )
        Store(job.folder).write(tables)
    except Exception:
        return traceback.format_exc()
    return ""
