"""What is half written, written twice, or left by a run that was killed."""

import dataclasses
import errno
import os
import threading
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from keras_rectifiers.comparison.trials.store import Store
from tests.comparison.trials.made_up_tables import (
    TABLES,
    assert_equal_tables,
    contents,
    file_of,
    made_up_tables,
    make_leftovers,
)


def test_without_its_trials_a_population_is_not_done(store):
    store.write(made_up_tables("a"))
    kept = contents(store.folder)
    store.write(made_up_tables("b"))
    for path in set(contents(store.folder)) - set(kept):
        if path.startswith("trials"):
            (store.folder / path).unlink()
    assert len(contents(store.folder)) == 5
    assert store.done() == {"a"}
    assert_equal_tables(store.read(["a", "b"]), made_up_tables("a"))
    assert store.damaged() == []


@pytest.mark.parametrize("table", ["measurements", "outputs"])
def test_without_its_measurements_or_outputs_a_population_is_not_done(store, table):
    store.write(made_up_tables("a"))
    file_of(store, table).unlink()
    assert store.done() == set()
    assert len(store.read(["a"]).trials) == 0
    store.write(made_up_tables("a"))
    assert_equal_tables(store.read(["a"]), made_up_tables("a"))


def test_trials_are_written_last(store, monkeypatch):
    replaced = []
    replace = os.replace

    def record(source, target):
        replaced.append(Path(target).parent.name)
        # Until the commit mark stands, nothing is done.
        assert store.done() == set()
        replace(source, target)

    monkeypatch.setattr(os, "replace", record)
    store.write(made_up_tables("a"))
    assert sorted(replaced) == sorted(TABLES)
    assert replaced[-1] == "trials"
    assert store.done() == {"a"}


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("step", ["write_table", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_failed_write_leaves_what_was_there_and_nothing_half_done(
    store, monkeypatch, number, step, error
):
    store.write(made_up_tables("a"))
    before = contents(store.folder)
    module = pq if step == "write_table" else os
    original = getattr(module, step)
    calls = iter(range(3))

    def failing(*args, **kwargs):
        if next(calls) == number:
            if step == "write_table":
                args[1].write(b"half of a fi")
            raise error
        return original(*args, **kwargs)

    with monkeypatch.context() as patch, pytest.raises(type(error)) as raised:
        patch.setattr(module, step, failing)
        store.write(made_up_tables("b", "c"))
    assert raised.value is error
    if step != "write_table" and isinstance(error, OSError):
        # Of a full disk the error itself names no file.
        folder, name = os.path.split(error.filename)
        assert folder == str(
            store.folder / ("measurements", "outputs", "trials")[number]
        )
        assert name.endswith(".parquet")
    after = contents(store.folder)
    assert {path: after[path] for path in before} == before
    assert [path for path in after if not path.endswith(".parquet")] == []
    assert store.done() == {"a"}
    assert_equal_tables(store.read("abc"), made_up_tables("a"))
    store.write(made_up_tables("b", "c"))
    assert store.done() == {"a", "b", "c"}


def test_a_trial_that_stands_in_two_files_is_read_once(store):
    store.write(made_up_tables("a", "b"))
    store.write(made_up_tables("b", "c"))
    assert len(list((store.folder / "trials").iterdir())) == 2
    found = store.read("abc")
    assert list(found.trials.key) == ["a", "b", "c"]
    expected = made_up_tables("a", "b", "c")
    pd.testing.assert_frame_equal(found.measurements, expected.measurements)
    pd.testing.assert_frame_equal(found.outputs, expected.outputs)


def test_the_rows_of_a_trial_in_two_files_come_from_one_of_them(store):
    # Populations of other sizes round otherwise: a mixture would be neither.
    store.write(made_up_tables("a", "b", value=0.1))
    store.write(made_up_tables("b", "c", value=0.2))
    found = store.read(["b"])
    expected = made_up_tables("b", value=found.trials.loss[0])
    pd.testing.assert_frame_equal(found.measurements, expected.measurements)
    pd.testing.assert_frame_equal(found.outputs, expected.outputs)


def test_a_trial_that_stopped_at_two_instants_in_two_files_is_read_from_one(store):
    # Rounding may decide when a training stops: one file then has more epochs.
    for keys, num_epochs in (("ab", 5), ("bc", 2)):
        tables = made_up_tables(*keys)
        rows = [tables.measurements.assign(epoch=epoch) for epoch in range(num_epochs)]
        measurements = pd.concat(rows).drop_duplicates(
            ["key", "epoch", "layer", "measure"]
        )
        store.write(dataclasses.replace(tables, measurements=measurements))
    whole = store.read("abc")
    num_epochs = whole.measurements.groupby("key").epoch.nunique()
    assert (num_epochs["a"], num_epochs["c"]) == (5, 2)
    alone = store.read("b").measurements
    both = whole.measurements[whole.measurements.key == "b"]
    pd.testing.assert_frame_equal(both.reset_index(drop=True), alone)
    first = pd.read_parquet(sorted((store.folder / "measurements").iterdir())[0])
    assert len(alone) == (first.key == "b").sum()


def test_leftovers_of_a_killed_run_are_no_damage_and_the_next_run_removes_them(store):
    store.write(made_up_tables("a"))
    kept = store.folder / "trials" / "mine.txt"
    kept.write_text("kept")
    before = contents(store.folder)
    make_leftovers(store.folder)
    assert store.done() == {"a"}
    assert store.damaged() == []
    store.prepare()
    assert contents(store.folder) == before
    assert_equal_tables(store.read(["a"]), made_up_tables("a"))


def test_a_leftover_that_cannot_be_removed_is_left(store, monkeypatch):
    store.prepare()
    leftovers = make_leftovers(store.folder)
    unlink = Path.unlink

    def refuse(path, missing_ok=False):
        if path == leftovers[1]:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    store.prepare()
    assert [path.exists() for path in leftovers] == [False, True, False]


def test_a_run_that_starts_while_another_writes_does_no_harm(store, monkeypatch):
    store.prepare()
    fsync = os.fsync
    removed = []

    def meanwhile(descriptor):
        fsync(descriptor)
        if len(removed) < 4:
            removed.extend(store.folder.rglob("*.tmp"))
            Store(store.folder).prepare()

    monkeypatch.setattr(os, "fsync", meanwhile)
    store.write(made_up_tables("a"))
    assert len(set(removed)) == 4
    assert_equal_tables(store.read(["a"]), made_up_tables("a"))
    assert len(contents(store.folder)) == 3


def test_runs_that_write_the_same_trials_at_once_do_no_harm(store):
    tables = made_up_tables(*(f"{i:03}" for i in range(30)))
    barrier = threading.Barrier(4)
    errors = []

    def write_often():
        try:
            own = Store(store.folder)
            barrier.wait()
            for _ in range(10):
                own.prepare()
                own.write(tables)
                assert_equal_tables(own.read(tables.trials.key), tables)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.damaged() == []
    assert len(contents(store.folder)) == 3
