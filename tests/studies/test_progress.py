"""The progress of a run: a bar on a terminal, otherwise a line for each event."""

import functools
import re

import pytest
import rich.console

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
