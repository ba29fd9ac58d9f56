"""Files that are written whole or not at all."""

import errno
import os
import shutil

import pytest

from keras_rectifiers.comparison.trials import atomic_write
from tests.comparison.trials.full_disk import files_up_to
from tests.comparison.trials.made_up_tables import TABLES, file_of, made_up_tables


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


def test_a_file_is_put_in_a_new_folder_or_in_the_place_of_another(tmp_path):
    path = tmp_path / "new" / "deeper" / "file.bin"
    for content in (b"first\0\r\n", b"", b"third, which is longer"):
        atomic_write.write(path, content)
        assert path.read_bytes() == content
        assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("former", [b"whole", None])
def test_a_file_too_large_for_the_disk_leaves_the_former_one(tmp_path, former):
    path = tmp_path / "file.bin"
    if former is not None:
        atomic_write.write(path, former)
    with files_up_to(2000), pytest.raises(OSError) as raised:
        atomic_write.write(path, b"x" * 5000)
    assert (raised.value.errno, raised.value.filename) == (errno.EFBIG, str(path))
    found = [(file.name, file.read_bytes()) for file in tmp_path.iterdir()]
    assert found == ([] if former is None else [("file.bin", former)])


def test_a_temporary_file_that_another_run_removes_is_written_anew(
    tmp_path, monkeypatch
):
    removed = []
    fsync = os.fsync

    def meanwhile(descriptor):
        fsync(descriptor)
        if len(removed) < 2:
            (temporary,) = tmp_path.glob("*.tmp")
            temporary.unlink()
            removed.append(temporary.name)

    monkeypatch.setattr(os, "fsync", meanwhile)
    atomic_write.write(tmp_path / "file.bin", b"whole")
    assert len(set(removed)) == 2
    assert (tmp_path / "file.bin").read_bytes() == b"whole"
