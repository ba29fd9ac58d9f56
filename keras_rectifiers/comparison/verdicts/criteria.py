"""The rules by which a claim is judged: from an interval to a verdict.

Where seeds have no value, the interval and the least estimate that a rule gets take the
worst case for them, so that a verdict holds whatever they would have given.

A rule judges by the interval of confidence 1 - `level`. Its verdict is false with a
probability of at most `LEVEL`, for every rule alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

LEVEL = 0.05

SUPPORTED = "supported"
CONTRADICTED = "contradicted"
INCONCLUSIVE = "inconclusive"
VERDICTS = (SUPPORTED, CONTRADICTED, INCONCLUSIVE)
# Of a case without any training, as a profile leaves it out.
NOT_MEASURED = "not measured"


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
    level: ClassVar[float] = LEVEL

    def __post_init__(self):
        if not self.smallest_effect > 0:
            raise ValueError(
                "The smallest effect that matters must be above 0; sign the effect so "
                f"that the claim predicts more than 0. Received: {self.smallest_effect!r}."
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
    level: ClassVar[float] = LEVEL

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
    level: ClassVar[float] = LEVEL

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
    level: ClassVar[float] = LEVEL

    def __post_init__(self):
        if not self.lower < self.upper:
            raise ValueError(
                f"The bounds must ascend. Received: lower={self.lower!r}, upper={self.upper!r}."
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


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """The claim predicts no difference, or none that matters.

    Supported if the 90% interval lies within +-`margin`. That is two one-sided tests at
    5% each; the effect can lie beyond one of the bounds only, so that the support is
    false with a probability of at most 5%. Contradicted if the 95% interval lies
    outside, on one side.

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
                "The largest difference that does not matter must be above 0. Received: "
                f"{self.margin!r}."
            )

    def verdict(self, least_estimate: float, low: float, high: float) -> str:
        """Returns the verdict on an interval."""
        if -self.margin <= low and high <= self.margin:
            return SUPPORTED
        outside = high < -self.margin or low > self.margin
        return CONTRADICTED if outside else INCONCLUSIVE

    def finding(self, verdict: str, low: float, number: Callable[[float], str]) -> str:
        """Returns where the interval that starts at `low` lies, in words."""
        margin = f"the ±{number(self.margin)} that do not matter"
        side = "above" if low > self.margin else "below"
        return {
            SUPPORTED: f"all of it within {margin}",
            CONTRADICTED: f"all of it {side} {margin}",
            INCONCLUSIVE: f"which leaves open whether it keeps within {margin}",
        }[verdict]


Rule = Difference | AtLeast | AtMost | Within | Equivalence


def _beside(verdict: str, threshold: str, claimed: str, other: str) -> str:
    return {
        SUPPORTED: f"all of it {claimed} {threshold}, as claimed",
        CONTRADICTED: f"all of it {other} {threshold}; the claim puts it {claimed} that",
        INCONCLUSIVE: f"on both sides of {threshold}; the claim puts it {claimed} that",
    }[verdict]
