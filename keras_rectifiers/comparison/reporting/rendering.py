"""Renders the templates of the pages."""

import base64
import functools
import hashlib
from pathlib import Path

import jinja2
from markupsafe import Markup

from keras_rectifiers.catalogue import title
from keras_rectifiers.comparison.reporting.glossary import with_definitions
from keras_rectifiers.comparison.reporting.wording import agreeing, said
from keras_rectifiers.comparison.verdicts.summary import listed
from keras_rectifiers.printable import printable

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values) -> bytes:
    """Returns a page in UTF-8.

    Args:
        template: its name in the folder `templates`.
        **values: what it shows; a value that it needs and does not get is an error.
    """
    return environment().get_template(template).render(**values).encode()


@functools.cache
def environment() -> jinja2.Environment:
    """How templates are rendered: their filters, and what all of them show."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # Whatever a text is from, no control character of it reaches a page.
        finalize=_without_controls,
    )
    made.filters |= {
        "printable": printable,
        "said": said,
        "agreeing": agreeing,
        "titled": title,
        "listed": listed,
        "with_definitions": with_definitions,
    }
    style, script = (
        (TEMPLATES / name).read_text("utf-8") for name in ("style.css", "filter.js")
    )
    made.globals |= {
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
    }
    return made


def _without_controls(value):
    """Writes control characters as escapes; line breaks and tabs are kept."""
    # What is markup was made of texts that have been here.
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return printable(value, keep="\n\t\r")


def _hash(text: str) -> str:
    """The hash by which a Content-Security-Policy allows a style or a script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
