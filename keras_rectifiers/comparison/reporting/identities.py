"""What holds by definition: statements that follow from formulas, checked in numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from keras_rectifiers.comparison.reporting.drawings import Drawing, drawing_of
from keras_rectifiers.comparison.verdicts.sources import Source

# As far as two ways to compute the same number may differ.
TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A statement that needs no experiment, and two ways to compute what it says.

    Args:
        name: short name, unique on the page.
        statement: the statement, in our words.
        formula: the same as a formula.
        reason: why it holds, in a sentence or two.
        sources: where it is stated.
        deviation: computes by how much the numbers differ at most from what the
            statement says.
        checked: what is computed for that, in words.
        draw: draws the figure.
        caption: how to read it.
        tolerance: the largest deviation for which the statement holds.
        headings, rows: a table, if there is one.
    """

    name: str
    statement: str
    formula: str
    reason: str
    sources: Sequence[Source]
    deviation: Callable[[], float]
    checked: str
    draw: Callable[[], Figure]
    caption: str
    tolerance: float = TOLERANCE
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, kw_only=True)
class CheckedIdentity:
    """An identity with its result: whether it holds, and its figure."""

    identity: Identity
    holds: bool
    drawing: Drawing

    @property
    def tolerance(self) -> str:
        """The largest deviation for which it holds, as a decimal."""
        return f"{self.identity.tolerance:.6f}".rstrip("0")


def check(identities: Sequence[Identity]) -> list[CheckedIdentity]:
    """Computes the deviation of each identity, and draws its figure."""
    return [
        CheckedIdentity(
            identity=identity,
            # A deviation that is NaN holds for nothing.
            holds=bool(identity.deviation() < identity.tolerance),
            drawing=drawing_of(
                identity.draw(), title=identity.statement, caption=identity.caption
            ),
        )
        for identity in identities
    ]
