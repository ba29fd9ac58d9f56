"""Distributions as ridges, one below the other."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import gaussian_kde

from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    INK,
    activations_in,
    add_legend,
    by_activation,
    colour_of,
    figure_style,
    legend_key,
    levels_of,
    new_figure,
    settle,
    stroke,
)
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw

_PITCH = 0.26  # inches from a ridge to the next
_HEIGHT = 0.85  # of the pitch
_POINTS = 200
_LINE = 54  # characters of the titles of panels beside each other


def ridges(
    frame: pd.DataFrame,
    *,
    panel: str,
    row: str,
    xlabel: str,
    ylabel: str,
    mark: float | None = None,
    columns: int = 1,
) -> Figure:
    """Draws the distribution of values in each row of each panel.

    Each ridge is a kernel density estimate (Gaussian, by Scott's rule) from the smallest
    to the largest of the values, and as high as the others; the dot is the median.

    Args:
        frame: any number of rows for each activation, panel and row: `activation`,
            `seed`, `value`, and the columns named by `panel` and `row`. Values that are
            not finite are missing.
        panel: the column of the frame whose values define the panels.
        row: the column whose values define the ridges of a panel, from top to bottom.
        xlabel: what the values are.
        ylabel: what the rows are.
        mark: a value at which each panel has a line. Default: none.
        columns: the number of panels beside each other. Panels below each other have a
            common x axis.

    Returns:
        The Figure. If some nets have no value, a note below says how many have one.

    Raises:
        NothingToDraw: if the frame has no value.
    """
    if not np.isfinite(frame["value"].to_numpy(dtype=float)).any():
        raise NothingToDraw("The tables have no trials for this figure.")
    levels = levels_of(frame[panel])
    rows_of = {
        level: levels_of(frame.loc[frame[panel] == level, row]) for level in levels
    }
    lines = [levels[i : i + columns] for i in range(0, len(levels), columns)]
    most = [max(len(rows_of[level]) for level in line) for line in lines]
    names = activations_in(frame)
    with figure_style():
        figure = new_figure(0.9 + 0.3 * len(lines) + _PITCH * sum(most))
        grid = figure.subplots(
            len(lines),
            columns,
            squeeze=False,
            sharex=columns == 1,
            height_ratios=most,
        )
        for axes in grid.flat[len(levels) :]:
            axes.set_axis_off()
        for axes, level in zip(grid.flat, levels, strict=False):
            chosen = frame[frame[panel] == level]
            for name, own in by_activation(chosen):
                for number, label in enumerate(rows_of[level]):
                    values = own.loc[own[row] == label, "value"]
                    _ridge(axes, values.to_numpy(dtype=float), -number, name)
            if mark is not None:
                axes.axvline(mark, color=INK, linewidth=0.8, linestyle=":")
            axes.set_title(fill(str(level), _LINE // columns), loc="left")
            axes.set_yticks([-i for i in range(len(rows_of[level]))], rows_of[level])
            axes.set_ylim(0.15 - len(rows_of[level]), 1)
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_locator(MaxNLocator(4))
            sns.despine(ax=axes, left=True)
        for line in grid:
            line[0].set_ylabel(ylabel)
        label_below(figure, xlabel, frame, [panel])
        if len(names) > 1:
            add_legend(figure, [legend_key(name) for name in names])
        settle(figure)
    return figure


def _ridge(axes: Axes, values: np.ndarray, base: float, name: str) -> None:
    if not len(values):
        return
    x, heights = density(values)
    top = base + _HEIGHT * heights
    axes.fill_between(x, base, top, color=colour_of(name), alpha=0.3, linewidth=0)
    axes.plot(x, top, label=name, linewidth=1.0, **stroke(name))
    axes.plot(
        np.median(values), base, "o", color=colour_of(name), markersize=3, clip_on=False
    )


def density(values: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimates the density of some values.

    Args:
        values: at least one.

    Returns:
        Places from the smallest value to the largest, and the density at each, of which
        the largest is 1. Of equal values, it is a single line.

    >>> density([1.0, 1.0])
    (array([1., 1.]), array([0., 1.]))
    """
    values = np.asarray(values, dtype=float)
    low, high = values.min(), values.max()
    if low == high:
        return np.array([low, low]), np.array([0.0, 1.0])
    places = np.linspace(low, high, _POINTS)
    heights = gaussian_kde(values)(places)
    return places, heights / heights.max()
