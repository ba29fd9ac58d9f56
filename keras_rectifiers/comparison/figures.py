"""The figures of the studies: frame -> matplotlib Figure. They neither read nor write.

A figure is as wide as a phone's page is, so that its text keeps its size there. Each
activation has the colour and the line style of the catalogue in every figure.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axis import Axis, XAxis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.statistics import hodges_lehmann
from keras_rectifiers.comparison.store import Tables

# What is no data has one of these two colours, which a page may put others for.
INK = "#24292f"
FAINT = "#c9ced4"

# Of two markers or bands, neither is told by colour alone.
ACCENT = "#1f8fc4"

WIDTH = 5.2  # inches
_SPREAD = (0.1, 0.9)


@dataclass(frozen=True, kw_only=True)
class StudyFigure:
    """A figure of a study's page.

    Args:
        name: short name, unique in its study.
        title: what it shows.
        caption: how to read it.
        draw: draws it from the study's tables; raises `NothingToDraw` where they hold
            nothing of what it shows.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Tables], Figure]


class NothingToDraw(ValueError):
    """A figure has no data: the trials that it shows are not among the tables."""


def lines_by_layer(
    frame: pd.DataFrame,
    *,
    ylabel: str,
    column: str,
    row: str | None = None,
    log: bool = False,
    panel_height: float = 2.6,
) -> Figure:
    """Draws a measure along the layers: a line for each activation, a band of seeds.

    The line is the median of the seeds, the band runs from their 10% to their 90%
    quantile.

    Args:
        frame: one row for each activation, seed, layer and panel: `activation`,
            `layer`, `value`, and the columns named by `column` and `row`.
        ylabel: what the values are.
        column: the column of the frame whose values part it into columns of panels.
        row: the same for rows.
        log: whether the scale is logarithmic; values of 0 are left out then.
        panel_height: height of a row of panels, in inches.

    Returns:
        The Figure.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    if log:
        frame = frame[frame["value"] > 0]
    with _panels(frame, column, row, panel_height, ylabel) as (figure, panels):
        for axes, rows in panels:
            for name, line in _by_activation(rows):
                values = line.groupby("layer")["value"]
                quantiles = values.quantile([_SPREAD[0], 0.5, _SPREAD[1]]).unstack()
                x = quantiles.index.to_numpy(dtype=float)
                axes.plot(x, quantiles[0.5].to_numpy(), **_stroke(name))
                axes.fill_between(
                    x,
                    quantiles[_SPREAD[0]].to_numpy(),
                    quantiles[_SPREAD[1]].to_numpy(),
                    color=CATALOGUE[name].colour,
                    alpha=0.15,
                    linewidth=0,
                )
            if log:
                axes.set_yscale("log")
            axes.xaxis.set_major_locator(
                MaxNLocator(4, integer=True, steps=[1, 2, 5, 10])
            )
        figure.supxlabel("hidden layer (0 is nearest to the input)")
        _legend(figure, [_key(name) for name in _activations(frame)])
    return figure


def points_by_layer(
    frame: pd.DataFrame,
    *,
    ylabel: str,
    column: str,
    band: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Draws a measure along the layers: a point for each seed, a line through medians.

    Args:
        frame: of one activation; one row for each seed, layer and panel: `activation`,
            `layer`, `value`, and the column named by `column`.
        ylabel: what the values are.
        column: the column of the frame that parts it into panels, one below the other.
        band: a range to shade.
        ylim: ends of the scale. Default: the data's.

    Returns:
        The Figure.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    with _panels(frame, None, column, 1.75, ylabel, share_x=False) as (figure, panels):
        for axes, rows in panels:
            if band:
                axes.axhspan(*band, color=FAINT, alpha=0.6, linewidth=0)
            for name, points in _by_activation(rows):
                axes.plot(
                    points["layer"].to_numpy(dtype=float),
                    points["value"].to_numpy(),
                    linestyle="none",
                    marker="o",
                    markersize=3,
                    alpha=0.35,
                    markeredgewidth=0,
                    color=CATALOGUE[name].colour,
                )
                medians = points.groupby("layer")["value"].median()
                axes.plot(
                    medians.index.to_numpy(dtype=float),
                    medians.to_numpy(),
                    color=INK,
                    linewidth=1.4,
                )
            if ylim:
                axes.set_ylim(ylim)
            axes.xaxis.set_major_locator(
                MaxNLocator(6, integer=True, steps=[1, 2, 5, 10])
            )
        figure.supxlabel("hidden layer (0 is nearest to the input)")
        colour = CATALOGUE[_activations(frame)[0]].colour
        handles = [
            Line2D([], [], color=own, label=label, **style)
            for label, own, style in (
                ("one net", colour, {"marker": "o", "linestyle": "none", "alpha": 0.5}),
                ("median of the nets", INK, {}),
            )
        ]
        _legend(figure, handles)
    return figure


def dots(
    frame: pd.DataFrame,
    *,
    xlabel: str,
    column: str,
    row: str | None = None,
    mark: str | None = None,
    band: tuple[float, float] | None = None,
    linear_within: float | None = None,
    xlim: tuple[float, float] | None = None,
    sort: bool = True,
) -> Figure:
    """Draws an estimate and its 95% interval for each activation.

    Args:
        frame: one row for each activation, seed and panel: `activation`, `value`, and
            the columns named by `column`, `row` and `mark`.
        xlabel: what the values are.
        column: the column of the frame that parts it into columns of panels.
        row: the same for rows.
        mark: a column of two values at most, in order: the first gets a hollow, the
            second a filled marker.
        band: a range to shade, around a line at its middle.
        linear_within: the scale is linear up to this distance from 0 and logarithmic
            beyond it. Default: linear throughout.
        xlim: ends of the scale. Default: the data's.
        sort: whether activations are sorted by their estimate in the first panel, the
            largest at the top; else they stand in the catalogue's order.

    Returns:
        The Figure.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    names = _activations(frame)
    height = 0.5 + 0.21 * len(names)
    with _panels(frame, column, row, height, "") as (figure, panels):
        if sort and panels:
            first = panels[0][1]
            centre = first.groupby("activation")["value"].median()
            names = sorted(names, key=lambda name: -centre.get(name, -np.inf))
        position = {name: len(names) - 1 - i for i, name in enumerate(names)}
        marks = _levels(frame[mark]) if mark else [None]
        for axes, rows in panels:
            if band:
                axes.axvspan(*band, color=FAINT, alpha=0.6, linewidth=0)
                axes.axvline(sum(band) / 2, color=INK, linewidth=0.8)
            for i, level in enumerate(marks):
                offset = 0.17 * (1 - 2 * i) if len(marks) == 2 else 0.0
                is_hollow = len(marks) == 2 and i == 0
                chosen = rows if level is None else rows[rows[mark] == level]
                for name, values in _by_activation(chosen):
                    interval = hodges_lehmann(values["value"].dropna().to_numpy())
                    colour = CATALOGUE[name].colour
                    axes.plot(
                        [interval.low, interval.high],
                        [position[name] + offset] * 2,
                        color=colour,
                        linewidth=2,
                        solid_capstyle="butt",
                    )
                    axes.plot(
                        [interval.estimate],
                        [position[name] + offset],
                        marker="o",
                        markersize=5,
                        color=colour,
                        markerfacecolor="none" if is_hollow else colour,
                        linestyle="none",
                    )
            if linear_within:
                axes.set_xscale("symlog", linthresh=linear_within, linscale=0.8)
                _plain_ticks(axes.xaxis, linear_within)
            if xlim:
                axes.set_xlim(xlim)
            axes.set_yticks([position[name] for name in names], names)
            axes.set_ylim(-0.7, len(names) - 0.3)
            axes.tick_params(axis="y", length=0)
            axes.grid(axis="y", color=FAINT, linewidth=0.5)
            axes.set_axisbelow(True)
        figure.supxlabel(xlabel)
        if len(marks) == 2:
            _legend(
                figure,
                [
                    Line2D(
                        [],
                        [],
                        color=INK,
                        marker="o",
                        linestyle="none",
                        markerfacecolor="none" if i == 0 else INK,
                        label=str(level),
                    )
                    for i, level in enumerate(marks)
                ],
            )
    return figure


