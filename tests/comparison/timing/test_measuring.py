"""A plan's table of times, taken by a made-up clock; and when nothing is timed."""

import importlib.util
import subprocess
import sys

import keras
import pandas as pd
import psutil
import pytest

from keras_rectifiers.comparison.timing import clock, load, measuring, steps
from keras_rectifiers.comparison.trials.timing_plan import (
    BACKWARD,
    COLUMNS,
    FORWARD,
    STEP,
    TimingPlan,
)
from keras_rectifiers.comparison.trials.trial import Trial

PLAN = TimingPlan(
    activations=["relu", "tanh"],
    shapes={"dense": (4, 3)},
    net_activations=["relu"],
    nets={"MLP": Trial(depth=1, width=2)},
    num_rounds=2,
)
BACKENDS = ["tensorflow", "jax"]


@pytest.fixture
def quiet(monkeypatch) -> dict[str, float]:
    """The load before, and meanwhile; each backend is installed, and takes no time."""
    loads = {"now": 0.0, "tensorflow": 0.0, "jax": 0.0}

    def in_a_process(plan, backend):
        row = dict.fromkeys(COLUMNS, 0) | {"backend": backend, "load": loads[backend]}
        return pd.DataFrame([row])

    monkeypatch.setattr(load, "now", lambda: loads["now"])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(measuring, "_in_a_process", in_a_process)
    return loads


def test_all_of_a_plan_is_timed_in_each_mode(monkeypatch):
    taken = []

    def step(*setting, **more):
        return lambda: taken.append((setting, more))

    def timed(functions, *, num_rounds):
        for number in range(num_rounds):
            for name, function in functions.items():
                function()
                yield name, number, 1.5

    monkeypatch.setattr(steps, "activation_step", step)
    monkeypatch.setattr(steps, "net_step", step)
    monkeypatch.setattr(clock, "timed", timed)
    table = measuring.timed_here(PLAN)
    modes = steps.MODES[keras.backend.backend()]
    assert len(taken) == len(table) == len(modes) * 2 * (2 * 2 + 1)
    assert dict(table.dtypes.astype(str)) == COLUMNS
    assert set(table["milliseconds"]) == {1.5}
    cases = table[["mode", "part", "work", "activation", "round"]]
    assert set(cases.itertuples(index=False, name=None)) == {
        (mode, part, work, activation, number)
        for mode in modes
        for part, work, names in (
            ("dense", FORWARD, PLAN.activations),
            ("dense", BACKWARD, PLAN.activations),
            ("MLP", STEP, PLAN.net_activations),
        )
        for activation in names
        for number in range(2)
    }


def test_each_backend_that_is_installed_is_timed(quiet, monkeypatch):
    assert list(measuring.measure(PLAN)["backend"]) == BACKENDS
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "jax")
    assert list(measuring.measure(PLAN)["backend"]) == ["jax"]


@pytest.mark.parametrize("when", ["now", "tensorflow", "jax"])
def test_a_busy_machine_is_refused_with_the_reason(when, quiet):
    quiet[when] = 0.55
    with pytest.raises(measuring.Busy) as caught:
        measuring.measure(PLAN)
    assert str(caught.value) == (
        "other programs take 55% of the processors' time, and at most 10% is allowed"
    )
    table = measuring.measure(PLAN, even_if_busy=True)
    assert list(table["backend"]) == BACKENDS
    assert measuring.is_busy(table) == (when != "now")


def test_a_little_load_is_allowed(quiet):
    quiet.update(now=0.1, tensorflow=0.1, jax=0.1)
    assert not measuring.is_busy(measuring.measure(PLAN))


def test_a_backend_that_fails_is_named_with_its_last_words(quiet, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(load, "now", lambda: 0.0)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(
            command, 1, stdout="", stderr="A note.\nImportError: no jaxlib\n"
        ),
    )
    with pytest.raises(RuntimeError) as caught:
        measuring.measure(PLAN)
    assert str(caught.value) == (
        "Timing activations on tensorflow failed: ImportError: no jaxlib"
    )


@pytest.mark.slow
def test_a_process_times_a_plan_and_tells_its_table(monkeypatch):
    """It starts a Python that loads TensorFlow, which takes more than 10 seconds."""
    monkeypatch.setattr(load, "now", lambda: 0.0)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "tensorflow")
    table = measuring.measure(PLAN, even_if_busy=True)
    assert dict(table.dtypes.astype(str)) == COLUMNS
    assert set(table["mode"]) == {"graph", "XLA"}
    assert (table["milliseconds"] > 0).all()


@pytest.mark.slow
def test_what_times_ends_when_its_parent_is_killed():
    """Keras is loaded in a process of its own, which takes seconds."""
    name = measuring.__name__
    timing = (
        f"from {name} import end_with_parent; end_with_parent()\n"
        "import time; print('ready', flush=True); time.sleep(600)"
    )
    starting = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {timing!r}], stdout=-1)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starting], stdout=subprocess.PIPE, text=True
    )
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    try:
        child.wait(timeout=10)
    finally:
        parent.stdout.close()
        if child.is_running():
            child.kill()
