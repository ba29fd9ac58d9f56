"""Runs that a signal ends, or that ignore it: what is said, and what is left."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store
from studies import __main__ as command_line
from tests.studies.made_up_command_line import ROOT, SMALL, TRIALS

pytestmark = pytest.mark.usefixtures("tiny_studies")

# As `python -m studies`, but with a study that takes seconds.
DRIVER = f"""
import runpy, signal
# Whoever starts the tests in the background makes them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
import studies
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
trials = [
    Trial(activation="relu", depth=depth, seed=seed, **{SMALL})
    for depth in (5, 4, 3, 2)
    for seed in range(2)
]
tiny = Study(
    name="tiny", title="", question="", method="", claims=[], figures=[],
    trials={{"quick": lambda: trials, "full": lambda: trials}},
)
studies.STUDIES = {{"tiny": tiny}}
runpy.run_module("studies", run_name="__main__", alter_sys=True)
"""
# Its workers finish the first population and never the others.
ENDLESS = """
import os
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import runner

attempt, train = runner.attempt, training.train

def endless_train(trials):
    if trials[0].depth < 5:
        print("begun", flush=True)
        open("pipe_that_nobody_writes_to").read()
    return train(trials)

def endless_attempt(*args):
    training.train = endless_train
    return attempt(*args)

runner.attempt = endless_attempt
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGTERM, 143)],
)
def test_a_signal_interrupts_a_run_and_leaves_the_store_whole(
    trained, monkeypatch, capsys, number, status
):
    train = training.train

    def signalled(trials):
        if trials[0].activation == "relu":
            os.kill(os.getpid(), number)
        return train(trials)

    monkeypatch.setattr(training, "train", signalled)
    # Whoever starts the tests in the background makes them ignore it.
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, usual)
    try:
        assert command_line.main(["run", "tiny"]) == status
    finally:
        signal.signal(number, before)
    notes = capsys.readouterr().err
    assert notes.endswith(
        "Interrupted. 2 trials are left. Run the same command again to continue.\n"
    )
    store = Store("results")
    assert store.done() == {runner.key(trial) for trial in TRIALS[:2]}
    assert store.damaged() == [] and list(Path("results").rglob("*.tmp")) == []
    assert not Path("results/failures").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_a_run_at_once_and_leaves_the_store_whole(
    tmp_path, number, status
):
    """Over 10 s: the program loads TensorFlow and trains."""
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    process = subprocess.Popen(
        [sys.executable, driver.name, "run", "tiny", "--out", "here"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever starts the tests in the background makes them ignore some.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    notes = ""
    try:
        for line in process.stderr:
            notes += line
            if "finished:" in line:
                process.send_signal(number)
                break
        output, rest = process.communicate(timeout=600)
    finally:
        process.kill()
    notes += rest
    assert process.returncode == status, notes
    assert output == "" and "Traceback" not in notes
    assert notes.endswith(
        "Interrupted. 6 trials are left. Run the same command again to continue.\n"
    )
    assert list((tmp_path / "here").rglob("*.tmp")) == []
    store = Store(tmp_path / "here")
    assert len(store.done()) == 2 and store.damaged() == []
    tables = store.read(store.done())
    assert list(tables.trials.depth) == [5, 5]
    assert set(tables.measurements.key) == store.done()


def test_a_signal_that_is_ignored_stays_so(trained, monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        train = training.train

        def hung_up(trials):
            os.kill(os.getpid(), signal.SIGHUP)
            return train(trials)

        monkeypatch.setattr(training, "train", hung_up)
        assert command_line.main(["run", "tiny"]) == 0
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_a_run_with_workers_and_leaves_no_process(
    tmp_path, number, status
):
    """Over 10 s: the program and its workers load TensorFlow, each by itself."""
    (tmp_path / "endless.py").write_text(ENDLESS)
    (tmp_path / "driver.py").write_text("import endless" + DRIVER)
    os.mkfifo(tmp_path / "pipe_that_nobody_writes_to")
    process = subprocess.Popen(
        [sys.executable, "driver.py", "run", "tiny", "--out", "here", "--workers", "2"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        # The second one begins when the first population is finished.
        assert [process.stdout.readline() for _ in range(2)] == ["begun\n"] * 2
        # As a terminal does: the signal goes to the workers as well.
        os.killpg(process.pid, number)
        # Returns when no process is left that could write.
        output, notes = process.communicate(timeout=600)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == status, notes
    assert output == ""
    # Before it, TensorFlow may have logged.
    assert notes.endswith(
        "Interrupted. 6 trials are left. Run the same command again to continue.\n"
    )
    store = Store(tmp_path / "here")
    assert len(store.done()) == 2 and store.damaged() == []
    assert list((tmp_path / "here").rglob("*.tmp")) == []
    assert not (tmp_path / "here" / "failures").exists()
