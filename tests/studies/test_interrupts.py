"""Signals end a run within seconds, whenever they come and however many."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keras_rectifiers.comparison.running import dask_workers
from studies import interrupts

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def handled(monkeypatch):
    """SIGINT is handled as in a run."""
    monkeypatch.setattr(interrupts, "_is_ending", False)
    before = signal.signal(signal.SIGINT, interrupts._interrupt)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_signal_interrupts_and_others_disturb_nothing(handled):
    ended = []
    with interrupts.by(signal.SIGTERM):
        with pytest.raises(KeyboardInterrupt, match=r"^130$"):
            signal.raise_signal(signal.SIGINT)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(number)
            ended.append(number)
    assert len(ended) == 2
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    # The next run in the same process, as in a notebook, can be interrupted again.
    with (
        interrupts.by(signal.SIGTERM),
        pytest.raises(KeyboardInterrupt, match=r"^143$"),
    ):
        signal.raise_signal(signal.SIGTERM)


def test_workers_whose_start_was_interrupted_are_ended(handled, monkeypatch, tmp_path):
    ended = []

    class Cluster:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            ended.append("closed")

        def sync(self, function, *args):
            # The second Ctrl-C, while they are ended.
            signal.raise_signal(signal.SIGINT)
            ended.append("killed")

    def start(**_):
        signal.raise_signal(signal.SIGINT)
        return Cluster()

    monkeypatch.setattr("distributed.deploy.subprocess.SubprocessCluster", start)
    monkeypatch.setattr("distributed.Client", lambda *_, **__: contextlib.nullcontext())
    with (
        pytest.raises(KeyboardInterrupt),
        dask_workers.local(2, str(tmp_path), allowed_deaths=1),
    ):
        ended.append("begun")
    assert ended == ["killed", "closed"]


def test_workers_that_cannot_be_started_are_told_in_one_line(monkeypatch, tmp_path):
    def start(**_):
        raise PermissionError(13, "Permission denied", "/dev/shm/x")

    monkeypatch.setattr("distributed.deploy.subprocess.SubprocessCluster", start)
    with (
        pytest.raises(
            ConnectionError,
            match=r"^The 2 local workers could not be started: \[Errno 13\] Permission "
            r"denied: '/dev/shm/x'\. A run with a single worker does not need them\.$",
        ),
        dask_workers.local(2, str(tmp_path), allowed_deaths=1),
    ):
        raise AssertionError("it has begun")


# A run that cannot be interrupted, as in a library, with a child and its child.
STUCK = """
import os, signal, subprocess, sys, threading
from studies import interrupts
# Whoever starts the tests in the background makes them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
interrupts.PATIENCE = 0.2
interrupts.watch()
wait = "import threading; threading.Event().wait()"
child = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {wait!r}]); "
child += "print('started', flush=True); p.wait()"
subprocess.Popen([sys.executable, "-c", child], start_new_session=True)
while True:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("swallowed", flush=True)
"""


def test_what_cannot_be_interrupted_is_ended_with_all_its_processes():
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "swallowed\n"
        process.send_signal(signal.SIGINT)
        # All three write to the same pipe: it ends when the last of them has ended.
        output, notes = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert notes == "Interrupted. The same command goes on with what is left.\n"


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["numpy", "keras.src.layers", "two cores", "[1/"])
def test_ctrl_c_twice_ends_a_run_in_any_phase_and_leaves_no_process(tmp_path, phase):
    """Over 10 s: the program starts, loads TensorFlow and starts workers first."""
    # Each import is told on stderr.
    command = [sys.executable, "-X", "importtime", "-m", "studies", "run"]
    process = subprocess.Popen(
        [*command, "learned_slopes", "--workers", "2"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever starts the tests in the background makes them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert any(phase in line for line in process.stderr)
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
        # Returns when no process is left that could write.
        _, notes = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130, notes
    assert "Interrupted. " in notes or notes.endswith("Interrupted.\n")
    assert list(tmp_path.rglob("*.tmp")) == []


# Threads that a library has left at work would abort a Python that ends in order.
DONE = """
import atexit, os, runpy, sys, types
atexit.register(os.abort)
import studies
command_line = types.ModuleType("studies.command_line")
command_line.main = lambda args: print("done") or int(sys.argv.pop())
studies.command_line = sys.modules["studies.command_line"] = command_line
runpy.run_module("studies", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("status", [0, 1, 130])
def test_what_other_libraries_leave_at_work_disturbs_no_end(status):
    command = [sys.executable, "-c", DONE, str(status)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (status, "done\n", "")


def test_an_output_that_cannot_be_written_at_the_end_is_a_failure():
    command = [sys.executable, "-c", DONE, "0"]
    told = {"cwd": ROOT, "stderr": subprocess.PIPE, "text": True}
    # Else it would be found out before the end.
    told["env"] = os.environ | {"PYTHONUNBUFFERED": ""}
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, **told)
    assert (ended.returncode, ended.stderr) == (1, "")
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    ended = subprocess.run(closed, **told)
    assert (ended.returncode, ended.stderr) == (0, "")
