"""Dask workers as processes: those that are started here, and those of a scheduler."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import dask
import psutil
import pytest
from distributed import Client
from distributed.deploy import subprocess as subprocess_cluster

from keras_rectifiers.comparison.running import dask_workers
from tests.comparison.running.dask_clusters import in_threads

ROOT = Path(__file__).parents[3]
LOST = (
    r"^The connection to the scheduler at tcp://127\.0\.0\.1:\d+ is lost: its process "
    r"has ended or cannot be reached\. Finished trials are kept\. Run the same command "
    r"again to continue\.$"
)

# Starts two workers, tells their processes, and waits.
CALLER = """
import os, sys, tempfile
import psutil
from keras_rectifiers.comparison.running import dask_workers

with (
    tempfile.TemporaryDirectory() as scratch,
    dask_workers.local(2, scratch, allowed_deaths=3) as client,
):
    client.wait_for_workers(2)
    print(*(p.pid for p in psutil.Process().children(recursive=True)), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator:
    scratch = str(tmp_path_factory.mktemp("scratch"))
    with dask_workers.local(1, scratch, allowed_deaths=3) as client:
        yield client


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen]]:
    """Processes that are ended after the test."""
    started = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def results(client, function, arguments) -> dict[int, object]:
    events = list(dask_workers.call(client, function, arguments))
    begun = [index for index, result in events if result is None]
    assert begun == list(range(len(arguments)))
    return {index: result for index, result in events if result is not None}


def test_calls_give_what_they_return_or_raise(client):
    """Over 10 s: a scheduler and a worker start, each a Python that loads Dask."""
    pids = results(client, os.getpid, [()] * 6)
    assert sorted(pids) == list(range(6))
    assert os.getpid() not in pids.values()
    got = results(client, int, [("1",), ("x",), ("3",)])
    assert (got[0], got[2]) == (1, 3)
    assert isinstance(got[1], ValueError)


def test_a_worker_that_holds_much_memory_is_started_anew(client, monkeypatch):
    """Over 10 s: a worker is ended and another starts."""
    before = results(client, os.getpid, [()] * 3)
    assert len(set(before.values())) == 1
    monkeypatch.setattr(dask_workers, "RECYCLED_AT", 0.0)
    after = results(client, os.getpid, [()] * 2)
    assert len(set(after.values())) == 2


def test_a_scheduler_that_is_lost_is_an_error():
    with (
        in_threads(2) as cluster,
        dask_workers.existing(cluster.scheduler_address) as mine,
    ):
        events = dask_workers.call(mine, abs, [(-1,)] * 1000)
        assert next(events) == (0, None)
        cluster.close()
        with pytest.raises(ConnectionError, match=LOST):
            list(events)


def test_calls_that_end_with_their_scheduler_are_an_error():
    future = SimpleNamespace(key="abs-1", status="cancelled")
    future.add_done_callback = lambda tell: tell(future)
    client = SimpleNamespace(
        status="running",
        nthreads=lambda: {"tcp://127.0.0.1:2": 1},
        scheduler=SimpleNamespace(address="tcp://127.0.0.1:1"),
        submit=lambda *_, **__: future,
    )
    with pytest.raises(ConnectionError, match=LOST):
        list(dask_workers.call(client, abs, [(-1,)]))


def test_work_for_which_there_is_no_worker_is_an_error(monkeypatch):
    monkeypatch.setattr(dask_workers, "_PATIENCE_WITHOUT_WORKERS", "a moment")
    message = (
        r"^There has been no worker for a moment: all were ended from outside\. Finished "
        r"trials are kept\. Run the same command again to continue\.$"
    )
    with (
        dask.config.set({"distributed.scheduler.no-workers-timeout": "100 ms"}),
        in_threads(0) as cluster,
        Client(cluster, set_as_default=False) as client,
        pytest.raises(ConnectionError, match=message),
    ):
        list(dask_workers.call(client, abs, [(-1,)]))


def test_the_workers_of_an_existing_scheduler_are_used_and_left_alone(monkeypatch):
    with in_threads(0) as cluster:
        address = cluster.scheduler_address
        message = (
            f"No worker has joined the scheduler at {address} within 0.1 s. Start "
            f"workers first: dask worker {address} --nthreads 1"
        )
        with monkeypatch.context() as patch:
            patch.setattr(dask_workers, "_PATIENCE", 0.1)
            with (
                pytest.raises(ConnectionError, match=f"^{re.escape(message)}$"),
                dask_workers.existing(address),
            ):
                pass
        cluster.scale(1)
        for _ in range(2):
            with dask_workers.existing(address) as client:
                assert results(client, abs, [(-1,), (2,)]) == {0: 1, 1: 2}
                assert len(client.scheduler_info()["workers"]) == 1


@pytest.mark.slow
def test_a_scheduler_that_is_killed_is_an_error_and_leaves_no_process(tmp_path):
    with (
        pytest.raises(ConnectionError, match=LOST),
        dask_workers.local(2, str(tmp_path), allowed_deaths=3) as client,
    ):
        client.wait_for_workers(2)
        children = psutil.Process().children(recursive=True)
        (scheduler,) = (
            c for c in children if "distributed.Scheduler" in str(c.cmdline())
        )
        for index, result in dask_workers.call(client, os.getpid, [()] * 1000):
            if (index, result) == (5, None):
                scheduler.kill()
    gone, alive = psutil.wait_procs(children, timeout=600)
    assert len(gone) == len(children) >= 5 and alive == []


