"""A figure of a study, with its title and caption."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from keras_rectifiers.comparison.trials.store import Tables


@dataclass(frozen=True, kw_only=True)
class StudyFigure:
    """A figure of a study's page.

    Args:
        name: short name, unique in its study.
        title: what it shows.
        caption: how to read it.
        claims: the ids of the claims of the study whose results it shows; the page has
            the figure beside them.
        draw: draws it from the study's tables; raises `NothingToDraw` if they have no
            trials for it.
        finding: what the tables of a figure that can be drawn show, in a sentence with
            its numbers: the heading of a figure that no claim's answer heads. Empty if
            they show too little; then its title is the heading.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Tables], Figure]
    claims: Sequence[str] = ()
    finding: Callable[[Tables], str] | None = None


class NothingToDraw(ValueError):
    """A figure has no data: the tables have no trials for it."""
