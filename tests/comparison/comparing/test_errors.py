"""What an error says, in one line."""

import traceback

from keras_rectifiers.comparison.comparing.errors import brief, brief_traceback


def test_of_an_error_of_keras_only_what_it_says_is_kept():
    text = "Exception encountered.\n\n\x1b[1mThe shapes\ndiffer.\x1b[0m\n\nArguments: x"
    assert brief(ValueError(text)) == "ValueError: The shapes differ."


def test_long_texts_are_cut_and_none_is_named():
    assert len(brief(ValueError("x" * 10_000))) < 400
    assert brief(ValueError()) == "ValueError"


def test_a_kept_traceback_is_told_as_its_last_error_is():
    text = "Exception encountered.\n\n\x1b[1mNo value.\x1b[0m\n\nArguments:\n  - x"
    for last in (ValueError(text), KeyError("no"), ValueError(), ValueError("a: b\nc")):
        try:
            try:
                raise RuntimeError("before")
            except RuntimeError as before:
                raise last from before
        except Exception as error:
            assert brief_traceback(traceback.format_exc()) == brief(error)