def lines_against(
    frame: pd.DataFrame,
    x: str,
    *,
    xlabel: str,
    ylabel: str,
    column: str,
    band: tuple[float, float] | None = None,
    linear_within: float | None = None,
) -> Figure:
    """Draws an estimate for each activation against a setting of the trials.

    Args:
        frame: one row for each activation, seed, setting and panel: `activation`,
            `value`, and the columns named by `x` and `column`.
        x: the column of the setting.
        xlabel: what the setting is.
        ylabel: what the values are.
        column: the column of the frame that parts it into columns of panels.
        band: a range to shade, around a line at its middle.
        linear_within: the scale is linear up to this distance from 0 and logarithmic
            beyond it. Default: linear throughout.

    Returns:
        The Figure. Vertical strokes are 95% intervals.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    frame = frame.dropna(subset=["value"])
    with _panels(frame, column, None, 3.0, ylabel) as (figure, panels):
        for axes, rows in panels:
            if band:
                axes.axhspan(*band, color=FAINT, alpha=0.6, linewidth=0)
                axes.axhline(sum(band) / 2, color=INK, linewidth=0.8)
            for name, line in _by_activation(rows):
                intervals = {
                    setting: hodges_lehmann(group["value"].to_numpy())
                    for setting, group in line.groupby(x)
                }
                settings = list(intervals)
                axes.vlines(
                    settings,
                    [interval.low for interval in intervals.values()],
                    [interval.high for interval in intervals.values()],
                    color=CATALOGUE[name].colour,
                    linewidth=1.2,
                )
                axes.plot(
                    settings,
                    [interval.estimate for interval in intervals.values()],
                    marker="o",
                    markersize=3,
                    **_stroke(name),
                )
            if linear_within:
                axes.set_yscale("symlog", linthresh=linear_within, linscale=0.8)
                _plain_ticks(axes.yaxis, linear_within)
            axes.set_xticks(sorted(frame[x].unique()))
        figure.supxlabel(xlabel)
        _legend(figure, [_key(name) for name in _activations(frame)])
    return figure


def course_and_outcome(
    course: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    row: str,
    group: str,
    ylabel: str,
    outcome_label: str,
) -> Figure:
    """Draws what happens over the epochs, and beside it what comes of it.

    Args:
        course: one row for each seed, epoch, group and panel: `epoch`, `value`, and
            the columns named by `row` and `group`.
        outcome: one row for each seed, group and panel: `value`, and the same columns.
        row: the column of the frames that parts them into rows of panels.
        group: the column of two values at most, in order, that is compared.
        ylabel: what the values of `course` are.
        outcome_label: what the values of `outcome` are.

    Returns:
        The Figure: on the left the median over seeds and their 10% to 90% quantiles,
        on the right a point for each seed and a stroke at their median.

    Raises:
        NothingToDraw: if `course` is empty.
    """
    if course.empty:
        raise NothingToDraw("There is no trial of what the figure shows.")
    levels, rows = _levels(course[group]), _levels(course[row])
    styles = [(INK, "-", "o"), (ACCENT, "--", "s")]
    jitter = np.random.default_rng(0)
    with _style():
        figure = Figure(figsize=(WIDTH, 0.7 + 2.1 * len(rows)), layout="constrained")
        grid = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(1.6, 1))
        for (left, right), panel in zip(grid, rows, strict=True):
            for i, (level, (colour, line_style, marker)) in enumerate(
                zip(levels, styles, strict=False)
            ):
                chosen = course[(course[row] == panel) & (course[group] == level)]
                quantiles = (
                    chosen.groupby("epoch")["value"]
                    .quantile([_SPREAD[0], 0.5, _SPREAD[1]])
                    .unstack()
                )
                if len(quantiles):
                    left.plot(
                        quantiles.index, quantiles[0.5], color=colour, ls=line_style
                    )
                    left.fill_between(
                        quantiles.index,
                        quantiles[_SPREAD[0]],
                        quantiles[_SPREAD[1]],
                        color=colour,
                        alpha=0.2,
                        linewidth=0,
                    )
                values = outcome.loc[
                    (outcome[row] == panel) & (outcome[group] == level), "value"
                ].dropna()
                right.plot(
                    i + jitter.uniform(-0.15, 0.15, len(values)),
                    values,
                    linestyle="none",
                    marker=marker,
                    markersize=3.5,
                    alpha=0.5,
                    markeredgewidth=0,
                    color=colour,
                )
                if len(values):
                    right.hlines(values.median(), i - 0.3, i + 0.3, color=colour)
            left.set_title(str(panel), loc="left")
            left.set_ylabel(ylabel)
            left.set_ylim(0, 1)
            left.xaxis.set_major_locator(
                MaxNLocator(4, integer=True, steps=[1, 2, 5, 10])
            )
            right.set_title(outcome_label, loc="left")
            right.set_xticks(range(len(levels)), [str(level) for level in levels])
            right.set_xlim(-0.6, len(levels) - 0.4)
            sns.despine(ax=left)
            sns.despine(ax=right)
        grid[-1, 0].set_xlabel("epoch (0 is before training)")
        _legend(
            figure,
            [
                Line2D([], [], color=colour, ls=line_style, marker=marker, label=level)
                for level, (colour, line_style, marker) in zip(
                    levels, styles, strict=False
                )
            ],
        )
        _settle(figure)
    return figure


@contextmanager
def _panels(frame, column, row, height, ylabel, *, share_x=True):
    """Makes panels with titles and yields them with their rows of the frame."""
    if frame.empty:
        raise NothingToDraw("There is no trial of what the figure shows.")
    columns = _levels(frame[column]) if column else [None]
    rows = _levels(frame[row]) if row else [None]
    with _style():
        figure = Figure(figsize=(WIDTH, 0.9 + height * len(rows)), layout="constrained")
        grid = figure.subplots(
            len(rows), len(columns), squeeze=False, sharex=share_x, sharey=True
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
                titles = [str(t) for t in (column_level, row_level) if t is not None]
                axes.set_title("\n".join(titles), loc="left")
                axes.set_ylabel(ylabel if j == 0 else "")
                sns.despine(ax=axes)
                panels.append((axes, chosen))
        yield figure, panels
        _settle(figure)


@contextmanager
def _style():
    style: Mapping = {
        **sns.axes_style("ticks"),
        **sns.plotting_context("paper"),
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "axes.titlesize": 10,
        "axes.labelsize": 10,
        "figure.labelsize": 10,
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "legend.fontsize": 9.5,
        "lines.linewidth": 1.6,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "axes.titlecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
    }
    with matplotlib.rc_context(dict(style)):
        yield


def _plain_ticks(axis: Axis, linear_within: float) -> None:
    """Ticks at 0, at the ends of the linear part and at powers of 10, plainly written.

    Along x there is no room for the numbers of the linear part's ends.
    """
    steps = [linear_within, *(10.0**power for power in range(-3, 2))]
    ticks = [step for step in steps if step >= linear_within]
    axis.set_major_locator(FixedLocator([*(-t for t in reversed(ticks)), 0, *ticks]))
    axis.set_minor_locator(NullLocator())

    def text(value: float, _) -> str:
        is_end = math.isclose(abs(value), linear_within)
        return (
            "" if is_end and isinstance(axis, XAxis) else f"{value:g}".replace("-", "−")
        )

    axis.set_major_formatter(text)


def _settle(figure: Figure) -> None:
    """Lays the figure out now: ticks are made when it is, with the style of then."""
    figure.draw_without_rendering()


def _levels(column: pd.Series) -> list:
    """The values of a column: in the order of its categories, else as they come."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column)
        return [level for level in column.cat.categories if level in present]
    return list(dict.fromkeys(column))


def _activations(frame: pd.DataFrame) -> list[str]:
    present = set(frame["activation"])
    return [name for name in CATALOGUE if name in present]


def _by_activation(frame: pd.DataFrame):
    """Yields the rows of each activation in the catalogue's order."""
    for name in _activations(frame):
        rows = frame[(frame["activation"] == name) & frame["value"].notna()]
        if len(rows):
            yield name, rows


def _stroke(name: str) -> dict:
    known = CATALOGUE[name]
    return {"color": known.colour, "linestyle": known.line_style}


def _key(name: str) -> Line2D:
    return Line2D([], [], label=name, **_stroke(name))


def _legend(figure: Figure, handles: Sequence[Line2D]) -> None:
    """Puts the legend above the panels; the layout makes room for it."""
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=min(3, len(handles)),
        frameon=False,
        handlelength=2.4,
        columnspacing=1.2,
    )
