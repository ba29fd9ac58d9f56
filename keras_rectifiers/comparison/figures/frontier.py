"""Two values of each net against each other, of which more of one may cost the other."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures.missing import label_below
from keras_rectifiers.comparison.figures.panels import (
    by_activation,
    colour_of,
    panelled_figure,
    short_title,
    stroke,
)
from keras_rectifiers.comparison.statistics import hodges_lehmann

# As shares of the axes: closer points have no room for numbers.
_APART = np.array([0.2, 0.06])

# A text, its point, and its colour.
_Label = tuple[str, float, float, str]


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
        along: the column of the setting. A number beside each point tells it, if there
            is room; beside the last point of a line stands its activation too.
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
            labels: list[_Label] = []
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
                numbers = [f"{setting:g}" for setting in settings]
                numbers[-1] = f"{short_title(name)}, {numbers[-1]}"
                labels += zip(numbers, *points, [colour] * len(points[0]), strict=True)
            _write(axes, labels)
        label_below(figure, xlabel, frame, [along])
    return figure


def _write(axes: Axes, labels: Sequence[_Label]) -> None:
    """Writes the labels beside their points, the names of lines first.

    A number that would stand on what is written is left out.
    """
    axes.autoscale_view()
    to_axes = axes.transData + axes.transAxes.inverted()
    written: list[np.ndarray] = []
    for text, x, y, colour in sorted(labels, key=lambda label: "," not in label[0]):
        place = to_axes.transform((x, y))
        if any((np.abs(place - other) < _APART).all() for other in written):
            continue
        written.append(place)
        is_right = place[0] > 0.5
        axes.annotate(
            text,
            (x, y),
            xytext=(-5 if is_right else 5, 4),
            textcoords="offset points",
            color=colour,
            fontsize=9,
            ha="right" if is_right else "left",
        )
