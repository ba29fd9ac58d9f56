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
