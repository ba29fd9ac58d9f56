"""Whether the verdict on a case depends on the budget, the number of epochs."""

import math
from collections.abc import Callable, Iterable

import pandas as pd

from keras_rectifiers.comparison.statistics import differences_needed
from keras_rectifiers.comparison.verdicts.criteria import (
    CONTRADICTED,
    LEVEL,
    SUPPORTED,
    VERDICTS,
)

_NUM_PARTS = 8


def epochs_judged(budget: int) -> list[int]:
    """The epochs after which a claim is judged: each eighth of the budget, rounded up.

    Four eighths to eight are the last half: every epoch of a budget of up to 8 epochs,
    and five evenly spaced ones of a larger budget.

    >>> epochs_judged(3), epochs_judged(8), epochs_judged(100)
    ([1, 1, 2, 2, 2, 3, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8], [13, 25, 38, 50, 63, 75, 88, 100])
    """
    return [math.ceil(budget * part / _NUM_PARTS) for part in range(1, _NUM_PARTS + 1)]


def last_half(budget: int) -> int:
    """The first epoch of the last half of a budget."""
    return math.ceil(budget / 2)


def changes(along: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Says for which cases the result changes over the last half of the budget.

    It does if the claim is supported after one epoch of that half and contradicted
    after another, or the interval lies above 0 after one and below 0 after another.
    That a result becomes clear, or ceases to be, is no such change. An epoch at which
    the case is not testable does not count, nor does the interval of too few seeds,
    which lies on one side by chance.

    Args:
        along: as `judge_along_epochs` returns it.

    Returns:
        (claim, case) -> a sentence with the epochs, for the cases that depend on the
        budget.
    """
    found = {
        case: _change(rows)
        for case, rows in along.groupby(["claim", "case"], sort=False)
    }
    return {case: sentence for case, sentence in found.items() if sentence}


def _change(rows: pd.DataFrame) -> str:
    rows = rows[rows["epoch"] >= rows["budget"].map(last_half)].sort_values("epoch")
    along_epochs = "Depends on the budget: judged along the epochs,"
    by_verdict = _epochs_by(rows, lambda row: row.verdict, (SUPPORTED, CONTRADICTED))
    if len(by_verdict) > 1:
        return f"{along_epochs} it is {_listed(by_verdict)}."
    by_side = _epochs_by(rows, _side, ("above 0", "below 0"))
    if len(by_side) > 1:
        return f"{along_epochs} its interval is {_listed(by_side)}."
    return ""


def _side(row) -> str:
    if row.verdict not in VERDICTS or row.n < differences_needed(LEVEL):
        return ""
    if row.low > 0:
        return "above 0"
    return "below 0" if row.high < 0 else ""


def _epochs_by(
    rows: pd.DataFrame, what: Callable[..., str], of: Iterable[str]
) -> dict[str, list[int]]:
    """Result -> the epochs at which it is found; the earliest first."""
    found: dict[str, list[int]] = {}
    for row in rows.itertuples():
        if (result := what(row)) in of:
            found.setdefault(result, []).append(int(row.epoch))
    return found


def _listed(epochs_by: dict[str, list[int]]) -> str:
    return " and ".join(
        f"{result} after {', '.join(map(str, epochs))} "
        f"{'epoch' if epochs == [1] else 'epochs'}"
        for result, epochs in epochs_by.items()
    )
