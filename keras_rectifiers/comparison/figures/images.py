"""Rows of small images."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures.colour_maps import DIVERGING
from keras_rectifiers.comparison.figures.panels import (
    WIDTH,
    figure_style,
    new_figure,
    settle,
)
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw


def images(rows: Mapping[str, np.ndarray], *, is_signed: bool = False) -> Figure:
    """Draws a row of images below each title.

    Args:
        rows: title -> floats `(images, height, width)`, in each row equally many of
            equal size.
        is_signed: whether values of both signs are told by two colours around 0, each
            image on a scale of its own; otherwise black is 0 and white 1.

    Returns:
        The Figure.

    Raises:
        NothingToDraw: if there is no row.
    """
    if not rows:
        raise NothingToDraw("The tables have no trials for this figure.")
    number, height, width = next(iter(rows.values())).shape
    tile = WIDTH / number * height / width
    with figure_style():
        figure = new_figure(len(rows) * (tile + 0.3))
        grid = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
        for axes, (title, pictures) in zip(grid, rows.items(), strict=True):
            values, limits = pictures, (0.0, 1.0)
            if is_signed:
                largest = np.abs(pictures).max(axis=(1, 2), keepdims=True)
                values, limits = pictures / np.maximum(largest, 1e-12), (-1.0, 1.0)
            # A column of nothing parts each image from the next.
            gaps = np.full((number, height, 1), np.nan)
            strip = np.concatenate([values, gaps], axis=2).transpose(1, 0, 2)
            axes.pcolormesh(
                strip.reshape(height, -1)[:, :-1],
                cmap=DIVERGING.reversed() if is_signed else "gray",
                vmin=limits[0],
                vmax=limits[1],
                rasterized=True,
            )
            axes.invert_yaxis()
            axes.set_aspect("equal")
            axes.set_axis_off()
            axes.set_title(title, loc="left")
        settle(figure)
    return figure
