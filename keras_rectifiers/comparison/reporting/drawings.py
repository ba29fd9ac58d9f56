"""The figures of a page: SVGs that follow light and dark mode."""

import functools
import io
import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import matplotlib
import PIL.Image
from markupsafe import Markup
from matplotlib.figure import Figure

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.trials.store import Tables

_DPI = 150

# The two colours that are not data, in light and in dark mode.
_THEME = """<style>
:root { --ink: #24292f; --faint: #c9ced4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --faint: #4a5058 } }
</style>"""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure of a page.

    Args:
        name, title, caption, claims: as for `StudyFigure`.
        finding: what it shows of these tables; empty if it says nothing.
        svg: the figure; empty if there is nothing to draw.
        png: the figure as an image on white; empty if it was not asked for.
        width, height: of the figure, in pixels, 100 to an inch.
    """

    name: str
    title: str
    caption: str
    claims: Sequence[str] = ()
    finding: str = ""
    svg: str = ""
    png: bytes = b""
    width: int = 0
    height: int = 0

    @functools.cached_property
    def source(self) -> str:
        """The figure as a data URL; empty if there is nothing to draw.

        It is for an attribute in double quotes. Base64 would be a fifth longer.
        """
        svg = self.svg if "'" in self.svg else self.svg.replace('"', "'")
        kept = " !$'()*,/:;=?@"  # besides letters, digits, "_", ".", "-" and "~"
        encoded = urllib.parse.quote(svg, safe=kept)
        return Markup(f"data:image/svg+xml,{encoded}" if svg else "")


def draw(figure: figures.StudyFigure, tables: Tables, *, png: bool = False) -> Drawing:
    """Draws a figure of a study from the tables of its trials.

    Args:
        figure: the figure.
        tables: the tables of the trials.
        png: whether to make an image of it too.
    """
    empty = Drawing(
        name=figure.name,
        title=figure.title,
        caption=figure.caption,
        claims=figure.claims,
    )
    try:
        drawn = figure.draw(tables)
    except figures.NothingToDraw:
        return empty
    said = replace(empty, finding=figure.finding(tables) if figure.finding else "")
    return with_figure(said, drawn, png=png)


def with_figure(empty: Drawing, drawn: Figure, *, png: bool = False) -> Drawing:
    """Puts a figure that is drawn into a drawing, as `draw` does."""
    width, height = drawn.get_size_inches()
    return replace(
        empty,
        svg=_svg(drawn),
        png=_png(drawn) if png else b"",
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
    text = _shortened(text)
    start = text.index(">", text.index("<svg")) + 1
    return text[:start] + _THEME + text[start:]


def _shortened(svg: str) -> str:
    """The same drawing in fewer bytes: pages hold dozens of them.

    Coordinates have two decimals, a hundredth of a point. Markers that follow each other
    share their style. Glyphs have short names, and there are no groups without a purpose.
    """

    def rounded(match: re.Match) -> str:
        return re.sub(r"(\.\d\d)\d+", r"\1", match[0])

    def joined(match: re.Match) -> str:
        return re.sub(r"\s*([A-Za-z])\s*", r"\1", rounded(match))

    svg = re.sub(
        r"<!DOCTYPE.*?>\s*|<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S
    )
    svg = re.sub(r'(?<=\bd=)"[^"]*"', joined, svg)
    svg = re.sub(r'\b[xy]="[^"]*"|translate\([^)]*\)', rounded, svg)
    svg = re.sub(r'(?<=\bstyle=)"[^"]*"', lambda m: re.sub("([:;]) ", r"\1", m[0]), svg)
    svg = re.sub(r'<g id="[^"]*"', "<g", re.sub(r">\s+<", "><", svg))
    svg = _without_plain_groups(svg.replace("DejaVuSans-", "d-"))
    return re.sub(
        r'<use [^>]*?( style="[^"]*")/>(?:<use [^>]*?\1/>)+',
        lambda m: f"<g{m[1]}>{m[0].replace(m[1], '')}</g>",
        svg,
    )


def _without_plain_groups(svg: str) -> str:
    """Leaves out the tags of groups without any attribute, which change nothing."""
    kept, are_plain = [], []
    for part in re.split(r"(<g\b[^>]*>|</g>)", svg):
        is_plain = part in ("<g>", "<g/>")
        if part.startswith("<g") and not part.endswith("/>"):
            are_plain.append(is_plain)
        elif part == "</g>":
            is_plain = are_plain.pop()
        if not is_plain:
            kept.append(part)
    return "".join(kept)


def _png(figure: Figure) -> bytes:
    """Renders a figure on white, as documents have it; equal figures, equal bytes.

    It has 256 colours, and so a third of the size.
    """
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(
        drawn,
        format="png",
        dpi=_DPI,
        facecolor="white",
        pil_kwargs={"compress_level": 1},
    )
    image = PIL.Image.open(drawn).convert("RGB").quantize(dither=PIL.Image.Dither.NONE)
    image.save(small, "png", dpi=(_DPI, _DPI))
    return small.getvalue()
