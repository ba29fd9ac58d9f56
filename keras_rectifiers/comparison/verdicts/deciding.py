"""What the seeds decide on the cases of a claim, and what other draws of them would.

The cases are decided together, corrected for their number by Holm's method.
"""

import collections
from collections.abc import Mapping
from dataclasses import dataclass, replace

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
from keras_rectifiers.comparison.verdicts.evidence import Evidence, of_value, weigh

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
    cases = {
        case: _weigh(claim, values, holds.get(case)) for case, values in effects.items()
    }
    family = {case: w for case, w in cases.items() if w.evidence.num_seeds}
    corrected = {
        decision: dict(
            zip(
                family,
                holm(
                    [
                        w.evidence.p if w.evidence.decision == decision else 1.0
                        for w in family.values()
                    ]
                ),
                strict=True,
            )
        )
        for decision in VERDICTS
    }
    decided = {}
    for case, weighed in cases.items():
        evidence = weighed.evidence
        p = float(corrected[evidence.decision].get(case, 1.0))
        if not evidence.num_seeds:
            verdict = NOT_MEASURED
        elif not weighed.is_testable:
            verdict = NOT_TESTABLE
        else:
            verdict = evidence.decision if p <= LEVEL else INCONCLUSIVE
        decided[case] = Decided(evidence, verdict, p, weighed.num_unfit)
    return decided


def shares_of_resamples(
    claim: Claim,
    effects: Mapping[str, pd.Series | pd.DataFrame],
    holds: Mapping[str, pd.Series],
) -> dict[str, dict[str, float]]:
    """Case -> verdict -> in what share of bootstrap resamples of the seeds it is found.

    A resample has the same seeds in all cases.
    """
    seeds = sorted({seed for values in effects.values() for seed in values.index})
    # The same for every claim, and in every call.
    rng = np.random.default_rng(0)
    found: dict[str, collections.Counter] = {
        case: collections.Counter() for case in effects
    }
    # Case -> the row of each seed, -1 if the case lacks it.
    rows = {case: values.index.get_indexer(seeds) for case, values in effects.items()}
    for _ in range(_NUM_RESAMPLES if seeds else 0):
        drawn = rng.choice(len(seeds), len(seeds))
        resampled = {}
        for case, values in effects.items():
            of_drawn = rows[case][drawn]
            resampled[case] = values.iloc[of_drawn[of_drawn >= 0]]
        for case, decided in decide(claim, resampled, holds).items():
            if decided.verdict != NOT_MEASURED:
                found[case][decided.verdict] += 1
    return {
        case: {verdict: n / counts.total() for verdict, n in counts.items()}
        for case, counts in found.items()
    }


@dataclass(frozen=True)
class _Weighed:
    """The evidence of a case, and whether its precondition lets it decide anything."""

    evidence: Evidence
    is_testable: bool
    num_unfit: int


def _weigh(
    claim: Claim, values: pd.Series | pd.DataFrame, holds: pd.Series | None
) -> _Weighed:
    is_met, is_testable = preconditions.met(values, holds)
    if is_testable:
        values = preconditions.without_value(values, is_met)
    if claim.is_computed:
        evidence = of_value(claim.rule, values)
    else:
        evidence = weigh(claim.rule, values, is_share=claim.is_share)
    if not is_testable:
        evidence = replace(evidence, decision=INCONCLUSIVE, p=1.0)
    return _Weighed(evidence, is_testable, int((~is_met).sum()))
