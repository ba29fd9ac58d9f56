"""How the content of a study is arranged on its page."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keras_rectifiers.comparison.reporting.claim_report import JudgedClaim
from keras_rectifiers.comparison.reporting.downloads import Download, figure_files
from keras_rectifiers.comparison.reporting.drawings import Drawing
from keras_rectifiers.comparison.reporting.findings import findings, in_sum
from keras_rectifiers.comparison.reporting.glossary import Term, terms_in
from keras_rectifiers.comparison.reporting.study_data import LARGE
from keras_rectifiers.comparison.reporting.study_report import StudyReport
from keras_rectifiers.comparison.reporting.wording import said
from keras_rectifiers.comparison.verdicts.criteria import NOT_MEASURED, NOT_TESTABLE
from keras_rectifiers.comparison.verdicts.sources import Source, references


@dataclass(frozen=True, kw_only=True)
class NumberedDrawing:
    """A figure on a page.

    Args:
        number: its number on the page.
        heading: the answer to a claim, of its first figure, or what the figure shows
            of these tables, if it says so, or its title.
        drawing: the figure.
        files: it as files.
    """

    number: int
    heading: str
    drawing: Drawing
    files: Sequence[Download]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A claim with the figures that stand beside it.

    Args:
        judged: the claim.
        drawings: its figures that no earlier claim has.
        seen: those that an earlier claim has.
    """

    judged: JudgedClaim
    drawings: Sequence[NumberedDrawing]
    seen: Sequence[NumberedDrawing]


@dataclass(frozen=True, kw_only=True)
class StudyPage:
    """The arrangement of a study's page.

    Args:
        answer: the answer to its question, in three sentences at most.
        parts: its claims with their figures.
        others: the other figures.
        not_drawn: the titles of the figures for which the tables have no trials.
        rates, along_epochs: the figures behind the folds.
        terms: the terms that it uses.
        references: the publications that make its claims.
        small, large: table -> its files.
    """

    answer: Sequence[str]
    parts: Sequence[Part]
    others: Sequence[NumberedDrawing]
    not_drawn: Sequence[str]
    rates: Sequence[NumberedDrawing]
    along_epochs: Sequence[NumberedDrawing]
    terms: Sequence[Term]
    references: Sequence[Source]
    small: Mapping[str, Sequence[Download]]
    large: Mapping[str, Sequence[Download]]


def read_page(report: StudyReport, downloads: Sequence[Download]) -> StudyPage:
    """Arranges the content of a study.

    Args:
        report: the content.
        downloads: the files beside the page.
    """
    counter = itertools.count(1)
    files = figure_files(downloads)
    shown: dict[str, NumberedDrawing] = {}

    def numbered(drawing: Drawing, heading: str = "") -> NumberedDrawing:
        return NumberedDrawing(
            number=next(counter),
            heading=heading or drawing.finding or drawing.title,
            drawing=drawing,
            files=files.get(drawing.name, ()),
        )

    parts = []
    for judged in report.claims:
        ids = {reading.claim.id for reading in judged.readings}
        own = [d for d in report.drawings if d.source and ids & set(d.claims)]
        new = [drawing for drawing in own if drawing.name not in shown]
        seen = [shown[drawing.name] for drawing in own if drawing.name in shown]
        # Of what could not be judged a figure is no answer.
        is_judged = judged.verdict not in (NOT_MEASURED, NOT_TESTABLE)
        finding = judged.answer if is_judged else ""
        for drawing in new:
            shown[drawing.name] = numbered(drawing, finding)
            finding = ""
        parts.append(
            Part(judged=judged, drawings=[shown[d.name] for d in new], seen=seen)
        )
    drawn = [drawing for drawing in report.drawings if drawing.source]
    others = [numbered(d) for d in drawn if d.name not in shown]
    sources = [
        source
        for judged in report.claims
        for reading in judged.readings
        for source in reading.claim.sources
    ]
    tables = _by_table(downloads)
    return StudyPage(
        answer=_answer(report),
        parts=parts,
        others=others,
        not_drawn=[d.title for d in report.drawings if not d.source],
        rates=[numbered(drawing) for drawing in report.rate_drawings],
        along_epochs=[numbered(drawing) for drawing in report.along_epochs],
        terms=terms_in(map(said, _texts(report))),
        references=references(sources),
        small={name: found for name, found in tables.items() if name not in LARGE},
        large={name: found for name, found in tables.items() if name in LARGE},
    )


def _answer(report: StudyReport) -> list[str]:
    """The answer to the question of a study, by rule from its verdicts."""
    name = report.study.name
    claims = [(name, judged) for judged in report.claims]
    first = findings(claims, most=2, per_study=2)
    return [
        in_sum(report.claims),
        *(f"{found.judged.claim.statement} {found.judged.answer}" for found in first),
    ]


def _texts(report: StudyReport) -> list[str]:
    """The texts of a page in which a term may need its definition."""
    texts = [report.study.method]
    for judged in report.claims:
        claim = judged.claim
        texts += [claim.criterion, claim.quantity, claim.unit, judged.answer]
    for drawing in (*report.drawings, *report.rate_drawings):
        texts += [drawing.title, drawing.finding, drawing.caption]
    return texts


def _by_table(downloads: Sequence[Download]) -> dict[str, list[Download]]:
    found: dict[str, list[Download]] = {}
    for download in downloads:
        if download.table:
            found.setdefault(download.table, []).append(download)
    return found
