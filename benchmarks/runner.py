"""What the runner costs: planning, overhead, throughput, and the memory of a worker.

    python benchmarks/runner.py plan
    python benchmarks/runner.py overhead
    python benchmarks/runner.py throughput
    python benchmarks/runner.py memory

- plan: expand 100,000 trials, make their keys, and tell what is missing of them in a
  store of made-up records that holds half (aim: below 10 s).
- overhead: what the runner adds to a training that takes no time, per population, in the
  process and with two local workers (aim: below 50 ms).
- throughput: small populations per second in the process, which uses all cores; through a
  Dask scheduler with one and with two workers of a thread each, started by hand; and with
  two local workers (aim: 1.8 times as many as with one).
- memory: what two local workers hold while 400 small populations pass through them, 200
  through each, and how often one was started anew.

With --smoke each is small: to see that it runs. The machine should be quiet.
"""

import argparse
import contextlib
import functools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import psutil

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.training import plan as plans
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.trial import SCHEMA, Trial

ROOT = Path(__file__).parents[1]
ACTIVATIONS = ("relu", "elu", "tanh", "gelu", "silu", "prelu", "rrelu", "sigmoid")
MEASURES = [f"measure_{i}" for i in range(10)]
_ATTEMPT = runner.attempt


def plan(num_seeds: int = 50) -> None:
    started = time.perf_counter()
    trials = [
        Trial(activation=activation, depth=depth, learning_rate=rate, seed=seed)
        for activation in ACTIVATIONS
        for depth in range(2, 27)
        for rate in np.logspace(-4, -1, 10).tolist()
        for seed in range(num_seeds)
    ]
    expanding = time.perf_counter() - started
    for trial in trials:
        runner.key(trial)
    keying = time.perf_counter() - started - expanding
    with tempfile.TemporaryDirectory() as folder:
        groups = plans.populations(trials)
        halves = [group[:20] for shard in groups for group in _chunks(shard, 40)]
        started = time.perf_counter()
        for half in halves:
            Store(folder).write(made_up(half))
        writing = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        num_done = sum(map(len, halves))
        started = time.perf_counter()
        store = Store(folder)
        done = store.done()
        reading = time.perf_counter() - started
        work = runner.missing(trials, store, done=done)
        grouping = time.perf_counter() - started - reading
    num_missing = sum(len(item.trials) for item in work)
    assert (len(done), num_missing) == (num_done, len(trials) - num_done)
    print(
        f"store: {num_done:,} trials, {3 * len(halves):,} files, {size / 1e6:.0f} MB, "
        f"made up and written in {writing:.0f} s\n"
        f"expand {len(trials):,} trials: {expanding:.2f} s\n"
        f"key them: {keying:.2f} s\n"
        f"read which are done: {reading:.2f} s\n"
        f"group the {num_missing:,} that are missing: {grouping:.2f} s\n"
        f"in all: {expanding + keying + reading + grouping:.2f} s (aim: 10)"
    )


