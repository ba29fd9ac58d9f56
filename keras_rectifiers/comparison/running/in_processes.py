"""A function called in several processes of this machine."""

import itertools
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from keras_rectifiers.comparison.running import dask_workers

# Of one call, its first included: memory may run out once by the company it has.
_ALLOWED_DEATHS = 1


def starmap(
    function: Callable, arguments: Sequence[tuple], *, workers: int
) -> list[Any]:
    """Calls a function with each of some arguments.

    Args:
        function: a function that does not return None.
        arguments: the arguments of each call; calls start in this order. They, like the
            results, may hold functions that are in no module.
        workers: the number of processes; 1 is the caller's own.

    Returns:
        The results, in the order of the arguments.

    Raises:
        ConnectionError: if the processes cannot be started, or are lost.
        Exception: what the first call to fail has raised.
    """
    workers = min(workers, len(arguments))
    if workers <= 1:
        return list(itertools.starmap(function, arguments))
    from dask import config
    from distributed import KilledWorker

    results = {}
    with (
        # What it warns of, that arguments are large, is what it is for.
        config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        dask_workers.local(workers, scratch, allowed_deaths=_ALLOWED_DEATHS) as client,
    ):
        for index, result in dask_workers.call(client, function, arguments):
            if isinstance(result, KilledWorker):
                raise ConnectionError(
                    "Processes were ended from outside, perhaps for lack of memory."
                ) from result
            if isinstance(result, Exception):
                raise result
            results[index] = result  # at first None: it is begun
    return [results[index] for index in range(len(arguments))]
