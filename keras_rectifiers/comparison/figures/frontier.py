"""Two values of each net against each other, of which more of one may cost the other."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    activations_in,
    add_legend,
    by_activation,
    colour_of,
    legend_key,
    panelled_figure,
    stroke,
)
from keras_rectifiers.comparison.statistics import hodges_lehmann

# As a share of the axis: closer points have no room for numbers.
_APART = 0.05


def frontier(
    frame: pd.DataFrame,
    x: str,
    along: str,
    *,
    xlabel: str,
    ylabel: str,
) -> Figure:
    """Draws a point for each activation and setting, joined along the setting.

    Args:
        frame: one row for each activation, setting and seed: `activation`, `seed`,
            `value`, and the columns named by `x` and `along`.
        x: the column of the values along x.
        along: the column of the setting. A number beside each point tells it, if the
            points are apart.
        xlabel, ylabel: what the values are.

    Returns:
        The Figure. Bars are 95% intervals, in both directions. A net that lacks one of
        the two values has no value.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    frame = frame.assign(value=frame["value"].where(np.isfinite(frame[x])))
    with panelled_figure(frame, None, None, 3.4, ylabel) as (figure, panels):
        for axes, rows in panels:
            axes.set_title("at each penalty", loc="left")
            for name, line in by_activation(rows):
                settings = sorted(set(line[along]))
                groups = [line[line[along] == setting] for setting in settings]
                across = [hodges_lehmann(group[x].to_numpy()) for group in groups]
                up = [hodges_lehmann(group["value"].to_numpy()) for group in groups]
                points = [i.estimate for i in across], [i.estimate for i in up]
                colour = colour_of(name)
                axes.plot(*points, marker="o", markersize=3.5, **stroke(name))
                axes.hlines(
                    points[1], [i.low for i in across], [i.high for i in across], colour
                )
                axes.vlines(
                    points[0], [i.low for i in up], [i.high for i in up], colour
                )
                if max(points[0]) - min(points[0]) > _APART * frame[x].max():
                    for setting, *point in zip(settings, *points, strict=True):
                        axes.annotate(
                            f"{setting:g}",
                            point,
                            xytext=(4, 4),
                            textcoords="offset points",
                            color=colour,
                            fontsize=8,
                        )
        label_below(figure, xlabel, frame, [along])
        add_legend(figure, [legend_key(name) for name in activations_in(frame)])
    return figure
