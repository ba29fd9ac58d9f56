"""The folder of a report: what is overwritten in it."""

import errno
import fcntl
import os
import threading
from pathlib import Path

import pytest

from keras_rectifiers.comparison.reporting.report_folder import MARKER, write_files
from keras_rectifiers.comparison.trials import atomic_write
from tests.comparison.reporting.strict_pages import contents


def test_files_of_an_earlier_report_are_replaced_and_others_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write_files(tmp_path, {"index.html": b"1", "a/b.csv": b"2"})
    write_files(tmp_path, {"index.html": b"3"})
    found = contents(tmp_path)
    assert {name: found[name] for name in found if name != MARKER} == {
        "notes.txt": b"mine",
        "index.html": b"3",
        "a/b.csv": b"2",
    }


def test_a_file_that_is_not_of_a_report_is_not_overwritten(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(FileExistsError, match="already exists there and is not"):
        write_files(tmp_path, {"a.csv": b"1", "index.html": b"2"})
    assert contents(tmp_path) == {"index.html": b"mine"}


def test_what_an_earlier_report_of_a_study_had_and_the_new_one_has_not_is_removed(
    tmp_path,
):
    first = {"a/index.html": b"1", "a/layers.csv": b"1", "a/figures/x.svg": b"1"}
    write_files(tmp_path, {**first, "b/layers.csv": b"1", "index.html": b"1"})
    (tmp_path / "a" / "mine.csv").write_text("mine")
    (tmp_path / "out.csv").write_text("mine")
    with (tmp_path / MARKER).open("a") as marker:
        marker.write("a/../out.csv\n")
    write_files(tmp_path, {"a/index.html": b"2", "index.html": b"2"})
    found = set(contents(tmp_path)) - {MARKER}
    assert found == {
        "a/index.html",
        "a/mine.csv",
        "b/layers.csv",
        "index.html",
        "out.csv",
    }
    # What is gone is not listed any longer: a user may put a file there.
    (tmp_path / "a" / "layers.csv").write_text("mine")
    with pytest.raises(FileExistsError):
        write_files(tmp_path, {"a/layers.csv": b"3"})


def is_locked(folder: Path) -> bool:
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(place)
    return False


def test_two_builds_of_a_study_at_once_leave_the_files_of_one_of_them(
    tmp_path, monkeypatch
):
    large = {"a/index.html": b"1", "a/layers.csv": b"1", "index.html": b"1"}
    small = {"a/index.html": b"2", "index.html": b"2"}
    has_gone_as_far_as_it_can = threading.Event()

    def build_the_other():
        write_files(tmp_path, small, on_wait=has_gone_as_far_as_it_can.set)
        has_gone_as_far_as_it_can.set()

    other = threading.Thread(target=build_the_other)
    write = atomic_write.write

    def write_while_the_other_builds(path, content):
        if path == tmp_path / "index.html" and content == b"1":
            other.start()
            has_gone_as_far_as_it_can.wait()
        write(path, content)

    monkeypatch.setattr(atomic_write, "write", write_while_the_other_builds)
    write_files(tmp_path, large)
    other.join()
    found = contents(tmp_path)
    del found[MARKER]
    assert found == small


def test_a_folder_is_locked_until_the_last_file_is_removed(tmp_path, monkeypatch):
    write_files(tmp_path, {"a/index.html": b"1", "a/layers.csv": b"1"})
    seen = []

    def looking_first(act):
        def look_and_act(*args, **kwargs):
            seen.append(is_locked(tmp_path))
            return act(*args, **kwargs)

        return look_and_act

    monkeypatch.setattr(atomic_write, "write", looking_first(atomic_write.write))
    monkeypatch.setattr(Path, "unlink", looking_first(Path.unlink))
    write_files(tmp_path, {"a/index.html": b"2"})
    assert seen == [True, True]
    assert not is_locked(tmp_path)


def test_a_report_that_fails_does_not_keep_others_waiting(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(FileExistsError):
        write_files(tmp_path, {"index.html": b"1"})
    assert not is_locked(tmp_path)


def test_it_is_told_before_another_report_is_waited_for(tmp_path):
    told = []
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)

    def tell_and_let_the_other_end():
        told.append("waits")
        os.close(other)

    write_files(tmp_path, {"index.html": b"1"}, on_wait=tell_and_let_the_other_end)
    write_files(tmp_path, {"index.html": b"2"}, on_wait=lambda: told.append("again"))
    assert told == ["waits"]
    assert contents(tmp_path)["index.html"] == b"2"


def test_a_report_is_written_where_there_are_no_locks(tmp_path, monkeypatch):
    def refuse(place, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    write_files(tmp_path, {"index.html": b"1"})
    assert contents(tmp_path)["index.html"] == b"1"


def test_a_marker_that_was_cut_short_can_be_added_to(tmp_path):
    write_files(tmp_path, {"a/index.html": b"1"})
    with (tmp_path / MARKER).open("a") as marker:
        marker.write("\nA report of the stu")
    write_files(tmp_path, {"b/index.html": b"1"})
    write_files(tmp_path, {"a/index.html": b"2", "b/index.html": b"2"})
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "index.html").write_text("mine")
    with pytest.raises(FileExistsError):
        write_files(tmp_path, {"c/index.html": b"3"})


def test_a_marker_lists_each_file_once_however_often_it_is_written(tmp_path):
    for _ in range(3):
        write_files(tmp_path, {"a/index.html": b"1"})
    lines = (tmp_path / MARKER).read_text().splitlines()
    assert lines.count("a/index.html") == 1
