"""Claims about rectifiers, fixed before the trials are run."""

import enum
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from keras_rectifiers.comparison.statistics import CURVES
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.verdicts.criteria import LEVEL, Difference, Rule
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from keras_rectifiers.comparison.verdicts.sources import Source

CONFIDENCE = 1 - LEVEL
# What is nearer to a bound than the last of these has met it, see `evidence.weigh`.
_MOST_DIGITS = 6


class Kind(enum.StrEnum):
    """How a claim could turn out.

    Attributes:
        EMPIRICAL: it could turn out either way.
        THEORY: the result follows from a definition or a theory, such as that of wide
            random nets. It is measured as a check.
        IDENTITY: it cannot turn out otherwise.
    """

    EMPIRICAL = "empirical"
    THEORY = "by theory"
    IDENTITY = "identity"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim and its criterion, fixed before the trials are run.

    Args:
        id: short name.
        statement: the claim, in our words.
        sources: where the claim is made.
        criterion: the criterion, in words.
        rule: `Difference`, `AtLeast`, `AtMost`, `Within` or `Equivalence`, with its
            numbers.
        effects: the effect of each seed in each case: case -> a Series indexed by seed,
            or a frame of its bounds, `least` and `most`, if some are censored. NaN if a
            seed has no value. A case without trials is empty but must still be
            included. All cases that were measured form the family for the correction.
        quantity: what the effect is, such as `"gradient decay"`.
        nets: the nets on which the claim is judged, in words, such as `"MLPs of 6
            layers"`; or a part of a case's name -> the nets of the cases that contain
            it. Empty if no net is involved.
        data: the data of these nets, in words. Default: the data set of the study.
        kind: whether it could turn out either way, see `Kind`.
            An identity without `nets` is computed from formulas: each case has one
            value, under any seed, which decides alone.
        kind_reason: why it is not empirical, in a sentence; empty if it is.
        precondition: what must hold for a case to be testable. Default: nothing.
        comparable_if: for a claim on nets at their best learning rates: what must hold
            for the result at a common rate to be set against it, such as that all nets
            compared have learned. The report then shows the effect at each common
            rate. Default: there is no such comparison.
        opposite_of: the id of the claim of the same study that says the opposite. Its
            effects are these with the other sign, so both are one result with two
            readings, and count once.
        repeated_by: what each case has a value of, if not of a seed: a `"round"` in
            which all is timed.
        unit: unit of the effect, such as `"decades per layer"`; empty for a share.
        digits: number of decimals shown; more if a value would otherwise seem to lie on
            another side of a bound of the rule than it does.
        in_words: what an estimate means, for a reader who does not know the unit. It
            continues a sentence after "that is,".
        published: results from the literature to show for comparison. They are not part
            of the criterion.
        outcomes: the columns of `trials` with what nets have reached after training from
            which the effects are computed, such as `"test_accuracy"`; not those that
            only decide whether a net has diverged. If there is a learning curve for
            each of them, the claim is judged along the epochs too.
        is_share: whether each seed's value is 1 or 0, for whether it has some property.
            The effect is then the share of the seeds that have it, with Wilson's
            interval: the Hodges-Lehmann estimate of ones and zeros is not a share.
    """

    id: str
    statement: str
    sources: Sequence[Source]
    criterion: str
    rule: Rule
    effects: Callable[[Tables], Mapping[str, pd.Series | pd.DataFrame]]
    quantity: str
    nets: str | Mapping[str, str] = ""
    data: str = ""
    kind: Kind = Kind.EMPIRICAL
    kind_reason: str = ""
    precondition: Precondition | None = None
    comparable_if: Precondition | None = None
    opposite_of: str = ""
    repeated_by: str = "seed"
    unit: str = ""
    digits: int = 3
    in_words: Callable[[float], str] | None = None
    published: str = ""
    outcomes: Sequence[str] = ()
    is_share: bool = False

    def __post_init__(self):
        if (self.kind == Kind.EMPIRICAL) == bool(self.kind_reason):
            raise ValueError(
                "kind_reason says why a claim is not empirical. Give it for a claim "
                "that is by theory or an identity, and only for those. Received: "
                f"kind={str(self.kind)!r}, kind_reason={self.kind_reason!r}."
            )

    @property
    def is_computed(self) -> bool:
        """Whether it is computed from formulas, so that its value decides alone."""
        return self.kind == Kind.IDENTITY and not self.nets

    @property
    def is_judged_along_epochs(self) -> bool:
        """Whether its effects can be computed as if training had ended earlier."""
        return bool(self.outcomes) and set(self.outcomes) <= set(CURVES)

    def numbers(self, *values: float) -> Callable[[float], str]:
        """How to format the values of a case, and the bounds beside them.

        Args:
            *values: the estimate and the ends of the interval.

        Returns:
            value -> text, with a true minus sign and as many decimals as show on which
            side of the rule's bounds each of the values lies.
        """
        bounds = self.rule.bounds
        if isinstance(self.rule, Difference):
            bounds = (0.0, *bounds)
        pairs = [
            (value, bound)
            for value in values
            for bound in bounds
            if math.isfinite(value)
        ]
        digits = self.digits
        while digits < _MOST_DIGITS and any(
            _side(value, bound, digits) != _side(value, bound, _MOST_DIGITS)
            for value, bound in pairs
        ):
            digits += 1
        return lambda value: format_number(value, digits)


def _side(value: float, bound: float, digits: int) -> int:
    """1 above the bound, -1 below it, 0 at it, if both are rounded."""
    difference = round(round(value, digits) - round(bound, digits), digits)
    return int(difference > 0) - int(difference < 0)


def format_number(value: float, digits: int = 3) -> str:
    """Formats a rounded number with a true minus sign, and never as a negative 0."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{'−' if value < 0 else ''}∞"
    rounded = round(value, digits)
    return f"{'−' if rounded < 0 else ''}{abs(rounded):.{digits}f}"
