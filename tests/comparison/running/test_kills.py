"""Runs as processes that are killed, or that share a folder, and what they leave."""

import random
import subprocess
import sys

import pytest

from benchmarks import kills
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store

# Processes that load TensorFlow, again and again.
pytestmark = pytest.mark.slow

# Trains one population twice, in two folders, and tells whether that is deterministic.
DETERMINISTIC = """
from benchmarks.kills import trials
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store

for folder in "ab":
    store = Store(folder)
    work = runner.missing(trials()[:2], store)
    print([e.kind for e in runner.run(work, store, deterministic=True)])
from tensorflow.python.framework import config
print(config.is_op_determinism_enabled())
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("undisturbed"))
    events = list(runner.run(runner.missing(kills.trials(), store), store))
    assert [event.kind for event in events] == [
        "started",
        "finished",
    ] * kills.NUM_POPULATIONS
    return kills.read(store.folder)


@pytest.mark.parametrize("kind", kills.KINDS)
def test_what_is_killed_at_a_random_instant_loses_nothing(tmp_path, undisturbed, kind):
    """Over 10 s: what is killed starts again as a program with workers."""
    rng = random.Random(kills.KINDS.index(kind))
    tables, _, num_runs = kills.disturbed(tmp_path, kind, rng)
    assert num_runs == (1 if kind == "worker" else 2)
    kills.assert_equal(tables, undisturbed)
    assert list(tmp_path.rglob("*.tmp")) == []


def test_two_runs_at_once_in_one_folder_both_end_with_equal_tables(
    tmp_path, undisturbed
):
    """Over 10 s: two programs load TensorFlow and train."""
    runs = [kills.start(tmp_path, workers=1) for _ in range(2)]
    assert [run.wait(600) for run in runs] == [0, 0]
    for run in runs:
        run.stdout.close()
    kills.assert_equal(kills.read(tmp_path), undisturbed)


def test_a_deterministic_run_gives_the_same_bits_again(tmp_path):
    """Over 10 s: a program of its own, for TensorFlow stays deterministic."""
    result = subprocess.run(
        [sys.executable, "-c", DETERMINISTIC],
        cwd=tmp_path,
        env=kills.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    ended = "['started', 'finished']\n"
    assert result.stdout == f"{ended}{ended}True\n"
    keys = list(map(runner.key, kills.trials()[:2]))
    one, other = (Store(tmp_path / folder).read(keys) for folder in "ab")
    kills.assert_equal(one, other)
