"""Differences of paired values."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def paired_differences(
    frame: pd.DataFrame,
    value: str,
    by: str,
    a,
    b,
    on: str | Sequence[str] = "seed",
) -> pd.Series:
    """Subtracts the values of b from those of a, pair by pair.

    Args:
        frame: one row for each side of each pair, in any order.
        value: the column of the values. NaN gives NaN.
        by: the column that distinguishes the sides.
        a, b: the two values of that column.
        on: the column or columns that identify the pair.

    Returns:
        a minus b, a Series indexed by `on` and sorted.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if the rows do not pair one to one; the message lists the pairs.
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
                f"Expected {by} {a!r} and {b!r} to have the same pairs. Train the "
                f"missing trials or leave the pairs out. Received: no row of {by} "
                f"{side!r} for {_listed(lacking)}."
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
    """Subtracts the outcomes of b from those of a; lost nets have no value.

    Args:
        trials: rows of the table `trials`, one for each side of each pair.
        value: the column of the outcomes, such as `test_accuracy`.
        a, b: the two values of the column `by`.
        by: the column that distinguishes the sides.
        on: the column that identifies the pair.

    Returns:
        a minus b, a Series indexed by `on` and sorted. NaN if a side diverged (its
        accuracy would hide that) or was not trained, for example because its run
        failed.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if a pair has a side twice.
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
    """The outcomes of trials; NaN for those that diverged, which accuracy would hide.

    Args:
        trials: rows with the column `diverged`.
        value: the column of the outcomes.
    """
    return trials[value].where(~trials["diverged"].astype(bool))


def _check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    absent = [name for name in names if name not in frame]
    if absent:
        raise KeyError(f"The frame has no column {', '.join(map(repr, absent))}.")


def _check_once(rows: pd.DataFrame, by: str, side, names: list[str]) -> None:
    repeated = rows[rows.duplicated(names, keep="first")][names].drop_duplicates()
    if len(repeated):
        raise ValueError(
            f"Expected one row of {by} {side!r} for each {' and '.join(names)}. "
            "Select by the other settings first. Received: more than one for "
            f"{_listed(repeated)}."
        )


def _listed(pairs: pd.DataFrame, most: int = 5) -> str:
    names = [
        ", ".join(f"{name} {value}" for name, value in row.items())
        for row in pairs.sort_values(list(pairs)).to_dict("records")
    ]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return "; ".join(names[:most]) + rest
