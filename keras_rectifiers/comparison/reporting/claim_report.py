"""What a page says of a claim: its verdict, its cases, and where it was judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.reporting.answers import answer
from keras_rectifiers.comparison.reporting.strips import strip
from keras_rectifiers.comparison.reporting.wording import (
    activations_named,
    dataset_name,
)
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts.claims import Claim, Kind, format_number
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    NOT_TESTABLE,
    SUPPORTED,
    VERDICTS,
    Difference,
)
from keras_rectifiers.comparison.verdicts.summary import count, nets_judged, sum_up

# What may turn the verdict on a case round.
FLAGS = {
    "depends_on_rate": "depends on the rate",
    "depends_on_budget": "depends on the budget",
    "is_borderline": "borderline",
}


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A claim with its verdicts.

    Args:
        claim: the claim.
        verdict: the one verdict on the claim, see `sum_up`.
        cases: its cases with their verdicts.
        counts: verdict -> number of cases.
        in_images: the smallest effect of interest, if it is one of accuracy, in test
            images; empty otherwise.
        scope: on which nets and data it was judged, such as "in MLPs of 6 layers, on
            digits"; empty if it was not judged, or not on nets.
        opposite: the claim that says the opposite, which is the same result with the
            other sign; None if there is none.
    """

    claim: Claim
    verdict: str
    cases: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]
    in_images: str
    scope: str
    opposite: "JudgedClaim | None" = None

    @property
    def answer(self) -> str:
        """Whether the claim holds, in plain words."""
        return answer(self.claim, self.verdict, self.cases)

    @property
    def strip(self) -> Markup:
        """The intervals of its cases beside the bounds of the criterion, as SVG."""
        return strip(self.claim, self.cases)

    @property
    def activations(self) -> list[str]:
        """The activations that it or one of its cases names, in the catalogue's order."""
        texts = [self.claim.statement, *(case["case"] for case in self.cases)]
        named = set().union(*map(activations_named, texts))
        return [name for name in CATALOGUE if name in named]

    @property
    def flags(self) -> list[str]:
        """What a reader should know of the verdict, in a few words each."""
        flags = [] if self.claim.kind == Kind.EMPIRICAL else [str(self.claim.kind)]
        num_judged = sum(self.counts[verdict] for verdict in VERDICTS)
        for flag, words in FLAGS.items():
            number = sum(case[flag] for case in self.cases)
            if number:
                of = f" in {number} of {num_judged} cases"
                flags.append(words + (of if num_judged > 1 else ""))
        return flags

    @property
    def num_on_budget(self) -> int:
        """Number of cases whose result depends on the budget."""
        return sum(case["depends_on_budget"] for case in self.cases)

    @property
    def readings(self) -> list["JudgedClaim"]:
        """This claim, and the opposite one if there is one."""
        return [self, *([self.opposite] if self.opposite else [])]


def read_claims(
    study: Study, verdicts: pd.DataFrame, contrary: pd.DataFrame, trials: pd.DataFrame
) -> list[JudgedClaim]:
    """The claims of a study with their verdicts; opposite ones are one result.

    Args:
        study: the study.
        verdicts: as `judge` returns them.
        contrary: the common learning rates at which a case comes out the other way
            round, as the function of that name returns them.
        trials: the table of its trials.
    """
    names = {claim.id for claim in study.claims}
    rows = trials[trials["dataset"] == study.dataset]
    num_test = int(rows["num_test"].max()) if len(rows) else 0
    opposites = {c.opposite_of: c for c in study.claims if c.opposite_of in names}
    return [
        _judged(claim, study, verdicts, contrary, num_test, opposites.get(claim.id))
        for claim in study.claims
        if claim.opposite_of not in names
    ]


def count_claims(claims: Sequence[JudgedClaim], kind: Kind) -> dict[str, int]:
    """The number of claims of a kind with each verdict."""
    return count([judged.verdict for judged in claims if judged.claim.kind == kind])


def _judged(
    claim: Claim,
    study: Study,
    verdicts: pd.DataFrame,
    contrary: pd.DataFrame,
    num_test: int,
    opposite: Claim | None = None,
) -> JudgedClaim:
    rows = verdicts[verdicts["claim"] == claim.id]
    others = contrary[contrary["claim"] == claim.id]
    nets = nets_judged(claim, dict(zip(rows["case"], rows["verdict"], strict=True)))
    data = claim.data or dataset_name(Path(study.dataset).name)
    return JudgedClaim(
        claim=claim,
        verdict=sum_up(rows["verdict"]),
        cases=[
            _case(claim, row, others[others["case"] == row["case"]])
            for row in rows.to_dict("records")
        ],
        counts=count(list(rows["verdict"])),
        in_images=_in_images(claim, num_test),
        scope=f"in {nets}, on {data}" if nets else "",
        opposite=_judged(opposite, study, verdicts, contrary, num_test)
        if opposite
        else None,
    )


def _in_images(claim: Claim, num_test: int) -> str:
    is_of_accuracy = tuple(claim.outcomes) == ("test_accuracy",) and not claim.data
    if not (is_of_accuracy and num_test and isinstance(claim.rule, Difference)):
        return ""
    smallest = claim.rule.smallest_effect
    return (
        f"An effect of {format_number(smallest, claim.digits)} is {smallest * num_test:.2g} of the "
        f"{num_test:,} test images of a seed."
    )


def _case(
    claim: Claim, row: Mapping[str, Any], contrary: pd.DataFrame
) -> dict[str, Any]:
    is_testable = row["verdict"] != NOT_TESTABLE
    return {
        **row,
        "effect": _numbers(claim, row)(row["estimate"]),
        "interval": ""
        if claim.is_computed or not row["n"]
        else _interval(claim, row)
        + _confidence(row["confidence"], 1 - claim.rule.level),
        "depends_on_rate": len(contrary) > 0,
        "at_common_rates": "; ".join(
            f"at a rate of {other['learning_rate']:g} common to all nets the effect is "
            f"{_numbers(claim, other)(other['estimate'])} (interval "
            f"{_interval(claim, other)}), {_how_else(row, other)}"
            for other in contrary.to_dict("records")
        ),
        "is_of_sides": isinstance(claim.rule, Difference)
        and row["n"] > 0
        and is_testable
        and not claim.is_computed,
    }


def _how_else(at_best: Mapping[str, Any], at_common: Mapping[str, Any]) -> str:
    """How a case comes out at a common rate, if not as at the best rates."""
    if {at_best["verdict"], at_common["verdict"]} == {SUPPORTED, CONTRADICTED}:
        return at_common["verdict"]
    return "on the other side of 0"


def _interval(claim: Claim, row: Mapping[str, Any]) -> str:
    return " to ".join(map(_numbers(claim, row), (row["low"], row["high"])))


def _numbers(claim: Claim, row: Mapping[str, Any]) -> Callable[[float], str]:
    return claim.numbers(row["estimate"], row["low"], row["high"])


def _confidence(attained: float, wanted: float) -> str:
    return f" (at {attained:.0%})" if attained < wanted else ""
