"""Estimates of nets, with their intervals."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

from keras_rectifiers.comparison.figures.line_names import name_lines
from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    FAINT,
    INK,
    activations_in,
    add_legend,
    by_activation,
    colour_of,
    levels_of,
    panelled_figure,
    plain_number,
    short_title,
    stroke,
)
from keras_rectifiers.comparison.statistics import hodges_lehmann

_MOST_TICKS = 6
_FACTOR_TO_ZERO = 5  # of the least setting on a logarithmic scale to that of 0


def dots(
    frame: pd.DataFrame,
    *,
    xlabel: str,
    column: str | None,
    row: str | None = None,
    mark: str | None = None,
    band: tuple[float, float] | None = None,
    linear_within: float | None = None,
    log_x: bool = False,
    xlim: tuple[float, float] | None = None,
    sort: bool = True,
) -> Figure:
    """Draws an estimate and its 95% interval for each activation.

    Args:
        frame: one row for each activation, seed and panel: `activation`, `value`, and
            the columns named by `column`, `row` and `mark`.
        xlabel: what the values are.
        column: the column of the frame whose values define the columns of panels.
        row: the same for rows.
        mark: a column with two values at most, in order: the first gets a hollow
            marker, the second a filled one.
        band: a range to shade, around a line at its middle.
        linear_within: the scale is linear up to this distance from 0 and logarithmic
            beyond it. Default: linear throughout.
        log_x: whether the scale is logarithmic, for ratios; 1 is marked by a line.
        xlim: the limits of the axis. Default: those of the data.
        sort: whether activations are sorted by their estimate in the first panel, the
            largest at the top; otherwise they are in the catalogue's order.

    Returns:
        The Figure. If some nets have no value, a note below says how many have one.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    names = activations_in(frame)
    height = 0.5 + 0.21 * len(names)
    with panelled_figure(frame, column, row, height, "") as (figure, panels):
        if sort and panels:
            first = panels[0][1]
            centre = first.groupby("activation")["value"].median().dropna()
            names = sorted(names, key=lambda name: -centre.get(name, -np.inf))
        position = {name: len(names) - 1 - i for i, name in enumerate(names)}
        marks = levels_of(frame[mark]) if mark else [None]
        for axes, rows in panels:
            if band:
                axes.axvspan(*band, color=FAINT, alpha=0.6, linewidth=0)
                axes.axvline(sum(band) / 2, color=INK, linewidth=0.8)
            for i, level in enumerate(marks):
                offset = 0.17 * (1 - 2 * i) if len(marks) == 2 else 0.0
                is_hollow = len(marks) == 2 and i == 0
                chosen = rows if level is None else rows[rows[mark] == level]
                for name, values in by_activation(chosen):
                    _draw_estimate(
                        axes,
                        position[name] + offset,
                        values["value"].to_numpy(),
                        colour=colour_of(name),
                        is_hollow=is_hollow,
                    )
            if linear_within:
                axes.set_xscale("symlog", linthresh=linear_within, linscale=0.8)
                _plain_ticks(axes.xaxis, linear_within)
            if log_x:
                axes.axvline(1, color=INK, linewidth=0.8)
                axes.set_xscale("log", base=2)
            if xlim:
                axes.set_xlim(xlim)
            axes.set_yticks(
                [position[name] for name in names],
                [short_title(name) for name in names],
            )
            axes.set_ylim(-0.7, len(names) - 0.3)
            axes.tick_params(axis="y", length=0)
            axes.grid(axis="y", color=FAINT, linewidth=0.5)
            axes.set_axisbelow(True)
        for axes, _ in panels if log_x else ():
            _ticks_of_ratios(axes)
        label_below(figure, xlabel, frame, [column, row, mark])
        if len(marks) == 2:
            _add_key_of_marks(figure, marks)
    return figure


