"""The progress of a run: a bar on a terminal, otherwise a line for each event."""

import functools
import re

import pytest
import rich.console

from keras_rectifiers.comparison.running.runner import Event, Work
from keras_rectifiers.comparison.trials.trial import Trial
from studies import __main__ as program
from studies import progress

pytestmark = pytest.mark.usefixtures("tiny_studies")


@pytest.mark.parametrize("width", [50, 80])
def test_on_a_terminal_a_bar_shows_how_far_the_run_is_and_what_runs(
    trained, monkeypatch, capsys, width
):
    console = functools.partial(rich.console.Console, force_terminal=True, width=width)
    monkeypatch.setattr(progress, "Console", console)
    assert program.main(["run", "tiny"]) == 0
    notes = capsys.readouterr().err
    assert "[1/2]" not in notes
    # One line, drawn again and again.
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", notes).replace("\r", "\n").split("\n")
    assert max(len(line) for line in lines if "%" in line) <= width
    for frame in (
        r"\S   0% ━{16} -:--:-- 0/2 tanh mlp 3x4 *",
        r"\S  \d\d% [━╺╸]{16} \S{7} 1/2 relu mlp 2x4 *",
        r"  100% ━{16} 0:00:00 2/2 *",
    ):
        assert any(re.fullmatch(frame, line) for line in lines), lines


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(folder, monkeypatch, capsys):
    dumb = functools.partial(
        rich.console.Console, force_terminal=True, _environ={"TERM": "dumb"}
    )
    monkeypatch.setattr(progress, "Console", dumb)
    assert program.main(["run", "tiny"]) == 0
    notes = capsys.readouterr().err
    assert "[1/2] finished: " in notes and "[2/2] finished: " in notes
    assert "%" not in notes and "\n\n" not in notes


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (3599.6, "1 h"),
        (3630, "1 h"),
        (3660, "1 h 1 min"),
        (90_000, "25 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds, text):
    assert progress.duration(seconds) == text


def test_events_are_passed_on_and_a_line_is_told_for_each_end(monkeypatch, capsys):
    seconds = iter([0.0, 30.0, 40.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    work = [
        Work(trials=(Trial(activation=name),), cost=cost)
        for name, cost in (("relu", 1.0), ("tanh", 3.0))
    ]
    kinds = [("started", 0), ("started", 1), ("failed", 0), ("finished", 1)]
    events = [Event(kind=kind, work=work[i]) for kind, i in kinds]
    assert list(progress.shown(iter(events), work)) == events
    # A quarter of the work took 30 s, so the rest takes 90.
    assert capsys.readouterr() == (
        "",
        f"[1/2] failed: {work[0]} (1 running, 1 failed, about 1 min 30 s left)\n"
        f"[2/2] finished: {work[1]} (0 running, 1 failed, about 0 s left)\n",
    )
