"""The content of the first page: findings, the table of activations, the claims."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.reporting.advice import advice
from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim
from keras_rectifiers.comparison.reporting.drawings import Drawing
from keras_rectifiers.comparison.reporting.findings import (
    Finding,
    findings,
    is_sure,
)
from keras_rectifiers.comparison.reporting.limits import ARCHITECTURES
from keras_rectifiers.comparison.reporting.property_table import (
    PropertyTable,
    property_table,
)
from keras_rectifiers.comparison.reporting.study_report import StudyReport
from keras_rectifiers.comparison.reporting.wording import dataset_in_words
from keras_rectifiers.comparison.verdicts.criteria import NOT_MEASURED

_MOST_FINDINGS = 5


@dataclass(frozen=True, kw_only=True)
class Row:
    """A claim on the first page.

    Args:
        report: the study of the claim.
        judged: the claim.
    """

    report: StudyReport
    judged: JudgedClaim


@dataclass(frozen=True, kw_only=True)
class IndexReport:
    """The content of the first page.

    Args:
        trained: what was trained, in a sentence.
        findings: what was found, the surprising and sure first.
        picture: the key figure of the first study; None if it is empty.
        picture_title, picture_answer: the claim that it shows, and the answer; its
            title and nothing if it shows none.
        picture_study: the name of its study.
        table: all activations and their properties.
        advice: which activation to take, in sentences.
        activations: those that the claims name, in the catalogue's order.
        rows: the claims that were measured.
        num_fragile: of so many of these, something is known that may turn a verdict
            round.
        not_measured: the claims that were not.
    """

    trained: str
    findings: Sequence[Finding]
    picture: Drawing | None
    picture_title: str
    picture_answer: str
    picture_study: str
    table: PropertyTable
    advice: Sequence[str]
    activations: Sequence[str]
    rows: Sequence[Row]
    num_fragile: int
    not_measured: Sequence[Row]


def read_index(reports: Sequence[StudyReport], nets: pd.DataFrame) -> IndexReport:
    """Collects the content of the first page.

    Args:
        reports: the content of the pages of the studies.
        nets: all trials of all studies, each once.
    """
    rows = [Row(report=report, judged=j) for report in reports for j in report.claims]
    claims = [
        (row.report.study.name, reading.claim.id)
        for row in rows
        for reading in row.judged.readings
    ]
    places = {(study, id): f"{study}/index.html#claim-{id}" for study, id in claims}
    table = property_table(
        [
            (report.study.name, judged, frame)
            for report in reports
            for judged, frame in report.properties
        ],
        places,
    )
    first = next((report for report in reports if report.key_drawing), None)
    picture = first.key_drawing if first else None
    shown = shown_by(picture, first.claims) if picture and first else None
    measured = [row for row in rows if row.judged.verdict != NOT_MEASURED]
    return IndexReport(
        trained=trained_in_words(nets),
        findings=findings(
            [(row.report.study.name, row.judged) for row in rows], most=_MOST_FINDINGS
        ),
        picture=picture,
        picture_title=shown.claim.statement if shown else getattr(picture, "title", ""),
        picture_answer=shown.answer if shown else "",
        picture_study=first.study.name if first else "",
        table=table,
        advice=advice(table),
        activations=[
            name
            for name in CATALOGUE
            if any(name in row.judged.activations for row in rows)
        ],
        rows=measured,
        num_fragile=sum(not is_sure(row.judged) for row in measured),
        not_measured=[row for row in rows if row.judged.verdict == NOT_MEASURED],
    )


def shown_by(drawing: Drawing, claims: Iterable[JudgedClaim]) -> JudgedClaim | None:
    """The first of the claims whose result a figure shows, if it was measured."""
    for judged in claims:
        if judged.claim.id in drawing.claims and judged.verdict != NOT_MEASURED:
            return judged
    return None


def trained_in_words(nets: pd.DataFrame) -> str:
    """What was trained, in a sentence.

    Args:
        nets: trials, each once.
    """
    trained = nets[nets["epochs"] > 0]
    num_measured = len(nets) - len(trained)
    parts = []
    if len(trained):
        data = dataset_in_words(trained["dataset"].mode().iloc[0])
        sizes = trained.groupby(["architecture", "depth", "width"]).size()
        kind, depth, width = sizes.sort_values(kind="stable").index[-1]
        units = "channels" if kind.startswith("cnn") else "units"
        part = sizes.max() / len(trained)
        mostly = (
            "all" if part == 1 else "most of them" if part > 0.5 else "many of them"
        )
        num_seeds = trained["seed"].nunique()
        parts.append(
            f"{len(trained):,} nets were trained, mainly on {data}: {mostly} "
            f"{ARCHITECTURES[kind]} of {depth} layers of {width} {units}, each net with "
            f"up to {num_seeds} seeds."
        )
    if num_measured:
        parts.append(
            f"{num_measured:,} {'more ' if parts else ''}nets were measured at "
            "initialisation only."
        )
    return " ".join(parts)
