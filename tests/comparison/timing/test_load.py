"""The load by other programs, with made-up counts of the processors' time."""

import time

import psutil
import pytest

from keras_rectifiers.comparison.timing import load


@pytest.fixture
def clocks(monkeypatch) -> dict[str, float]:
    """What the machine tells: seconds, own seconds of a processor, per cent in use."""
    told = {"wall": 10.0, "own": 3.0, "percent": 0.0}
    monkeypatch.setattr(time, "perf_counter", lambda: told["wall"])
    monkeypatch.setattr(time, "process_time", lambda: told["own"])
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval=None: told["percent"])
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
    return told


def test_what_this_process_computes_is_no_load(clocks):
    watch = load.Watch()
    # In 5 seconds, of 20 of all processors, 8 were used, and 6 of them by this process.
    clocks.update(wall=15.0, own=9.0, percent=40.0)
    assert watch.load() == pytest.approx(0.1)


def test_the_load_is_never_below_0(clocks):
    watch = load.Watch()
    clocks.update(wall=15.0, own=9.0, percent=29.0)
    assert watch.load() == 0


def test_the_load_of_the_last_second_is_that_of_all_processors(clocks):
    clocks["percent"] = 55.0
    assert load.now() == pytest.approx(0.55)
