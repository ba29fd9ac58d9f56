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
            print(printable(text), file=self._stream, flush=True)

    def ended(self, part: Part, *, failed: bool = False) -> None:
        """Tells that a part has ended."""
        self._done += len(part.seeds)
        taken = self._clock() - self._start
        left = taken * (self._num_seeds / self._done - 1)
        share = f"{self._done / self._num_seeds:.0%}"
        rest = f", about {duration(left)} left" if self._done < self._num_seeds else ""
        self.say(
            f"[{share}] {part}: {'failed' if failed else 'trained'}, "
            f"{duration(taken)} so far{rest}"
        )

    def _is_watched(self) -> bool:
        return self._stream.isatty() or "ipykernel" in sys.modules
