"""Measures by layer."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from keras_rectifiers.comparison.figures.line_names import name_lines
from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    FAINT,
    INK,
    SPREAD,
    activations_in,
    add_legend,
    by_activation,
    colour_of,
    panelled_figure,
    stroke,
)

_ALL_ZERO = (-0.04, 1.0)
_LAYER = "hidden layer (0 is nearest to the input)"


def lines_by_layer(
    frame: pd.DataFrame,
    *,
    ylabel: str,
    column: str,
    row: str | None = None,
    log: bool = False,
    panel_height: float = 2.6,
) -> Figure:
    """Draws a measure by layer: a line for each activation, with a band over the seeds.

    The line is the median of the seeds, the band runs from their 10% to their 90%
    quantile.

    Args:
        frame: one row for each activation, seed, layer and panel: `activation`,
            `layer`, `value`, and the columns named by `column` and `row`.
        ylabel: what the values are.
        column: the column of the frame whose values define the columns of panels.
        row: the same for rows.
        log: whether the scale is logarithmic; then a value of 0 counts as missing.
        panel_height: height of a row of panels, in inches.

    Returns:
        The Figure. If some nets have no value, a note below says how many have one.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    if log:
        frame = frame.assign(value=frame["value"].where(frame["value"] > 0))
    with panelled_figure(frame, column, row, panel_height, ylabel) as (figure, panels):
        for axes, rows in panels:
            for name, line in by_activation(rows):
                values = line.groupby("layer")["value"]
                quantiles = values.quantile([SPREAD[0], 0.5, SPREAD[1]]).unstack()
                x = quantiles.index.to_numpy(dtype=float)
                axes.plot(x, quantiles[0.5].to_numpy(), label=name, **stroke(name))
                axes.fill_between(
                    x,
                    quantiles[SPREAD[0]].to_numpy(),
                    quantiles[SPREAD[1]].to_numpy(),
                    color=colour_of(name),
                    alpha=0.15,
                    linewidth=0,
                )
            if log:
                axes.set_yscale("log")
            elif not frame["value"].fillna(0).any():  # no share is below 0
                axes.set_ylim(_ALL_ZERO)
            axes.xaxis.set_major_locator(
                MaxNLocator(4, integer=True, steps=[1, 2, 5, 10])
            )
        label_below(figure, _LAYER, frame, [column, row])
        name_lines(figure, [axes for axes, _ in panels], activations_in(frame))
    return figure


def points_by_layer(
    frame: pd.DataFrame,
    *,
    ylabel: str,
    column: str,
    band: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Draws a measure by layer: a point for each seed, a line through the medians.

    Args:
        frame: the rows of one activation, one for each seed, layer and panel:
            `activation`, `layer`, `value`, and the column named by `column`.
        ylabel: what the values are.
        column: the column of the frame whose values define the panels, one below the
            other.
        band: a range to shade.
        ylim: the limits of the axis. Default: those of the data.

    Returns:
        The Figure. If some nets have no value, a note below says how many have one.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    with panelled_figure(frame, None, column, 1.8, ylabel, share_x=False) as (
        figure,
        panels,
    ):
        for axes, rows in panels:
            if band:
                axes.axhspan(*band, color=FAINT, alpha=0.6, linewidth=0)
            for name, points in by_activation(rows):
                axes.plot(
                    points["layer"].to_numpy(dtype=float),
                    points["value"].to_numpy(),
                    linestyle="none",
                    marker="o",
                    markersize=3,
                    alpha=0.45,
                    markeredgewidth=0,
                    color=colour_of(name),
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
        label_below(figure, _LAYER, frame, [column])
        colour = colour_of(activations_in(frame)[0])
        handles = [
            Line2D([], [], color=own, label=label, **style)
            for label, own, style in (
                ("one net", colour, {"marker": "o", "linestyle": "none", "alpha": 0.5}),
                ("median of the nets", INK, {}),
            )
        ]
        add_legend(figure, handles)
    return figure
