"""Files that are written whole or not at all."""

import errno
import os
import shutil

import pytest

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
