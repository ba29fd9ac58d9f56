"""Rounds of steps, whose times a made-up clock tells."""

import time
from collections import Counter

import pytest

from keras_rectifiers.comparison.timing import clock


@pytest.fixture
def taken(monkeypatch) -> list[str]:
    """The steps that were taken; the made-up clock adds what each of them takes."""
    steps = []
    seconds = {"slow": 0.25, "fast": 0.125}
    monkeypatch.setattr(time, "perf_counter", lambda: sum(map(seconds.get, steps)))
    return steps


def test_each_round_takes_every_step_once_after_one_that_compiles(taken):
    steps = {name: lambda name=name: taken.append(name) for name in ("slow", "fast")}
    rows = list(clock.timed(steps, num_rounds=8))
    assert taken[:2] == ["slow", "fast"]
    assert [name for name, _, _ in rows] == taken[2:]
    assert Counter((name, number) for name, number, _ in rows) == {
        (name, number): 1 for name in steps for number in range(8)
    }
    assert {name: ms for name, _, ms in rows} == {"slow": 250.0, "fast": 125.0}


def test_the_order_changes_between_rounds_and_is_the_same_in_every_run(taken):
    steps = {name: lambda name=name: taken.append(name) for name in ("slow", "fast")}
    first = list(clock.timed(steps, num_rounds=8))
    assert len({name for name, _, _ in first[::2]}) == 2
    assert list(clock.timed(steps, num_rounds=8)) == first
