"""The number of steps to a threshold, if some trainings never reach it."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics.pairs import (
    check_columns,
    paired_differences,
)


def steps_to_threshold(
    curves: pd.DataFrame,
    value: str,
    *,
    threshold: float,
    more_is_better: bool,
) -> pd.DataFrame:
    """The first epoch at which each training has reached a threshold.

    Args:
        curves: one row for each training and epoch, in any order, with the columns
            `key` and `epoch`.
        value: the column that has to reach the threshold. NaN does not reach it.
        threshold: the value to reach.
        more_is_better: whether values at or above the threshold count; otherwise those
            at or below it do.

    Returns:
        One row for each training, sorted: `key`, `steps` (infinite if the threshold was
        never reached: the value is censored, not dropped) and `last_step` (the last step
        observed).

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if a training has an epoch twice, or the threshold is NaN.
    """
    check_columns(curves, ["key", "epoch", value])
    if np.isnan(threshold):
        raise ValueError("Expected a threshold that is a number. Received: nan.")
    repeated = curves[curves.duplicated(["key", "epoch"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise ValueError(
            "Expected one row for each key and epoch. Select by the other settings "
            f"first. Received: more than one for key {first['key']!r}, epoch "
            f"{first['epoch']}."
        )
    values = curves[value].to_numpy(dtype=np.float64, na_value=np.nan)
    reached = values >= threshold if more_is_better else values <= threshold
    steps = curves["epoch"].to_numpy(dtype=np.float64)
    watched = pd.DataFrame(
        {
            "key": curves["key"].to_numpy(),
            "steps": np.where(reached, steps, np.inf),
            "last_step": steps,
        }
    )
    grouped = watched.groupby("key")
    return grouped.agg({"steps": "min", "last_step": "max"}).reset_index()


def log2_ratio_of_steps(frame: pd.DataFrame, by: str, slower, faster) -> pd.DataFrame:
    """The ratio of the steps of two sides in doublings, seed by seed.

    If a side never reached the threshold, it needs more steps than were observed, so
    only bounds of the ratio are known. Such pairs are kept: `bounded_hodges_lehmann` of
    the bounds estimates the ratio, and claims are judged by them.

    Args:
        frame: one row for each side of each seed: `steps` and `last_step` from
            `steps_to_threshold`, `seed`, and the column named by `by`.
        by: the column that distinguishes the sides.
        slower, faster: the two values of that column. The ratio is slower / faster.

    Returns:
        `least` and `most`, the bounds of log2(slower / faster), indexed by `seed`: equal
        if both sides reached the threshold, infinite if there is no bound.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if the rows do not pair one to one, or a step count is not positive.
    """
    counted = ["steps", "last_step"]
    check_columns(frame, counted)
    wrong = frame[~(frame[counted] > 0).all(axis=1)]
    if len(wrong):
        first = wrong.iloc[0]
        raise ValueError(
            "Expected step counts above 0, because their ratio is computed. Received: "
            f"steps {first['steps']:g} and last_step {first['last_step']:g} for seed "
            f"{first['seed']}."
        )
    # A net that never reached the threshold needs an unknown number of further steps.
    least = np.log2(np.minimum(frame["steps"], frame["last_step"]))
    most = np.log2(frame["steps"])
    is_slower = frame[by] == slower
    bounds = {
        "least": frame.assign(bound=np.where(is_slower, least, most)),
        "most": frame.assign(bound=np.where(is_slower, most, least)),
    }
    return pd.DataFrame(
        {
            name: paired_differences(bounded, "bound", by, slower, faster)
            for name, bounded in bounds.items()
        }
    )
