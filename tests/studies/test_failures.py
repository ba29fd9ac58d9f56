"""Runs of which populations fail: what is said, recorded, and run again."""

import re
from pathlib import Path

import pytest
import typer

from keras_rectifiers.comparison.trials.store import Store
from studies import __main__ as program
from tests.studies.made_up_command_line import LEFT, RELU, TANH, TRIALS

pytestmark = pytest.mark.usefixtures("tiny_studies")


def test_a_failed_population_is_named_and_the_rest_is_trained(trained, errors, capsys):
    errors["tanh"] = RuntimeError("one line\nbroken")
    assert program.main(["run", "tiny", "--out", "here"]) == 1
    output, notes = capsys.readouterr()
    assert output == ""
    assert re.fullmatch(
        "4 trials: 0 already finished, 4 to run in 2 populations.\n"
        "4 nets are trained and 0 are measured at initialisation only. On two cores this takes "
        "about 1 min.\n"
        rf"\[1/2\] failed: {TANH} \(0 running, 1 failed, {LEFT}\)\n"
        rf"\[2/2\] finished: {RELU} \(0 running, 1 failed, {LEFT}\)\n"
        r"Finished in \d s\.\n"
        rf"Failed: {TANH}: broken\n"
        "1 of 2 populations failed. The full error messages are in here/failures.\n"
        "To run the failed trials again, add --retry-failed to the same command.\n",
        notes,
    )
    (record,) = Path("here/failures").iterdir()
    assert "RuntimeError: one line\nbroken\n" in record.read_text()
    assert repr(TRIALS[0]) in record.read_text()
    trained.clear()
    errors.clear()
    assert program.main(["run", "tiny", "--out", "here"]) == 1
    assert trained == []
    assert capsys.readouterr().err == (
        "4 trials: 2 already finished, 2 failed earlier, 0 to run in 0 populations.\n"
        "Finished in 0 s.\n"
        f"Failed earlier: {record}: broken\n"
        "To run the failed trials again, add --retry-failed to the same command.\n"
    )
    # The failure of one study is no business of another.
    assert program.main(["run", "other", "--out", "here"]) == 0
    trained.clear()
    again = ["run", "tiny", "--out", "here", "--retry-failed"]
    assert program.main(again) == 0
    assert trained == ["tanh"]
    assert program.main(["run", "tiny", "--out", "here"]) == 0
    assert list(Path("here/failures").iterdir()) == []


def test_a_failure_that_cannot_be_recorded_is_told_whole(trained, errors, capsys):
    Store("results").prepare()
    Path("results/failures").write_text("in the way")
    errors["tanh"] = RuntimeError("one line\nbroken")
    assert program.main(["run", "tiny"]) == 1
    notes = capsys.readouterr().err
    end = notes[notes.index("1 of 2 populations failed.") :]
    assert re.fullmatch(
        "1 of 2 populations failed. The full error messages are in results/failures.\n"
        "The messages of 1 could not be written there. The first one:\n"
        r"Traceback \(most recent call last\):\n(.*\n)+RuntimeError: one line\nbroken\n"
        "\nTo run the failed trials again, add --retry-failed to the same command.\n",
        end,
    )
    trained.clear()
    # What is not on record is not known to have failed.
    assert program.main(["run", "tiny"]) == 1
    assert trained == ["tanh"]


def test_failures_are_red(trained, errors, monkeypatch):
    errors["tanh"] = RuntimeError("broken")
    red = []

    def secho(text, *, fg, err=False):
        assert fg == typer.colors.RED
        red.append(text)

    monkeypatch.setattr(typer, "secho", secho)
    assert program.main(["run", "tiny"]) == 1
    assert len(red) == 3 and red[0] == f"Failed: {TANH}: RuntimeError: broken"
    assert program.main(["status", "tiny"]) == 0
    assert red[3].startswith("    Failed: results/failures")


def test_a_quiet_run_tells_of_failures_only(trained, errors, capsys):
    assert program.main(["run", "other", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    errors["tanh"] = RuntimeError("broken")
    assert program.main(["run", "tiny", "--quiet"]) == 1
    assert capsys.readouterr() == (
        "",
        f"Failed: {TANH}: RuntimeError: broken\n"
        "1 of 2 populations failed. The full error messages are in results/failures.\n"
        "To run the failed trials again, add --retry-failed to the same command.\n",
    )
