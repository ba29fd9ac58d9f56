"""Calls in several processes."""

import contextlib
import os
import threading

import pytest
from distributed import Client, KilledWorker

from keras_rectifiers.comparison.running import dask_workers, in_processes
from tests.comparison.running.dask_clusters import in_threads


@pytest.fixture
def threads(monkeypatch):
    """Workers that are threads, which start in no time."""

    @contextlib.contextmanager
    def local(workers, scratch, *, allowed_deaths):
        with (
            in_threads(workers) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client

    monkeypatch.setattr(dask_workers, "local", local)


def test_one_worker_is_the_caller_itself():
    calls = [(1, 2), (3, 4)]
    assert in_processes.starmap(
        lambda a, b: (a + b, os.getpid()), calls, workers=1
    ) == [
        (3, os.getpid()),
        (7, os.getpid()),
    ]
    assert in_processes.starmap(lambda: os.getpid(), [()], workers=4) == [os.getpid()]
    assert in_processes.starmap(os.getpid, [], workers=4) == []


def test_processes_give_the_results_in_the_order_of_the_arguments():
    """Over 10 s: a scheduler and two workers start, each a Python that loads Dask."""
    numbers = {"three": 3, "one": 1, "two": 2}
    results = in_processes.starmap(
        lambda name, call: (call(name), lambda: name, os.getpid()),
        [(name, lambda name: numbers[name]) for name in numbers],
        workers=2,
    )
    assert [number for number, _, _ in results] == [3, 1, 2]
    assert [name() for _, name, _ in results] == list(numbers)
    assert os.getpid() not in {pid for *_, pid in results}


# Threads share it as no processes could.
SECOND_HAS_ENDED = threading.Event()


def end_out_of_order(number):
    if number == 1:
        assert SECOND_HAS_ENDED.wait(60)
    else:
        SECOND_HAS_ENDED.set()
    return number


def test_the_results_of_calls_that_end_out_of_order_are_in_order(threads):
    calls = [(1,), (2,)]
    assert in_processes.starmap(end_out_of_order, calls, workers=2) == [1, 2]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_call_raises_is_raised(threads, workers):
    with pytest.raises(ValueError, match="invalid literal"):
        in_processes.starmap(int, [("1",), ("x",)], workers=workers)


def test_a_process_that_was_ended_from_outside_is_an_error(monkeypatch, threads):
    killed = [(0, None), (0, KilledWorker("call", None, 2))]
    monkeypatch.setattr(dask_workers, "call", lambda *_: iter(killed))
    with pytest.raises(ConnectionError, match="perhaps for lack of memory"):
        in_processes.starmap(int, [("1",), ("2",)], workers=2)
