"""The folder of a report: what is overwritten in it."""

import pytest

from keras_rectifiers.comparison.reporting.report_folder import MARKER, write_files
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
