"""Whether a verdict on nets at their best learning rates depends on the rate.

What two nets differ by may be due to their best rates, which each seed chooses for each
net. At a rate that is common to all nets, it is not.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from keras_rectifiers.comparison.statistics import differences_needed
from keras_rectifiers.comparison.trials.rate_grid import RateGrid, at_common_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.study import Study
from keras_rectifiers.comparison.verdicts import preconditions
from keras_rectifiers.comparison.verdicts.claims import Claim
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    LEVEL,
    SUPPORTED,
    VERDICTS,
)
from keras_rectifiers.comparison.verdicts.judging import judge_claim

_COLUMNS = [
    *("claim", "case", "learning_rate", "verdict"),
    *("estimate", "low", "high", "n", "is_comparable"),
]


def judge_at_common_rates(
    study: Study, tables: Tables, grids: Sequence[RateGrid]
) -> pd.DataFrame:
    """Judges claims on nets at their best rates, as if all nets had a common one.

    Args:
        study: the study. Its claims with `comparable_if` are judged.
        tables: the tables of its trials.
        grids: its grids of learning rates.

    Returns:
        One row for each claim, case and rate of the grid of its nets, in their order:
        `claim`, `case`, `learning_rate`; `verdict`, `estimate`, `low`, `high` and `n`
        as for `Verdict`; and `is_comparable`: whether `comparable_if` holds for more
        than half of the seeds.
    """
    claims = [claim for claim in study.claims if claim.comparable_if]
    at_best = {claim.id: claim.effects(tables) for claim in claims}
    found: dict[tuple[str, str], list[dict]] = {
        (name, case): [] for name, effects in at_best.items() for case in effects
    }
    for grid in grids:
        at_rates = {rate: at_common_rate(tables, grid, rate) for rate in grid.rates}
        effects = {
            rate: {claim.id: claim.effects(at_rate) for claim in claims}
            for rate, at_rate in at_rates.items()
        }
        # The others are of nets outside the grid.
        of_grid = {
            (name, case)
            for name, case in found
            if any(
                not at_best[name][case].equals(of_rate[name][case])
                for of_rate in effects.values()
            )
        }
        judged = [claim for claim in claims if claim.id in dict(of_grid)]
        for rate, at_rate in at_rates.items():
            for claim in judged:
                for row in _judged(claim, effects[rate][claim.id], at_rate):
                    if (claim.id, row["case"]) in of_grid:
                        row["learning_rate"] = rate
                        found[claim.id, row["case"]].append(row)
    rows = [row for of_case in found.values() for row in of_case]
    return pd.DataFrame(rows, columns=_COLUMNS)


def contrary(verdicts: pd.DataFrame, at_rates: pd.DataFrame) -> pd.DataFrame:
    """The common rates at which a case comes out the other way round.

    That is: the case is supported at the best rates and contradicted at the common one,
    or the reverse; or both intervals exclude 0, on different sides. Rates at which the
    nets are not comparable do not count, nor do intervals of too few seeds, which
    exclude 0 by chance.

    Args:
        verdicts: as `judge` returns them.
        at_rates: as `judge_at_common_rates` returns them.

    Returns:
        Rows of `at_rates`.
    """
    names = ["claim", "case"]
    best = at_rates[names].merge(verdicts, on=names, how="left", validate="many_to_one")
    best.index = at_rates.index
    is_opposite = pd.Series(
        [
            {one, other} == {SUPPORTED, CONTRADICTED}
            for one, other in zip(best["verdict"], at_rates["verdict"], strict=True)
        ],
        index=at_rates.index,
        dtype=bool,
    )
    is_of_other_sign = ((best["low"] > 0) & (at_rates["high"] < 0)) | (
        (best["high"] < 0) & (at_rates["low"] > 0)
    )
    least = differences_needed(LEVEL)
    is_of_other_sign &= (best["n"] >= least) & (at_rates["n"] >= least)
    is_judged = best["verdict"].isin(VERDICTS) & at_rates["verdict"].isin(VERDICTS)
    is_comparable = at_rates["is_comparable"].astype(bool)
    return at_rates[is_comparable & is_judged & (is_opposite | is_of_other_sign)]


def _judged(
    claim: Claim, effects: Mapping[str, pd.Series | pd.DataFrame], tables: Tables
) -> list[dict]:
    holds = claim.precondition.holds(tables) if claim.precondition else None
    comparable = claim.comparable_if.holds(tables) if claim.comparable_if else {}
    return [
        {
            **vars(verdict),
            "is_comparable": preconditions.met(
                effects[verdict.case], comparable.get(verdict.case)
            )[1],
        }
        for verdict in judge_claim(claim, effects, holds, resampling=False)
    ]
