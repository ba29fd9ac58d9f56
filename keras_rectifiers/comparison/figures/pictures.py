"""Measures as pictures: layers from left to right, epochs from bottom to top."""

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_rectifiers.comparison.figures.panels import (
    figure_style,
    levels_of,
    new_figure,
    settle,
)
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw

_COLUMNS = 2
_COLOURS = "viridis"


def paint(axes: Axes, x, y, values, scale: Normalize, colours: str | Colormap) -> None:
    """Paints a cell around each pair of `x` and `y`; `values` has a row for each y."""
    axes.pcolormesh(
        x, y, values, norm=scale, cmap=colours, shading="nearest", rasterized=True
    )


def pictures_by_layer(
    frame: pd.DataFrame, *, panel: str, xlabel: str, label: str
) -> Figure:
    """Draws the median of a measure over the seeds, by layer and epoch.

    Args:
        frame: one row for each seed, layer, epoch and panel: `layer`, `epoch`, `value`,
            and the column named by `panel`. Values that are not finite are missing.
        panel: the column of the frame whose values define the panels.
        xlabel: what a layer is.
        label: what the values are.

    Returns:
        The Figure. Where all seeds lack a value, the picture is empty.

    Raises:
        NothingToDraw: if the frame has no value.
    """
    values = frame["value"].to_numpy(dtype=float)
    if not np.isfinite(values).any():
        raise NothingToDraw("The tables have no trials for this figure.")
    rows = frame.assign(value=np.where(np.isfinite(values), values, np.nan))
    medians = rows.groupby([panel, "epoch", "layer"], observed=True)["value"].median()
    scale = Normalize(medians.min(), medians.max())
    levels = levels_of(frame[panel])
    num_rows = -(-len(levels) // _COLUMNS)
    with figure_style():
        figure = new_figure(1.0 + 1.5 * num_rows)
        grid = figure.subplots(
            num_rows, _COLUMNS, squeeze=False, sharex=True, sharey=True
        )
        for axes in grid.flat[len(levels) :]:
            axes.set_axis_off()
        for axes, level in zip(grid.flat, levels, strict=False):
            wide = medians.loc[level].unstack("layer")
            layers, epochs = (
                index.to_numpy(dtype=float) for index in (wide.columns, wide.index)
            )
            paint(axes, layers, epochs, wide.to_numpy(), scale, _COLOURS)
            axes.set_title(str(level), loc="left")
            axes.tick_params(labelbottom=True)
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_locator(MaxNLocator(4, integer=True))
            sns.despine(ax=axes)
        for row in grid:
            row[0].set_ylabel("epoch")
        figure.supxlabel(xlabel)
        colours = ScalarMappable(scale, matplotlib.colormaps[_COLOURS])
        bar = figure.colorbar(
            colours, ax=list(grid.flat), location="top", aspect=40, pad=0.02
        )
        bar.set_label(label)
        settle(figure)
    return figure
