"""What is said of paired values: differences, superiority and ranks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics.intervals import Interval, wilson


def paired_differences(
    frame: pd.DataFrame,
    value: str,
    by: str,
    a,
    b,
    on: str | Sequence[str] = "seed",
) -> pd.Series:
    """Subtracts what b gave from what a gave, pair by pair.

    Args:
        frame: one row for each pair's side; the order of the rows does not matter.
        value: the column of the values. NaN gives NaN.
        by: the column that tells the sides apart.
        a, b: what stands in it: the sides.
        on: the column or columns that name the pair.

    Returns:
        a minus b, a Series indexed by `on` and sorted.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if the rows do not pair one to one; the message names the pairs.
    """
    names = [on] if isinstance(on, str) else list(on)
    _check_columns(frame, [value, by, *names])
    sides = {}
    for side in (a, b):
        rows = frame.loc[frame[by] == side, [*names, value]]
        _check_once(rows, by, side, names)
        sides[side] = rows
    paired = sides[a].merge(
        sides[b], on=names, how="outer", indicator=True, validate="one_to_one"
    )
    for side, mark in ((a, "right_only"), (b, "left_only")):
        lacking = paired.loc[paired["_merge"] == mark, names]
        if len(lacking):
            raise ValueError(
                f"{by} {side!r} has no row for {_listed(lacking)}, so {a!r} and {b!r} "
                "do not pair. Train what is missing, or leave the pair out."
            )
    index = names[0] if len(names) == 1 else names
    paired = paired.sort_values(names).set_index(index)
    return (paired[f"{value}_x"] - paired[f"{value}_y"]).rename(value)


def paired_outcomes(
    trials: pd.DataFrame,
    value: str,
    a,
    b,
    *,
    by: str = "activation",
    on: str = "seed",
) -> pd.Series:
    """The same of what trainings came to: those that were lost have no value.

    Args:
        trials: rows of the table `trials`, each pair's side once.
        value: the column of the outcomes, such as `test_accuracy`.
        a, b: what stands in the column `by`: the sides.
        by: the column that tells the sides apart.
        on: the column that names the pair.

    Returns:
        a minus b, a Series indexed by `on` and sorted. NaN where a side has diverged
        (its accuracy would hide that) or was not trained, as when its run has failed.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if a side has a pair twice.
    """
    _check_columns(trials, [value, by, on, "diverged"])
    sides = []
    for side in (a, b):
        rows = trials[trials[by] == side]
        _check_once(rows, by, side, [on])
        values = unless_diverged(rows, value)
        sides.append(values.set_axis(rows[on]).astype(np.float64))
    return (sides[0] - sides[1]).sort_index().rename(value)


def unless_diverged(trials: pd.DataFrame, value: str) -> pd.Series:
    """What trainings came to, NaN for those that diverged: their accuracy would hide it.

    Args:
        trials: rows with the column `diverged`.
        value: the column of the outcomes.
    """
    return trials[value].where(~trials["diverged"].astype(bool))


def superiority(differences, confidence: float = 0.95) -> Interval:
    """The probability that of a pair the first is larger: P(D > 0) + P(D = 0) / 2.

    Ties count half. The interval is Wilson's for that share; with ties it is wider
    than it need be. (The formula for independent samples, of all pairs of values, would
    ignore the pairing.)

    Args:
        differences: at least one number, the first minus the second of each pair.
        confidence: strictly between 0 and 1.

    Returns:
        The `Interval` of the probability; 0.5 means that neither is larger.

    Raises:
        ValueError: if there is no difference, or one is NaN.

    Example:

    >>> superiority([3.0, 1.0, 0.0, -1.0]).estimate
    0.625
    """
    differences = np.asarray(differences, dtype=np.float64)
    num_nan = int(np.isnan(differences).sum())
    if num_nan:
        raise ValueError(
            f"{num_nan} of {differences.size} differences are NaN. Decide what they "
            "mean first: leave them out and say how many, or put in an infinity where "
            "they are known to be extreme."
        )
    larger = (differences > 0).sum() + (differences == 0).sum() / 2
    return wilson(float(larger), differences.size, confidence)


def mean_ranks(
    frame: pd.DataFrame,
    value: str,
    *,
    more_is_better: bool,
    by: str = "activation",
    on: str = "seed",
) -> pd.DataFrame:
    """Ranks the sides of each seed from 1, the best, and averages over the seeds.

    Args:
        frame: one row for each side and seed; the order of the rows does not matter.
        value: the column that is ranked. Equal values share the mean of their ranks.
            NaN, a lost training, is worse than any value, and as bad as another.
        more_is_better: whether the largest value is the best, or the smallest.
        by: the column that tells the sides apart.
        on: the column that names the seed.

    Returns:
        One row for each side, the best first: `by`, `mean_rank`, `best_rank`,
        `worst_rank` (over the seeds), `n` (seeds) and `num_lost` (those with NaN).

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if a side has a seed twice or lacks one that another has.

    References:
        - Demšar 2006, "Statistical comparisons of classifiers over multiple data sets",
          JMLR 7, section 3.2.2
    """
    _check_columns(frame, [value, by, on])
    for side in frame[by].unique():
        _check_once(frame[frame[by] == side], by, side, [on])
    values = frame.pivot(index=on, columns=by, values=value).astype(np.float64)
    rows_of_side = frame.groupby(by)[on].size()
    short = rows_of_side[rows_of_side < len(values)]
    if len(short):
        side = short.index[0]
        there = frame.loc[frame[by] == side, on]
        lacking = values.index[~values.index.isin(there)].to_frame(index=False)
        raise ValueError(
            f"{by} {side!r} has no row for {_listed(lacking)}, which others have. Train "
            "what is missing, or leave it out for all."
        )
    ranks = values.rank(axis=1, ascending=not more_is_better, na_option="bottom")
    summary = pd.DataFrame(
        {
            "mean_rank": ranks.mean(),
            "best_rank": ranks.min(),
            "worst_rank": ranks.max(),
            "n": ranks.count(),
            "num_lost": values.isna().sum(),
        }
    )
    return summary.sort_values("mean_rank", kind="stable").reset_index()


def _check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    absent = [name for name in names if name not in frame]
    if absent:
        raise KeyError(f"The frame has no column {', '.join(map(repr, absent))}.")


def _check_once(rows: pd.DataFrame, by: str, side, names: list[str]) -> None:
    repeated = rows[rows.duplicated(names, keep="first")][names].drop_duplicates()
    if len(repeated):
        raise ValueError(
            f"{by} {side!r} has more than one row for {_listed(repeated)}; expected "
            f"one for each {' and '.join(names)}. Select by the other settings first."
        )


def _listed(pairs: pd.DataFrame, most: int = 5) -> str:
    names = [
        ", ".join(f"{name} {value}" for name, value in row.items())
        for row in pairs.sort_values(list(pairs)).to_dict("records")
    ]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return "; ".join(names[:most]) + rest
