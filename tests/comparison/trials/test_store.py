"""What the store keeps, whatever happens while it writes."""

import dataclasses
import errno
import hashlib
import os
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from keras_rectifiers.comparison.trials.results_folder import MARKER
from keras_rectifiers.comparison.trials.store import Store, Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.trials.made_up_tables import (
    TABLES,
    assert_equal_tables,
    contents,
    file_of,
    made_up_tables,
    make_leftovers,
)


def test_what_is_written_is_read_with_its_types(store):
    tables = made_up_tables("a", "b", "lost")
    store.write(tables)
    assert store.done() == {"a", "b", "lost"}
    found = Store(store.folder).read(["a", "b", "lost"])
    assert_equal_tables(found, tables)
    assert found.measurements.layer.dtype == "Int16"
    assert found.measurements.layer.isna().sum() == 6
    assert list(found.trials.diverged) == [False, False, True]


def test_categorical_tables_hold_the_same_in_less_memory():
    tables = made_up_tables(*map(str, range(100)))
    found = tables.categorical()
    texts = found.measurements.astype({"key": "str", "measure": "str"})
    assert_equal_tables(dataclasses.replace(found, measurements=texts), tables)
    for column in ("key", "measure"):
        before, after = tables.measurements[column], found.measurements[column]
        assert after.memory_usage(index=False) < before.memory_usage(index=False) / 3


def test_trials_stored_before_there_were_recipes_have_the_standard_one(store):
    settings = [Trial(seed=1).settings(), Trial(seed=2).settings()]
    for key, row in zip("ab", settings, strict=True):
        frame = pd.DataFrame([row]).assign(key=key)
        if key == "a":
            frame = frame.drop(columns="recipe")
        tables = made_up_tables(key)
        store.write(dataclasses.replace(tables, trials=frame))
    for keys in (["a"], ["a", "b"]):
        found = store.read(keys).trials
        assert found["recipe"].tolist() == ["standard"] * len(keys)
        fields = list(Trial().settings())
        assert found[fields].to_dict("records") == settings[: len(keys)]


def test_tables_are_sorted_whatever_the_order_of_writing(tmp_path):
    ways = {
        "together": [["c", "a", "b", "d"]],
        "apart": [["d"], ["b", "c"], ["a"]],
        "backwards": [["a"], ["c", "b"], ["d"]],
    }
    found = []
    for name, populations in ways.items():
        store = Store(tmp_path / name)
        for keys in populations:
            tables = made_up_tables(*keys)
            # Seeds belong to keys, not to places.
            tables.trials["seed"] = [ord(key) for key in keys]
            shuffled = tables.measurements.sample(frac=1, random_state=0)
            store.write(
                Tables(
                    trials=tables.trials,
                    measurements=shuffled,
                    outputs=tables.outputs[::-1],
                )
            )
        found.append(store.read("abcd"))
    assert list(found[0].trials.key) == list("abcd")
    assert list(found[0].trials.seed) == [97, 98, 99, 100]
    by_key = found[0].measurements[found[0].measurements.key == "a"]
    assert list(by_key.epoch) == [0, 0, 0, 1, 1, 1]
    assert list(by_key.measure) == ["gradient", "gradient", "loss"] * 2
    assert_equal_tables(found[1], found[0])
    assert_equal_tables(found[2], found[0])


def test_only_the_trials_asked_for_are_read(store):
    store.write(made_up_tables("a", "b", "c"))
    store.write(made_up_tables("d"))
    found = store.read({"b", "d", "unknown"})
    for table in TABLES:
        assert set(getattr(found, table).key) == {"b", "d"}


def test_unknown_trials_give_frames_without_rows_but_with_columns(store):
    for _ in range(2):  # nothing there; others there
        found = store.read(["unknown"])
        assert [len(getattr(found, table)) for table in TABLES] == [0, 0, 0]
        assert list(found.trials) == ["key"]
        for table in ("measurements", "outputs"):
            frame = getattr(made_up_tables("a"), table)
            assert list(getattr(found, table)) == list(frame)
        store.write(made_up_tables("a"))


def test_trials_without_outputs_are_kept(store):
    tables = made_up_tables("a", num_outputs=0)
    store.write(tables)
    assert_equal_tables(store.read(["a"]), tables)
    # An empty frame has no types of its own and must not spoil those of others.
    store.write(made_up_tables("b"))
    together = store.read(["a", "b"])
    pd.testing.assert_frame_equal(together.outputs, made_up_tables("b").outputs)


