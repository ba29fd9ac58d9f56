"""Runs that are interrupted, resumed, extended, that fail in part or have workers."""

import contextlib
import itertools
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.running import dask_workers, jobs, runner
from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import Tuning
from tests.comparison.trials.full_disk import files_up_to

ROOT = Path(__file__).parents[3]
SMALL = {"width": 4, "batch_size": 256, "epochs": 1, "probe_size": 32}
TRIALS = [
    Trial(activation=activation, depth=depth, seed=seed, **SMALL)
    for activation, depth in (("relu", 2), ("prelu", 2), ("tanh", 3))
    for seed in range(2)
]
# Its training fails, wherever it is trained.
BROKEN = Trial(activation="softplus", depth=2, **SMALL)
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
work = runner.missing({TRIALS!r}, store)
later = [runner.missing([{BROKEN!r}], store)]
more = lambda: later.pop() if later else []
for event in runner.run(work, store, workers=2, more=more):
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


def train_all(trials, store, **options) -> list[tuple[str, str]]:
    """Runs what is missing; returns what happened to which activation."""
    events = list(runner.run(runner.missing(trials, store), store, **options))
    return [(event.kind, event.work.trials[0].activation) for event in events]


def read_all(store, trials=TRIALS) -> Tables:
    return store.read([runner.key(trial) for trial in trials])


def assert_equal_tables(tables: Tables, expected: Tables) -> None:
    assert len(expected.trials) > 0
    for table in ("trials", "measurements", "outputs"):
        pd.testing.assert_frame_equal(
            getattr(tables, table), getattr(expected, table), check_exact=True
        )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Tables:
    """The tables of a run that nothing happened to."""
    store = Store(tmp_path_factory.mktemp("undisturbed"))
    train_all(TRIALS, store)
    return read_all(store)