def overhead(num_widths: int = 10) -> None:
    trials = [
        Trial(depth=depth, width=width)
        for depth in range(1, 21)
        for width in range(1, num_widths + 1)
    ]
    training.train = made_up
    for workers in (1, 2):
        stand_in = _stand_in() if workers > 1 else contextlib.nullcontext()
        with tempfile.TemporaryDirectory() as folder, stand_in:
            ends = _ends(trials, folder, workers=workers)
        # The first half passes while the second worker still loads TensorFlow.
        ends = ends[len(ends) // 2 :]
        milliseconds = 1e3 * (ends[-1] - ends[0]) / (len(ends) - 1)
        print(
            f"workers: {workers}, overhead: {milliseconds:.1f} ms per population "
            f"(aim: 50), mean of {len(ends) - 1}"
        )


def throughput(num_populations: int = 40) -> None:
    trials = [trial for number in range(num_populations) for trial in _small(number)]
    print("small populations per second, once each worker has trained one")
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, options in {
            "in the process": {},
            "one worker of a scheduler": {"by_hand": 1},
            "two workers of a scheduler": {"by_hand": 2},
            "two local workers": {"workers": 2},
        }.items():
            with contextlib.ExitStack() as stack:
                if number := options.pop("by_hand", 0):
                    options["scheduler"] = stack.enter_context(_by_hand(number))
                ends = _ends(trials, os.path.join(folder, name), **options)
            # The first of each worker waits for TensorFlow; the last one is alone.
            rates[name] = (len(ends) - 3) / (ends[-2] - ends[1])
            one = rates.get("one worker of a scheduler", rates[name])
            print(
                f"{name}: {rates[name]:.2f}, {rates[name] / rates['in the process']:.2f} "
                f"times the first, {rates[name] / one:.2f} times one worker",
                flush=True,
            )


def memory(num_populations: int = 400) -> None:
    trials = [trial for number in range(num_populations) for trial in _small(number)]
    seen: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        work = runner.missing(trials, store)
        assert len(work) == num_populations
        print(f"{len(work)} populations; memory of the workers, MiB:")
        num_done = 0
        for event in runner.run(work, store, workers=2):
            assert event.kind != "failed", event.error
            num_done += event.kind == "finished"
            held = _workers()
            seen |= held.keys()
            step = max(1, len(work) // 8)
            if event.kind == "finished" and (num_done == 2 or num_done % step == 0):
                sizes = ", ".join(f"{size / 2**20:.0f}" for size in held.values())
                print(f"after {num_done}: {sizes}", flush=True)
    print(f"started anew: {len(seen) - 2} times")


def made_up(trials) -> Tables:
    """Tables as of nets of 10 layers, measured before and after training."""
    keys = [runner.key(trial) for trial in trials]
    frame = pd.DataFrame([t.settings() for t in trials]).assign(
        key=keys, schema=SCHEMA, test_accuracy=0.9
    )
    rows = _measured(len(trials))
    measurements = rows.assign(key=np.repeat(keys, len(rows) // len(keys)))
    outputs = pd.DataFrame(columns=["key", "epoch", "layer", "name", "index", "value"])
    return Tables(trials=frame, measurements=measurements, outputs=outputs)


@functools.cache
def _measured(num_trials: int) -> pd.DataFrame:
    grid = pd.MultiIndex.from_product(
        [range(num_trials), (0, 1), range(10), MEASURES],
        names=["key", "epoch", "layer", "measure"],
    )
    values = np.random.default_rng(0).normal(size=len(grid))
    return pd.DataFrame({"value": values}, index=grid).reset_index()


def made_up_attempt(*arguments) -> str:
    training.train = made_up
    return _ATTEMPT(*arguments)


@contextlib.contextmanager
def _stand_in() -> Iterator[None]:
    """Has workers train by `made_up`."""
    from benchmarks import runner as importable

    runner.attempt = importable.made_up_attempt
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        yield
    finally:
        runner.attempt = _ATTEMPT


def _small(number: int) -> list[Trial]:
    net = {"depth": 2 + number % 4, "width": 8 + number // 8, "epochs": 5}
    activation = ACTIVATIONS[number % len(ACTIVATIONS)]
    return [Trial(activation=activation, seed=seed, **net) for seed in range(3)]


def _ends(trials, folder: str, **options) -> list[float]:
    """When each population of a run ended, in seconds."""
    store = Store(folder)
    store.prepare()
    ends = []
    for event in runner.run(runner.missing(trials, store), store, **options):
        assert event.kind != "failed", event.error
        if event.kind == "finished":
            ends.append(time.perf_counter())
    return ends


@contextlib.contextmanager
def _by_hand(num_workers: int) -> Iterator[str]:
    """Starts a Dask scheduler and its workers as programs of their own."""
    one_thread = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"), "1")
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | one_thread
    with contextlib.ExitStack() as stack:

        def start(*arguments: str) -> subprocess.Popen:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                env=environment,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.terminate)
            return process

        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        for line in start("scheduler", *options).stderr:
            if found := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
                break
        for _ in range(num_workers):
            start("worker", found[1], "--nthreads", "1", "--no-dashboard")
        yield found[1]


def _workers() -> dict[int, int]:
    """The local workers: process -> bytes of memory."""
    held = {}
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "spawn_main" in " ".join(process.cmdline()):
                held[process.pid] = process.memory_info().rss
    return held


def _chunks(items, size: int):
    return (items[start : start + size] for start in range(0, len(items), size))


def main() -> None:
    # Name -> the measurement, and its size when only tried.
    measurements = {
        "plan": (plan, 4),
        "overhead": (overhead, 1),
        "throughput": (throughput, 8),
        "memory": (memory, 8),
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=measurements)
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    for name in arguments.names:
        measure, small = measurements[name]
        measure(*[small] if arguments.smoke else [])


if __name__ == "__main__":
    main()
