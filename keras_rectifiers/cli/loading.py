"""Loads Keras and its backend without what they log as they start."""

import contextlib
import os
from collections.abc import Iterator


def load_keras() -> None:
    """Loads Keras, and computes something: backends log at their first operation too."""
    with _without_stderr():
        import keras

        keras.ops.convert_to_numpy(keras.ops.ones(1) + 1)


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """Lets nothing through that is written to standard error, by libraries in C too."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
