"""Runs that are interrupted, resumed, extended, that fail in part or have workers."""

import contextlib
import itertools
import re

import pytest
from distributed import Client, LocalCluster

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.running import dask_workers, jobs, runner
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.running.made_up_trials import (
    BROKEN,
    SMALL,
    TRIALS,
    assert_equal_tables,
    read_all,
    train_all,
)
from tests.comparison.trials.full_disk import files_up_to


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
                dashboard_address=":0",
                local_directory=scratch,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client

    monkeypatch.setattr(dask_workers, "local", local)


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


def test_workers_take_the_most_costly_first_and_record_what_fails(
    store, trained, tmp_path, in_threads
):
    work = runner.missing([*TRIALS, BROKEN], store)
    events = list(runner.run(work, store, workers=2))
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
