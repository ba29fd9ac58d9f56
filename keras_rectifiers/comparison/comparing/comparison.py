"""Comparison, the result of `keras_rectifiers.compare`."""

import datetime
import html
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from keras_rectifiers.comparison.comparing.results import Results
from keras_rectifiers.comparison.verdicts import contest_sentences
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.printable import printable


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Comparison:
    """Which activations are better in a model, and which nothing beats.

    It prints as text, and as HTML in a notebook.

    Args:
        results: the finished trainings and the verdicts on them.
        notes: what the reader should know, in sentences.
        method: what was done: term -> text.
        is_interrupted: whether Ctrl-C ended it before it was complete.
        failures: name of an activation -> the traceback of what failed.
        diagnose_losers: returns the findings of what lost.
    """

    results: Results
    notes: Sequence[str]
    method: Mapping[str, str]
    is_interrupted: bool
    failures: Mapping[str, str]
    diagnose_losers: Callable[[], Mapping[str, Sequence[Finding]]]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each activation: its score, its improvement and the verdict.

        The columns are `activation`; `score` with `low` and `high`, the estimate over
        the seeds and its 95% interval; `num_seeds`, `num_lost`; `improvement` over the
        reference with `improvement_low` and `improvement_high`, above 0 if it is
        better; `p`, corrected for all comparisons with the reference; `verdict`;
        `is_best`: whether nothing beats it; `learning_rate`, the best one over all
        seeds, and `is_at_edge`: whether that is the smallest or largest of the grid.
        """
        table, rates = self.results.contest.table, self.results.rates
        if "is_best" in rates:
            rates = rates[rates["is_best"]]
        best = rates.set_index("activation")["learning_rate"]
        return table.assign(
            learning_rate=table["activation"].map(best),
            is_at_edge=table["activation"].isin(self.results.at_edge),
        )

    @property
    def best(self) -> tuple[str, ...]:
        """The activations that nothing beats."""
        return self.results.contest.best

    @property
    def scores(self) -> pd.DataFrame:
        """The score of each seed: `activation`, `seed`, `learning_rate`, `value`.

        NaN stands for a seed whose training diverged at every rate.
        """
        return self.results.scores

    @property
    def trials(self) -> pd.DataFrame:
        """A row for each training: its activation, seed, rate and outcomes."""
        names = ["key", "score", "is_chosen", "schema"]
        trained = self.results.trained
        chosen = trained.get("is_chosen", pd.Series(dtype=bool))
        return trained.drop(columns=names, errors="ignore").assign(
            is_at_best_rate=chosen
        )

    @property
    def frame(self) -> pd.DataFrame:
        """All measurements: a row for each training, epoch, layer and measure."""
        return self.results.frame()

    def summary(self) -> str:
        """Says in sentences what was found, and what should be known about it."""
        found = contest_sentences.sentences(self.results.contest)
        return "\n".join([*found, *self.notes])

    def plot(self):
        """Plots the scores of all seeds, and the improvements over the reference.

        Returns:
            A matplotlib figure.
        """
        from keras_rectifiers.comparison.reporting.comparison_report import (
            scores_figure,
        )

        return scores_figure(self.results.contest, self.results.scores)

    def report(self, path: str | os.PathLike) -> Path:
        """Writes a page with the results, figures and findings: one HTML file.

        Args:
            path: the file, such as `"activations.html"`.

        Returns:
            The path.

        Raises:
            ValueError: if the path is that of a folder.
        """
        from keras_rectifiers.comparison.reporting import comparison_report

        if not Path(path).name or Path(path).is_dir():
            raise ValueError(
                "Expected the path of a file to write, such as 'activations.html'. "
                f"Received: {os.fspath(path)!r}, which is a folder."
            )

        results, metric = self.results, self.results.contest.metric
        page = comparison_report.ComparisonPage(
            contest=results.contest,
            sentences=contest_sentences.sentences(results.contest),
            notes=self.notes,
            method=self.method,
            scores=results.scores,
            rates=results.rates,
            curves={
                "training loss": results.curve("train_loss"),
                f"validation {metric.name}": results.curve(f"validation_{metric.name}"),
            },
            layers={
                measure: results.measured(measure)
                for measure in comparison_report.MEASURES
            },
            findings={
                name: [str(finding) for finding in found]
                for name, found in self.diagnose_losers().items()
            },
            failures=self.failures,
        )
        today = datetime.datetime.now(datetime.UTC).date()
        return comparison_report.write_page(page, path, date=today)

    def __str__(self) -> str:
        table = contest_sentences.short_table(self.results.contest)
        return f"{printable(self.summary(), keep=chr(10))}\n\n{table.to_string(index=False)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = "".join(
            f"<li>{html.escape(printable(line))}</li>"
            for line in self.summary().splitlines()
        )
        table = contest_sentences.short_table(self.results.contest)
        return f"<ul>{lines}</ul>{table.to_html(index=False, border=0)}"
