"""What a worker does with a job, and how often it is begun."""

import os
import socket

import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import published
from keras_rectifiers.comparison.running import jobs, runner
from keras_rectifiers.comparison.trials.store import Store
from tests.comparison.running.made_up_trials import BROKEN, TRIALS


def job(trials, store, **changes) -> jobs.Job:
    settings = {
        "trials": tuple(trials),
        "keys": tuple(map(runner.key, trials)),
        "folder": os.fspath(store.folder),
        "data": "",
        "deterministic": False,
    }
    return jobs.Job(**settings | changes)


def test_an_attempt_whose_worker_died_after_the_tables_were_written_is_not_repeated(
    store, trained
):
    for _ in range(5):
        attempts = os.fspath(store.folder / "attempts")
        assert jobs.attempt(attempts, job(TRIALS[:2], store)) == ""
    assert trained == [TRIALS[:2]]


def test_what_kills_its_process_three_times_is_not_begun_again(
    store, trained, monkeypatch
):
    train, dies = training.train, {"relu": 3, "tanh": 1}

    def deadly(trials):
        tables, activation = train(trials), trials[0].activation
        if dies[activation] > 0:
            dies[activation] -= 1
            raise SystemExit  # which is not caught
        return tables

    monkeypatch.setattr(training, "train", deadly)
    relu, tanh = job(TRIALS[:1], store), job(TRIALS[4:5], store)
    for _ in range(3):
        with pytest.raises(SystemExit):
            jobs.attempt(f"{store.folder}/relu", relu)
    for _ in range(2):
        assert jobs.attempt(f"{store.folder}/relu", relu) == (
            "Its process died in 3 of 3 attempts, possibly for lack of memory. A run "
            "with a single worker shows its error output."
        )
    with pytest.raises(SystemExit):
        jobs.attempt(f"{store.folder}/tanh", tanh)
    assert jobs.attempt(f"{store.folder}/tanh", tanh) == ""
    assert trained == [TRIALS[:1]] * 3 + [TRIALS[4:5]] * 2
    assert store.done() == {runner.key(TRIALS[4])}


def test_a_worker_that_does_not_see_the_folder_of_the_run_says_so(tmp_path, trained):
    store = Store(tmp_path / "elsewhere")
    error = jobs.attempt(f"{store.folder}/a/0", job(TRIALS[:1], store))
    assert error == (
        f"The worker on {socket.gethostname()} cannot find the folder {store.folder}. "
        "The workers and the run must share it under the same path."
    )
    assert trained == [] and list(tmp_path.iterdir()) == []


def test_a_worker_with_other_data_than_the_run_adds_nothing(store, trained):
    other = job(TRIALS[:1], store, keys=("another",))
    assert jobs.attempt(f"{store.folder}/0", other) == (
        f"The worker on {socket.gethostname()} has different data, a different "
        "backend or a different version of keras_rectifiers than the run, so its "
        "trials have different keys."
    )
    assert store.done() == set()


def test_workers_look_for_data_where_the_run_does(store, trained, monkeypatch):
    monkeypatch.setenv(published.DATA_DIR, "mine")
    for number, (data, expected) in enumerate((("", "mine"), ("/data", "/data"))):
        attempts = f"{store.folder}/{number}"
        assert not jobs.attempt(attempts, job(TRIALS[:1], store, data=data))
        assert os.environ[published.DATA_DIR] == expected


def test_a_job_is_deterministic_only_if_the_run_is(store, trained, monkeypatch):
    calls = []
    monkeypatch.setattr(
        training, "make_deterministic", lambda: calls.append(len(trained))
    )
    assert jobs.carry_out(job(TRIALS[:1], store)) == "" and calls == []
    assert jobs.carry_out(job(TRIALS[4:5], store, deterministic=True)) == ""
    # Before it trains.
    assert calls == [1] and len(trained) == 2


def test_a_job_that_fails_returns_its_traceback_and_writes_nothing(store, trained):
    error = jobs.carry_out(job([BROKEN], store))
    assert error.startswith("Traceback (most recent call last):\n")
    assert error.endswith("\nRuntimeError: no such thing\nas this activation\n")
    assert store.done() == set()
