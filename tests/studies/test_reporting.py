"""The command `report`: the pages that it writes, and what it says."""

import dataclasses
import fcntl
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.reporting import report
from keras_rectifiers.comparison.trials.store import Store
from studies import __main__ as program
from studies import options, reporting
from tests.comparison.trials.made_up_tables import contents
from tests.studies.made_up_command_line import command_on, made_up_study

pytestmark = pytest.mark.usefixtures("tiny_studies")


def test_report_reads_a_folder_without_writing_to_it(trained, capsys):
    program.main(["run", "tiny"])
    capsys.readouterr()
    folders = [Path("results"), *Path("results").glob("*/")]
    # What is made shows in the time even when it is gone again.
    for folder in folders:
        os.utime(folder, (0, 0))
    assert program.main(["report", "tiny"]) == 0
    assert [folder.stat().st_mtime for folder in folders] == [0] * 4


@pytest.mark.parametrize(
    ("taken", "folder", "reason"),
    [
        ("taken", "taken", "taken is a file, not a folder"),
        ("taken", "taken/deeper", "taken is a file, not a folder"),
        # Found out only when the page of the study is to be written.
        ("reports/tiny", "reports", "reports/tiny is a file, not a folder"),
    ],
)
def test_a_file_in_the_way_of_the_reports_is_told_in_one_line(
    trained, capsys, taken, folder, reason
):
    program.main(["run", "tiny"])
    capsys.readouterr()
    Path(taken).parent.mkdir(exist_ok=True)
    Path(taken).write_text("kept")
    assert program.main(["report", "tiny", "--reports", folder]) == 2
    output, notes = capsys.readouterr()
    assert output == ""
    assert notes == (
        f"studies: Cannot write to the folder {folder}: {reason}. Choose another "
        "folder with --reports.\n"
    )
    assert Path(taken).read_text() == "kept"


def test_report_writes_the_pages_and_prints_where_they_are(trained, capsys, tmp_path):
    program.main(["run", "--all"])
    capsys.readouterr()
    assert program.main(["report", "--reports", "pages"]) == 0
    index = tmp_path / "pages" / "index.html"
    assert capsys.readouterr() == (f"{index}\n", "")
    assert "Is it tiny?" in index.read_text() and "Is it other?" in index.read_text()
    page = (tmp_path / "pages" / "tiny" / "index.html").read_text()
    assert "The tiny study" in page and "Something holds." in page
    assert page.count("<figure") == 1
    data = pd.read_csv(tmp_path / "pages" / "tiny" / "trials.csv.gz")
    assert sorted(data.seed) == [0, 0, 1, 1]


def test_report_judges_and_draws_in_as_many_processes_as_told(trained, monkeypatch):
    program.main(["run", "--all"])
    assert program.main(["report", "--reports", "alone"]) == 0
    given = []

    def starmap(function, arguments, *, workers):
        given.append(workers)
        return [function(*each) for each in arguments]

    monkeypatch.setattr(reporting.in_processes, "starmap", starmap)
    command = ["report", "--workers", "3", "--reports", "together"]
    assert program.main(command) == 0
    assert given == [3]
    assert contents(Path("together")) == contents(Path("alone"))


def test_report_without_its_processes_says_how_to_do_without(
    trained, capsys, monkeypatch
):
    def starmap(function, arguments, *, workers):
        raise ConnectionError("The 2 local workers could not be started: no room.")

    program.main(["run", "--all"])
    capsys.readouterr()
    monkeypatch.setattr(reporting.in_processes, "starmap", starmap)
    assert program.main(["report", "--workers", "2"]) == 2
    assert capsys.readouterr().err == (
        "studies: The 2 local workers could not be started: no room. With --workers 1, "
        "which is the default, the report needs no other processes.\n"
    )


