"""How far a comparison is, and how long it will take."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from keras_rectifiers.comparison.comparing.budget import duration
from keras_rectifiers.comparison.comparing.experiment import Part
from keras_rectifiers.printable import printable


class Progress:
    """Writes a line for each part that is finished, with the time left.

    Args:
        num_seeds: the number of seeds of all parts together.
        verbose: whether lines are written. Default: on a terminal and in a notebook.
        stream: where to. Default: standard error.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        num_seeds: int,
        *,
        verbose: bool | None = None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._stream = sys.stderr if stream is None else stream
        self._is_on = self._is_watched() if verbose is None else verbose
        self._num_seeds, self._done = num_seeds, 0
        self._clock, self._start = clock, clock()

    def say(self, text: str) -> None:
        """Writes a line."""
        if self._is_on:
            self._stream.write(f"{self._clear()}{printable(text)}\n")
            self._stream.flush()

    def within(self, part: Part, share: float) -> None:
        """Tells how much of a part is done: on a terminal, in a line that changes."""
        if self._is_on and self._stream.isatty():
            done = self._done + share * len(part.seeds)
            self._stream.write(f"{self._clear()}{self._told(part, done)}")
            self._stream.flush()

    def ended(self, part: Part, *, failed: bool = False) -> None:
        """Tells that a part has ended."""
        self._done += len(part.seeds)
        self.say(f"{self._told(part, self._done)}{', failed' if failed else ''}")

    def _told(self, part: Part, done: float) -> str:
        taken = self._clock() - self._start
        told = f"[{done / self._num_seeds:4.0%}] {printable(str(part))}"
        told += f", {duration(taken)}"
        if 0 < done < self._num_seeds:
            left = taken * (self._num_seeds / done - 1)
            told += f", about {duration(left)} left"
        return told

    def _clear(self) -> str:
        """Removes the line that changes."""
        return "\r\x1b[K" if self._stream.isatty() else ""

    def _is_watched(self) -> bool:
        return self._stream.isatty() or "ipykernel" in sys.modules
