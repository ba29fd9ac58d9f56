"""What an error of Keras or a backend says, in one line."""

import re

from keras_rectifiers.printable import printable

_MOST = 300


def brief(error: BaseException) -> str:
    """Returns the kind of an error and what it says, shortened to one line.

    Keras puts what matters between signs for bold type, and the arguments after it.

    Example:

    >>> brief(KeyError("no"))
    "KeyError: 'no'"
    """
    text = str(error)
    bold = re.search(r"\x1b\[1m(.*?)\x1b\[0m", text, re.DOTALL)
    text = bold[1] if bold else text
    text = printable(" ".join(text.split()))
    text = text if len(text) <= _MOST else f"{text[:_MOST]}..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
