"""What the store keeps, whatever happens while it writes or to what it has written."""

import dataclasses
import errno
import hashlib
import os
import shutil
import threading
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from keras_rectifiers.comparison.trials.results_folder import MARKER
from keras_rectifiers.comparison.trials.store import Store, Tables

TABLES = ("trials", "measurements", "outputs")


def made_up_tables(*keys: str, num_outputs: int = 3, value: float = 0.1) -> Tables:
    trials = pd.DataFrame(
        {
            "key": pd.array(keys, dtype="str"),
            "seed": range(len(keys)),
            "loss": value,
            "diverged": [key == "lost" for key in keys],
        }
    )
    measurements = pd.DataFrame(
        [
            (key, epoch, layer, measure, value + epoch / 3)
            for key in keys
            for epoch in (0, 1)
            for layer, measure in ((0, "gradient"), (1, "gradient"), (pd.NA, "loss"))
        ],
        columns=["key", "epoch", "layer", "measure", "value"],
    ).astype({"key": "str", "layer": "Int16", "measure": "str"})
    outputs = pd.DataFrame(
        [
            (key, 1, 0, "negative_slope", i, value + i)
            for key in keys
            for i in range(num_outputs)
        ],
        columns=["key", "epoch", "layer", "name", "index", "value"],
    )
    return Tables(trials=trials, measurements=measurements, outputs=outputs)


def assert_equal_tables(tables: Tables, expected: Tables) -> None:
    for table in TABLES:
        pd.testing.assert_frame_equal(
            getattr(tables, table), getattr(expected, table), check_exact=True
        )


