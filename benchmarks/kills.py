"""Kills a run at random instants, and looks whether anything is lost.

A study of a few small populations runs with two workers. At a random instant of it a
worker, the process that runs it, or every process of it is killed by SIGKILL; then the
same run is started again, until it ends. Its tables must equal those of a run that
nothing happened to, bit for bit, and no file may be damaged or left over.

    python benchmarks/kills.py --instants 30 --seed 0
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import psutil

ROOT = Path(__file__).parents[1]
KINDS = ("worker", "runner", "everything")
NUM_POPULATIONS = 4

RUN = """
import sys
from benchmarks.kills import trials
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store

store = Store(sys.argv[1])
store.prepare()
work = runner.missing(trials(), store)
failed = 0
for event in runner.run(work, store, workers=int(sys.argv[2])):
    print(event.kind, flush=True)
    failed += event.kind == "failed"
sys.exit(failed)
"""


def trials():
    from keras_rectifiers.comparison.trials.trial import Trial

    small = {"width": 4, "batch_size": 256, "epochs": 1, "probe_size": 32}
    depths = range(1, NUM_POPULATIONS + 1)
    return [Trial(depth=d, seed=s, **small) for d in depths for s in range(2)]


def undisturbed(folder: Path):
    """Trains in one go and returns the tables."""
    process = start(folder)
    assert process.wait(600) == 0
    return read(folder)


def disturbed(folder: Path, kind: str, rng: random.Random):
    """Kills a run at a random instant, and runs it to its end.

    The instant is up to a second after a random one of the ends of populations, or of
    the first one's beginning: by the clock alone, most would fall on a start that
    loads TensorFlow.

    Returns:
        The tables, the number of populations that were done when it was killed, and of
        runs that it took.
    """
    process = start(folder)
    ends = rng.randrange(NUM_POPULATIONS)
    process.stdout.readline()
    while ends:
        ends -= process.stdout.readline() == "finished\n"
    time.sleep(rng.uniform(0, 1))
    num_runs = 1
    try:
        kill(process, kind)
        num_done = len(list((folder / "trials").glob("*.parquet")))
        if kind == "worker":
            assert process.wait(600) == 0, "a run did not survive its worker's death"
        while kind != "worker":
            num_runs += 1
            with start(folder) as again:
                if again.wait(600) == 0:
                    break
            assert num_runs < 5, "a run that nothing happens to does not end"
    finally:  # the orphans of a run that was killed
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return read(folder), num_done, num_runs


def start(folder: Path, *, workers: int = 2) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), str(workers)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def kill(process: subprocess.Popen, kind: str) -> None:
    with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
        if kind == "everything":
            os.killpg(process.pid, signal.SIGKILL)
        elif kind == "runner":
            process.kill()
        else:
            for child in psutil.Process(process.pid).children(recursive=True):
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()
                    break


def read(folder: Path):
    from keras_rectifiers.comparison.running import runner
    from keras_rectifiers.comparison.trials.store import Store

    store = Store(folder)
    keys = [runner.key(trial) for trial in trials()]
    tables = store.read(keys)
    assert set(tables.trials.key) == set(keys), "trials are lost"
    assert store.damaged() == [], "files are damaged"
    return tables


def assert_equal(tables, expected) -> None:
    for table in ("trials", "measurements", "outputs"):
        one, other = getattr(tables, table), getattr(expected, table)
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instants", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as scratch:
        expected = undisturbed(Path(scratch, "undisturbed"))
        for number in range(arguments.instants):
            kind = KINDS[number % 3]
            folder = Path(scratch, str(number))
            tables, num_done, num_runs = disturbed(folder, kind, rng)
            assert_equal(tables, expected)
            print(
                f"{number + 1}. {kind} killed with {num_done} of {NUM_POPULATIONS} "
                f"populations done: ended after {num_runs} run(s), tables equal",
                flush=True,
            )
    print(f"{arguments.instants} of {arguments.instants}: nothing lost, tables equal")


if __name__ == "__main__":
    main()
