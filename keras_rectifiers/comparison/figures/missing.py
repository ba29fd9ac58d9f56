"""A note below a figure on the nets without a value, which it cannot show."""

import itertools
import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures.panels import (
    activations_in,
    levels_of,
    short_title,
)

NO_BREAK = "\N{NO-BREAK SPACE}"

_LINE = 56  # characters, as many as a figure is wide
_LINE_HEIGHT = 0.18  # inches


def label_below(
    figure: Figure,
    label: str,
    frame: pd.DataFrame,
    by: Sequence[str | None],
    *,
    series: str = "activation",
) -> None:
    """Labels the x axis, and says below it for how many nets values are shown.

    It does so only for those panels and series in which some nets have no value. If all
    nets have one, there is only the label.

    Args:
        figure: its height grows by the note.
        label: the label of the x axis; it may be empty.
        frame: any number of rows for each seed, panel and series: `seed`, `value`, and
            the columns named by `by` and `series`. A value that is not finite is
            missing, and a net with a missing value in any row, such as at one layer,
            counts as without a value. If there is a column `diverged`, the nets that
            diverged are counted separately.
        by: the columns whose values define the panels; None is ignored.
        series: the column that distinguishes the series within a panel.
    """
    lines = list(
        itertools.chain.from_iterable(
            textwrap.wrap(line, _LINE)
            for line in _shown_of_all(frame, [name for name in by if name], series)
        )
    )
    if lines:
        lines = ["", "Some nets have no value. Nets with a value:", *lines]
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + _LINE_HEIGHT * len(lines))
    figure.supxlabel("\n".join([label, *lines]).strip())


def _shown_of_all(frame: pd.DataFrame, by: Sequence[str], series: str) -> list[str]:
    """A line for each panel in which nets have no value."""
    lines = []
    for levels in itertools.product(*(levels_of(frame[name]) for name in by)):
        part = frame
        for name, level in zip(by, levels, strict=True):
            part = part[part[name] == level]
        if np.isfinite(part["value"]).all():
            continue
        is_activation = series == "activation"
        counts = []
        for name in activations_in(part) if is_activation else levels_of(part[series]):
            rows = part[part[series] == name]
            is_whole = np.isfinite(rows["value"]).groupby(rows["seed"]).all()
            if not is_whole.all():
                shown = f"{short_title(name) if is_activation else name} {is_whole.sum()} of {len(is_whole)}"
                if num_diverged := _num_diverged(rows):
                    shown += f" ({num_diverged} diverged)"
                counts.append(shown.replace(" ", NO_BREAK))
        if counts:
            titles = [
                level if isinstance(level, str) else f"{name} {level}".replace("_", " ")
                for name, level in zip(by, levels, strict=True)
            ]
            lines.append(f"{', '.join(titles)}: {', '.join(counts)}")
    return lines


def _num_diverged(rows: pd.DataFrame) -> int:
    """Number of nets without a value because they diverged."""
    if "diverged" not in rows:
        return 0
    lost = rows[~np.isfinite(rows["value"]) & rows["diverged"].eq(True)]
    return lost["seed"].nunique()
