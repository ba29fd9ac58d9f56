"""The folder of a report: what is overwritten in it."""

import os
from pathlib import Path

import pytest

from keras_rectifiers.comparison.reporting import report_folder
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


def once_before(monkeypatch, place, name, act) -> None:
    """Acts before a function is called for the first time."""
    original = getattr(place, name)
    left = [act]

    def first_act(*args, **kwargs):
        if left:
            left.pop()()
        return original(*args, **kwargs)

    monkeypatch.setattr(place, name, first_act)


def test_two_reports_at_once_lose_no_entry(tmp_path, monkeypatch):
    def other():
        write_files(tmp_path, {"b/index.html": b"2", "index.html": b"2"})

    once_before(monkeypatch, atomic_write, "write", other)
    write_files(tmp_path, {"a/index.html": b"1", "index.html": b"1"})
    # All of them may be overwritten.
    write_files(tmp_path, {"a/index.html": b"3", "b/index.html": b"3"})
    assert contents(tmp_path)["b/index.html"] == b"3"


def test_what_another_report_writes_while_this_one_looks_is_no_file_of_others(
    tmp_path, monkeypatch
):
    files = {"a/index.html": b"1", "index.html": b"1"}
    write_files(tmp_path, {"b/index.html": b"0"})
    once_before(monkeypatch, os.path, "lexists", lambda: write_files(tmp_path, files))
    write_files(tmp_path, files)
    assert contents(tmp_path)["a/index.html"] == b"1"


@pytest.mark.parametrize("place", ["unlink", "_add_to_marker"])
def test_what_another_report_writes_while_it_is_removed_as_stale_stays_listed(
    tmp_path, monkeypatch, place
):
    both = {"a/index.html": b"1", "a/layers.csv": b"1"}
    write_files(tmp_path, both)
    where = Path if place == "unlink" else report_folder
    once_before(monkeypatch, where, place, lambda: write_files(tmp_path, both))
    write_files(tmp_path, {"a/index.html": b"2"})
    write_files(tmp_path, both)


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
