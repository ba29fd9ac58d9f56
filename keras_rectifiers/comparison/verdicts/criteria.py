"""The criteria by which claims are judged: from an interval to a verdict.

If some seeds have no value, the interval and the least estimate passed to a rule assume
the worst case for them. The verdict therefore holds whatever their values would have
been.

A rule judges by the interval of confidence 1 - `level`. For every rule, its verdict is
false with a probability of at most `LEVEL`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

LEVEL = 0.05

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
INCONCLUSIVE = "inconclusive"
VERDICTS = (SUPPORTED, CONTRADICTED, INCONCLUSIVE)
# For a case without trials, for example because the profile does not include it.
NOT_MEASURED = "not measured"
# For a case whose nets do not fulfil what must hold for the claim to be testable.
NOT_TESTABLE = "not testable here"
# For a claim whose cases have different verdicts.
MIXED = "mixed"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The claim predicts a positive effect that is large enough to matter.

    Supported if the interval lies above 0 and the estimate is at least
    `smallest_effect`, in both cases whatever the values of the seeds without a value
    would have been. Contradicted if the interval lies below `smallest_effect`.

    Args:
        smallest_effect: the smallest effect of interest, > 0.
    """

    smallest_effect: float
    level: ClassVar[float] = LEVEL

    def __post_init__(self):
        if not self.smallest_effect > 0:
            raise ValueError(
                "smallest_effect must be above 0. Choose the sign of the effect so "
                "that the claim predicts a positive value. Received: "
                f"{self.smallest_effect!r}."
            )

    @property
    def bounds(self) -> tuple[float, ...]:
        """The smallest effect of interest."""
        return (self.smallest_effect,)

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict for an interval and its least possible estimate."""
        if low > 0 and least_estimate >= self.smallest_effect:
            return SUPPORTED
        return CONTRADICTED if high < self.smallest_effect else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns in words where an interval lies whose lower end is `low`."""
        least = f"the smallest effect of interest ({number(self.smallest_effect)})"
        return {
            SUPPORTED: f"entirely above 0, and the estimate is at least {least}",
            CONTRADICTED: f"entirely below {least}",
            INCONCLUSIVE: f"so it is unclear whether the effect reaches {least}",
        }[verdict]


@dataclass(frozen=True, kw_only=True)
class AtLeast:
    """The claim predicts that the whole interval is at or above a threshold.

    Args:
        threshold: the claim is supported if the whole interval is at or above it,
            contradicted if the whole interval is below it.
    """

    threshold: float
    level: ClassVar[float] = LEVEL

    @property
    def bounds(self) -> tuple[float, ...]:
        """The threshold."""
        return (self.threshold,)

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict for an interval."""
        if low >= self.threshold:
            return SUPPORTED
        return CONTRADICTED if high < self.threshold else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns in words where an interval lies whose lower end is `low`."""
        return _beside(verdict, number(self.threshold), "at or above", "below")


@dataclass(frozen=True, kw_only=True)
class AtMost:
    """The claim predicts that the whole interval is at or below a threshold.

    Args:
        threshold: the claim is supported if the whole interval is at or below it,
            contradicted if the whole interval is above it.
    """

    threshold: float
    level: ClassVar[float] = LEVEL

    @property
    def bounds(self) -> tuple[float, ...]:
        """The threshold."""
        return (self.threshold,)

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict for an interval."""
        if high <= self.threshold:
            return SUPPORTED
        return CONTRADICTED if low > self.threshold else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns in words where an interval lies whose lower end is `low`."""
        return _beside(verdict, number(self.threshold), "at or below", "above")


@dataclass(frozen=True, kw_only=True)
class Within:
    """The claim predicts that the whole interval is between two bounds.

    Args:
        lower, upper: the claim is supported if the whole interval is between them,
            contradicted if the whole interval is above them or below them.
    """

    lower: float
    upper: float
    level: ClassVar[float] = LEVEL

    def __post_init__(self):
        if not self.lower < self.upper:
            raise ValueError(
                f"lower must be below upper. Received: lower={self.lower!r}, "
                f"upper={self.upper!r}."
            )

    @property
    def bounds(self) -> tuple[float, ...]:
        """The bounds."""
        return (self.lower, self.upper)

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict for an interval."""
        if self.lower <= low and high <= self.upper:
            return SUPPORTED
        outside = high < self.lower or low > self.upper
        return CONTRADICTED if outside else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns in words where an interval lies whose lower end is `low`."""
        bounds = f"{number(self.lower)} to {number(self.upper)}"
        side = "above" if low > self.upper else "below"
        return {
            SUPPORTED: f"entirely within the claimed range of {bounds}",
            CONTRADICTED: f"entirely {side} the claimed range of {bounds}",
            INCONCLUSIVE: f"partly outside the claimed range of {bounds}",
        }[verdict]


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """The claim predicts no difference, or none large enough to matter.

    Supported if the 90% interval lies within +-`margin`. This is equivalent to two
    one-sided tests at 5% each. The effect can lie beyond only one of the bounds, so the
    verdict is false with a probability of at most 5%. Contradicted if the 95% interval
    lies entirely above or entirely below +-`margin`.

    Args:
        margin: the largest difference that does not matter, > 0.

    References:
        - Schuirmann 1987, "A comparison of the two one-sided tests procedure and the
          power approach for assessing the equivalence of average bioavailability"
    """

    margin: float
    level: ClassVar[float] = 2 * LEVEL

    def __post_init__(self):
        if not self.margin > 0:
            raise ValueError(
                "margin, the largest difference that does not matter, must be above "
                f"0. Received: {self.margin!r}."
            )

    @property
    def bounds(self) -> tuple[float, ...]:
        """The ends of the range of differences that do not matter."""
        return (-self.margin, self.margin)

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict for an interval."""
        if -self.margin <= low and high <= self.margin:
            return SUPPORTED
        outside = high < -self.margin or low > self.margin
        return CONTRADICTED if outside else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns in words where an interval lies whose lower end is `low`."""
        margin = f"the range of differences that do not matter (±{number(self.margin)})"
        side = "above" if low > self.margin else "below"
        return {
            SUPPORTED: f"entirely within {margin}",
            CONTRADICTED: f"entirely {side} {margin}",
            INCONCLUSIVE: f"partly outside {margin}",
        }[verdict]


Rule = Difference | AtLeast | AtMost | Within | Equivalence


def _beside(verdict: str, threshold: str, claimed: str, other: str) -> str:
    required = f"the claim requires it to be {claimed} {threshold}"
    return {
        SUPPORTED: f"entirely {claimed} {threshold}, as claimed",
        CONTRADICTED: f"entirely {other} {threshold}; {required}",
        INCONCLUSIVE: f"on both sides of {threshold}; {required}",
    }[verdict]