def test_tables_of_no_trial_have_their_columns():
    for table in ("measurements", "outputs"):
        expected = list(getattr(made_up_tables("a"), table))
        assert list(getattr(Tables.empty(), table)) == expected
    assert list(Tables.empty().trials) == ["key"]


def test_a_folder_that_is_not_there_is_empty_and_is_not_made(store, tmp_path):
    assert store.done() == set()
    assert store.damaged() == []
    assert len(store.read(["a"]).trials) == 0
    assert list(tmp_path.iterdir()) == []


def test_reading_changes_no_folder(store):
    store.write(made_up_tables("a"))
    make_leftovers(store.folder)
    folders = [store.folder, *(store.folder / table for table in TABLES)]
    # What is made shows in the time even when it is gone again.
    for folder in folders:
        os.utime(folder, (0, 0))
    before = contents(store.folder)
    reader = Store(store.folder)
    assert reader.done() == {"a"}
    assert_equal_tables(reader.read(["a"]), made_up_tables("a"))
    assert reader.damaged() == []
    assert [folder.stat().st_mtime for folder in folders] == [0] * 4
    assert contents(store.folder) == before


def test_other_readers_of_parquet_read_the_files(store):
    tables = made_up_tables("a", "b")
    shuffled = {
        table: getattr(tables, table).sample(frac=1, random_state=1) for table in TABLES
    }
    # The index of a frame says nothing, and is not stored.
    store.write(Tables(**shuffled))
    for table, frame in shuffled.items():
        assert pq.read_schema(file_of(store, table)).names == list(frame)
    store.write(tables)
    for table in TABLES:
        pd.testing.assert_frame_equal(
            pd.read_parquet(file_of(store, table)), getattr(tables, table)
        )


def test_a_population_keeps_the_name_that_earlier_versions_gave_its_files(store):
    # By another name it would stand there twice.
    store.write(made_up_tables("b", "a"))
    names = {file_of(store, table).name for table in TABLES}
    assert names == {f"{hashlib.sha256(b'ab').hexdigest()[:24]}.parquet"}


def test_trials_are_counted_by_the_schema_that_they_record(store):
    for keys, schema in (("ab", None), ("c", None), ("def", 3), ("gh", 4), ("i", 3)):
        tables = made_up_tables(*keys)
        if schema is not None:
            tables.trials["schema"] = schema
        store.write(tables)
    assert store.schemas() == {0: 3, 3: 4, 4: 2}


def test_writing_a_population_again_changes_nothing(store):
    store.write(made_up_tables("a", "b"))
    before = contents(store.folder)
    store.write(made_up_tables("a", "b"))
    assert contents(store.folder) == before


@pytest.mark.parametrize("below", ["trials", "deeper/still"])
def test_a_file_in_the_way_of_the_folder_is_an_error(tmp_path, below):
    path = tmp_path / "taken"
    folder = path / below
    if below == "trials":
        path.mkdir()
        (path / MARKER).touch()
        (path / below).write_text("")
        folder = path
    else:
        path.write_text("")
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        Store(folder).prepare()


def test_a_folder_that_cannot_be_written_to_is_an_error(tmp_path, monkeypatch):
    Store(tmp_path).prepare()

    # Root may write anywhere, so permissions alone would not do.
    open_any = os.open

    def refuse(path, flags, *args, **kwargs):
        if tmp_path in Path(path).parents:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return open_any(path, flags, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(PermissionError, match="Permission denied"):
            Store(tmp_path).prepare()
    assert contents(tmp_path) == {}


def test_a_file_that_holds_nothing_wanted_is_opened_once_only(store, monkeypatch):
    for name in "abc":
        store.write(made_up_tables(name))
    assert store.done() == {"a", "b", "c"}
    opened = []
    read = Store._content
    monkeypatch.setattr(
        Store, "_content", lambda self, path: opened.append(path) or read(self, path)
    )
    assert_equal_tables(store.read(["b"]), made_up_tables("b"))
    assert len(opened) == len(TABLES)
    assert len(store.read([]).trials) == 0
    assert len(opened) == len(TABLES)
    # What another run has added since is found.
    Store(store.folder).write(made_up_tables("d"))
    assert_equal_tables(store.read(["d"]), made_up_tables("d"))


def test_tables_of_some_trials_take_any_iterable_of_their_keys():
    tables = made_up_tables("a", "b", "c")
    some = tables.only(key for key in ("a", "c"))
    for table in TABLES:
        assert set(getattr(some, table)["key"]) == {"a", "c"}
