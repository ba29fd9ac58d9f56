"""What all figures share: panels, style, legend and order."""

import math
import textwrap
import zlib
from collections.abc import Mapping, Sequence
from contextlib import contextmanager

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatterSciNotation

from keras_rectifiers.catalogue import CATALOGUE, title
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw

# What is no data has one of these two colours, which a page may put others for.
INK = "#24292f"
FAINT = "#c9ced4"

# Of two markers or bands, neither is told by colour alone.
ACCENT = "#1f8fc4"

WIDTH = 4.6  # inches
SPREAD = (0.1, 0.9)  # the quantiles between which a band runs
# For activations that the catalogue does not have.
_COLOURS_OF_OWN = ("#00796b", "#d81b60", "#8d6e63", "#5c6bc0", "#827717", "#9c4dcc")
_STYLES_OF_OWN = ("-.", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)))
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LINE = 54  # characters of a panel's title, if there is one column of panels
_LONGEST = 4  # digits of a decimal along a logarithmic axis
_TICK_SIZE = 9.5  # points
_MARGIN = 8  # pixels beside a legend
_BETWEEN_LABELS = 8  # pixels of a figure, 100 to an inch


@contextmanager
def panelled_figure(frame, column, row, height, ylabel, *, share_x=True, share_y=True):
    """Makes panels with titles and yields them with their rows of the frame."""
    if frame.empty:
        raise NothingToDraw("The tables have no trials for this figure.")
    columns = levels_of(frame[column]) if column else [None]
    rows = levels_of(frame[row]) if row else [None]
    with figure_style():
        figure = new_figure(0.9 + height * len(rows))
        grid = figure.subplots(
            len(rows), len(columns), squeeze=False, sharex=share_x, sharey=share_y
        )
        panels = []
        for i, row_level in enumerate(rows):
            for j, column_level in enumerate(columns):
                axes = grid[i, j]
                chosen = frame
                if row:
                    chosen = chosen[chosen[row] == row_level]
                if column:
                    chosen = chosen[chosen[column] == column_level]
                if chosen.empty:  # there is no such net
                    axes.set_axis_off()
                    continue
                titles = [str(t) for t in (column_level, row_level) if t is not None]
                lines = [
                    textwrap.fill(line, _LINE // len(columns))
                    for line in "\n".join(titles).splitlines()
                ]
                axes.set_title("\n".join(lines), loc="left")
                axes.set_ylabel(ylabel if j == 0 else "")
                sns.despine(ax=axes)
                panels.append((axes, chosen))
        yield figure, panels
        settle(figure)


def new_figure(height: float) -> Figure:
    """Makes a figure of the common width; the height is in inches."""
    # A panel's title stands clear of the ticks of the panel above it.
    layout = ConstrainedLayoutEngine(hspace=0.08)
    figure = Figure(figsize=(WIDTH, height), layout=layout)
    # It keeps the renderer that measures texts; without it, each measuring makes one.
    FigureCanvasAgg(figure)
    return figure


@contextmanager
def figure_style():
    """Sets the style of the figures, and restores the previous one afterwards."""
    style: Mapping = {
        **sns.axes_style("ticks"),
        **sns.plotting_context("paper"),
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "axes.titlesize": 10,
        "axes.labelsize": 10,
        "figure.labelsize": 10,
        "xtick.labelsize": _TICK_SIZE,
        "ytick.labelsize": _TICK_SIZE,
        "legend.fontsize": 9.5,
        "lines.linewidth": 1.6,
        "text.color": INK,
        # What a user calls an activation is no formula.
        "text.parse_math": False,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "axes.titlecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "figure.autolayout": False,
        "figure.constrained_layout.use": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
    }
    with matplotlib.rc_context(dict(style)):
        yield


def settle(figure: Figure) -> None:
    """Lays the figure out, once for all.

    Now, because ticks are made when it is, with the style of then. And once, because
    laying out takes as long as drawing, and each drawing would do it again. Nothing is
    drawn for it.
    """
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            _write_powers_as_text(axis)
            # By their size it depends how many ticks there are. Without a size of its
            # own, an axis takes the one of the style at the time of drawing.
            axis.set_tick_params(labelsize=_TICK_SIZE)
    if engine := figure.get_layout_engine():
        engine.execute(figure)
    figure.set_layout_engine(None)
    _part_numbers(figure.axes)


def mark_rates(axes: Axes, rates: pd.Series) -> None:
    """Makes the x axis logarithmic, with ticks at the learning rates that were trained."""
    axes.set_xscale("log")
    ticks = sorted(set(rates))
    axes.set_xticks(ticks, [plain_number(rate) for rate in ticks])
    axes.minorticks_off()


def plain_number(number: float) -> str:
    """A number in up to six digits, with a true minus sign."""
    return f"{number:g}".replace("-", "\N{MINUS SIGN}")


class _PowersAsText(LogFormatterSciNotation):
    """The numbers of a logarithmic axis as text, because formulas are not parsed.

    All of an axis are written in one way: as decimals, or as powers of ten if one of
    them would be too long.
    """

    def set_locs(self, locs=None):
        super().set_locs(locs)
        assert isinstance(self.axis, Axis)
        low, high = sorted(self.axis.get_view_interval())
        shown = [x for x in self.axis.get_majorticklocs() if low <= x <= high and x]
        self._in_powers = any(
            abs(math.log10(abs(x))) > _LONGEST for x in shown or [high] if x
        )

    def __call__(self, x, pos=None):
        # Whether there is a number at all.
        if not super().__call__(x, pos):
            return ""
        if not self._in_powers or abs(x) in (0, 1, 10):
            return plain_number(x)
        power = math.floor(math.log10(abs(x)) + 1e-9)
        factor = f"{abs(x) / 10.0**power:g}"
        sign = "\N{MINUS SIGN}" if x < 0 else ""
        ten = f"10{str(power).translate(_SUPERSCRIPTS)}"
        return f"{sign}{ten if factor == '1' else f'{factor}·{ten}'}"


def _write_powers_as_text(axis: Axis) -> None:
    former = axis.get_major_formatter()
    if isinstance(former, LogFormatterSciNotation):
        axis.set_major_formatter(_PowersAsText())
        minor = axis.get_minor_formatter()
        if isinstance(minor, LogFormatterSciNotation):
            axis.set_minor_formatter(_PowersAsText(labelOnlyBase=False))


def _part_numbers(panels: Sequence[Axes]) -> None:
    """Leaves out the numbers along x that would touch what is left of them."""
    ends: dict[float, float] = {}  # by the height at which the panels of a row begin
    for axes in sorted(panels, key=lambda axes: axes.get_position().x0):
        bottom = round(axes.get_position().y0, 3)
        low, high = sorted(axes.get_xlim())
        for label in axes.get_xticklabels():
            box, (x, _) = label.get_window_extent(), label.get_position()
            if not (box.width and low <= x <= high):  # it is not drawn
                continue
            touches = box.x0 < ends.get(bottom, -math.inf) + _BETWEEN_LABELS
            if touches and _is_number(label.get_text()):
                label.set_visible(False)
            else:
                ends[bottom] = box.x1


def _is_number(text: str) -> bool:
    try:
        float(text.replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return False
    return True


def levels_of(column: pd.Series) -> list:
    """A column's values: categories in order, numbers ascending, others as they occur."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column)
        return [level for level in column.cat.categories if level in present]
    levels = dict.fromkeys(column)
    return sorted(levels) if pd.api.types.is_numeric_dtype(column) else list(levels)


def activations_in(frame: pd.DataFrame) -> list[str]:
    """The activations of a frame: in the catalogue's order, then a user's own."""
    present = dict.fromkeys(frame["activation"])
    own = [name for name in present if name not in CATALOGUE]
    return [*(name for name in CATALOGUE if name in present), *own]


def by_activation(frame: pd.DataFrame):
    """Yields each activation's rows with a value, in the catalogue's order."""
    for name in activations_in(frame):
        rows = frame[(frame["activation"] == name) & np.isfinite(frame["value"])]
        if len(rows):
            yield name, rows


def stroke(name: str) -> dict:
    """The colour and the line style of an activation, as `plot` takes them.

    An activation of a user's own has the same ones in every figure too.
    """
    if name in CATALOGUE:
        known = CATALOGUE[name]
        return {"color": known.colour, "linestyle": known.line_style}
    number = zlib.crc32(name.encode())
    colours, styles = _COLOURS_OF_OWN, _STYLES_OF_OWN
    return {
        "color": colours[number % len(colours)],
        "linestyle": styles[number // len(colours) % len(styles)],
    }


def colour_of(name: str) -> str:
    """The colour of an activation."""
    return stroke(name)["color"]


def short_title(name: str) -> str:
    """An activation's title, without its middle if it would leave no room for panels."""
    whole = title(name)
    return whole if len(whole) <= 30 else f"{whole[:15]}…{whole[-14:]}"


def legend_key(name: str) -> Line2D:
    """How the legend shows an activation."""
    return Line2D([], [], label=short_title(name), **stroke(name))


def add_legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """Puts the legend above the panels; the layout makes room for it.

    It has as many columns as fit, but three at most.
    """
    for num_columns in range(min(3, len(handles)), 0, -1):
        legend = figure.legend(
            handles=handles,
            loc="outside upper left",
            ncols=num_columns,
            frameon=False,
            handlelength=2.4,
            handletextpad=0.5,
            columnspacing=0.8,
        )
        room = figure.bbox.width - 2 * _MARGIN
        if num_columns == 1 or legend.get_window_extent().width <= room:
            return
        legend.remove()
