"""Training curves and their outcomes."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    ACCENT,
    INK,
    SPREAD,
    add_legend,
    figure_style,
    levels_of,
    new_figure,
    settle,
)
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw


def training_curves(
    curves: pd.DataFrame,
    outcome: pd.DataFrame,
    *,
    row: str,
    group: str,
    ylabel: str,
    outcome_label: str,
) -> Figure:
    """Draws a measure over the epochs, and beside it the outcome of the training.

    Args:
        curves: one row for each seed, epoch, group and panel: `seed`, `epoch`, `value`,
            and the columns named by `row` and `group`.
        outcome: one row for each seed, group and panel: `seed`, `value`, and the same
            columns.
        row: the column of the frames whose values define the rows of panels.
        group: the column with the values to compare, two at most, in order.
        ylabel: what the values of `curves` are.
        outcome_label: what the values of `outcome` are.

    Returns:
        The Figure: on the left the median over seeds and their 10% to 90% quantiles, on
        the right a point for each seed and a line at their median. If some nets have no
        value, a note below says how many have one.

    Raises:
        NothingToDraw: if `curves` is empty.
    """
    if curves.empty:
        raise NothingToDraw("The tables have no trials for this figure.")
    both = pd.concat(
        [
            curves.assign(what=ylabel)[[row, group, "seed", "value", "what"]],
            outcome.assign(what=outcome_label)[[row, group, "seed", "value", "what"]],
        ]
    )
    levels, rows = levels_of(curves[group]), levels_of(curves[row])
    styles = [(INK, "-", "o"), (ACCENT, "--", "s")]
    jitter = np.random.default_rng(0)
    with figure_style():
        figure = new_figure(0.7 + 2.2 * len(rows))
        grid = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(1.2, 1))
        for (left, right), panel in zip(grid, rows, strict=True):
            for i, (level, (colour, line_style, marker)) in enumerate(
                zip(levels, styles, strict=False)
            ):
                _draw_curve(
                    left,
                    curves[(curves[row] == panel) & (curves[group] == level)],
                    color=colour,
                    linestyle=line_style,
                )
                values = outcome.loc[
                    (outcome[row] == panel) & (outcome[group] == level), "value"
                ].dropna()
                _draw_outcomes(right, i, values, jitter, color=colour, marker=marker)
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
        add_legend(
            figure,
            [
                Line2D([], [], color=colour, ls=line_style, marker=marker, label=level)
                for level, (colour, line_style, marker) in zip(
                    levels, styles, strict=False
                )
            ],
        )
        label_below(figure, "", both, [row, group], series="what")
        settle(figure)
    return figure


def _draw_curve(axes: Axes, curve: pd.DataFrame, *, color: str, linestyle: str) -> None:
    """Draws the median over seeds at each epoch, and their quantiles around it."""
    quantiles = (
        curve.groupby("epoch")["value"].quantile([SPREAD[0], 0.5, SPREAD[1]]).unstack()
    )
    if len(quantiles):
        axes.plot(quantiles.index, quantiles[0.5], color=color, linestyle=linestyle)
        axes.fill_between(
            quantiles.index,
            quantiles[SPREAD[0]],
            quantiles[SPREAD[1]],
            color=color,
            alpha=0.2,
            linewidth=0,
        )


def _draw_outcomes(
    axes: Axes,
    position: int,
    values: pd.Series,
    jitter: np.random.Generator,
    *,
    color: str,
    marker: str,
) -> None:
    """Draws a point for each seed, jittered around a position, and their median."""
    axes.plot(
        position + jitter.uniform(-0.15, 0.15, len(values)),
        values,
        linestyle="none",
        marker=marker,
        markersize=3.5,
        alpha=0.5,
        markeredgewidth=0,
        color=color,
    )
    if len(values):
        axes.hlines(values.median(), position - 0.3, position + 0.3, color=color)
