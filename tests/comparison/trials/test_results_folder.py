"""What is not ours stays as it is, whatever folder is named."""

import os
from pathlib import Path

import pytest

from keras_rectifiers.comparison.trials import failures, results_folder
from keras_rectifiers.comparison.trials.results_folder import MARKER
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.trials.made_up_tables import contents, made_up_tables

FOREIGN = [
    "trials/clinical.parquet",
    "trials/clinical.damaged",
    "trials/half.tmp",
    "trials/0123456789abcdef.parquet",
    "measurements/half.tmp",
    "outputs/half.tmp",
    "failures/notes.txt",
    "notes.txt",
]
# As MongoDB numbers things, and as much software names temporary files.
OF_ANYBODY = ["trials/507f1f77bcf86cd799439011.parquet", f"trials/{7:032x}.tmp"]


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"somebody's {name}")


@pytest.mark.parametrize("name", OF_ANYBODY)
def test_a_folder_that_another_run_makes_its_own_meanwhile_is_ours(
    tmp_path, name, monkeypatch
):
    is_file, looked = Path.is_file, []

    def meanwhile(path):
        """The other run begins as soon as no marker is found, and writes a file."""
        found = is_file(path)
        if not looked:
            looked.append(path)
            results_folder.mark(tmp_path)
            put(tmp_path, name)
        return found

    monkeypatch.setattr(Path, "is_file", meanwhile)
    Store(tmp_path).check()
    assert looked == [tmp_path / MARKER]


@pytest.mark.parametrize("name", [*FOREIGN, *OF_ANYBODY])
def test_a_folder_of_somebody_else_is_refused_and_left_as_it_is(tmp_path, name):
    put(tmp_path, name)
    before = contents(tmp_path)
    for refused in (Store(tmp_path).check, Store(tmp_path).prepare):
        with pytest.raises(
            ValueError,
            match=r"^Expected a results folder, an empty folder or a new one\. Choose "
            rf"another folder\. Received: {tmp_path}, which holds other files and no "
            r"results of studies\.$",
        ):
            refused()
    assert contents(tmp_path) == before and not (tmp_path / MARKER).exists()


def test_in_a_folder_of_ours_what_is_somebody_elses_is_left_as_it_is(tmp_path):
    store = Store(tmp_path)
    store.write(made_up_tables("a"))
    put(tmp_path, *FOREIGN)
    before = contents(tmp_path)
    store.prepare()
    assert store.done() == {"a"}
    assert store.damaged() == []
    assert failures.read(store, ()) == []
    # A record of ours, as its keys are all finished, but for its name.
    (tmp_path / "failures" / "notes.txt").write_text(f"{'a' * 24} Trial()\n")
    store.write(made_up_tables("a" * 24))
    failures.forget(store)
    assert (tmp_path / "failures" / "notes.txt").exists()
    (tmp_path / "failures" / "notes.txt").write_bytes(before["failures/notes.txt"])
    assert contents(tmp_path).items() >= before.items()


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: None,
        lambda folder: folder.mkdir(),
        # As a run leaves it that is killed before there was a marker.
        lambda folder: [
            (folder / table).mkdir(parents=True) for table in results_folder.TABLES
        ],
        lambda folder: put(folder, MARKER, f"trials/{7:032x}.tmp"),
        lambda folder: put(folder, f"outputs/{7:024x}.2.damaged", "notes.txt"),
        lambda folder: Store(folder).write(made_up_tables("a")),
        lambda folder: (
            folder.mkdir(),
            failures.record(Store(folder), "broken", {"a" * 24: Trial()}),
        ),
        lambda folder: put(folder, MARKER, "notes.txt"),
    ],
)
def test_a_folder_of_ours_or_nobodys_gets_the_marker_at_the_next_run(tmp_path, make):
    folder = tmp_path / "results"
    make(folder)
    Store(folder).check()
    Store(folder).prepare()
    assert (folder / MARKER).is_file()
    put(folder, "notes.txt")
    Store(folder).check()


def test_only_a_store_that_is_prepared_sets_damaged_files_aside(tmp_path):
    store = Store(tmp_path)
    store.write(made_up_tables("a"))
    (path,) = (tmp_path / "trials").iterdir()
    path.write_bytes(b"cut")
    before = contents(tmp_path)
    reader = Store(tmp_path)
    assert reader.done() == set()
    assert len(reader.read(["a"]).trials) == 0
    assert reader.damaged() == [path]
    assert contents(tmp_path) == before
    store.prepare()
    assert store.done() == set()
    assert store.damaged() == [path.with_suffix(".damaged")]


def test_an_unreadable_folder_is_an_error_of_the_system(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "trials").mkdir()
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(PermissionError):
        Store(tmp_path).check()
    assert os.listdir(tmp_path) == ["trials"]
