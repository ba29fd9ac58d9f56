"""Dask workers: local processes, or those of an existing cluster."""

import asyncio
import contextlib
import logging
import os
import queue
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from keras_rectifiers.comparison.running import signals

# A worker is started anew between two tasks once it holds so much of the memory that is
# its share. At 0.8 of it Dask would give it no more tasks, at 0.95 it would kill it.
RECYCLED_AT = 0.5

# Processes on one machine; a cluster, with a scheduler, may have more.
MOST_WORKERS = 1000

# Of a scheduler, as it prints it, such as `tcp://10.0.0.7:8786`.
ADDRESS = re.compile(r"[a-z]+://\S+:\d+")

# Seconds in which a scheduler must answer, and in which a worker must have joined it.
_PATIENCE = 60

# How long local workers may all be gone: started anew, or ended for good.
_PATIENCE_WITHOUT_WORKERS = "5 minutes"

# A caller that is killed ends nothing; workers end when their scheduler has.
_END_WITH_PARENT = """
import os, threading, time

def watch(parent=os.getppid()):
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)

threading.Thread(target=watch, daemon=True).start()
"""


@contextlib.contextmanager
def local(workers: int, scratch: str, *, allowed_deaths: int) -> Iterator:
    """Starts workers as separate programs, which do not import the caller's `__main__`.

    Args:
        workers: the number of workers.
        scratch: an empty folder.
        allowed_deaths: how many workers may die before Dask blames a task.

    Returns:
        A context with a `distributed.Client`; the workers end with it.
    """
    from dask import config
    from distributed import Client
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
                    # Else the caller would wait for ever for workers that are gone.
                    "no-workers-timeout": _PATIENCE_WITHOUT_WORKERS,
                    "preload": [silence, _END_WITH_PARENT],
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
    with contextlib.ExitStack() as stack:
        # All of it is there and will be ended with the block, or nothing is.
        with _inherited(variable, config.serialize(configuration)), signals.put_off():
            try:
                cluster = SubprocessCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=":0",
                    scheduler_kwargs={
                        "scheduler_file": os.path.join(scratch, "address")
                    },
                )
                stack.enter_context(cluster)
                stack.enter_context(_silent_client())
                client = stack.enter_context(Client(cluster, set_as_default=False))
            except Exception as error:  # of Dask or the system: it can be any
                raise ConnectionError(
                    f"The {workers} local workers could not be started: "
                    f"{str(error) or type(error).__name__}. A run with a single "
                    "worker does not need them."
                ) from error
            stack.callback(_end, cluster)
        yield client


@contextlib.contextmanager
def existing(address: str) -> Iterator:
    """Connects to a scheduler, and waits for its first worker.

    Args:
        address: the address that the scheduler prints, such as `tcp://10.0.0.7:8786`.

    Returns:
        A context with a `distributed.Client`; the cluster continues when it ends.

    Raises:
        ConnectionError: if there is no scheduler or no worker.
    """
    from distributed import Client

    with _silent_client():
        try:
            # In a thread of its own: the caller, a notebook, may have an event loop.
            with ThreadPoolExecutor(max_workers=1) as thread:
                thread.submit(asyncio.run, _reach(address)).result()
            client = Client(address, set_as_default=False, timeout=_PATIENCE)
        except Exception as error:  # another service may answer anything
            reason = str(error) or f"no answer within {_PATIENCE} s"
            raise ConnectionError(
                f"No Dask scheduler can be reached at {address}: {reason}"
            ) from error
        with client:
            try:
                client.wait_for_workers(1, timeout=_PATIENCE)
            except TimeoutError:
                raise ConnectionError(
                    f"No worker has joined the scheduler at {address} within "
                    f"{_PATIENCE} s. Start workers first: dask worker {address} "
                    "--nthreads 1"
                ) from None
            yield client


