"""Times what a plan says, on each backend in a process of its own."""

import dataclasses
import importlib.util
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping

import keras
import numpy as np
import pandas as pd
import psutil

from keras_rectifiers.comparison.timing import clock, load, steps
from keras_rectifiers.comparison.trials import timing_plan
from keras_rectifiers.comparison.trials.timing_plan import (
    BACKWARD,
    COLUMNS,
    FORWARD,
    STEP,
    TimingPlan,
)


class Busy(RuntimeError):
    """The machine is too busy for times that can be trusted."""


def measure(plan: TimingPlan, *, even_if_busy: bool = False) -> pd.DataFrame:
    """Times a plan on each backend that is installed.

    Args:
        plan: what is timed.
        even_if_busy: whether to time it on a busy machine too.

    Returns:
        The table of times, see `timing_plan.no_timings`.

    Raises:
        Busy: if other programs take more of the processors' time than `load.MOST`,
            before or meanwhile.
        RuntimeError: if a backend fails.
    """
    _check(load.now(), even_if_busy)
    tables = []
    for backend in steps.MODES:
        if importlib.util.find_spec(backend):
            table = _in_a_process(plan, backend)
            _check(table["load"].max(), even_if_busy)
            tables.append(table)
    return pd.concat([timing_plan.no_timings(), *tables], ignore_index=True)


def is_busy(table: pd.DataFrame) -> bool:
    """Whether a table was timed on a busy machine."""
    return bool((table["load"] > load.MOST).any())


def timed_here(plan: TimingPlan) -> pd.DataFrame:
    """Times a plan in this process, on the backend of Keras."""
    watch, backend = load.Watch(), keras.backend.backend()
    rows = [
        {"backend": backend, "mode": mode, **row}
        for mode in steps.MODES[backend]
        for row in _rows(plan, mode)
    ]
    return pd.DataFrame(rows).assign(
        load=watch.load(), num_cores=psutil.cpu_count(), keras_version=keras.__version__
    )[list(COLUMNS)]


def _rows(plan: TimingPlan, mode: str) -> Iterator[Mapping]:
    for part, shape in plan.shapes.items():
        x = np.random.default_rng(0).normal(size=tuple(shape)).astype("float32")
        for work in (FORWARD, BACKWARD):
            alone = {
                name: steps.activation_step(name, x, work=work, mode=mode)
                for name in plan.activations
            }
            yield from _timed(alone, plan, part=part, work=work)
    for part, net in plan.nets.items():
        nets = {
            name: steps.net_step(dataclasses.replace(net, activation=name), mode=mode)
            for name in plan.net_activations
        }
        yield from _timed(nets, plan, part=part, work=STEP)


def _timed(functions, plan: TimingPlan, **setting) -> Iterator[Mapping]:
    for name, number, taken in clock.timed(functions, num_rounds=plan.num_rounds):
        yield setting | {"activation": name, "round": number, "milliseconds": taken}


def _check(share: float, even_if_busy: bool) -> None:
    if share > load.MOST and not even_if_busy:
        raise Busy(
            f"other programs take {share:.0%} of the processors' time, and at most "
            f"{load.MOST:.0%} is allowed"
        )


def _in_a_process(plan: TimingPlan, backend: str) -> pd.DataFrame:
    finished = subprocess.run(
        [sys.executable, "-m", __name__],
        input=plan.to_json(),
        env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        last = (finished.stderr.strip() or "no message").splitlines()[-1]
        raise RuntimeError(f"Timing activations on {backend} failed: {last}")
    table = finished.stdout.splitlines()[-1]
    return pd.read_json(io.StringIO(table), orient="split", dtype=COLUMNS)


def end_with_parent() -> None:
    """Ends this process when its parent has ended, as one that is killed ends nothing."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    end_with_parent()
    plan = TimingPlan.from_json(sys.stdin.read())
    print(timed_here(plan).to_json(orient="split", double_precision=15))
