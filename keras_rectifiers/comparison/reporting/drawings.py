"""The figures of a page: SVGs that follow light and dark mode."""

import base64
import io
from dataclasses import dataclass

import matplotlib
from matplotlib.figure import Figure

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.trials.store import Tables

# The two colours that are not data, in light and in dark mode.
_THEME = """<style>
:root { --ink: #24292f; --faint: #c9ced4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --faint: #4a5058 } }
</style>"""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure of a page.

    Args:
        title, caption: the texts of the figure.
        source: a data URL; empty if there is nothing to draw.
        width, height: of the figure, in pixels, 100 to an inch.
    """

    title: str
    caption: str
    source: str
    width: int
    height: int


def draw(figure: figures.StudyFigure, tables: Tables) -> Drawing:
    """Draws a figure of a study from the tables of its trials."""
    try:
        drawn = figure.draw(tables)
    except figures.NothingToDraw:
        return Drawing(
            title=figure.title, caption=figure.caption, source="", width=0, height=0
        )
    return drawing_of(drawn, title=figure.title, caption=figure.caption)


def drawing_of(drawn: Figure, *, title: str, caption: str) -> Drawing:
    """Makes a drawing of a figure that is drawn."""
    encoded = base64.b64encode(_svg(drawn).encode()).decode()
    width, height = drawn.get_size_inches()
    return Drawing(
        title=title,
        caption=caption,
        source=f"data:image/svg+xml;base64,{encoded}",
        width=round(width * 100),
        height=round(height * 100),
    )


def _svg(figure: Figure) -> str:
    """Renders a figure as an SVG whose text and axes follow light and dark mode.

    Args:
        figure: everything in it that is not data has the colour `figures.INK` or
            `figures.FAINT`.

    Returns:
        The SVG document. Equal figures give equal text.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "keras-rectifiers"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text.replace(figures.INK, "var(--ink)").replace(
        figures.FAINT, "var(--faint)"
    )
    start = text.index(">", text.index("<svg")) + 1
    return text[:start] + _THEME + text[start:]
