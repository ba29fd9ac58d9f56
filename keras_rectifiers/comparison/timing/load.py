"""The load of the machine by other programs."""

import time

import psutil

# Times of a machine that is busier than this are not to be trusted.
MOST = 0.1

_SECONDS = 1.0


class Watch:
    """Watches which share of the time of all processors other programs take.

    From its creation on, in this process and beside what this process computes.
    """

    def __init__(self):
        psutil.cpu_percent()
        self._started = time.perf_counter()
        self._own = time.process_time()

    def load(self) -> float:
        """Returns the share since the creation, from 0 to 1."""
        busy = psutil.cpu_percent() / 100
        wall = time.perf_counter() - self._started
        own = (time.process_time() - self._own) / (wall * (psutil.cpu_count() or 1))
        return max(0.0, busy - own)


def now() -> float:
    """Returns the share of the last second."""
    return psutil.cpu_percent(interval=_SECONDS) / 100
