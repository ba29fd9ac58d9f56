"""The effect of a case at each learning rate that is common to all nets."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from keras_rectifiers.comparison.figures.panels import (
    ACCENT,
    FAINT,
    INK,
    add_legend,
    mark_rates,
    panelled_figure,
)

_HEIGHT = 2.0  # inches of a panel
_MANY = 6


def effects_at_common_rates(
    frame: pd.DataFrame, at_best: pd.DataFrame, *, ylabel: str
) -> Figure:
    """Draws effects against the learning rate, beside those at the best rates.

    Args:
        frame: one row for each case and rate: `case`, `learning_rate`, `estimate`,
            `low`, `high`, and `is_comparable`.
        at_best: one row for each case: `case`, `estimate`, `low` and `high`, each seed
            at its best rates.
        ylabel: what the effects are.

    Returns:
        The Figure, a panel for each case: a dot with its interval for each rate, hollow
        if the nets are not comparable there, and a line with a band for the effect at
        the best rates. What is not finite is not drawn. If effects at common rates are
        many times as large as those at the best rates, the scale is linear only up to
        the power of ten above the latter, and logarithmic beyond.

    Raises:
        NothingToDraw: if the frame is empty.
    """
    with panelled_figure(
        frame, None, "case", _HEIGHT, ylabel, share_x=False, share_y=False
    ) as (figure, panels):
        for axes, rows in panels:
            mark_rates(axes, rows["learning_rate"])
            axes.axhline(0, color=FAINT, linewidth=1)
            (own,) = at_best[at_best["case"] == rows["case"].iloc[0]].itertuples()
            if np.isfinite(own.estimate):
                axes.axhline(own.estimate, color=ACCENT)
            if np.isfinite([own.low, own.high]).all():
                axes.axhspan(own.low, own.high, color=ACCENT, alpha=0.2, linewidth=0)
            known = rows[np.isfinite(rows[["low", "high"]]).all(axis=1)]
            axes.vlines(known["learning_rate"], known["low"], known["high"], color=INK)
            for is_comparable, face in ((True, INK), (False, "none")):
                some = rows[rows["is_comparable"].astype(bool) == is_comparable]
                axes.plot(
                    some["learning_rate"],
                    some["estimate"].where(np.isfinite(some["estimate"])),
                    linestyle="none",
                    marker="o",
                    markersize=5,
                    color=INK,
                    markerfacecolor=face,
                )
            at_best_rates = _largest([own.low, own.estimate, own.high])
            if _largest(rows["estimate"]) > _MANY * at_best_rates > 0:
                # So that no tick but 0 is in the linear part.
                power = 10.0 ** np.ceil(np.log10(at_best_rates))
                if _largest(rows["estimate"]) > power:
                    axes.set_yscale("symlog", linthresh=power)
        figure.supxlabel("learning rate common to all nets")
        handles = [Line2D([], [], color=ACCENT, label="best rates")]
        for label, face in (("common rate", INK), ("not comparable", "none")):
            handles.append(
                Line2D(
                    [],
                    [],
                    linestyle="none",
                    marker="o",
                    color=INK,
                    markerfacecolor=face,
                    label=label,
                )
            )
        add_legend(figure, handles)
    return figure


def _largest(effects) -> float:
    """The largest finite absolute value; 0 if there is none."""
    values = np.abs(np.asarray(effects, dtype=float))
    return float(values[np.isfinite(values)].max(initial=0.0))
