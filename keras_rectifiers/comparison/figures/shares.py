"""Shares of the seeds that have a property, with Wilson's intervals."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

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
from keras_rectifiers.comparison.statistics import wilson

# Series stand beside each other, as many of their shares are 0 or 1.
_APART = 0.07


def shares_against(
    frame: pd.DataFrame, x: str, *, xlabel: str, ylabel: str, column: str
) -> Figure:
    """Draws the share of the seeds that have a property, against a setting.

    Args:
        frame: one row for each activation, seed, setting and panel: `activation`,
            `value`, which is 1 or 0, and the columns named by `x` and `column`.
        x: the column of the setting. Its values stand at equal distances.
        xlabel: what the setting is.
        ylabel: what the share is of.
        column: the column of the frame whose values define the columns of panels.

    Returns:
        The Figure. Vertical lines are 95% intervals.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    settings = {setting: i for i, setting in enumerate(sorted(set(frame[x])))}
    names = activations_in(frame)
    with panelled_figure(frame, column, None, 2.4, ylabel) as (figure, panels):
        for axes, rows in panels:
            for name, line in by_activation(rows):
                shift = _APART * (names.index(name) - (len(names) - 1) / 2)
                shares = {
                    settings[setting] + shift: wilson(int(own.sum()), len(own))
                    for setting, own in line.groupby(x)["value"]
                }
                axes.vlines(
                    list(shares),
                    [share.low for share in shares.values()],
                    [share.high for share in shares.values()],
                    color=colour_of(name),
                    linewidth=1.2,
                )
                axes.plot(
                    list(shares),
                    [share.estimate for share in shares.values()],
                    marker="o",
                    markersize=3,
                    **stroke(name),
                )
            axes.set_ylim(-0.03, 1.03)
            axes.set_xticks(
                list(settings.values()), [f"{setting:g}" for setting in settings]
            )
            axes.xaxis.set_minor_locator(NullLocator())
        label_below(figure, xlabel, frame, [column, x])
        add_legend(figure, [legend_key(name) for name in names])
    return figure