def call(
    client, function: Callable, arguments: Sequence[tuple]
) -> Iterator[tuple[int, Any]]:
    """Calls a function in workers, one call at a time in each.

    Args:
        client: a client from `local` or `existing`.
        function: a function that does not return None.
        arguments: the arguments of each call; calls start in this order.

    Returns:
        An iterator of (index, None) when a call is passed to a worker and (index, its
        result or exception) when it has ended.

    Raises:
        ConnectionError: if the scheduler or all local workers are lost.
    """
    from distributed.scheduler import NoValidWorkerError, NoWorkerError

    begun = 0
    running = {}
    ended = queue.SimpleQueue()
    while begun < len(arguments) or running:
        # Workers may come and go.
        while begun < len(arguments) and len(running) < max(1, _num_workers(client)):
            index, begun = begun, begun + 1
            future = client.submit(_in_worker, function, *arguments[index], pure=False)
            running[future.key] = index, future
            yield index, None
            future.add_done_callback(ended.put)
        try:
            future = ended.get(timeout=1)
        except queue.Empty:
            continue
        if future.status == "cancelled":
            raise _lost(client)
        index, _ = running.pop(future.key)
        try:
            result, memory, worker = future.result()
        except (NoValidWorkerError, NoWorkerError) as error:
            raise ConnectionError(
                f"There has been no worker for {_PATIENCE_WITHOUT_WORKERS}: all were "
                "ended from outside. Finished trials are kept. Run the same command "
                "again to continue."
            ) from error
        except Exception as error:
            yield index, error
        else:
            if memory > RECYCLED_AT:
                _restart(client, worker)
            yield index, result


async def _reach(address: str) -> None:
    """Connects to a scheduler and takes leave.

    Dask's client would wait for ever for the first word of a service that is none.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    security = Security().get_connection_args("client")
    connection = connect(address, timeout=_PATIENCE, **security)
    comm = await asyncio.wait_for(connection, _PATIENCE)
    await comm.close()


def _in_worker(function: Callable, *arguments) -> tuple[Any, float, str]:
    """Calls a function; tells how full its worker is then, from 0 to 1, and which."""
    import psutil
    from distributed import get_worker

    result = function(*arguments)
    worker = get_worker()
    limit = worker.memory_manager.memory_limit
    held = psutil.Process().memory_info().rss
    return result, held / limit if limit else 0.0, worker.address


def _restart(client, worker: str) -> None:
    # One that was started without a nanny cannot be, and one may be gone.
    with contextlib.suppress(Exception):
        client.restart_workers([worker], timeout=_PATIENCE, raise_for_error=False)


def _num_workers(client) -> int:
    """Returns how many workers there are.

    Raises:
        ConnectionError: if the scheduler is lost: nothing would ever come back.
    """
    if client.status == "running":
        with contextlib.suppress(Exception):
            return len(client.nthreads())
    raise _lost(client)


def _lost(client) -> ConnectionError:
    return ConnectionError(
        f"The connection to the scheduler at {client.scheduler.address} is lost: its "
        "process has ended or cannot be reached. Finished trials are kept. Run the "
        "same command again to continue."
    )


def _end(cluster) -> None:
    with signals.put_off():
        cluster.sync(_kill, cluster)


async def _kill(cluster) -> None:
    """Ends the processes of a cluster, whose work is done or not wanted any more.

    Closing would ask the scheduler about each worker first, and wait for an answer. It
    may be gone: whoever ends this process may have ended all its group.
    """
    processes = (cluster.scheduler, *cluster.workers.values())
    closing = (_closed(process) for process in processes)
    await asyncio.gather(*closing, return_exceptions=True)
    cluster.shutdown_scheduler = False


async def _closed(process) -> None:
    """Closes a process, until it is closed.

    If it, or a child of it, ends by itself at that moment, that is an error to Dask,
    which leaves the rest running and takes the process for a running one.
    """
    import psutil

    for _ in range(100):
        try:
            return await process.close()
        except (ProcessLookupError, psutil.NoSuchProcess):
            await asyncio.sleep(0.1)


@contextlib.contextmanager
def _silent_client() -> Iterator[None]:
    """Keeps what Dask's client logs, such as lost connections, from the display."""
    loggers = [logging.getLogger(f"distributed.{n}") for n in ("client", "core")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


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
