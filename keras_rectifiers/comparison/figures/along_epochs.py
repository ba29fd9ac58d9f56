"""The effect on each case of a claim, if training had ended earlier."""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from keras_rectifiers.comparison.figures.panels import (
    ACCENT,
    FAINT,
    INK,
    add_legend,
    panelled_figure,
)
from keras_rectifiers.comparison.figures.study_figure import NothingToDraw
from keras_rectifiers.comparison.verdicts.budgets import last_half
from keras_rectifiers.comparison.verdicts.criteria import CONTRADICTED, SUPPORTED

_HEIGHT = 1.5  # inches of a panel
_LINE = 52  # characters of a panel's title
_MARGIN = 0.05  # of the range of the effects


def effects_along_epochs(
    along: pd.DataFrame, ends: pd.DataFrame, *, bounds: Sequence[float], ylabel: str
) -> Figure:
    """Draws the effect on each case after each epoch, with its interval.

    Args:
        along: the rows of one claim, as `judge_along_epochs` returns them.
        ends: the verdicts on the claim's cases: `case`, `estimate`, `low`, `high` and
            `verdict`.
        bounds: the bounds of the claim's criterion, drawn as lines.
        ylabel: what the effect is.

    Returns:
        The Figure, with a panel for each case. The last half of the epochs is shaded.
        A filled marker is a verdict of supported or contradicted. A square is the
        effect at the end, by which the claim is judged. An interval without an end, because too
        many nets have no value, reaches to the edge.

    Raises:
        NothingToDraw: if no case has an estimate.
    """
    if not np.isfinite(along["estimate"]).any():
        raise NothingToDraw("No case has an estimate.")
    titles = along["case"].map(lambda case: textwrap.fill(case, _LINE))
    along = along.assign(title=titles)
    with panelled_figure(
        along, None, "title", _HEIGHT, ylabel, share_x=False, share_y=False
    ) as (figure, panels):
        for axes, rows in panels:
            budget = int(rows["budget"].iloc[0])
            axes.axvspan(last_half(budget), budget, color=FAINT, alpha=0.6, linewidth=0)
            axes.axhline(0, color=INK, linewidth=0.8)
            for bound in bounds:
                axes.axhline(bound, color=INK, linewidth=0.8, linestyle=":")
            end = ends[ends["case"] == rows["case"].iloc[0]]
            axes.set_ylim(_limits(rows, end, bounds))
            axes.plot(rows["epoch"], rows["estimate"], color=INK, linewidth=1.2)
            _draw(axes, rows["epoch"], rows, colour=INK, marker="o")
            # Beside the last epoch, not over it.
            _draw(axes, [budget + 0.03 * budget], end, colour=ACCENT, marker="s")
            axes.set_xlim(1 - 0.03 * budget, 1.06 * budget)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        figure.supxlabel("epoch")
        add_legend(figure, _legend())
    return figure


def _legend() -> list[Artist]:
    def marker(shape: str, label: str, **style) -> Line2D:
        return Line2D([], [], marker=shape, linestyle="none", label=label, **style)

    return [
        Line2D([], [], color=INK, marker="o", label="along the epochs"),
        marker("s", "at the end", color=ACCENT),
        Line2D([], [], color=INK, linestyle=":", linewidth=0.8, label="criterion"),
        marker("o", "undecided", color=INK, markerfacecolor="none"),
        Patch(color=FAINT, alpha=0.6, linewidth=0, label="last half"),
    ]


def _limits(
    along: pd.DataFrame, end: pd.DataFrame, bounds: Sequence[float]
) -> tuple[float, float]:
    """Limits that show all that is finite, and 0."""
    rows = pd.concat([along, end])[["estimate", "low", "high"]].to_numpy(float)
    values = np.array([*rows.ravel(), 0, *bounds])
    values = values[np.isfinite(values)]
    margin = _MARGIN * (values.max() - values.min())
    return values.min() - margin, values.max() + margin


def _draw(axes: Axes, epochs, rows: pd.DataFrame, *, colour: str, marker: str) -> None:
    """Draws estimates with their intervals; filled where the claim is decided."""
    low, high = axes.get_ylim()
    known = rows["estimate"].notna()
    axes.vlines(
        np.asarray(epochs)[known],
        rows.loc[known, "low"].clip(low, high),
        rows.loc[known, "high"].clip(low, high),
        color=colour,
        linewidth=1.2,
    )
    is_decided = rows["verdict"].isin([SUPPORTED, CONTRADICTED])
    for chosen, face in ((is_decided, colour), (~is_decided, "none")):
        axes.plot(
            np.asarray(epochs)[chosen],
            rows.loc[chosen, "estimate"],
            linestyle="none",
            marker=marker,
            markersize=4.5,
            color=colour,
            markerfacecolor=face,
        )
