"""What `diagnose` returns: findings and measures, as text, HTML, tables and a figure."""

import html
import textwrap
from dataclasses import dataclass
from typing import Any

from keras_rectifiers.diagnosis.checks.layers import FEWEST_EXAMPLES
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.printable import printable

# What stands in the text and in the table of a notebook.
_SHOWN = (
    "signal_gradient",
    "weight_gradient",
    "activation_mean",
    "activation_std",
    "silent_units",
    "dead_units",
    "saturation",
)


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The result of `diagnose`. It prints as text, and as HTML in a notebook.

    Args:
        model: name of the model.
        num_examples: size of the probe batch.
        frame: pandas frame with one row for each hidden activation and measure:
            `layer`, `depth` (0 is nearest to the input), `measure` and `value`. A
            measure that is not defined for an activation has no row.
        fresh: the same frame for freshly initialised copies of the model, the mean over
            several of them.
        findings: what is wrong, causes before their consequences; empty for a healthy
            model.
        note: what could not be looked at, "" for nothing.
    """

    model: str
    num_examples: int
    frame: Any
    fresh: Any
    findings: tuple[Finding, ...]
    note: str = ""

    def __str__(self) -> str:
        lines = [self._summary(), *([self.note] if self.note else [])]
        for number, finding in enumerate(self.findings, 1):
            lines.append(
                textwrap.fill(f"{number}. {finding}", width=88, subsequent_indent="   ")
            )
        if not self.frame.empty:
            table = self._table().to_string(float_format=lambda value: f"{value:.3g}")
            lines += ["", table]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{html.escape(name)}</b>: "
            f"{html.escape(str(finding).removeprefix(f'{name}: '))}</li>"
            for finding in self.findings
            for name in [printable(finding.place)]
        )
        table = ""
        if not self.frame.empty:
            table = self._table().to_html(
                float_format=lambda value: f"{value:.3g}", border=0, na_rep=""
            )
        summary = html.escape(f"{self._summary()} {self.note}".rstrip())
        return f"<p>{summary}</p><ol>{items}</ol>{table}"

    def to_frame(self):
        """The findings as a pandas frame, one row each, causes first.

        Columns: `kind`, `where`, `layer`, `certainty`, `observation`, `meaning`,
            `advice`, and `follows_from`, the kind of the finding that caused it ("" for
            a cause).
        """
        import pandas as pd

        columns = ["kind", "where", "layer", "certainty", "observation", "meaning"]
        columns.append("advice")
        rows = [
            [*(getattr(finding, name) for name in columns), cause]
            for of_cause in self.findings
            for finding, cause in [
                (of_cause, ""),
                *((f, of_cause.kind) for f in of_cause.consequences),
            ]
        ]
        return pd.DataFrame(rows, columns=[*columns, "follows_from"])

    def plot(self):
        """Plots the measures of each layer, and marks the layers with findings.

        Returns:
            A matplotlib figure.
        """
        from keras_rectifiers.diagnosis.figures import diagnosis_figure

        return diagnosis_figure(self)

    def _summary(self) -> str:
        number = len(self.findings)
        found = f"{number} finding{'s' * (number != 1)}" if number else "no findings"
        num_layers = self.frame.layer.nunique()
        few = self.num_examples < FEWEST_EXAMPLES
        return (
            f"{printable(self.model)}: {found} in {num_layers} hidden "
            f"activation{'s' * (num_layers != 1)}, on {self.num_examples} "
            f"example{'s' * (self.num_examples != 1)}"
            + ", which is too few to tell which units are dead; pass 100 or more"
            * few
        )

    def _table(self):
        table = self.frame.pivot_table(
            index=["depth", "layer"],
            columns="measure",
            values="value",
            sort=False,
            dropna=False,
        )
        table = table.rename(index=printable, level="layer")
        table.columns.name = None
        return table[[name for name in _SHOWN if name in table]].dropna(how="all")
