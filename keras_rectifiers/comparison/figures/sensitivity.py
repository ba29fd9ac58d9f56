"""The scores of nets at each learning rate."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from keras_rectifiers.comparison.figures.line_names import name_lines
from keras_rectifiers.comparison.figures.panels import (
    INK,
    activations_in,
    colour_of,
    mark_rates,
    panelled_figure,
    stroke,
)

_HEIGHT = 2.7  # inches of a panel
_WIDE = 10


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
        The Figure.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    with panelled_figure(frame, None, row, _HEIGHT, ylabel, share_x=False) as (
        figure,
        panels,
    ):
        for axes, rows in panels:
            mark_rates(axes, rows["learning_rate"])
            least, lost_everywhere = _range(rows["estimate"])
            if least > 0 and lost_everywhere >= _WIDE * least:
                axes.set_yscale("log")
            for name in activations_in(rows):
                line = rows[rows["activation"] == name].sort_values("learning_rate")
                axes.plot(
                    line["learning_rate"],
                    line["estimate"],
                    label=name,
                    **stroke(name),
                )
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
        figure.supxlabel("learning rate")
        handles = [
            Line2D([], [], color=INK, marker=marker, linestyle="none", label=label)
            for label, marker in (("best", "o"), ("some nets lost", "x"))
        ]
        name_lines(
            figure,
            [axes for axes, _ in panels],
            activations_in(frame),
            handles=handles,
        )
    return figure


def _range(scores: pd.Series) -> tuple[float, float]:
    known = scores[np.isfinite(scores)]
    return (known.min(), known.max()) if len(known) else (1.0, 1.0)
