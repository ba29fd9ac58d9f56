"""A table of a study's page, made of the tables of its trials."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keras_rectifiers.comparison.trials.store import Tables


@dataclass(frozen=True, kw_only=True)
class StudyTable:
    """A table of a study's page.

    Args:
        title: what it shows.
        caption: how to read it.
        headings: one for each column.
        rows: makes the rows from the study's tables, each with a text for each column.
    """

    title: str
    caption: str
    headings: Sequence[str]
    rows: Callable[[Tables], Sequence[Sequence[str]]]
