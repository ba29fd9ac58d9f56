"""The page of a comparison of activations on a user's own model."""

import datetime
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from keras_rectifiers.catalogue import title
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import StudyFigure
from keras_rectifiers.comparison.reporting.drawings import draw
from keras_rectifiers.comparison.reporting.rendering import render
from keras_rectifiers.comparison.reporting.report import installed_versions
from keras_rectifiers.comparison.trials import atomic_write
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts import contest_sentences
from keras_rectifiers.comparison.verdicts.contest import Contest


@dataclass(frozen=True, kw_only=True)
class ComparisonPage:
    """What the page shows.

    Args:
        contest: the verdicts.
        sentences: what was found, in words.
        notes: what the reader should know, such as a rate at the edge of its grid.
        method: what was done: term -> text.
        scores: one row for each activation and seed, see `Results`.
        rates: one row for each activation and learning rate, see `Results`.
        curves: title -> a curve over the epochs: `activation`, `seed`, `epoch`,
            `value`.
        layers: measure -> `activation`, `seed`, `layer`, `value`, `when`.
        findings: activation that lost -> what `diagnose` finds, as text.
        failures: activation -> the traceback of what failed.
    """

    contest: Contest
    sentences: Sequence[str]
    notes: Sequence[str]
    method: Mapping[str, str]
    scores: pd.DataFrame
    rates: pd.DataFrame
    curves: Mapping[str, pd.DataFrame]
    layers: Mapping[str, pd.DataFrame]
    findings: Mapping[str, Sequence[str]]
    failures: Mapping[str, str]


def write_page(
    page: ComparisonPage,
    path: str | os.PathLike,
    *,
    date: datetime.date,
    versions: Mapping[str, str] | None = None,
) -> Path:
    """Writes the page, self-contained: with its styles and figures, without scripts.

    Args:
        page: what it shows.
        path: the file, replaced if it exists; its folder is created.
        date: printed on the page.
        versions: software -> version, as printed. Default: the installed versions.

    Returns:
        The path.
    """
    metric = page.contest.metric
    versions = installed_versions() if versions is None else versions
    content = render(
        "comparison.html",
        page=page,
        metric=metric,
        rows=[_row(row, page) for row in page.contest.table.to_dict("records")],
        rate_rows=_rate_rows(page),
        drawings=[draw(figure, Tables.empty()) for figure in figures_of(page)],
        date=date.isoformat(),
        versions=versions,
        profile="",
    )
    path = Path(path)
    atomic_write.write(path, content)
    return path


def figures_of(page: ComparisonPage) -> list[StudyFigure]:
    """The figures of the page."""
    found = [
        StudyFigure(
            name="scores",
            title="Scores and improvements",
            caption="Above: the test score of each seed, at its own best learning rate, "
            "with the estimate over the seeds and its 95% interval. Below: the "
            f"improvement over {title(page.contest.reference)}, seed by seed, with its 95% "
            "interval; to the right is better. In the shaded range differences do not "
            "matter.",
            draw=lambda _: scores_figure(page.contest, page.scores),
        )
    ]
    curves = {name: rows for name, rows in page.curves.items() if len(rows)}
    if curves:
        joined = pd.concat([rows.assign(panel=t) for t, rows in curves.items()])
        found.append(
            StudyFigure(
                name="curves",
                title="Learning curves",
                caption="At the best learning rate of each seed: the median over the "
                "seeds, and a band from their 10% to their 90% quantile.",
                draw=lambda _: figures.learning_curves(
                    joined, ylabel="median over seeds", column="panel"
                ),
            )
        )
    if len(page.rates) and page.rates["learning_rate"].nunique() > 1:
        name = page.contest.metric.name
        found.append(
            StudyFigure(
                name="rates",
                title="Sensitivity to the learning rate",
                caption=f"The {name} on the validation split at each rate: the "
                "estimate over the seeds and its 95% interval. A dot marks the best "
                "rate over all seeds; each seed chooses its own. A cross marks a rate "
                "at which some trainings diverged.",
                draw=lambda _: figures.sensitivity(
                    page.rates.assign(panel=""), ylabel=name, row="panel"
                ),
            )
        )
    for measure, (heading, label, is_log) in MEASURES.items():
        rows = page.layers.get(measure)
        if rows is None or rows.empty:
            continue
        found.append(
            StudyFigure(
                name=measure,
                title=heading,
                caption=f"{label.capitalize()} by layer, before and after training, at "
                "the best learning rate of each seed: the median over the seeds, and a "
                "band from their 10% to their 90% quantile.",
                draw=lambda _, r=rows, y=label, log=is_log: figures.lines_by_layer(
                    r, ylabel=y, column="when", log=log
                ),
            )
        )
    return found


def scores_figure(contest: Contest, scores: pd.DataFrame):
    """Draws the scores of all activations, and their improvements."""
    metric = contest.metric
    unit = ", percentage points" if metric.is_share else ""
    return figures.contest_figure(
        scores,
        contest.table,
        score_label=f"test {metric.name}{', %' if metric.is_share else ''}",
        improvement_label=f"improvement over {title(contest.reference)}{unit}",
        smallest_effect=metric.smallest_effect,
        scale=100.0 if metric.is_share else 1.0,
    )


MEASURES = {
    "dead_units": ("Dead units", "share of dead units", False),
    "signal_gradient": ("Gradients", "signal gradient", True),
}


def _row(row: dict, page: ComparisonPage) -> dict:
    metric = page.contest.metric
    has_improvement = np.isfinite(row["improvement"])
    said = contest_sentences
    chosen = page.rates[
        (page.rates["activation"] == row["activation"]) & page.rates["is_best"]
    ]
    rate = chosen["learning_rate"].iloc[0] if len(chosen) else np.nan
    return {
        **row,
        "score": said.score(row["score"], metric),
        "interval": f"{said.score(row['low'], metric)} to "
        f"{said.score(row['high'], metric)}",
        "improvement": said.amount(row["improvement"], metric)
        if has_improvement
        else "",
        "improvement_interval": said.bounds(
            row["improvement_low"], row["improvement_high"], metric
        )
        if has_improvement
        else "",
        "rate": f"{rate:.2g}" if rate > 0 else "–",
    }


def _rate_rows(page: ComparisonPage) -> list[dict]:
    """For each activation: formatted rate -> the number of seeds that chose it."""
    rates = page.rates
    if rates.empty or rates["learning_rate"].nunique() < 2:
        return []
    return [
        {
            "activation": name,
            "is_at_edge": bool((rows["is_best"] & rows["is_at_edge"]).any()),
            "num_chosen": {
                f"{rate:.2g}": int(number)
                for rate, number in zip(
                    rows["learning_rate"], rows["num_chosen"], strict=True
                )
            },
        }
        for name in page.contest.table["activation"]
        if len(rows := rates[rates["activation"] == name])
    ]