def test_report_says_when_it_waits_for_another_one(trained, capsys, monkeypatch):
    program.main(["run", "tiny"])
    capsys.readouterr()
    Path("reports").mkdir()
    other = os.open("reports", os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    note = reporting.note

    def note_and_let_the_other_end(text):
        os.close(other)
        note(text)

    monkeypatch.setattr(reporting, "note", note_and_let_the_other_end)
    assert program.main(["report", "tiny"]) == 0
    assert capsys.readouterr().err == (
        "Another report is being written to reports. This one follows when it is "
        "finished.\n"
    )


def test_report_takes_the_named_studies_and_the_trials_of_its_profile(trained, capsys):
    program.main(["run", "--all", "--profile", "full", "--dataset", "digits"])
    assert program.main(["report", "tiny", "tiny"]) == 0
    assert not Path("reports/other").exists()
    assert len(pd.read_csv("reports/tiny/trials.csv.gz")) == 4
    assert (
        program.main(["report", "tiny", "--profile", "full", "--dataset", "digits"])
        == 0
    )
    assert len(pd.read_csv("reports/tiny/trials.csv.gz")) == 5


def test_report_of_a_study_without_a_trial_says_how_to_get_them(trained, capsys):
    program.main(["run", "other", "--out", "here"])
    capsys.readouterr()
    assert program.main(["report", "tiny", "--out", "here"]) == 2
    assert capsys.readouterr() == (
        "",
        "studies: Expected finished trials. Received: none of the trials of tiny (quick, "
        "digits) is in here. Train them first: python -m studies run tiny --profile quick "
        "--out here\n",
    )


def test_report_names_a_study_of_which_nothing_is_finished_yet(trained, capsys):
    program.main(["run", "tiny"])
    capsys.readouterr()
    assert program.main(["report"]) == 0
    assert capsys.readouterr().err == (
        "other: no trial is finished; there is no page for it yet.\n"
    )
    assert (
        "The whole study “The other study”." in Path("reports/index.html").read_text()
    )
    assert not Path("reports/other").exists()


def test_report_without_data_leaves_out_the_large_tables_and_the_figures(trained):
    program.main(["run", "tiny"])
    assert program.main(["report", "tiny", "--no-data"]) == 0
    names = {path.name for path in Path("reports/tiny").rglob("*")}
    assert names == {"index.html", "effects.csv", "verdicts.md", "verdicts.tex"}


def test_report_is_opened_in_the_browser_if_it_is_asked_for(trained, monkeypatch):
    opened = []
    monkeypatch.setattr(reporting.webbrowser, "open", opened.append)
    program.main(["run", "tiny"])
    assert program.main(["report", "tiny"]) == 0
    assert opened == []
    assert program.main(["report", "tiny", "--open"]) == 0
    assert opened == [Path("reports/index.html").resolve().as_uri()]


def test_report_of_a_part_of_the_trials_says_so(trained, errors, capsys):
    errors["relu"] = RuntimeError("broken")
    program.main(["run", "tiny"])
    capsys.readouterr()
    assert program.main(["report", "tiny"]) == 0
    assert capsys.readouterr().err == (
        "tiny: 2 of 4 trials are not finished; this is noted in the report.\n"
    )
    page = Path("reports/tiny/index.html").read_text()
    assert "2 of the 4 trials of this profile are missing" in page


def test_an_interrupted_report_ends_without_a_traceback(trained, capsys, monkeypatch):
    program.main(["run", "tiny"])
    capsys.readouterr()

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "write", interrupted)
    assert program.main(["report", "tiny"]) == 130
    assert capsys.readouterr() == ("", "Interrupted.\n")


def test_the_report_shows_what_failed(trained, errors, capsys):
    errors["tanh"] = RuntimeError("broken <b>")
    program.main(["run", "--all"])
    assert program.main(["report"]) == 0
    page = Path("reports/tiny/index.html").read_text()
    assert "2 trials could not be trained" in page
    assert "<summary>2 trials: RuntimeError: broken &lt;b&gt;</summary>" in page
    assert "Traceback (most recent call last)" in page
    index = Path("reports/index.html").read_text()
    assert index.count("2 trials could not be trained") == 1
    assert "Failed." not in Path("reports/other/index.html").read_text()


