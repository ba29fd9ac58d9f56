"""Signals that come while processes are started or ended."""

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Puts signals off until the block is left, and keeps Ctrl-C from new processes.

    A terminal sends it to all, at the same time: they would end before this process can
    end them, which then is an error. To block it here is not enough, as any other thread
    may get it in place of this one.
    """
    waiting: list[int] = []
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            handler = signal.getsignal(number)
            if callable(handler):
                handlers[number] = handler
                signal.signal(number, lambda number, _: waiting.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[0])
