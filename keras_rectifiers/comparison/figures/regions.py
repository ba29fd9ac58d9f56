"""Where in the plane nets say which class, as small multiples."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures.panels import (
    ACCENT,
    FAINT,
    INK,
    figure_style,
    new_figure,
    settle,
)
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw

_LEFT = 0.3  # inches beside the panels, for the names of the rows


class Region(NamedTuple):
    """What one net says.

    Args:
        row, column: the names of its row and column.
        heights: its outputs on a square from -1 to 1, `(side, side)`, rows from the
            bottom.
        x: the points, `(points, 2)`.
        labels: their classes, 0 and 1.
        edges: lines to draw, `(lines, 2 ends, 2 coordinates)`.
    """

    row: str
    column: str
    heights: np.ndarray
    x: np.ndarray
    labels: np.ndarray
    edges: np.ndarray = np.empty((0, 2, 2))


def regions(found: Sequence[Region], *, threshold: float = 0.5) -> Figure:
    """Draws the region of class 1, where the output is above a threshold, of each net.

    Args:
        found: the nets, at most one for each row and column.
        threshold: the output at the boundary.

    Returns:
        The Figure: a panel for each net, with the region shaded, its boundary, the
        points and the edges.

    Raises:
        NothingToDraw: if there is no net.
    """
    if not found:
        raise NothingToDraw("The tables have no trials for this figure.")
    rows = list(dict.fromkeys(one.row for one in found))
    columns = list(dict.fromkeys(one.column for one in found))
    with figure_style():
        figure = new_figure(1)
        side = (figure.get_figwidth() - _LEFT) / len(columns)
        figure.set_figheight(0.35 + len(rows) * side)
        grid = figure.subplots(len(rows), len(columns), squeeze=False)
        for axes in grid.flat:
            axes.set(xticks=[], yticks=[], xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
            axes.set_visible(False)
        for one in found:
            axes = grid[rows.index(one.row), columns.index(one.column)]
            axes.set_visible(True)
            _draw(axes, one, threshold, size=4 * min(1.0, side))
        for axes, name in zip(grid[0], columns, strict=True):
            axes.set_title(name, loc="left", fontsize=8.5 if len(columns) > 3 else None)
        for axes, name in zip(grid[:, 0], rows, strict=True):
            axes.set_ylabel(name)
        settle(figure)
    return figure


def _draw(axes, one: Region, threshold: float, size: float) -> None:
    along = np.linspace(-1, 1, len(one.heights))
    levels = [threshold, np.inf]
    if one.heights.max() > threshold:
        axes.contourf(along, along, one.heights, levels, colors=[ACCENT], alpha=0.3)
    if one.heights.min() < threshold < one.heights.max():
        axes.contour(
            along, along, one.heights, [threshold], colors=[ACCENT], linewidths=1.4
        )
    for label, style in ((0, {"color": FAINT}), (1, {"color": INK})):
        own = one.x[one.labels == label]
        axes.plot(*own.T, ".", markersize=size / 2, alpha=0.8, **style)
    axes.add_collection(
        LineCollection(list(one.edges), colors=INK, linewidths=0.6, linestyles="--")
    )
