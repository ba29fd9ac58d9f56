"""Signals that end the program: in order if that takes a few seconds at most.

The first one raises a KeyboardInterrupt; those that follow must not disturb what is being
ended, and do nothing. Whatever then hangs, or was not to be interrupted in the first place,
such as a long training inside TensorFlow, is ended by a thread that waits beside it. What
is stored appears whole or not at all, so nothing is lost by that.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil

# Seconds that an end in order may take.
PATIENCE = 4.0

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_is_ending = False


def watch() -> None:
    """Has Ctrl-C end the program, within seconds, from now on. Once, in the main thread."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    # Unlike a handler, it is told at once, even if the main thread is in a library.
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=_end_late, args=(read,), daemon=True).start()
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


@contextlib.contextmanager
def by(*signals: signal.Signals) -> Iterator[None]:
    """Has further signals end a run as Ctrl-C does: its workers end, and it says so.

    Those that are ignored, as under `nohup`, stay so.
    """
    global _is_ending
    _is_ending = False  # whatever was before: a library may have swallowed it
    mine = [n for n in signals if signal.getsignal(n) == signal.SIG_DFL]
    for number in mine:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int, _) -> None:
    global _is_ending
    if not _is_ending:
        _is_ending = True
        raise KeyboardInterrupt(128 + number)  # the exit status, as shells have it


def _end_late(pipe: int) -> None:
    number = 0
    while number not in _SIGNALS:
        number = os.read(pipe, 1)[0]
    time.sleep(PATIENCE)
    try:
        _kill_descendants()
        os.write(2, b"Interrupted. The same command goes on with what is left.\n")
    finally:
        os._exit(128 + number)


def _kill_descendants() -> None:
    found: set[psutil.Process] = set()
    # Stopped, they start no others.
    while new := set(psutil.Process().children(recursive=True)) - found:
        found |= new
        for process in new:
            with contextlib.suppress(psutil.Error):
                process.suspend()
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
