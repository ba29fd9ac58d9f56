"""Tables in colour: what is measured of each activation at each setting."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures.colour_maps import (
    DIVERGING,
    SEQUENTIAL,
    need_light_text,
)
from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    INK,
    activations_in,
    figure_style,
    levels_of,
    new_figure,
    settle,
    short_title,
)
from keras_rectifiers.comparison.figures.pictures import paint
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw

_ROW = 0.2  # inches
_SIZE = 9  # points


def cells(
    frame: pd.DataFrame,
    x: str,
    *,
    panel: str,
    xlabel: str,
    write: Callable[[pd.Series], str],
    scale: Normalize,
    is_signed: bool = False,
) -> Figure:
    """Draws a table whose cells are coloured by the mean of their values.

    Args:
        frame: one row for each activation, seed, setting and panel: `activation`,
            `seed`, `value`, and the columns named by `x` and `panel`. Values that are
            not finite are missing.
        x: the column of the setting, from left to right.
        panel: the column of the frame whose values define the panels, one below the
            other.
        xlabel: what the setting is.
        write: what stands in a cell, from its values.
        scale: from a mean to a place on the colour map.
        is_signed: whether values of both signs are told by two colours around the
            middle of the scale; otherwise there is one colour, from its beginning.

    Returns:
        The Figure. If some nets have no value, a note below says how many have one.

    Raises:
        NothingToDraw: if the frame has no value.
    """
    known = frame[np.isfinite(frame["value"].astype(float))]
    if known.empty:
        raise NothingToDraw("The tables have no trials for this figure.")
    names, settings = activations_in(frame), levels_of(frame[x])
    panels = levels_of(frame[panel])
    colours = DIVERGING if is_signed else SEQUENTIAL
    with figure_style():
        figure = new_figure(0.6 + (0.5 + _ROW * len(names)) * len(panels))
        grid = figure.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0]
        for axes, level in zip(grid, panels, strict=True):
            own = known[known[panel] == level].groupby(["activation", x], observed=True)
            means = own["value"].mean().unstack(x).reindex(names, columns=settings)
            texts = own["value"].agg(write).unstack(x).reindex(names, columns=settings)
            columns, rows = np.arange(len(settings)), np.arange(len(names))
            paint(axes, columns, rows, means.to_numpy(dtype=float), scale, colours)
            _write(axes, means.to_numpy(dtype=float), texts, scale, colours)
            axes.set_title(str(level), loc="left")
            axes.set_xticks(columns, [f"{setting:g}" for setting in settings])
            axes.set_yticks(rows, map(short_title, names))
            axes.invert_yaxis()
            axes.tick_params(length=0)
            axes.spines[:].set_visible(False)
        label_below(figure, xlabel, frame, [panel])
        settle(figure)
    return figure


def _write(
    axes: Axes,
    means: np.ndarray,
    texts: pd.DataFrame,
    scale: Normalize,
    colours: Colormap,
) -> None:
    is_light = need_light_text(np.asarray(colours(scale(np.nan_to_num(means)))))
    for (row, column), mean in np.ndenumerate(means):
        if np.isfinite(mean):
            axes.text(
                column,
                row,
                texts.iat[row, column],
                color="white" if is_light[row, column] else INK,
                size=_SIZE,
                ha="center",
                va="center",
            )
