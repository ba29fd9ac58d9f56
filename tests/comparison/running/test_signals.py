"""Signals wait while processes are started or ended, and come afterwards."""

import os
import signal
import threading

import pytest

from keras_rectifiers.comparison.running import signals


@pytest.fixture
def handled():
    """SIGINT raises a KeyboardInterrupt."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_signal_is_put_off_whatever_thread_gets_it(handled):
    said = []
    with pytest.raises(KeyboardInterrupt):
        with signals.put_off():
            signal.raise_signal(signal.SIGINT)
            other = threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGINT))
            other.start()
            other.join()
            said.append("started")
        said.append("not reached")
    assert said == ["started"]
    # What starts in it does not get the signal of a terminal.
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_what_has_no_handler_of_its_own_stays_so(handled):
    before = signal.getsignal(signal.SIGTERM)
    with signals.put_off():
        assert signal.getsignal(signal.SIGTERM) == before
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_than_the_main_one_may_put_signals_off(handled):
    masks = []

    def run():
        with signals.put_off():
            masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert masks == [{signal.SIGINT}, set()]
