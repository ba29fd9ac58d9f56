"""The names of lines: at their ends if there is room, and in a legend if not."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from keras_rectifiers.comparison.figures.panels import (
    INK,
    add_legend,
    legend_key,
    short_title,
    stroke,
)

_SIZE = 9.5  # points
_PITCH = 16.0  # pixels from a name to the next, 100 to an inch
_MOST_MOVED = 1.6  # pitches from the end of a line to its name
_LEAST_WIDTH = 125.0  # pixels of a panel
_BESIDE_PANELS = 85.0  # pixels for the numbers and the label of an axis
_PART_OF_ROW = 0.75  # of the height of a row of panels is axes
_GAP = 10  # points from the axes to the names


def name_lines(
    figure: Figure,
    panels: Sequence[Axes],
    names: Sequence[str],
    *,
    handles: Sequence[Artist] = (),
) -> None:
    """Names the activations at the ends of their lines, or in a legend.

    At the ends if the names fit beside the last panel of each row: if all lines reach
    its right edge, and the names stand near their lines without touching each other.

    Args:
        figure: with all that it shows, but not laid out yet.
        panels: the panels that are drawn. The label of a line, as `plot` takes it, is
            its activation.
        names: the activations.
        handles: of a legend, for what else there is.
    """
    last = [axes for axes in panels if _spec(axes).is_last_col()]
    num_rows = _spec(panels[0]).get_gridspec().nrows if panels else 0
    places = [_places(axes, names, figure, num_rows) for axes in last]
    known = [each for each in places if each is not None]
    if len(known) != num_rows or not _is_wide_enough(figure, panels, names):
        add_legend(figure, [*map(legend_key, names), *handles])
        return
    for axes, found in zip(last, known, strict=True):
        for name, (end, height) in found.items():
            _write(figure, axes, name, end, height)
    if handles:
        add_legend(figure, handles)


def _spec(axes: Axes):
    spec = axes.get_subplotspec()
    assert spec is not None
    return spec


def _ends(axes: Axes, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Activation -> the end of its line, in data."""
    ends = {}
    for line in axes.lines:
        points = np.asarray(line.get_xydata(), dtype=float)
        points = points[np.isfinite(points).all(axis=1)]
        if line.get_label() in names and len(points):
            ends[str(line.get_label())] = points[points[:, 0].argmax()]
    return ends


def _places(
    axes: Axes, names: Sequence[str], figure: Figure, num_rows: int
) -> dict[str, tuple[np.ndarray, float]] | None:
    """Activation -> the end of its line, in data, and the height of its name.

    The height is a share of the axes. None: there is no room.
    """
    ends = _ends(axes, names)
    rightmost = max((x for x, _ in ends.values()), default=0.0)
    if set(ends) != set(names) or any(x < rightmost for x, _ in ends.values()):
        return None
    axes.autoscale_view()
    to_axes = axes.transData + axes.transAxes.inverted()
    wanted = {name: to_axes.transform(end)[1] for name, end in ends.items()}
    pitch = _PITCH * num_rows / (_PART_OF_ROW * figure.bbox.height)
    order = sorted(wanted, key=lambda name: wanted[name])
    places = spread(np.array([wanted[name] for name in order]), pitch)
    # None stands above the axes, where titles are, or below them.
    steps = pitch * np.arange(len(places))
    places = np.maximum(np.minimum(places, 1 - steps[::-1]), steps)
    moved = np.abs(places - [wanted[name] for name in order])
    if moved.max() > _MOST_MOVED * pitch:
        return None
    return {
        name: (ends[name], float(place))
        for name, place in zip(order, places, strict=True)
    }


def spread(places: np.ndarray, least: float) -> np.ndarray:
    """Moves sorted places as little as possible, so that they are apart.

    Args:
        places: ascending.
        least: the least distance from one to the next.

    Returns:
        The places for which the sum of the squared moves is smallest.

    >>> spread(np.array([0.0, 0.0, 1.0]), 0.2)
    array([-0.1,  0.1,  1. ])
    """
    offsets = least * np.arange(len(places))
    # Groups that touch move together, by the mean of what their members would like.
    groups: list[list[float]] = []
    for place in places - offsets:
        groups.append([place])
        while len(groups) > 1 and np.mean(groups[-2]) > np.mean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    means = [float(np.mean(group)) for group in groups for _ in group]
    return np.array(means) + offsets


def _is_wide_enough(
    figure: Figure, panels: Sequence[Axes], names: Sequence[str]
) -> bool:
    width = 0.0
    for name in names:
        text = figure.text(0, 0, short_title(name), fontsize=_SIZE)
        width = max(width, text.get_window_extent().width)
        text.remove()
    num_columns = _spec(panels[0]).get_gridspec().ncols
    room = figure.bbox.width - _BESIDE_PANELS - width
    return room / num_columns >= _LEAST_WIDTH


def _write(
    figure: Figure, axes: Axes, name: str, end: np.ndarray, height: float
) -> None:
    """Writes a name beside the axes, joined to its line by the line's own stroke."""
    axes.annotate(
        short_title(name),
        (float(end[0]), float(end[1])),
        xytext=(1, height),
        textcoords=offset_copy(axes.transAxes, figure, _GAP, 0, units="points"),
        fontsize=_SIZE,
        color=INK,
        va="center",
        annotation_clip=False,
        arrowprops={
            "arrowstyle": "-",
            "shrinkA": 0,
            "shrinkB": 0,
            "relpos": (0, 0.5),
            "linewidth": 0.9,
            **stroke(name),
        },
    )
