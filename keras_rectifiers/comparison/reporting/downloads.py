"""What can be downloaded from a page: tables and figures as files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from keras_rectifiers.catalogue import title
from keras_rectifiers.comparison.reporting import data_files
from keras_rectifiers.comparison.reporting.drawings import Drawing
from keras_rectifiers.comparison.reporting.property_table import PropertyTable
from keras_rectifiers.comparison.reporting.study_data import LARGE
from keras_rectifiers.comparison.reporting.study_report import StudyReport
from keras_rectifiers.comparison.reporting.wording import said

# What a row of each table is.
GRAINS = {
    "effects": "case of a claim: its effect, interval and verdict",
    "along_epochs": "case of a claim and epoch: its effect, interval and verdict as if "
    "training had ended then",
    "learning_rates": "net and learning rate: its score over the seeds, what the score "
    "is, and for how many seeds the rate was best",
    "common_rates": "case and learning rate: its effect, interval and verdict if all "
    "nets had that rate",
    "trials": "trial: its settings, outcomes after training and gradient decay; "
    "is_at_best_rate tells whether a trial of a grid is at the best rate of its seed",
    "layers": "trial, epoch and layer, with the measures as columns, rounded by less "
    "than 0.013%",
    "epochs": "trial and epoch: the learning curves; train_loss is the mean during the "
    "epoch",
    "timings": "round in which an activation was timed: what was computed and how, and "
    "the time in milliseconds",
}


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file beside a page.

    Args:
        name: its path from the folder of the page.
        content: its bytes.
        table: the name of the table in it; empty for a figure.
        num_rows: the number of rows of the table.
    """

    name: str
    content: bytes
    table: str = ""
    num_rows: int = 0

    @property
    def size(self) -> str:
        """How large it is, in words."""
        return data_files.size_in_words(len(self.content))

    @property
    def kind(self) -> str:
        """The end of its name, such as "csv" or "csv.gz"."""
        return self.name.rpartition("/")[2].partition(".")[2]


def study_downloads(report: StudyReport, *, data: bool) -> list[Download]:
    """The files of a study.

    Args:
        report: the content of its page.
        data: whether to include the large tables, Parquet and the figures. Without
            them there are the small tables as CSV, and the verdicts as Markdown and
            LaTeX too. Large tables as CSV are in gzip. The measures of layers are there
            as Parquet alone, and rounded: they are half of all bytes.
    """
    found = []
    for table in (*GRAINS, *sorted(report.data.keys() - GRAINS.keys())):
        frame = report.data.get(table, pd.DataFrame())
        if frame.empty or (table in LARGE and not data):
            continue
        kinds = {}
        if table == "layers":
            frame = data_files.rounded(frame)
        elif table in LARGE:
            kinds["csv.gz"] = data_files.csv_gz
        else:
            kinds["csv"] = data_files.csv
        if data:
            kinds["parquet"] = data_files.parquet
        found += [
            Download(
                name=f"{table}.{kind}",
                content=write(frame),
                table=table,
                num_rows=len(frame),
            )
            for kind, write in kinds.items()
        ]
    found += _as_text("verdicts", *_verdicts(report))
    if data:
        drawings = [*report.drawings, *report.rate_drawings, *report.along_epochs]
        found += [file for drawing in drawings for file in _figure(drawing)]
    return found


def index_downloads(table: PropertyTable) -> list[Download]:
    """The files of the first page: the table of all activations."""
    header = ["Activation", *(column.judged.title for column in table.columns)]
    rows = [
        [title(name), *(_cell(column.cells.get(name)) for column in table.columns)]
        for name in table.activations
    ]
    frame = pd.DataFrame(rows, columns=header)
    as_csv = Download(
        name="activations.csv",
        content=frame.to_csv(index=False, lineterminator="\n").encode(),
        table="activations",
        num_rows=len(rows),
    )
    return [as_csv, *_as_text("activations", header, rows)]


def figure_files(downloads: Sequence[Download]) -> Mapping[str, list[Download]]:
    """Name of a figure -> its files."""
    found: dict[str, list[Download]] = {}
    for download in downloads:
        if not download.table:
            name = download.name.rpartition("/")[2].rpartition(".")[0]
            found.setdefault(name, []).append(download)
    return found


def _figure(drawing: Drawing) -> list[Download]:
    contents = {"svg": drawing.svg.encode(), "png": drawing.png}
    return [
        Download(name=f"figures/{drawing.name}.{kind}", content=content)
        for kind, content in contents.items()
        if content
    ]


def _as_text(name: str, header: list[str], rows: list[list[str]]) -> list[Download]:
    kinds = {"md": data_files.markdown, "tex": data_files.latex}
    return [
        Download(
            name=f"{name}.{kind}",
            content=write(header, rows),
            table=name,
            num_rows=len(rows),
        )
        for kind, write in kinds.items()
    ]


def _verdicts(report: StudyReport) -> tuple[list[str], list[list[str]]]:
    header = ["Claim", "Case", "Verdict", "Effect", "Interval", "Unit", "Seeds"]
    rows = [
        [
            judged.claim.statement,
            said(case["case"]),
            case["verdict"],
            *(case["effect"], case["interval"], judged.claim.unit, str(case["n"])),
        ]
        for judged in report.claims
        for case in judged.cases
    ]
    return header, rows


def _cell(cell) -> str:
    if cell is None:
        return ""
    return f"{cell.number} ({cell.interval})" if cell.interval else cell.number
