"""Says which nets a figure cannot show, because they have no value."""

import itertools
import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_rectifiers.comparison.figures.panels import activations_in, levels_of

NO_BREAK = "\N{NO-BREAK SPACE}"

_LINE = 56  # characters, as many as a figure is wide
_LINE_HEIGHT = 0.175  # inches


def label_below(
    figure: Figure,
    label: str,
    frame: pd.DataFrame,
    by: Sequence[str | None],
    *,
    series: str = "activation",
) -> None:
    """Labels the x axis, and says under it of how many nets values are shown.

    It says so only for those parts of the figure, and those series in them, of which
    some nets have no value; where all have one, there is only the label.

    Args:
        figure: grows by what is said.
        label: what x is; it may be empty.
        frame: any number of rows for each seed, part and series: `seed`, `value`, and
            the columns named by `by` and `series`. A value that is not finite is none,
            and a net that lacks one in any row, such as at a layer, counts as without.
            If it has a column `diverged`, those that diverged are counted apart.
        by: columns that part the figure; None is no column.
        series: the column that tells apart what is drawn in a part.
    """
    lines = list(
        itertools.chain.from_iterable(
            textwrap.wrap(line, _LINE)
            for line in _shown_of_all(frame, [name for name in by if name], series)
        )
    )
    if lines:
        lines = ["", "Not all nets have a value. Those that have one:", *lines]
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + _LINE_HEIGHT * len(lines))
    figure.supxlabel("\n".join([label, *lines]).strip())


def _shown_of_all(frame: pd.DataFrame, by: Sequence[str], series: str) -> list[str]:
    """A line for each part of the figure in which nets are missing."""
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
                shown = f"{name} {is_whole.sum()} of {len(is_whole)}"
                if num_diverged := _num_diverged(rows):
                    shown += f" ({num_diverged} diverged)"
                counts.append(shown.replace(" ", NO_BREAK))
        if counts:
            titles = [
                level if isinstance(level, str) else f"{name} {level}"
                for name, level in zip(by, levels, strict=True)
            ]
            lines.append(f"{', '.join(titles)}: {', '.join(counts)}")
    return lines


def _num_diverged(rows: pd.DataFrame) -> int:
    """How many nets have no value because they diverged."""
    if "diverged" not in rows:
        return 0
    lost = rows[~np.isfinite(rows["value"]) & rows["diverged"].eq(True)]
    return lost["seed"].nunique()