def test_each_data_set_gets_a_report_of_its_own(trained, capsys):
    rng = np.random.default_rng(0)
    np.savez(
        "own.npz",
        x_train=rng.normal(size=(1500, 5)),
        y_train=np.arange(1500) % 3,
        x_test=rng.normal(size=(30, 5)),
        y_test=np.arange(30) % 3,
    )
    own = os.path.realpath("own.npz")
    both = ["tiny", "--dataset", "own.npz", "--dataset", "digits"]
    assert program.main(["run", *both]) == 0
    assert "8 trials: 0 already finished, 8 to run" in capsys.readouterr().err
    # However the file is named, it is the same.
    again = ["tiny", "--dataset", "./own.npz", "--dataset", own, "--dataset", "digits"]
    assert program.main(["status", *again]) == 0
    assert capsys.readouterr().out == (
        f"tiny (quick, {own}), 4 trials: 4 done, 0 missing, 0 failed\n"
        "tiny (quick, digits), 4 trials: 4 done, 0 missing, 0 failed\n"
    )
    assert program.main(["report", *both]) == 0
    for dataset, data, named in (
        ("own", "own.npz, a subset of 1,000 training examples", own),
        ("digits", "images of handwritten digits (8 × 8 pixels)", "digits"),
    ):
        folder = Path("reports", dataset)
        assert f"<p>Data: {data}.</p>" in (folder / "index.html").read_text()
        page = (folder / "tiny/index.html").read_text()
        assert f"<strong>Data:</strong> {data}." in page
        assert command_on(page) == (
            f"python -m studies run tiny --profile quick --dataset {named}"
        )
        assert len(pd.read_csv(folder / "tiny/trials.csv.gz")) == 4
    # Two that would write over each other are refused.
    Path("more").mkdir()
    Path("more/own.npz").write_bytes(Path("own.npz").read_bytes())
    twice = ["--dataset", "own.npz", "--dataset", "more/own.npz"]
    capsys.readouterr()
    assert program.main(["report", "tiny", *twice]) == 2
    assert capsys.readouterr().err == (
        "studies: Each data set needs a different name, because its name is also that of "
        "its folder. Report them one at a time, with --reports. Received: "
        f"{own}, {os.path.realpath('more/own.npz')}.\n"
    )
    # Of one alone there is no folder.
    assert program.main(["report", "tiny", "--dataset", "own.npz"]) == 0
    assert "1,000 training" in Path("reports/tiny/index.html").read_text()


def test_a_data_set_that_serves_no_trial_has_no_report(monkeypatch):
    (study,) = [made_up_study("tiny", [])]
    nothing = dataclasses.replace(study, trials={"quick": list})
    Store("results").prepare()
    Path("results/trials").mkdir(exist_ok=True)
    message = (
        "Expected a data set that is suitable for at least one trial of these studies. "
        "Received: none."
    )
    with pytest.raises(options.WrongUsage, match=f"^{re.escape(message)}$"):
        reporting.report([nothing], "quick", Path("results"), Path("reports"))


def test_files_that_were_removed_from_the_results_are_told(trained, capsys):
    program.main(["run", "tiny"])
    capsys.readouterr()
    first, _ = sorted(p.name for p in Path("results/measurements").iterdir())
    shutil.rmtree("results/measurements")
    missing = (
        f"Missing: results/measurements/{first} and 1 more. The "
        "trials that belong to them do not count. Put the files back, or run the trials "
        "again.\n"
    )
    assert program.main(["report", "tiny"]) == 2
    assert capsys.readouterr().err == (
        f"{missing}studies: Expected finished trials. Received: none of the trials of "
        "tiny (quick, digits) is whole in results. Train them first: python -m studies "
        "run tiny --profile quick --out results\n"
    )
    assert program.main(["status", "tiny"]) == 0
    assert capsys.readouterr().err == missing
    trained.clear()
    assert program.main(["run", "tiny"]) == 0
    assert missing in capsys.readouterr().err
    assert sorted(trained) == ["relu", "tanh"]
    assert program.main(["report", "tiny"]) == 0
    assert capsys.readouterr().err == ""
