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
    return _shortened(type(error).__name__, str(error))


def brief_traceback(told: str) -> str:
    r"""Returns the same of an error whose traceback has been kept as text.

    Example:

    >>> brief_traceback(
    ...     "Traceback (most recent call last):\n  File ...\nKeyError: 'no'"
    ... )
    "KeyError: 'no'"
    """
    last = re.split(r"^Traceback.*\n", told, flags=re.MULTILINE)[-1]
    found = re.search(r"^\S.*", last, re.DOTALL | re.MULTILINE)
    kind, _, text = (found[0] if found else last).partition(":")
    return _shortened(kind.strip().rpartition(".")[2], text.strip())


def _shortened(kind: str, text: str) -> str:
    bold = re.search(r"\x1b\[1m(.*?)\x1b\[0m", text, re.DOTALL)
    text = bold[1] if bold else text
    text = printable(" ".join(text.split()))
    text = text if len(text) <= _MOST else f"{text[:_MOST]}..."
    return f"{kind}: {text}" if text else kind
