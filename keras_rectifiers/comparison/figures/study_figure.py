"""What a study says of a figure on its page."""

from collections.abc import Callable
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
        draw: draws it from the study's tables; raises `NothingToDraw` where they hold
            nothing of what it shows.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Tables], Figure]


class NothingToDraw(ValueError):
    """A figure has no data: the trials that it shows are not among the tables."""
