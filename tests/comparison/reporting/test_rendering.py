"""Templates are rendered strictly."""

import jinja2
import pytest

from keras_rectifiers.comparison.reporting.rendering import TEMPLATES, render


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        render("comparison.html")


def test_text_is_escaped(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "keras_rectifiers.comparison.reporting.rendering.TEMPLATES", tmp_path
    )
    (tmp_path / "a.html").write_text("{{ name }} {{ name|printable }}")
    assert render("a.html", name="<\x1b>") == b"&lt;\x1b&gt; &lt;\\x1b&gt;"


def test_the_templates_are_with_the_library():
    assert {"base.html", "comparison.html", "index.html"} <= {
        path.name for path in TEMPLATES.iterdir()
    }
