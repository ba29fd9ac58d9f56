"""The scores of nets at each learning rate."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from keras_rectifiers.comparison.figures.line_names import name_lines
from keras_rectifiers.comparison.figures.panels import (
    FAINT,
    INK,
    activations_in,
    add_legend,
    colour_of,
    figure_style,
    levels_of,
    mark_rates,
    new_figure,
    panelled_figure,
    plain_number,
    settle,
    short_title,
    stroke,
)

_HEIGHT = 2.7  # inches of a panel, ...
_LOW = 1.9  # ... and of one of many
_FEW = 4
_WIDE = 10
_MOST_LINES = 6  # in a panel; more cannot be told apart
_COLUMNS = 3
_LINE = 17  # characters of a title, of three beside each other


def sensitivity(frame: pd.DataFrame, *, ylabel: str, row: str) -> Figure:
    """Draws a score against the learning rate, a line for each activation.

    Vertical lines are the intervals over seeds. A filled dot marks the best rate, a
    cross each rate at which some nets were lost. The rate axis is logarithmic, and the
    score axis too if it spans a decade or more.

    Args:
        frame: one row for each activation, rate and panel: `activation`,
            `learning_rate`, `estimate` of the score with `low` and `high` (NaN if all
            nets are lost), `num_lost`, `is_best`, and the column named by `row`.
        ylabel: the name of the score; lower is better.
        row: the column of the frame whose values define the panels, one below the
            other.

    Returns:
        The Figure. If a panel would have too many lines, each activation has one of its
        own instead, in which the others are grey.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    if len(frame) and frame.groupby(row)["activation"].nunique().max() > _MOST_LINES:
        return _one_by_one(frame, ylabel, row)
    height = _HEIGHT if frame.empty or frame[row].nunique() <= _FEW else _LOW
    with panelled_figure(frame, None, row, height, ylabel, share_x=False) as (
        figure,
        panels,
    ):
        for axes, rows in panels:
            lost_everywhere = _scales(axes, rows)
            for name, line in _lines(rows):
                _draw(axes, name, line, lost_everywhere)
        figure.supxlabel("learning rate")
        name_lines(
            figure,
            [axes for axes, _ in panels],
            activations_in(frame),
            handles=_HANDLES,
        )
    return figure


_HANDLES = [
    Line2D([], [], color=INK, marker=marker, linestyle="none", label=label)
    for label, marker in (("best", "o"), ("some nets lost", "x"))
]


def _one_by_one(frame: pd.DataFrame, ylabel: str, row: str) -> Figure:
    levels = {level: frame[frame[row] == level] for level in levels_of(frame[row])}
    with _small_panels(list(levels.values())) as (figure, panels):
        for (level, rows), grid in zip(levels.items(), panels, strict=True):
            lines = dict(_lines(rows))
            for number, (name, axes) in enumerate(zip(lines, grid, strict=True)):
                lost_everywhere = _scales(axes, rows)
                for other in lines.values():
                    axes.plot(
                        other["learning_rate"],
                        other["estimate"],
                        color=FAINT,
                        linewidth=1,
                    )
                _draw(axes, name, lines[name], lost_everywhere)
                if axes.get_yscale() == "log":  # one power of ten may be too few
                    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
                    axes.yaxis.set_major_formatter(lambda y, _: plain_number(y))
                    axes.yaxis.set_minor_formatter(NullFormatter())
                own = fill(short_title(name), _LINE)
                axes.set_title(own if number else f"{level}\n{own}", loc="left")
                axes.tick_params(
                    labelleft=number % _COLUMNS == 0,
                    labelbottom=number + _COLUMNS >= len(lines),
                )
        figure.supxlabel("learning rate")
        figure.supylabel(ylabel)
        others = Line2D([], [], color=FAINT, linewidth=1, label="the others")
        add_legend(figure, [*_HANDLES, others])
    return figure


@contextmanager
def _small_panels(
    parts: Sequence[pd.DataFrame],
) -> Iterator[tuple[Figure, list[list[Axes]]]]:
    """Makes a panel for each activation of each part, in rows of their own."""
    counts = [len(activations_in(part)) for part in parts]
    num_rows = [-(-count // _COLUMNS) for count in counts]
    with figure_style():
        figure = new_figure(0.9 + 1.25 * sum(num_rows) + 0.2 * len(parts))
        grid = figure.subplots(sum(num_rows), _COLUMNS, squeeze=False)
        panels = []
        for count, first, num in zip(
            counts, np.cumsum([0, *num_rows]), num_rows, strict=False
        ):
            own = list(grid[first : first + num].flat)
            for axes in own[count:]:
                axes.set_axis_off()
            for axes in own[:count]:
                axes.sharey(own[0])
                sns.despine(ax=axes)
            panels.append(own[:count])
        yield figure, panels
        settle(figure)


def _lines(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for name in activations_in(rows):
        yield name, rows[rows["activation"] == name].sort_values("learning_rate")


def _scales(axes: Axes, rows: pd.DataFrame) -> float:
    """Sets the scales, and returns the height of nets that every rate loses."""
    mark_rates(axes, rows["learning_rate"])
    least, most = _range(rows["estimate"])
    if least > 0 and most >= _WIDE * least:
        axes.set_yscale("log")
    return most


def _draw(axes: Axes, name: str, line: pd.DataFrame, lost_everywhere: float) -> None:
    axes.plot(line["learning_rate"], line["estimate"], label=name, **stroke(name))
    axes.vlines(
        line["learning_rate"],
        line["low"],
        line["high"],
        color=colour_of(name),
        linewidth=1,
    )
    # Points without a score are drawn at the top.
    height = line["estimate"].fillna(lost_everywhere)
    for chosen, style in (
        (line["num_lost"] > 0, {"marker": "x", "markersize": 5}),
        (line["is_best"], {"marker": "o", "markersize": 6}),
    ):
        axes.plot(
            line.loc[chosen, "learning_rate"],
            height[chosen],
            linestyle="none",
            color=colour_of(name),
            **style,
        )


def _range(scores: pd.Series) -> tuple[float, float]:
    known = scores[np.isfinite(scores)]
    return (known.min(), known.max()) if len(known) else (1.0, 1.0)
