"""Makes text from outside safe to print."""

import unicodedata

# Control characters, those of format (which can turn the direction of a text), lone
# surrogates (bytes of a path that are no UTF-8), separators of lines and paragraphs.
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str, *, keep: str = "") -> str:
    r"""Writes control characters as escapes, such as `\x1b`.

    Args:
        text: a name, a path or a message from outside.
        keep: characters to keep, such as `"\n\t"` in a text of several lines.

    Returns:
        A text of one line, unless line breaks are kept, that can be written in any
        encoding of Unicode.

    Example:

    >>> print(printable("red\x1b[31m\nnext"))
    red\x1b[31m\nnext
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _HIDDEN and character not in keep
        else character
        for character in text
    )
