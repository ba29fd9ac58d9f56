"""A measure that spans decades as a picture: a row for each activation."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_rectifiers.comparison.figures.colour_maps import DIVERGING
from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    activations_in,
    figure_style,
    levels_of,
    new_figure,
    settle,
    short_title,
)
from keras_rectifiers.comparison.figures.pictures import paint
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw

_ROW = 0.19  # inches
_DECADES = 6  # beyond it all have one colour


def decades_by_layer(
    frame: pd.DataFrame, *, column: str, xlabel: str, label: str
) -> Figure:
    """Draws the median of a measure over the seeds, by activation and layer.

    Args:
        frame: one row for each activation, seed, layer and panel: `activation`,
            `seed`, `layer`, `value`, and the column named by `column`.
        column: the column of the frame whose values define the panels.
        xlabel: what a layer is.
        label: what the values are.

    Returns:
        The Figure: without colour is 1, red is less, blue is more; the rows are in the order of
        their values at layer 0 of the first panel, the largest on top. A value that is
        not above 0 is missing.

    Raises:
        NothingToDraw: if the frame has no value.
    """
    is_known = (frame["value"] > 0) & np.isfinite(frame["value"])
    if not is_known.any():
        raise NothingToDraw("The tables have no trials for this figure.")
    frame = frame.assign(value=np.log10(frame["value"].where(is_known)))
    medians = frame.groupby([column, "activation", "layer"], observed=True)["value"]
    wide = medians.median().unstack("layer")
    panels = levels_of(frame[column])
    first = wide.loc[panels[0]].reindex(activations_in(frame)).iloc[:, 0]
    order = list(first.sort_values(kind="stable").index)
    scale = Normalize(-_DECADES, _DECADES)
    with figure_style():
        figure = new_figure(1.4 + _ROW * len(order))
        grid = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
        for axes, panel in zip(grid, panels, strict=True):
            values = wide.loc[panel].reindex(order)
            layers = values.columns.to_numpy(dtype=float)
            rows = np.arange(len(order))
            paint(axes, layers, rows, values.to_numpy(), scale, DIVERGING)
            axes.set_title(str(panel), loc="left")
            axes.set_yticks(range(len(order)), map(short_title, order))
            axes.tick_params(axis="y", length=0)
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            sns.despine(ax=axes, left=True)
        label_below(figure, xlabel, frame, [column])
        bar = figure.colorbar(
            ScalarMappable(scale, DIVERGING),
            ax=list(grid),
            location="top",
            aspect=40,
            pad=0.03,
            extend="both",
            ticks=[-6, -4, -2, 0, 2, 4, 6],
        )
        bar.ax.set_xticklabels(["10⁻⁶", "10⁻⁴", "0.01", "1", "100", "10⁴", "10⁶"])
        bar.set_label(label)
        settle(figure)
    return figure
