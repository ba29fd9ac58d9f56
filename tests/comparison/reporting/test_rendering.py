"""Templates are rendered strictly."""

import jinja2
import pytest

from keras_rectifiers.comparison.reporting.rendering import (
    TEMPLATES,
    environment,
    render,
)


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        render("comparison.html")


def test_text_is_escaped_and_has_no_control_characters_but_line_breaks_and_tabs():
    template = environment().from_string("{{ name }}|{{ name|printable }}")
    assert template.render(name="<\x1b>\n") == "&lt;\\x1b&gt;\n|&lt;\\x1b&gt;\\n"


def test_the_templates_are_with_the_library():
    assert {"base.html", "comparison.html", "index.html"} <= {
        path.name for path in TEMPLATES.iterdir()
    }
