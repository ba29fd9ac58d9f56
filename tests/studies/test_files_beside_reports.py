"""What the command `report` leaves alone in the folder that it writes to."""

import os

import pytest

import studies
from studies import __main__ as program
from tests.comparison.trials.made_up_tables import contents
from tests.studies.made_up_command_line import TRIALS, made_up_study, save, told

pytestmark = pytest.mark.usefixtures("tiny_studies")


@pytest.mark.parametrize(
    "name", ["index.html", "tiny/trials.csv.gz", "tiny/index.html"]
)
def test_pages_that_are_no_report_are_not_written_over(folder, capsys, name):
    program.main(["run", "tiny"])
    path = folder / "site" / name
    path.parent.mkdir(parents=True)
    path.write_text("my own page")
    (folder / "site" / ".writable").write_text("mine as well")
    before = contents(folder / "site")
    capsys.readouterr()
    assert told(capsys, "report", "tiny", "--reports", "site") == (
        f"Cannot write to the folder site: {name} already exists "
        "there and is not part of a report. Choose another folder with --reports."
    )
    assert contents(folder / "site") == before


def test_a_report_is_written_over_an_older_one_and_beside_other_files(folder, capsys):
    program.main(["run", "tiny"])
    pages = folder / "reports"
    pages.mkdir()
    (pages / "notes.txt").write_text("mine")
    assert program.main(["report", "tiny"]) == 0
    assert program.main(["report", "tiny"]) == 0
    # From before there were markers.
    (marker,) = pages.glob(".*")
    marker.unlink()
    (pages / "tiny" / "index.html").write_text("old")
    assert program.main(["report", "tiny"]) == 0
    assert (pages / "tiny" / "index.html").read_text() != "old"
    assert (pages / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["..npz", "...npz"])
def test_no_report_is_written_outside_of_its_folder(folder, capsys, name):
    save(name)
    both = ["--dataset", name, "--dataset", "digits"]
    program.main(["run", "tiny", *both])
    before = contents(folder)
    capsys.readouterr()
    assert told(capsys, "report", "tiny", *both, "--reports", "a/b") == (
        "Each data set needs a name that can be the name of its folder. Report this "
        f"data set separately, with --reports. Received: {os.path.realpath(name)}."
    )
    assert contents(folder).items() >= before.items()
    assert not list(folder.rglob("*.html"))


@pytest.mark.parametrize("link", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_pages_put_beside_a_report_are_not_written_over_by_the_next(
    folder, monkeypatch, capsys, link
):
    both = {n: made_up_study(n, TRIALS) for n in ("tiny", "other")}
    monkeypatch.setattr(studies, "STUDIES", both)
    program.main(["run", "tiny"])
    assert program.main(["report", "tiny"]) == 0
    mine = folder / ("mine" if link else "reports/other")
    mine.mkdir()
    if link:
        (folder / "reports" / "other").symlink_to(mine)
    (mine / "index.html").write_text("my own page")
    before = contents(folder / "reports")
    capsys.readouterr()
    assert "other/index.html already exists there and is not part of a report" in told(
        capsys, "report"
    )
    assert contents(folder / "reports") == before
    assert (mine / "index.html").read_text() == "my own page"
    (mine / "index.html").unlink()
    # What was a report's stays one, also after a report of another study.
    for command in (["report", "other"], ["report"], ["report", "tiny"]):
        assert program.main(command) == 0
