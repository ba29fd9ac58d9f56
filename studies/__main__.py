"""The program `python -m studies`: the part that runs before Keras is loaded."""

import io
import os
import sys
from collections.abc import Sequence

from studies import interrupts


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status.

    0: done. 1: some work failed. 2: wrong usage. 129, 130, 143: ended by a signal.
    """
    try:
        # Keras's backend, which takes seconds to load, may not be there or be unknown.
        from studies import command_line
    except Exception as error:  # of Keras's settings it can be any
        reason = " ".join(str(error).split())
        print(
            f"studies: The packages that the studies need cannot be loaded: {reason}. See "
            "the section Install of README.md, and check the environment variable "
            "KERAS_BACKEND and Keras's keras.json.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return command_line.main(args)


if __name__ == "__main__":
    interrupts.watch()
    # Of an encoding that lacks a character, as in a C locale, its number is shown.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    exit_status = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # of a full disk, or closed
            exit_status = exit_status or 1
    # Threads of other libraries, left at work, may abort a Python that ends in order.
    os._exit(exit_status)
