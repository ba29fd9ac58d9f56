"""Functions that are equal, or bounded by another: a curve, dots on it, dashed bounds."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_rectifiers.comparison.figures.panels import (
    ACCENT,
    FAINT,
    INK,
    add_legend,
    figure_style,
    new_figure,
    settle,
    stroke,
)

_DOTS = 25  # on each curve
_BAR = 0.38


class Curve(NamedTuple):
    """A function, as it is drawn.

    Args:
        label: what the legend calls it.
        x, y: its points, `(points,)`.
        kind: a `"line"`; `"dots"`, for what is to lie on a line; `"bound"`, dashed.
        activation: a name of the catalogue, whose colour the line has; empty for the
            colour of text.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    kind: Literal["line", "dots", "bound"] = "line"
    activation: str = ""


def function_curves(panels: Mapping[str, Sequence[Curve]]) -> Figure:
    """Draws functions of one number.

    Args:
        panels: title -> the curves in the panel, at most two panels in a row.

    Returns:
        The Figure, with one key for each label.
    """
    num_rows = -(-len(panels) // 2)
    handles = {}
    with figure_style():
        figure = new_figure(0.5 + 2.2 * num_rows)
        grid = figure.subplots(num_rows, min(2, len(panels)), squeeze=False)
        for axes in grid.flat[len(panels) :]:
            axes.set_axis_off()
        for axes, (title, curves) in zip(grid.flat, panels.items(), strict=False):
            axes.set_title(title, loc="left")
            axes.axhline(0, color=FAINT, linewidth=0.8)
            axes.axvline(0, color=FAINT, linewidth=0.8)
            for curve in curves:
                (handle,) = axes.plot(*_points(curve), **_style(curve))
                handles.setdefault(curve.label, handle)
            axes.set_xlabel("x")
            axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
            sns.despine(ax=axes)
        add_legend(figure, list(handles.values()))
        settle(figure)
    return figure


def share_bars(examples: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Draws numbers and what a function makes of them, side by side.

    Args:
        examples: title -> the pairs of an input and its share.

    Returns:
        The Figure: a panel for each example.
    """
    with figure_style():
        figure = new_figure(0.7 + 1.5 * len(examples))
        panels = figure.subplots(len(examples), 1, squeeze=False)[:, 0]
        for axes, (title, pairs) in zip(panels, examples.items(), strict=True):
            inputs, shares = np.transpose(pairs)
            places = np.arange(len(pairs))
            axes.bar(
                places - _BAR / 2,
                inputs / inputs.sum(),
                _BAR,
                label="input, as a share of their sum",
                facecolor="none",
                edgecolor=INK,
            )
            bars = axes.bar(
                places + _BAR / 2, shares, _BAR, label="softmax", color=ACCENT
            )
            axes.bar_label(bars, _once([f"{share:.3f}" for share in shares]))
            axes.set_title(title, loc="left")
            axes.set_xticks(places, [f"{number:g}" for number in inputs])
            axes.margins(y=0.2)
            axes.set_ylabel("share")
            sns.despine(ax=axes)
        add_legend(figure, panels[0].get_legend_handles_labels()[0])
        settle(figure)
    return figure


def _once(labels: Sequence[str]) -> list[str]:
    """The labels, but for those that repeat the one before."""
    return [
        "" if label == before else label
        for before, label in zip(["", *labels], labels, strict=False)
    ]


def _points(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    if curve.kind != "dots":
        return curve.x, curve.y
    chosen = np.linspace(0, len(curve.x) - 1, _DOTS).round().astype(int)
    return curve.x[chosen], curve.y[chosen]


def _style(curve: Curve) -> dict:
    if curve.kind == "dots":
        style = {"color": INK, "linestyle": "", "marker": "o", "markersize": 3.2}
        return style | {"markerfacecolor": "none", "label": curve.label}
    if curve.kind == "bound":
        style = {"color": INK, "linestyle": "--", "linewidth": 1}
    elif curve.activation:
        style = stroke(curve.activation)
    else:
        style = {"color": INK}
    return style | {"label": curve.label}