def contents(folder: Path) -> dict[str, bytes]:
    """Path below the folder -> content, of every file but the marker."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }


def file_of(store: Store, table: str) -> Path:
    """The only file of a table."""
    (path,) = (store.folder / table).glob("*.parquet")
    return path


def make_leftovers(folder: Path) -> list[Path]:
    """Makes what a killed run leaves: temporary files."""
    leftovers = [folder / table / f"{7:032x}.tmp" for table in TABLES]
    for path in leftovers:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half of a fi")
    return leftovers


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "results" / "here")


def test_what_is_written_is_read_with_its_types(store):
    tables = made_up_tables("a", "b", "lost")
    store.write(tables)
    assert store.done() == {"a", "b", "lost"}
    found = Store(store.folder).read(["a", "b", "lost"])
    assert_equal_tables(found, tables)
    assert found.measurements.layer.dtype == "Int16"
    assert found.measurements.layer.isna().sum() == 6
    assert list(found.trials.diverged) == [False, False, True]


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


@pytest.mark.parametrize(
    ("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)]
)
def test_files_get_the_mode_that_the_umask_leaves(store, umask, mode):
    before = os.umask(umask)
    try:
        store.write(made_up_tables("a"))
    finally:
        os.umask(before)
    modes = [file_of(store, table).stat().st_mode & 0o777 for table in TABLES]
    assert modes == [mode] * 3


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


def test_files_are_flushed_to_disk_before_they_get_their_names(store, monkeypatch):
    steps = []
    for step in ("fsync", "replace"):
        original = getattr(os, step)

        def record(*args, step=step, original=original):
            steps.append(step)
            return original(*args)

        monkeypatch.setattr(os, step, record)
    store.write(made_up_tables("a"))
    assert steps == ["fsync", "replace"] * 3


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_in_a_page(path: Path) -> None:
    """Damages a value."""
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    key = content.index(b"a", start + 20, start + column.total_compressed_size)
    content[key] ^= 1
    path.write_bytes(content)


def flip_in_the_footer(path: Path) -> None:
    """Damages the name of a column, which no checksum of Parquet could cover."""
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[content.index(b"key", footer)] ^= 0x80
    path.write_bytes(content)


def flip_in_the_digest(path: Path) -> None:
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[footer - 1] ^= 1
    path.write_bytes(content)


def flip_in_the_length_of_the_footer(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 0x80
    path.write_bytes(content)


def put_garbage(path: Path) -> None:
    path.write_bytes(b"PAR1 no table at all PAR1")


def put_a_foreign_table(path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), path)


DAMAGES = [
    truncate,
    empty,
    flip_in_a_page,
    flip_in_the_footer,
    flip_in_the_digest,
    flip_in_the_length_of_the_footer,
    put_garbage,
    put_a_foreign_table,
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("action", ["done", "read"])
def test_a_damaged_file_is_set_aside_and_all_else_is_read(store, table, damage, action):
    store.write(made_up_tables("a" * 24))
    path = file_of(store, table)
    store.write(made_up_tables("b", "c"))
    damage(path)
    content = path.read_bytes()
    store.prepare()
    if action == "done":
        assert store.done() == {"b", "c"}
    else:
        found = store.read(["a" * 24, "b", "c"])
        assert_equal_tables(found, made_up_tables("b", "c"))
    aside = path.with_suffix(".damaged")
    assert store.damaged() == [aside]
    assert aside.read_bytes() == content and not path.exists()
    assert store.done() == {"b", "c"}
    store.write(made_up_tables("a" * 24))
    assert store.done() == {"a" * 24, "b", "c"}
    assert store.damaged() == [aside]


def test_a_flip_in_any_byte_is_found(store, rng):
    store.write(made_up_tables("a", "b"))
    content = file_of(store, "trials").read_bytes()
    for position, bit in enumerate(rng.integers(8, size=len(content))):
        flipped = bytearray(content)
        flipped[position] ^= 1 << bit
        (store.folder / "trials" / f"{position:024}.parquet").write_bytes(flipped)
    assert store.done() == {"a", "b"}
    assert len(store.damaged()) == len(content)


def test_a_flip_can_give_another_table(store):
    # Else the tests above would pass without a digest.
    store.write(made_up_tables("a" * 24))
    path = file_of(store, "trials")
    flip_in_a_page(path)
    assert list(pd.read_parquet(path).key) != ["a" * 24]


def test_a_file_that_cannot_be_opened_is_no_damage(store, monkeypatch):
    store.write(made_up_tables("a"))
    before = contents(store.folder)
    # Root may open anything, so permissions alone would not do.
    with monkeypatch.context() as patch:

        def refuse(path, *args, **kwargs):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        patch.setattr("io.open", refuse)
        patch.setattr(pq, "read_table", refuse)
        with pytest.raises(PermissionError, match="Permission denied"):
            store.done()
    assert contents(store.folder) == before
    assert store.done() == {"a"}


def test_a_damaged_file_that_another_run_has_set_aside_is_no_error(store, monkeypatch):
    store.write(made_up_tables("a"))
    path = file_of(store, "measurements")
    truncate(path)
    store.prepare()
    replace = Path.replace

    def slower_than_the_other_run(source, target):
        replace(source, target)
        return replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", slower_than_the_other_run)
        assert store.done() == set()
    assert store.damaged() == [path.with_suffix(".damaged")]


def test_in_a_read_only_folder_a_damaged_file_stays_and_all_else_is_read(
    store, monkeypatch
):
    store.write(made_up_tables("a"))
    path = file_of(store, "outputs")
    store.write(made_up_tables("b"))
    truncate(path)
    store.prepare()
    before = contents(store.folder)

    # Root may write anywhere, so permissions alone would not do.
    def refuse(source, target):
        raise OSError(errno.EROFS, "Read-only file system", str(source))

    monkeypatch.setattr(Path, "replace", refuse)
    for _ in range(2):
        assert_equal_tables(store.read(["a", "b"]), made_up_tables("b"))
        assert store.damaged() == [path]
    assert contents(store.folder) == before


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


def test_a_file_that_is_damaged_again_is_set_aside_beside_the_first(store):
    asides = []
    store.prepare()
    for content in (b"first", b"second", b"third"):
        store.write(made_up_tables("a"))
        path = file_of(store, "outputs")
        path.write_bytes(content)
        assert store.done() == set()
        (aside,) = set(store.damaged()) - set(asides)
        assert aside.read_bytes() == content
        asides.append(aside)
    assert [aside.name.partition(".")[2] for aside in asides] == [
        "damaged",
        "2.damaged",
        "3.damaged",
    ]


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


def test_a_failed_write_is_told_though_another_run_has_removed_its_leftover(
    store, monkeypatch
):
    def meanwhile(descriptor):
        for leftover in store.folder.rglob("*.tmp"):
            leftover.unlink()
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(OSError, match="full"):
        store.write(made_up_tables("a"))


def test_a_folder_that_is_deleted_while_it_is_written_to_is_an_error(
    store, monkeypatch
):
    def meanwhile(descriptor):
        shutil.rmtree(store.folder)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(FileNotFoundError):
        store.write(made_up_tables("a"))


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


@pytest.mark.parametrize("below", ["", "trials", "deeper/still"])
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
