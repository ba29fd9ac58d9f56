"""What the seeds decide on the cases of a claim, and what other draws of them would.

The cases are decided together, corrected for their number by Holm's method.
"""

import collections
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics import holm
from keras_rectifiers.comparison.verdicts import preconditions
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    INCONCLUSIVE,
    LEVEL,
    NOT_MEASURED,
    NOT_TESTABLE,
    VERDICTS,
)
from keras_rectifiers.comparison.verdicts.evidence import (
    Evidence,
    bounds_of,
    decision_on,
    of_value,
    weigh,
)

_NUM_RESAMPLES = 100


@dataclass(frozen=True)
class Decided:
    """The evidence of a case, and the verdict with its corrected p."""

    evidence: Evidence
    verdict: str
    p: float
    num_unfit: int


def decide(
    claim: Claim,
    effects: Mapping[str, pd.Series | pd.DataFrame],
    holds: Mapping[str, pd.Series],
) -> dict[str, Decided]:
    """Case -> what is decided on it, corrected for the measured cases."""
    evidence, num_unfit, found = {}, {}, {}
    for case, values in effects.items():
        is_met, is_testable = preconditions.met(values, holds.get(case))
        num_unfit[case] = int((~is_met).sum())
        if is_testable:
            values = preconditions.without_value(values, is_met)
        if claim.is_computed:
            weighed = of_value(claim.rule, values)
        else:
            weighed = weigh(claim.rule, values, is_share=claim.is_share)
        if not is_testable:
            weighed = replace(weighed, decision=INCONCLUSIVE, p=1.0)
        evidence[case] = weighed
        found[case] = _Found(
            weighed.num_seeds, is_testable, weighed.decision, weighed.p
        )
    return {
        case: Decided(evidence[case], verdict, p, num_unfit[case])
        for case, (verdict, p) in _corrected(found).items()
    }


def shares_of_resamples(
    claim: Claim,
    effects: Mapping[str, pd.Series | pd.DataFrame],
    holds: Mapping[str, pd.Series],
) -> dict[str, dict[str, float]]:
    """Case -> verdict -> in what share of bootstrap resamples of the seeds it is found.

    A resample has the same seeds in all cases.
    """
    seeds = sorted({seed for values in effects.values() for seed in values.index})
    if claim.is_computed or not seeds:
        return {case: {} for case in effects}
    counts: dict[str, collections.Counter] = {
        case: collections.Counter() for case in effects
    }
    cases = {
        case: _Case.of(values, holds.get(case), seeds)
        for case, values in effects.items()
    }
    # The same for every claim, and in every call.
    rng = np.random.default_rng(0)
    for _ in range(_NUM_RESAMPLES):
        drawn = rng.choice(len(seeds), len(seeds))
        found = {case: of_case.found(claim, drawn) for case, of_case in cases.items()}
        for case, (verdict, _) in _corrected(found).items():
            if verdict != NOT_MEASURED:
                counts[case][verdict] += 1
    return {
        case: {verdict: n / of_case.total() for verdict, n in of_case.items()}
        for case, of_case in counts.items()
    }


class _Found(NamedTuple):
    """What the seeds of one case say, before the correction for the other cases."""

    num_seeds: int
    is_testable: bool
    decision: str
    p: float


def _corrected(found: Mapping[str, _Found]) -> dict[str, tuple[str, float]]:
    """Case -> its verdict and its p, corrected for the measured cases."""
    family = {case: of_case for case, of_case in found.items() if of_case.num_seeds}
    corrected = {
        decision: dict(
            zip(
                family,
                holm([w.p if w.decision == decision else 1.0 for w in family.values()]),
                strict=True,
            )
        )
        for decision in VERDICTS
    }
    decided = {}
    for case, of_case in found.items():
        p = float(corrected[of_case.decision].get(case, 1.0))
        if not of_case.num_seeds:
            verdict = NOT_MEASURED
        elif not of_case.is_testable:
            verdict = NOT_TESTABLE
        else:
            verdict = of_case.decision if p <= LEVEL else INCONCLUSIVE
        decided[case] = verdict, p
    return decided


@dataclass(frozen=True)
class _Case:
    """The seeds of a case as arrays: frames of them would take most of the time.

    Args:
        least, most: the bounds of each seed's value.
        is_met: whether the precondition holds for the seed.
        rows: the place of each drawn seed among them; -1 if the case lacks it.
    """

    least: np.ndarray
    most: np.ndarray
    is_met: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(
        cls, values: pd.Series | pd.DataFrame, holds: pd.Series | None, seeds: list
    ) -> "_Case":
        is_met = preconditions.met(values, holds)[0].to_numpy()
        least, most = bounds_of(values)
        return cls(
            np.where(is_met, least, -np.inf),
            np.where(is_met, most, np.inf),
            is_met,
            values.index.get_indexer(seeds),
        )

    def found(self, claim: Claim, drawn: np.ndarray) -> _Found:
        rows = self.rows[drawn]
        rows = rows[rows >= 0]
        if not preconditions.are_enough(self.is_met[rows]):
            return _Found(len(rows), False, INCONCLUSIVE, 1.0)
        decision, p, _ = decision_on(
            claim.rule, self.least[rows], self.most[rows], is_share=claim.is_share
        )
        return _Found(len(rows), True, decision, p)
