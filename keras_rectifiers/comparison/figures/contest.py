"""The scores of activations on a user's own model, and their training curves."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_rectifiers.comparison.figures.line_names import name_lines
from keras_rectifiers.comparison.figures.panels import (
    FAINT,
    INK,
    SPREAD,
    activations_in,
    by_activation,
    colour_of,
    figure_style,
    new_figure,
    panelled_figure,
    settle,
    short_title,
    stroke,
)
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw

_ROW = 0.3  # inches


def contest_figure(
    scores: pd.DataFrame,
    table: pd.DataFrame,
    *,
    score_label: str,
    improvement_label: str,
    smallest_effect: float,
    scale: float = 1.0,
) -> Figure:
    """Draws the scores of all seeds, and the improvements over the reference.

    Args:
        scores: one row for each activation and seed: `activation` and `value`.
        table: as in `Contest`: `activation`, `score`, `low`, `high`, `improvement`,
            `improvement_low` and `improvement_high`.
        score_label, improvement_label: the labels of the axes.
        smallest_effect: the range to shade, of improvements that do not matter.
        scale: what all values are multiplied by, such as 100 for percentages.

    Returns:
        The Figure: above, a point for each seed, with the estimate and its 95%
        interval; below, the improvement with its interval. In both panels the best is
        at the top.

    Raises:
        NothingToDraw: if no seed is finished.
    """
    measured = table[table["num_seeds"] > 0]
    if measured.empty or scores["value"].notna().sum() == 0:
        raise NothingToDraw("No seed is finished.")
    by_improvement = measured["improvement"].fillna(0)
    order = measured.assign(order=by_improvement).sort_values("order", kind="stable")
    jitter = np.random.default_rng(0)
    with figure_style():
        figure = new_figure(1.5 + 2 * _ROW * len(order))
        above, below = figure.subplots(2, 1)
        below.axvspan(
            -scale * smallest_effect,
            scale * smallest_effect,
            color=FAINT,
            alpha=0.6,
            linewidth=0,
        )
        below.axvline(0, color=INK, linewidth=0.8)
        for height, row in enumerate(order.to_dict("records")):
            colour = colour_of(row["activation"])
            values = scale * scores.loc[
                scores["activation"] == row["activation"], "value"
            ].to_numpy(float)
            above.plot(
                values,
                height + jitter.uniform(-0.16, 0.16, len(values)),
                linestyle="none",
                marker="o",
                markersize=3,
                alpha=0.35,
                markeredgewidth=0,
                color=colour,
            )
            for axes, names in (
                (above, ("score", "low", "high")),
                (below, ("improvement", "improvement_low", "improvement_high")),
            ):
                centre, low, high = (scale * row[name] for name in names)
                # An interval without end, of lost seeds, runs to the edge.
                axes.plot([low, high], [height] * 2, color=colour, linewidth=2.4)
                axes.plot([centre], [height], marker="o", markersize=6, color=colour)
        above.set_xlabel(score_label)
        below.set_xlabel(improvement_label)
        for axes in (above, below):
            axes.set_yticks(range(len(order)), map(short_title, order["activation"]))
            axes.set_ylim(-0.6, len(order) - 0.4)
            axes.tick_params(axis="y", length=0)
            axes.grid(axis="y", color=FAINT, linewidth=0.5)
            axes.set_axisbelow(True)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            sns.despine(ax=axes, left=True)
        settle(figure)
    return figure


def learning_curves(frame: pd.DataFrame, *, ylabel: str, column: str) -> Figure:
    """Draws a curve over the epochs for each activation, with a band over the seeds.

    Args:
        frame: one row for each activation, seed, epoch and panel: `activation`,
            `epoch`, `value`, and the column named by `column`.
        ylabel: what the values are.
        column: the column whose values define the panels, one below the other.

    Returns:
        The Figure: the median over seeds, and a band from their 10% to their 90%
        quantile.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    with panelled_figure(
        frame, None, column, 2.4, ylabel, share_x=False, share_y=False
    ) as (figure, panels):
        for axes, rows in panels:
            for name, curve in by_activation(rows):
                quantiles = (
                    curve.groupby("epoch")["value"]
                    .quantile([SPREAD[0], 0.5, SPREAD[1]])
                    .unstack()
                )
                x = quantiles.index.to_numpy(float)
                axes.plot(x, quantiles[0.5].to_numpy(), label=name, **stroke(name))
                axes.fill_between(
                    x,
                    quantiles[SPREAD[0]].to_numpy(),
                    quantiles[SPREAD[1]].to_numpy(),
                    color=colour_of(name),
                    alpha=0.12,
                    linewidth=0,
                )
            axes.xaxis.set_major_locator(
                MaxNLocator(6, integer=True, steps=[1, 2, 5, 10])
            )
        figure.supxlabel("epoch")
        name_lines(figure, [axes for axes, _ in panels], activations_in(frame))
    return figure
