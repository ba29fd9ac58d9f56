"""The rules by which a claim is judged: from an interval to a verdict.

Where seeds have no value, the interval and the least estimate that a rule gets take the
worst case for them, so that a verdict holds whatever they would have given.
"""

from collections.abc import Callable
from dataclasses import dataclass

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
INCONCLUSIVE = "inconclusive"
VERDICTS = (SUPPORTED, CONTRADICTED, INCONCLUSIVE)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The claim predicts an effect above 0, and one that matters.

    Supported if the interval lies above 0 and the estimate is at least
    `smallest_effect`, both of them whatever the seeds without a value would have given;
    contradicted if the interval lies below `smallest_effect`.

    Args:
        smallest_effect: the smallest effect that matters, > 0.
    """

    smallest_effect: float

    def __post_init__(self):
        if not self.smallest_effect > 0:
            raise ValueError(
                "The smallest effect that matters must be above 0; sign the effect so "
                f"that the claim predicts more than 0. Got {self.smallest_effect!r}."
            )

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict on an interval and the least that its estimate may be."""
        if low > 0 and least_estimate >= self.smallest_effect:
            return SUPPORTED
        return CONTRADICTED if high < self.smallest_effect else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns where the interval that starts at `low` lies, in words."""
        least = number(self.smallest_effect)
        return {
            SUPPORTED: f"all of it above 0, and the estimate reaches the {least} that matter",
            CONTRADICTED: f"all of it below the {least} from which on it would matter",
            INCONCLUSIVE: f"which leaves open whether it reaches the {least} that matter",
        }[verdict]


@dataclass(frozen=True, kw_only=True)
class AtLeast:
    """The claim puts the whole interval at or above a threshold.

    Args:
        threshold: supported with the whole interval at or above it, contradicted with
            the whole interval below it.
    """

    threshold: float

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict on an interval."""
        if low >= self.threshold:
            return SUPPORTED
        return CONTRADICTED if high < self.threshold else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns where the interval that starts at `low` lies, in words."""
        return _beside(verdict, number(self.threshold), "at or above", "below")


@dataclass(frozen=True, kw_only=True)
class AtMost:
    """The claim puts the whole interval at or below a threshold.

    Args:
        threshold: supported with the whole interval at or below it, contradicted with
            the whole interval above it.
    """

    threshold: float

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict on an interval."""
        if high <= self.threshold:
            return SUPPORTED
        return CONTRADICTED if low > self.threshold else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns where the interval that starts at `low` lies, in words."""
        return _beside(verdict, number(self.threshold), "at or below", "above")


@dataclass(frozen=True, kw_only=True)
class Within:
    """The claim puts the whole interval between two bounds.

    Args:
        lower, upper: supported with the whole interval between them, contradicted with
            the whole interval outside them, on one side.
    """

    lower: float
    upper: float

    def __post_init__(self):
        if not self.lower < self.upper:
            raise ValueError(
                f"The bounds must ascend. Got lower={self.lower!r}, upper={self.upper!r}."
            )

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict on an interval."""
        if self.lower <= low and high <= self.upper:
            return SUPPORTED
        outside = high < self.lower or low > self.upper
        return CONTRADICTED if outside else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns where the interval that starts at `low` lies, in words."""
        bounds = f"{number(self.lower)} to {number(self.upper)}"
        side = "above" if low > self.upper else "below"
        return {
            SUPPORTED: f"all of it within the range of {bounds} that the claim allows",
            CONTRADICTED: f"all of it {side} the range of {bounds} that the claim allows",
            INCONCLUSIVE: f"partly outside the range of {bounds} that the claim allows",
        }[verdict]


Rule = Difference | AtLeast | AtMost | Within


def _beside(verdict: str, threshold: str, claimed: str, other: str) -> str:
    return {
        SUPPORTED: f"all of it {claimed} {threshold}, as claimed",
        CONTRADICTED: f"all of it {other} {threshold}; the claim puts it {claimed} that",
        INCONCLUSIVE: f"on both sides of {threshold}; the claim puts it {claimed} that",
    }[verdict]
