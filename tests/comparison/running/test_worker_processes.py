"""Runs whose workers are processes, which may die."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.running.made_up_trials import (
    BROKEN,
    SMALL,
    TRIALS,
    assert_equal_tables,
    read_all,
)

ROOT = Path(__file__).parents[3]

BREAKING = """
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner

attempt, train = runner.attempt, training.train

def breaking_train(trials):
    if trials[0].activation == "softplus":
        raise RuntimeError("no such thing")
    return train(trials)

def breaking_attempt(*args):
    training.train = breaking_train
    return attempt(*args)
"""


# Not guarded by `if __name__ == "__main__"`, as people write them.
SCRIPT = f"""
with open("executions", "a") as file:
    file.write("executed ")

import os
import breaking
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial

runner.attempt = breaking.breaking_attempt
environment = dict(os.environ)
store = Store("results")
work = runner.missing([*{TRIALS!r}, {BROKEN!r}], store)
for event in runner.run(work, store, workers=2):
    print(event.kind, event.work.trials[0].activation)
assert dict(os.environ) == environment
"""


# It kills its worker whenever it is trained.
DEADLY = Trial(activation="elu", depth=4, **SMALL)


# Lets workers die in the middle of a population, in one case the first time only.
DEATHS = """
import os, signal
from pathlib import Path
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner

attempt, train = runner.attempt, training.train

def deadly_train(trials):
    activation = trials[0].activation
    with open("begun", "a") as file:
        file.write(activation + " ")
    if activation == "elu" or activation == "prelu" and not Path("died").exists():
        if activation == "prelu":
            Path("died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return train(trials)

def deadly_attempt(*args):
    training.train = deadly_train
    return attempt(*args)
"""
SCRIPT_OF_DEATHS = f"""
import sys
import deaths
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial

print("imported", file=sys.stderr, flush=True)
runner.attempt = deaths.deadly_attempt
store = Store("results")
work = runner.missing({[*TRIALS, DEADLY]!r}, store)
for event in runner.run(work, store, workers=2):
    print(event.kind, event.work.trials[0].activation, event.error)
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> tuple[Path, list[str]]:
    """The folder of an unguarded script with two workers, and what it printed."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "breaking.py").write_text(BREAKING)
    return folder, execute(SCRIPT, folder).stdout.splitlines()


def execute(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(script)
    result = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    return result


@pytest.mark.slow
def test_two_workers_give_the_tables_of_one(script, undisturbed):
    """Over 10 s: two workers load TensorFlow and train."""
    folder, _ = script
    assert_equal_tables(read_all(Store(folder / "results")), undisturbed)


@pytest.mark.slow
def test_workers_never_import_the_main_module_of_the_caller(script):
    folder, _ = script
    assert (folder / "executions").read_text() == "executed "


@pytest.mark.slow
def test_workers_that_are_processes_report_what_happens(script):
    folder, printed = script
    # Cost: deeper first, then as the settings sort.
    assert [line for line in printed if line.startswith("started")] == [
        f"started {activation}" for activation in ("tanh", "prelu", "relu", "softplus")
    ]
    assert printed[:2] == ["started tanh", "started prelu"]
    assert sorted(line for line in printed if not line.startswith("started")) == [
        "failed softplus",
        "finished prelu",
        "finished relu",
        "finished tanh",
    ]
    (record,) = (folder / "results" / "failures").iterdir()
    text = record.read_text()
    assert text.startswith("Traceback (most recent call last):\n")
    assert "in carry_out" in text
    assert text.endswith(f"\n{runner.key(BROKEN)} {BROKEN!r}\n")


@pytest.mark.slow
def test_what_kills_workers_is_a_failure_after_three_times_and_the_rest_goes_on(
    tmp_path, undisturbed
):
    """Over 10 s: each worker that dies is followed by one that loads TensorFlow."""
    (tmp_path / "deaths.py").write_text(DEATHS)
    result = execute(SCRIPT_OF_DEATHS, tmp_path)
    events = result.stdout.splitlines()
    message = (
        "Its process died in 3 of 3 attempts, possibly for lack of memory. A run with "
        "a single worker shows its error output."
    )
    assert sorted(event for event in events if not event.startswith("started")) == [
        f"failed elu {message}",
        "finished prelu ",
        "finished relu ",
        "finished tanh ",
    ]
    assert sorted((tmp_path / "begun").read_text().split()) == (
        ["elu"] * 3 + ["prelu"] * 2 + ["relu", "tanh"]
    )
    assert_equal_tables(read_all(Store(tmp_path / "results")), undisturbed)
    (record,) = (tmp_path / "results" / "failures").iterdir()
    assert record.read_text() == f"{message}\n{runner.key(DEADLY)} {DEADLY!r}\n"
    # Nothing of what the workers and Dask log.
    assert result.stderr.partition("imported\n")[2] == ""