@pytest.fixture
def in_threads(monkeypatch) -> None:
    """Workers are threads of this process, where a stand-in can train."""

    @contextlib.contextmanager
    def local(num_workers, scratch, *, allowed_deaths):
        with (
            LocalCluster(
                n_workers=num_workers,
                threads_per_worker=1,
                processes=False,
                dashboard_address=None,
                local_directory=scratch,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client

    monkeypatch.setattr(dask_workers, "local", local)


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


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def trained(monkeypatch) -> list[list[Trial]]:
    """The populations that were trained: quickly, by a stand-in."""
    populations = []

    def train(trials):
        populations.append(list(trials))
        if BROKEN in trials:
            raise RuntimeError("no such thing\nas this activation")
        keys = [runner.key(trial) for trial in trials]
        rows = [trial.settings() for trial in trials]
        frame = pd.DataFrame(rows)
        frame.insert(0, "key", keys)
        # Least at a rate of 0.1 or 1, as the activation is.
        best = frame["activation"].map({"tanh": 1.0}).fillna(0.1)
        distance = np.abs(np.log10(frame["learning_rate"] / best))
        frame["validation_accuracy"] = 1 - distance / 10
        frame["diverged"] = False
        measurements = pd.DataFrame(
            {"key": keys, "epoch": 0, "layer": 0, "measure": "m", "value": 1.0}
        )
        outputs = measurements.assign(name="n", index=0).drop(columns="measure")
        return Tables(trials=frame, measurements=measurements, outputs=outputs)

    monkeypatch.setattr(training, "train", train)
    return populations


def test_what_is_missing_is_trained_and_only_that(store, trained):
    first = train_all(TRIALS[:2], store)
    assert first == [("started", "relu"), ("finished", "relu")]
    assert store.done() == {runner.key(trial) for trial in TRIALS[:2]}
    train_all(TRIALS, store)
    assert sorted(map(len, trained)) == [2, 2, 2]
    assert sorted(itertools.chain(*trained), key=repr) == sorted(TRIALS, key=repr)
    assert runner.missing(TRIALS, store) == []
    assert train_all(TRIALS, store) == []
    assert len(trained) == 3


def test_trials_with_one_graph_are_trained_together_the_most_costly_first(
    store, trained
):
    deep = [Trial(depth=50, seed=seed, **SMALL) for seed in range(2)]
    untrained = [Trial(**SMALL | {"epochs": 0, "depth": 2})]
    trials = [*untrained, TRIALS[0], deep[0], TRIALS[1], deep[1]]
    work = runner.missing(trials, store)
    costs = [item.cost for item in work]
    assert costs == sorted(costs, reverse=True) and len(set(costs)) == 3
    list(runner.run(work, store))
    assert trained == [deep, TRIALS[:2], untrained]


def test_a_trial_that_stands_twice_in_the_list_is_trained_once(store, trained):
    train_all([*TRIALS[:2], Trial(**TRIALS[0].settings()), TRIALS[1]], store)
    assert trained == [TRIALS[:2]]


def test_more_seeds_train_only_the_new_trials(store, trained):
    train_all(TRIALS, store)
    trained.clear()
    more = [
        Trial(**trial.settings() | {"seed": seed})
        for trial in TRIALS[::2]
        for seed in range(7)
    ]
    train_all(more, store)
    assert [[trial.seed for trial in trials] for trials in trained] == [
        [2, 3, 4, 5, 6]
    ] * 3
    assert len(read_all(store, more).trials) == 21


STAGED = Study(
    name="staged",
    title="",
    question="",
    method="",
    trials={"quick": lambda: TRIALS[:1]},
    claims=(),
    figures=(),
    tunings={
        "quick": [
            Tuning(
                title="MLP",
                nets=[TRIALS[0], TRIALS[4]],
                rates=(0.01, 0.1, 1.0),
                common_rate=0.01,
                seeds=(0, 1),
                num_tuning_seeds=2,
                num_rounds=1,
            )
        ]
    },
)


def train_staged(store) -> list[runner.Event]:
    """Runs a study to its end, as the command line does."""
    trials = set(runner.wanted(STAGED, "quick", store))

    def more():
        new = [t for t in runner.wanted(STAGED, "quick", store) if t not in trials]
        trials.update(new)
        return runner.missing(new, store)

    return list(runner.run(runner.missing(list(trials), store), store, more=more))


def rates(trials) -> dict[str, list[float]]:
    return {
        name: sorted({t.learning_rate for t in trials if t.activation == name})
        for name in ("relu", "tanh")
    }


def test_a_study_whose_trials_depend_on_others_runs_to_its_end(store, trained):
    first = runner.wanted(STAGED, "quick", store)
    assert {trial.seed for trial in first[:-1]} == {TUNING_SEEDS, TUNING_SEEDS + 1}
    assert first[-1] == TRIALS[0]
    train_staged(store)
    wanted = runner.wanted(STAGED, "quick", store)
    assert runner.missing(wanted, store) == []
    assert sorted(itertools.chain(*trained), key=repr) == sorted(wanted, key=repr)
    # The best rate of tanh lies at the end, so the grid grows for both.
    grid = [0.01, 0.1, 1.0, 10.0]
    searched = [trial for trial in wanted if trial.seed >= TUNING_SEEDS]
    assert rates(searched) == {"relu": grid, "tanh": grid}
    reported = [t for t in wanted if t.seed < TUNING_SEEDS and t != TRIALS[0]]
    assert rates(reported) == {"relu": [0.01, 0.1], "tanh": [0.01, 1.0]}
    assert train_staged(store) == []


def test_a_study_that_was_interrupted_in_its_search_goes_on_to_the_same_trials(
    store, trained, tmp_path
):
    train_staged(store)
    undisturbed = runner.wanted(STAGED, "quick", store)
    other = Store(tmp_path / "other")
    first = runner.missing(runner.wanted(STAGED, "quick", other), other)
    next(runner.run(first, other))
    list(runner.run(first[:1], other))
    train_staged(other)
    assert runner.wanted(STAGED, "quick", other) == undisturbed
    assert_equal_tables(read_all(other, undisturbed), read_all(store, undisturbed))


def test_what_the_choice_of_rates_waits_for_is_trained_first(store):
    costly = Trial(depth=50, **SMALL)
    searched = Trial(depth=2, seed=TUNING_SEEDS, **SMALL)
    work = runner.missing([costly, searched], store)
    assert [item.trials for item in work] == [(searched,), (costly,)]


def test_a_failed_search_ends_the_run_without_trials_that_would_depend_on_it(
    store, trained, monkeypatch
):
    train = training.train

    def without_tanh(trials):
        if trials[0].activation == "tanh":
            raise RuntimeError("no tanh today")
        return train(trials)

    monkeypatch.setattr(training, "train", without_tanh)
    events = train_staged(store)
    assert [e.kind for e in events].count("failed") == 1
    wanted = runner.wanted(STAGED, "quick", store)
    assert {t.seed for t in wanted} == {0, TUNING_SEEDS, TUNING_SEEDS + 1}


def test_events_tell_when_a_population_starts_and_when_it_has_finished(store, trained):
    work = runner.missing(TRIALS, store)
    events = runner.run(work, store)
    for number, item in enumerate(work):
        assert next(events) == runner.Event(kind="started", work=item)
        assert len(trained) == number
        assert next(events) == runner.Event(kind="finished", work=item)
        assert {runner.key(trial) for trial in item.trials} <= store.done()
    assert list(events) == []


def test_work_says_what_it_is():
    trained, untrained = (
        runner.Work(trials=tuple(Trial(epochs=e, seed=s) for s in range(3)), cost=1)
        for e in (10, 0)
    )
    assert str(trained) == "relu, mlp 10x32, trials: 3, epochs: 10"
    assert str(untrained) == "relu, mlp 10x32, trials: 3, epochs: 0"


def test_a_run_that_was_interrupted_goes_on_to_the_same_tables(
    store, monkeypatch, undisturbed
):
    work = runner.missing(TRIALS, store)
    train = training.train
    populations = []

    def interrupted(trials):
        populations.append(tuple(trials))
        if len(populations) == 2:
            raise KeyboardInterrupt
        return train(trials)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(training, "train", interrupted)
        list(runner.run(work, store))
    assert populations == [item.trials for item in work[:2]]
    assert store.done() == {runner.key(trial) for trial in work[0].trials}
    assert not (store.folder / "failures").exists()
    assert runner.missing(TRIALS, store) == work[1:]
    train_all(TRIALS, store)
    assert_equal_tables(read_all(store), undisturbed)


def test_a_run_that_is_closed_keeps_what_is_finished(store, trained):
    work = runner.missing(TRIALS, store)
    events = runner.run(work, store)
    next(events), next(events), next(events)
    events.close()
    assert trained == [list(work[0].trials)]
    assert runner.missing(TRIALS, store) == work[1:]


def test_a_failure_is_recorded_the_rest_goes_on_and_it_alone_is_tried_again(
    store, trained
):
    trials = [BROKEN, *TRIALS]
    work = runner.missing(trials, store)
    events = list(runner.run(work, store))
    (failed,) = (event for event in events if event.kind == "failed")
    assert failed.work.trials == (BROKEN,)
    assert failed.error.startswith("Traceback (most recent call last):\n")
    assert failed.error.endswith("RuntimeError: no such thing\nas this activation\n")
    assert [event.kind for event in events].count("finished") == 3
    assert store.done() == {runner.key(trial) for trial in TRIALS}
    (record,) = (store.folder / "failures").iterdir()
    text = f"{failed.error}\n{runner.key(BROKEN)} {BROKEN!r}\n"
    assert record.read_text() == text
    trained.clear()
    assert train_all(trials, store) == [("started", "softplus"), ("failed", "softplus")]
    assert trained == [[BROKEN]]
    assert list((store.folder / "failures").iterdir()) == [record]


def test_the_record_of_a_failure_is_kept_until_all_its_trials_are_finished(
    store, trained, monkeypatch
):
    class Failing(Store):
        def write(self, tables):
            raise OSError(28, "No space left on device")

    pair = TRIALS[:2]
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "Store", Failing)
        train_all(pair, store)
    folder = store.folder / "failures"
    (record,) = folder.iterdir()
    mine = folder / "mine.txt"
    mine.write_text("no record")
    # Another grouping of the same trials, and other trials.
    for trials, kept in ((TRIALS[2:], True), (pair[:1], True), (pair[1:], False)):
        train_all(trials, store)
        assert record.exists() == kept
    assert list(folder.iterdir()) == [mine]


def test_a_file_that_does_not_fit_on_the_disk_is_named_and_gone(store, trained):
    with files_up_to(2000):
        events = list(runner.run(runner.missing(TRIALS[:2], store), store))
    assert [event.kind for event in events] == ["started", "failed"]
    path = rf"{re.escape(str(store.folder))}/measurements/\w+\.parquet"
    assert re.search(rf"\nOSError: \[Errno 27\] .+: '{path}'\n$", events[1].error)
    assert store.done() == set() and list(store.folder.rglob("*.tmp")) == []


def test_tables_that_cannot_be_written_are_a_failure(store, trained, monkeypatch):
    def full(self, tables):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", full)
        assert [kind for kind, _ in train_all(TRIALS[:2], store)] == [
            "started",
            "failed",
        ]
    assert train_all(TRIALS[:2], store) == [("started", "relu"), ("finished", "relu")]


def test_workers_of_ones_own_and_a_scheduler_are_refused(store, trained):
    work = runner.missing(TRIALS, store)
    message = (
        r"^A scheduler has its own workers, so workers must be 1\. Received: 2 and the "
        r"scheduler 'tcp://a:1'\.$"
    )
    with pytest.raises(ValueError, match=message):
        list(runner.run(work, store, workers=2, scheduler="tcp://a:1"))


@pytest.mark.parametrize("workers", [0, -2])
def test_less_than_one_worker_is_refused(store, trained, workers):
    work = runner.missing(TRIALS, store)
    message = rf"^run expects `workers` to be from 1 to 1000\. .*: workers={workers}$"
    with pytest.raises(ValueError, match=message):
        list(runner.run(work, store, workers=workers))
    assert trained == []


def test_no_work_is_no_event_whatever_the_workers(store):
    assert list(runner.run([], store, workers=1)) == []
    assert list(runner.run([], store, workers=3)) == []


def test_a_data_set_that_is_not_there_is_refused_before_anything_is_trained(
    store, trained
):
    with pytest.raises(ValueError, match=r"^There is no data file cats\.npz\.$"):
        runner.missing([*TRIALS, Trial(dataset="cats.npz")], store)


def test_workers_take_the_most_costly_first_and_what_is_added_later(
    store, trained, tmp_path, in_threads
):
    later = [runner.missing([BROKEN], store)]
    events = list(
        runner.run(
            runner.missing(TRIALS, store),
            store,
            workers=2,
            more=lambda: later.pop() if later else [],
        )
    )
    happened = [(event.kind, event.work.trials[0].activation) for event in events]
    assert [name for kind, name in happened if kind == "started"] == [
        "tanh",
        "prelu",
        "relu",
        "softplus",
    ]
    assert happened[:2] == [("started", "tanh"), ("started", "prelu")]
    assert sorted(event for event in happened if event[0] != "started") == [
        ("failed", "softplus"),
        ("finished", "prelu"),
        ("finished", "relu"),
        ("finished", "tanh"),
    ]
    (record,) = (store.folder / "failures").iterdir()
    text = record.read_text()
    assert text.startswith("Traceback (most recent call last):\n")
    assert "in carry_out" in text
    assert text.endswith(f"\n{runner.key(BROKEN)} {BROKEN!r}\n")
    alone = Store(tmp_path / "alone")
    train_all(TRIALS, alone)
    assert_equal_tables(read_all(store), read_all(alone))


def test_an_error_of_a_worker_itself_is_a_failure(
    store, trained, monkeypatch, in_threads
):
    def attempt(attempts, job):
        raise OSError("out of luck")

    monkeypatch.setattr(runner, "attempt", attempt)
    work = runner.missing(TRIALS, store)
    events = list(runner.run(work, store, workers=2))
    failed = [event.error for event in events if event.kind == "failed"]
    assert len(failed) == 3
    assert all(error.endswith("OSError: out of luck\n") for error in failed)


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
    monkeypatch.setenv(datasets.DATA_DIR, "mine")
    for number, (data, expected) in enumerate((("", "mine"), ("/data", "/data"))):
        attempts = f"{store.folder}/{number}"
        assert not jobs.attempt(attempts, job(TRIALS[:1], store, data=data))
        assert os.environ[datasets.DATA_DIR] == expected
