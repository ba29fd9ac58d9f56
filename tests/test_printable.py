"""Text from outside: only what would do something to a terminal is escaped."""

import unicodedata

import pytest

from keras_rectifiers.printable import printable


def test_only_what_would_do_something_is_escaped():
    assert printable("Zürich, π: 🙂 'a\\b'\u00a0") == "Zürich, π: 🙂 'a\\b'\u00a0"
    hidden = "\x00\x1b\x7f\x85\u202e\u2028\udcff\t\n"
    escaped = r"\x00\x1b\x7f\x85\u202e\u2028\udcff"
    assert printable(hidden) == escaped + r"\t\n"
    assert printable(hidden, keep="\n\t") == escaped + "\t\n"


@pytest.mark.parametrize("category", ["Cc", "Cf", "Cs", "Zl", "Zp"])
def test_every_character_of_a_hidden_kind_is_escaped_as_python_reads_it(category):
    kind = [c for c in map(chr, range(0x10000)) if unicodedata.category(c) == category]
    assert kind
    for character in kind:
        text = printable(f"a{character}b")
        assert text.isprintable() and character not in text
        assert text.encode().decode("unicode_escape") == f"a{character}b"


def test_what_is_kept_is_kept_alone():
    assert printable("a\tb\r\n", keep="\t") == "a\tb\\r\\n"
