"""Differences of paired values: the same seed pairs two trainings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def paired_differences(frame: pd.DataFrame, value: str, by: str, a, b) -> pd.Series:
    """Subtracts the values of b from those of a, seed by seed.

    Args:
        frame: one row for each side of each seed, in any order, with a column `seed`.
        value: the column of the values. NaN gives NaN.
        by: the column that distinguishes the sides.
        a, b: the two values of that column.

    Returns:
        a minus b, a Series indexed by `seed` and sorted.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if the rows do not pair one to one; the message lists the seeds.
    """
    check_columns(frame, [value, by, "seed"])
    sides = {side: _side(frame, by, side)[value] for side in (a, b)}
    for side, other in ((a, b), (b, a)):
        lacking = sides[other].index.difference(sides[side].index)
        if len(lacking):
            raise ValueError(
                f"Expected {by} {a!r} and {b!r} to have the same pairs. Train the "
                f"missing trials or leave the pairs out. Received: no row of {by} "
                f"{side!r} for {_listed(lacking)}."
            )
    return (sides[a] - sides[b]).sort_index()


def paired_outcomes(
    trials: pd.DataFrame, value: str, a, b, *, by: str = "activation"
) -> pd.Series:
    """Subtracts the outcomes of b from those of a; lost nets have no value.

    Args:
        trials: rows of the table `trials`, one for each side of each seed.
        value: the column of the outcomes, such as `test_accuracy`.
        a, b: the two values of the column `by`.
        by: the column that distinguishes the sides.

    Returns:
        a minus b, a Series indexed by `seed` and sorted. NaN if a side diverged (its
        accuracy would hide that) or was not trained, for example because its run
        failed. Empty if a side was trained with no seed.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if a seed has a side twice.
    """
    check_columns(trials, [value, by, "seed", "diverged"])
    # By arrays: a report asks for thousands, and each frame of a side costs its time.
    outcomes = trials[value].to_numpy(np.float64, copy=True)
    outcomes[trials["diverged"].to_numpy(bool)] = np.nan
    seeds, of_sides = trials["seed"].to_numpy(), trials[by]
    sides = []
    for side in (a, b):
        is_own = (of_sides == side).to_numpy(bool)
        index = pd.Index(seeds[is_own], name="seed")
        _check_once(index, by, side)
        sides.append(pd.Series(outcomes[is_own], index=index, name=value))
    return minus(*sides)


def minus(one: pd.Series, other: pd.Series) -> pd.Series:
    """Subtracts the values of two nets, seed by seed.

    Args:
        one, other: the value of each seed.

    Returns:
        one minus other, indexed by `seed` and sorted. NaN if a seed lacks one of them.
        Empty if there is none of one or of other: then the two were not compared, and
        no seed was lost.
    """
    if one.empty or other.empty:
        return one.iloc[:0].astype(np.float64)
    return (one - other).sort_index()


def unless_diverged(trials: pd.DataFrame, value: str) -> pd.Series:
    """The outcomes of trials; NaN for those that diverged, which accuracy would hide.

    Args:
        trials: rows with the column `diverged`.
        value: the column of the outcomes.
    """
    return trials[value].where(~trials["diverged"].astype(bool))


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuses a frame that lacks a column, by a `KeyError`."""
    absent = [name for name in names if name not in frame]
    if absent:
        raise KeyError(f"The frame has no column {', '.join(map(repr, absent))}.")


def _side(frame: pd.DataFrame, by: str, side) -> pd.DataFrame:
    """The rows of a side, by seed, of which each stands there once."""
    rows = frame[frame[by] == side].set_index("seed")
    _check_once(rows.index, by, side)
    return rows


def _check_once(seeds: pd.Index, by: str, side) -> None:
    repeated = seeds[seeds.duplicated()]
    if len(repeated):
        raise ValueError(
            f"Expected one row of {by} {side!r} for each seed. Select by the other "
            f"settings first. Received: more than one for {_listed(repeated.unique())}."
        )


def _listed(seeds: pd.Index, most: int = 5) -> str:
    names = [f"seed {seed}" for seed in sorted(seeds)]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return "; ".join(names[:most]) + rest
