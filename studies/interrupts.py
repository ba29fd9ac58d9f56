"""Signals that end the program: cleanly if that takes at most a few seconds.

The first signal raises a KeyboardInterrupt. Later signals are ignored, so that they do
not disturb the clean-up. If something then hangs or cannot be interrupted, such as a
long training inside TensorFlow, a waiting thread ends it. Files are written atomically,
so nothing is lost.
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
    """Makes Ctrl-C end the program within seconds. Call it once, in the main thread."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    # Unlike a handler, it is told at once, even if the main thread is in a library.
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=_end_late, args=(read,), daemon=True).start()
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


@contextlib.contextmanager
def by(*signals: signal.Signals) -> Iterator[None]:
    """Makes further signals end a run like Ctrl-C: its workers end, with a message.

    Signals that are ignored, for example under `nohup`, remain ignored.
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