def lines_against(
    frame: pd.DataFrame,
    x: str,
    *,
    xlabel: str,
    ylabel: str,
    column: str,
    band: tuple[float, float] | None = None,
    log_x: bool = False,
    log_y: bool = False,
    least_range: float = 0.0,
) -> Figure:
    """Draws an estimate for each activation against a setting of the trials.

    Args:
        frame: one row for each activation, seed, setting and panel: `activation`,
            `value`, and the columns named by `x` and `column`.
        x: the column of the setting.
        xlabel: what the setting is.
        ylabel: what the values are.
        column: the column of the frame whose values define the columns of panels.
        band: a range to shade, around a line at its middle.
        log_x, log_y: whether the scales are logarithmic. A setting of 0 then stands
            left of the others, apart from their line.
        least_range: the least range of the values that the axis shows.

    Returns:
        The Figure. Vertical lines are 95% intervals. If some nets have no value, a note
        below says how many have one.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    settings = sorted(frame[x].unique())
    positions = _places(settings, log_x)
    with panelled_figure(frame, column, None, 3.6, ylabel) as (figure, panels):
        for axes, rows in panels:
            if band:
                axes.axhspan(*band, color=FAINT, alpha=0.6, linewidth=0)
                axes.axhline(sum(band) / 2, color=INK, linewidth=0.8)
            for name, line in by_activation(rows):
                intervals = {
                    setting: hodges_lehmann(group["value"].to_numpy())
                    for setting, group in line.groupby(x)
                }
                places = [positions[setting] for setting in intervals]
                estimates = [interval.estimate for interval in intervals.values()]
                axes.vlines(
                    places,
                    [interval.low for interval in intervals.values()],
                    [interval.high for interval in intervals.values()],
                    color=colour_of(name),
                    linewidth=1.2,
                )
                if log_x and 0 in intervals:
                    places.insert(1, np.nan)
                    estimates.insert(1, np.nan)
                axes.plot(
                    places,
                    estimates,
                    marker="o",
                    markersize=3,
                    label=name,
                    **stroke(name),
                )
            _keep_range(axes, least_range)
            if log_x:
                axes.set_xscale("log")
            if log_y:
                axes.set_yscale("log")
            if len(settings) <= _MOST_TICKS:
                axes.set_xticks(list(positions.values()), map(plain_number, settings))
                axes.xaxis.set_minor_locator(NullLocator())
            elif not log_x and all(float(s).is_integer() for s in settings):
                axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        label_below(figure, xlabel, frame, [column, x])
        name_lines(figure, [axes for axes, _ in panels], activations_in(frame))
    return figure


def _places(settings: list[float], is_logarithmic: bool) -> dict[float, float]:
    """Setting -> where it stands: on a logarithmic scale 0 is left of the others."""
    least = min((s for s in settings if s > 0), default=1.0)
    zero = least / _FACTOR_TO_ZERO if is_logarithmic else 0.0
    return {setting: setting or zero for setting in settings}


def _keep_range(axes: Axes, least: float) -> None:
    """Widens the y axis to the least range, but not below 0 if no value is."""
    low, high = axes.dataLim.intervaly
    if not 0 <= high - low < least:
        return
    bottom = (low + high - least) / 2
    if low >= 0:
        bottom = max(bottom, -0.04 * least)
    axes.set_ylim(bottom, bottom + least)


def _add_key_of_marks(figure: Figure, marks: list) -> None:
    """Adds a legend for the hollow and the filled markers."""
    add_legend(
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


def _draw_estimate(
    axes: Axes, y: float, values: np.ndarray, *, colour: str, is_hollow: bool
) -> None:
    """Draws the estimate of the values as a marker at height y, with its interval."""
    interval = hodges_lehmann(values)
    axes.plot(
        [interval.low, interval.high],
        [y] * 2,
        color=colour,
        linewidth=2,
        solid_capstyle="butt",
    )
    axes.plot(
        [interval.estimate],
        [y],
        marker="o",
        markersize=5,
        color=colour,
        markerfacecolor="none" if is_hollow else colour,
        linestyle="none",
    )


def _ticks_of_ratios(axes: Axes) -> None:
    """Sets ticks at powers of 2, or closer ones if the range has one of them or none."""
    low, high = np.log2(axes.get_xlim())
    if np.floor(high) - np.ceil(low) < 1:
        axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    else:
        axes.xaxis.set_major_locator(LogLocator(base=2, numticks=_MOST_TICKS))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def _plain_ticks(axis: Axis, linear_within: float) -> None:
    """Sets ticks at 0, at the ends of the linear part and at powers of 10.

    Between the powers there are small ticks without numbers.
    """
    powers = [10.0**power for power in range(-3, 2)]
    # Each tick costs time, also beyond the range of the axis.
    between = [power * digit for power in powers[1:3] for digit in range(2, 10)]
    for ticks, set_locator in (
        ([linear_within, *powers], axis.set_major_locator),
        (between, axis.set_minor_locator),
    ):
        above = [tick for tick in ticks if tick >= linear_within]
        set_locator(FixedLocator([*(-t for t in reversed(above)), 0, *above]))
    axis.set_major_formatter(lambda value, _: plain_number(value))
    axis.set_minor_formatter(NullFormatter())
