"""What must hold for a claim to be testable, checked seed by seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables

# A case is testable if the precondition holds for more than this share of its seeds.
MOST = 0.5


@dataclass(frozen=True, kw_only=True)
class Precondition:
    """What must hold for a claim to be testable.

    A case is not testable if the precondition holds for half of its seeds or fewer.
    Otherwise the seeds for which it does not hold have no value, and the verdict assumes
    the worst case for them: to leave them out would be to choose seeds by their results.

    Args:
        text: the precondition in words. It continues a sentence after "only if".
        holds: whether it holds for each seed of each case: case -> a Series of booleans
            indexed by seed. A seed that is not in the Series does not fulfil it. A
            case that is not in the mapping has no precondition.
    """

    text: str
    holds: Callable[[Tables], Mapping[str, pd.Series]]


def met(
    values: pd.Series | pd.DataFrame, holds: pd.Series | None
) -> tuple[pd.Series, bool]:
    """For which seeds of a case its precondition holds, and whether for enough of them.

    Args:
        values: the effect of each seed, or a frame of its bounds, indexed by seed.
        holds: the seeds' booleans as for `Precondition`; None if there is none.

    Returns:
        Booleans with the index of `values`, and whether the case is testable.
    """
    if holds is None:
        return pd.Series(True, index=values.index, dtype=bool), True
    fulfilled = {
        seed for seed, is_met in holds.items() if is_met is True or is_met == 1
    }
    by_seed = pd.Series(
        [seed in fulfilled for seed in values.index], index=values.index, dtype=bool
    )
    return by_seed, are_enough(by_seed.to_numpy())


def are_enough(is_met: np.ndarray) -> bool:
    """Whether a precondition that holds for these seeds lets their case be tested."""
    return not len(is_met) or bool(is_met.mean() > MOST)


def without_value(
    values: pd.Series | pd.DataFrame, is_met: pd.Series
) -> pd.Series | pd.DataFrame:
    """The effects, NaN for the seeds for which the precondition does not hold."""
    if is_met.all():
        return values
    kept = values.astype(float).copy()
    kept[~is_met.to_numpy()] = float("nan")
    return kept