def test_a_process_that_ends_while_it_is_ended_is_ended_again():
    ends = iter([psutil.NoSuchProcess(1), ProcessLookupError(), None])

    async def close():
        if error := next(ends):
            raise error

    asyncio.run(dask_workers._closed(SimpleNamespace(close=close)))
    assert list(ends) == []


@pytest.mark.slow
def test_processes_that_end_while_they_are_ended_are_no_error(monkeypatch, tmp_path):
    close, seen = subprocess_cluster.Subprocess.close, []

    async def close_too_late(self):
        if self not in seen:
            seen.append(self)
            raise psutil.NoSuchProcess(self.process.pid)
        await close(self)

    monkeypatch.setattr(subprocess_cluster.Subprocess, "close", close_too_late)
    with dask_workers.local(1, str(tmp_path), allowed_deaths=3) as client:
        client.wait_for_workers(1)
        children = psutil.Process().children(recursive=True)
    gone, alive = psutil.wait_procs(children, timeout=600)
    assert len(gone) == len(children) >= 3 and alive == []
    assert len(seen) == 2


@pytest.mark.slow
def test_workers_end_when_their_caller_is_killed(processes):
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    processes.append(caller)
    children = [psutil.Process(int(pid)) for pid in caller.stdout.readline().split()]
    caller.send_signal(signal.SIGKILL)
    gone, alive = psutil.wait_procs(children, timeout=600)
    assert len(gone) == len(children) >= 5 and alive == []


def test_an_address_without_a_scheduler_is_an_error(monkeypatch):
    monkeypatch.setattr(dask_workers, "_PATIENCE", 0.1)
    message = r"^No Dask scheduler can be reached at tcp://127\.0\.0\.1:1: "
    with (
        pytest.raises(ConnectionError, match=message),
        dask_workers.existing("tcp://127.0.0.1:1"),
    ):
        pass


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-OpenSSH_9.6\r\n" * 9])
def test_an_address_where_something_else_listens_is_an_error(monkeypatch, greeting):
    monkeypatch.setattr(dask_workers, "_PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet():
            connection, _ = server.accept()
            connections.append(connection)
            connection.sendall(greeting)

        connections: list[socket.socket] = []
        thread = threading.Thread(target=greet)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        message = f"^No Dask scheduler can be reached at {address}: .+"
        with (
            pytest.raises(ConnectionError, match=message),
            dask_workers.existing(address),
        ):
            pass
        thread.join()
        connections[0].close()


@pytest.mark.slow
def test_workers_that_are_all_ended_from_outside_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(dask_workers, "_PATIENCE_WITHOUT_WORKERS", "1 second")
    message = (
        r"^There has been no worker for 1 second: all were ended from outside\. Finished "
        r"trials are kept\. Run the same command again to continue\.$"
    )
    with (
        pytest.raises(ConnectionError, match=message),
        dask_workers.local(2, str(tmp_path), allowed_deaths=3) as client,
    ):
        client.wait_for_workers(2)
        children = psutil.Process().children(recursive=True)
        nannies = [c for c in children if "distributed.Nanny" in str(c.cmdline())]
        assert len(nannies) == 2
        for index, result in dask_workers.call(client, os.getpid, [()] * 1000):
            if (index, result) == (5, None):
                for nanny in nannies:
                    nanny.kill()
    gone, alive = psutil.wait_procs(children, timeout=600)
    assert len(gone) == len(children) >= 5 and alive == []


@pytest.mark.slow
def test_the_workers_of_a_scheduler_that_is_a_process_are_used_and_left_alone(
    tmp_path, processes, monkeypatch
):
    def start(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    scheduler = start("scheduler", *options, "--scheduler-file", "address")
    for line in scheduler.stderr:
        if "Registering Worker" in line or "Scheduler at:" in line:
            break
    address = re.search(r"tcp://\S+", line)[0]
    with monkeypatch.context() as patch:
        patch.setattr(dask_workers, "_PATIENCE", 1)
        message = (
            f"No worker has joined the scheduler at {address} within 1 s. Start "
            f"workers first: dask worker {address} --nthreads 1"
        )
        with (
            pytest.raises(ConnectionError, match=f"^{re.escape(message)}$"),
            dask_workers.existing(address),
        ):
            pass
    worker = start("worker", address, "--nthreads", "1")
    for _ in range(2):
        with dask_workers.existing(address) as client:
            pids = set(results(client, os.getpid, [()] * 3).values())
        assert len(pids) == 1
        assert pids <= {c.pid for c in psutil.Process(worker.pid).children()}
    with (
        pytest.raises(ConnectionError, match=LOST),
        dask_workers.existing(address) as client,
    ):
        for _ in dask_workers.call(client, os.getpid, [()] * 1000):
            scheduler.kill()  # of subprocess: again and again does no harm
