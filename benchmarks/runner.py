"""What the runner costs: planning, overhead, throughput, and the memory of a worker.

    python benchmarks/runner.py plan overhead throughput scheduler memory

- plan: expand 100,000 trials, make their keys, and tell what is missing of them in a
  store of made-up records that holds half (aim: below 10 s).
- overhead: seconds per population that the runner adds to a training that takes no time,
  in the process and with two workers (aim: below 0.05 s).
- throughput: small populations per second with one and with two local workers, from the
  second population of each on (aim: 1.8 times).
- scheduler: the same through a Dask scheduler and two workers started by hand.
- memory: of a process after 1, 50, 100, 150 and 200 small populations.
"""

import contextlib
import os
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

from keras_rectifiers.comparison import population, runner
from keras_rectifiers.comparison.population import plan as plans
from keras_rectifiers.comparison.store import Store, Tables
from keras_rectifiers.comparison.trial import SCHEMA, Trial

ROOT = Path(__file__).parents[1]
ACTIVATIONS = ("relu", "elu", "tanh", "gelu", "silu", "prelu", "rrelu", "sigmoid")
MEASURES = [f"measure_{i}" for i in range(10)]
_ATTEMPT = runner.attempt


def plan() -> None:
    started = time.perf_counter()
    trials = [
        Trial(activation=activation, depth=depth, learning_rate=rate, seed=seed)
        for activation in ACTIVATIONS
        for depth in range(2, 27)
        for rate in np.logspace(-4, -1, 10).tolist()
        for seed in range(50)
    ]
    expanded = time.perf_counter()
    print(f"expand {len(trials):,} trials: {expanded - started:.1f} s")
    for trial in trials:
        runner.key(trial)
    print(f"key them: {time.perf_counter() - expanded:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        groups = plans.populations(trials)
        halves = [group[:20] for shard in groups for group in _chunks(shard, 40)]
        for half in halves:
            store.write(made_up(half))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        num_done = sum(map(len, halves))
        print(
            f"store: {num_done:,} trials, {3 * len(halves):,} files, {size / 1e6:.0f} MB"
        )
        started = time.perf_counter()
        done = store.done()
        print(f"read what is done: {time.perf_counter() - started:.1f} s")
        work = runner.missing(trials, store, done=done)
        seconds = time.perf_counter() - started
        num_missing = sum(len(item.trials) for item in work)
        assert num_missing == len(trials) - num_done
        print(f"and what is missing, {num_missing:,} trials: {seconds:.1f} s in all")


def overhead() -> None:
    trials = [
        Trial(depth=depth, width=width)
        for depth in range(1, 21)
        for width in range(1, 11)
    ]
    population.train = made_up
    with tempfile.TemporaryDirectory() as folder:
        seconds = _seconds(trials, folder)
    print(
        f"overhead in the process: {1e3 * seconds / len(trials):.1f} ms per population"
    )
    with tempfile.TemporaryDirectory() as folder, _stand_in():
        seconds = _seconds(trials, folder, workers=2)
    print(
        f"overhead with two workers: {1e3 * seconds / len(trials):.1f} ms per population"
    )


def throughput() -> None:
    rates = {}
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            rates[workers] = 1 / _seconds_each(folder, workers=workers)
        print(f"workers: {workers}, populations per second: {rates[workers]:.2f}")
    print(
        f"ratio: {rates[2] / rates[1]:.2f}; load of the machine: {os.getloadavg()[0]:.1f}"
    )


def scheduler() -> None:
    dask = [sys.executable, "-m", "dask"]
    address = "tcp://127.0.0.1:28786"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment["TF_NUM_INTRAOP_THREADS"] = "1"
    silent = {"env": environment, "stderr": subprocess.DEVNULL}
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        commands = [
            [
                *dask,
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "28786",
                "--no-dashboard",
            ],
            *[[*dask, "worker", address, "--nthreads", "1"]] * 2,
        ]
        for command in commands:
            process = stack.enter_context(subprocess.Popen(command, **silent))
            stack.callback(process.terminate)
        seconds = _seconds_each(folder, scheduler=address)
    print(f"two workers of a scheduler, populations per second: {1 / seconds:.2f}")


def memory() -> None:
    process = psutil.Process()
    for number in range(1, 201):
        population.train(_small(number))
        if number == 1 or number % 50 == 0:
            print(
                f"after {number}: {process.memory_info().rss / 2**20:.0f} MiB",
                flush=True,
            )


def made_up(trials) -> Tables:
    """Tables as of nets of 10 layers, measured before and after training."""
    keys = [runner.key(trial) for trial in trials]
    frame = pd.DataFrame([t.settings() for t in trials]).assign(
        key=keys, schema=SCHEMA, test_accuracy=0.9
    )
    grid = pd.MultiIndex.from_product(
        [keys, (0, 1), range(10), MEASURES], names=["key", "epoch", "layer", "measure"]
    )
    values = np.random.default_rng(0).normal(size=len(grid))
    measurements = pd.DataFrame({"value": values}, index=grid).reset_index()
    outputs = pd.DataFrame(columns=["key", "epoch", "layer", "name", "index", "value"])
    return Tables(trials=frame, measurements=measurements, outputs=outputs)


def made_up_attempt(*arguments) -> str:
    population.train = made_up
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
    net = {"depth": 2 + number % 4, "width": 8 + number // 20, "epochs": 5}
    activation = ACTIVATIONS[number % len(ACTIVATIONS)]
    return [Trial(activation=activation, seed=seed, **net) for seed in range(3)]


def _seconds(trials, folder: str, **options) -> float:
    """Seconds from the end of the first population to that of the last."""
    store = Store(folder)
    store.prepare()
    ends = []
    for event in runner.run(runner.missing(trials, store), store, **options):
        assert event.kind != "failed", event.error
        if event.kind == "finished":
            ends.append(time.perf_counter())
    return ends[-1] - ends[0]


def _seconds_each(folder: str, **options) -> float:
    """Seconds per small population, once every worker has trained one."""
    store = Store(folder)
    store.prepare()
    trials = [trial for number in range(20) for trial in _small(number)]
    ends = []
    for event in runner.run(runner.missing(trials, store), store, **options):
        assert event.kind != "failed", event.error
        if event.kind == "finished":
            ends.append(time.perf_counter())
    # The first of each worker waits for TensorFlow to load; the last one is alone.
    return (ends[-2] - ends[1]) / (len(ends) - 3)


def _chunks(items, size: int):
    return (items[start : start + size] for start in range(0, len(items), size))


if __name__ == "__main__":
    for name in sys.argv[1:] or ["plan"]:
        {f.__name__: f for f in (plan, overhead, throughput, scheduler, memory)}[name]()
