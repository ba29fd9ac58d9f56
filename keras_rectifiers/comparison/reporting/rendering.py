"""Renders the templates of the pages."""

from pathlib import Path

import jinja2

from keras_rectifiers.printable import printable

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values) -> bytes:
    """Returns a page in UTF-8.

    Args:
        template: its name in the folder `templates`.
        **values: what it shows; a value that it needs and does not get is an error.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["printable"] = printable
    return environment.get_template(template).render(**values).encode()
