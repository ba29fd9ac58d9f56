"""Curves that nets have fitted, with the points and the kinks."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from keras_rectifiers.comparison.figures.panels import (
    FAINT,
    INK,
    add_legend,
    legend_key,
    panelled_figure,
    stroke,
)

_HEIGHT = 1.9  # inches of a panel


def fits(
    curves: pd.DataFrame,
    points: pd.DataFrame,
    kinks: pd.DataFrame,
    *,
    target: str,
    kink: str = "kink",
) -> Figure:
    """Draws fitted curves over the points, with a dot at each kink.

    Args:
        curves: `panel`, `activation`, `x` and `value`: what is fitted; and `target`, the
            curve behind the points.
        points: `x` and `y`, in all panels.
        kinks: `panel`, `x` and `value`.
        target, kink: what the dotted line and the dots are, for the legend.

    Returns:
        The Figure, with a panel for each value of `panel`.

    Raises:
        NothingToDraw: if there are no curves.
    """
    with panelled_figure(curves, None, "panel", _HEIGHT, "y") as (figure, panels):
        for axes, rows in panels:
            axes.plot(points["x"], points["y"], ".", color=FAINT, markersize=4)
            axes.plot(
                rows["x"], rows["target"], color=INK, linewidth=0.9, linestyle=":"
            )
            for name, line in rows.groupby("activation", sort=False):
                axes.plot(line["x"], line["value"], **stroke(str(name)))
            own = kinks[kinks["panel"] == rows["panel"].iloc[0]]
            axes.plot(
                own["x"],
                own["value"],
                "o",
                color=INK,
                markerfacecolor="none",
                markersize=5,
            )
        figure.supxlabel("x")
        names = dict.fromkeys(curves["activation"])
        add_legend(
            figure,
            [
                *map(legend_key, names),
                Line2D([], [], color=INK, linewidth=0.9, linestyle=":", label=target),
                Line2D(
                    [],
                    [],
                    marker="o",
                    color=INK,
                    markerfacecolor="none",
                    linestyle="none",
                    label=kink,
                ),
            ],
        )
    return figure
