"""Jobs: populations that workers train, and that start again if a worker dies."""

import os
import socket
import threading
import traceback
from dataclasses import dataclass

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import published
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial

# A population whose process died is tried again, because what another process took of
# the memory may have ended it.
_MOST_ATTEMPTS = 3

# Of a worker with several threads: Keras builds one net at a time in a process.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker needs to train a population.

    Args:
        trials: the trials of the population.
        keys: the keys of the trials in the run.
        folder: the folder of the store.
        data: the run's folder of data sets; if empty, the worker uses its own.
        deterministic: as in `run`.
    """

    trials: tuple[Trial, ...]
    keys: tuple[str, ...]
    folder: str
    data: str
    deterministic: bool


def attempt(attempts: str, job: Job) -> str:
    """Trains a population in a worker, unless too many workers died while training it.

    Dask alone would also blame a population that was only next in line on a worker that
    died.

    Args:
        attempts: a file to which each attempt adds a byte.
        job: what to train.
    """
    if not os.path.isdir(os.path.dirname(attempts)):
        return (
            f"The worker on {socket.gethostname()} cannot find the folder "
            f"{job.folder}. The workers and the run must share it under the same path."
        )
    if job.data:
        os.environ[published.DATA_DIR] = job.data
    with _ONE_AT_A_TIME:
        with open(attempts, "ab") as file:
            number = file.tell()
            file.write(b".")
        # The worker may have died between finishing and saying so.
        if number and set(job.keys) <= Store(job.folder).done():
            return ""
        if number >= _MOST_ATTEMPTS:
            return (
                f"Its process died in {_MOST_ATTEMPTS} of {_MOST_ATTEMPTS} attempts, possibly "
                "for lack of memory. A run with a single worker shows its error "
                "output."
            )
        return carry_out(job)


def carry_out(job: Job) -> str:
    """Trains a population into the store; returns the traceback if it fails."""
    try:
        if job.deterministic:
            training.make_deterministic()
        tables = training.train(job.trials)
        if set(tables.trials.key) != set(job.keys):
            return (
                f"The worker on {socket.gethostname()} has different data, a "
                "different backend or a different version of keras_rectifiers than "
                "the run, so its trials have different keys."
            )
        Store(job.folder).write(tables)
    except Exception:
        return traceback.format_exc()
    return ""
