"""What an error says, in one line."""

from keras_rectifiers.comparison.comparing.errors import brief


def test_of_an_error_of_keras_only_what_it_says_is_kept():
    text = "Exception encountered.\n\n\x1b[1mThe shapes\ndiffer.\x1b[0m\n\nArguments: x"
    assert brief(ValueError(text)) == "ValueError: The shapes differ."


def test_long_texts_are_cut_and_none_is_named():
    assert len(brief(ValueError("x" * 10_000))) < 400
    assert brief(ValueError()) == "ValueError"
