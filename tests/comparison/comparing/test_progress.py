"""The lines that tell how far a comparison is."""

import io

import pytest

from keras_rectifiers.comparison.comparing.experiment import Part
from keras_rectifiers.comparison.comparing.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream, **settings):
    times = iter([0.0, 30.0, 60.0, 120.0])
    progress = Progress(4, stream=stream, clock=lambda: next(times), **settings)
    progress.within(Part(activation="relu", seeds=(0, 1)), 0.5)
    progress.ended(Part(activation="relu", seeds=(0, 1)))
    progress.ended(Part(activation="tanh", seeds=(0, 1)), failed=True)
    return stream.getvalue()


def test_nothing_is_written_where_nobody_watches():
    assert shown(io.StringIO()) == ""
    assert shown(Terminal(), verbose=False) == ""


def test_a_line_for_each_part_tells_the_share_and_the_time_left():
    stream = io.StringIO()
    times = iter([0.0, 60.0, 120.0])
    progress = Progress(4, verbose=True, stream=stream, clock=lambda: next(times))
    progress.within(Part(activation="relu", seeds=(0, 1)), 0.5)
    progress.ended(Part(activation="relu", seeds=(0, 1)))
    progress.ended(Part(activation="tanh", seeds=(0, 1)), failed=True)
    assert stream.getvalue().splitlines() == [
        "[ 50%] relu, seeds 0 to 1, 1 min, about 1 min left",
        "[100%] tanh, seeds 0 to 1, 2 min, failed",
    ]


def test_on_a_terminal_a_line_changes_within_a_part():
    lines = shown(Terminal()).split("\r\x1b[K")
    assert lines[1] == "[ 25%] relu, seeds 0 to 1, 30 s, about 1 min 30 s left"
    assert lines[2].startswith("[ 50%] relu") and lines[2].endswith("\n")


@pytest.mark.parametrize("verbose", [True, False])
def test_what_is_said_is_made_safe(verbose):
    stream = io.StringIO()
    Progress(1, verbose=verbose, stream=stream).say("red\x1b[31m")
    assert stream.getvalue() == (r"red\x1b[31m" + "\n" if verbose else "")
