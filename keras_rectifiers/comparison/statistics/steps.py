"""How many steps a training takes to a threshold, where some never get there."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics.pairs import paired_differences


def steps_to_threshold(
    curves: pd.DataFrame,
    value: str,
    *,
    threshold: float,
    more_is_better: bool,
    step: str = "epoch",
    by: str = "key",
) -> pd.DataFrame:
    """The first step at which each training has reached a threshold.

    Args:
        curves: one row for each training and step; the order of the rows does not
            matter.
        value: the column that has to reach the threshold. NaN has not reached it.
        threshold: what is to be reached.
        more_is_better: whether at or above the threshold counts, or at or below it.
        step: the column that counts the steps.
        by: the column that tells the trainings apart.

    Returns:
        One row for each training, sorted: `by`, `steps` (infinite if it never got
        there: it is censored, not dropped) and `last_step` (how far it was watched).

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if a training has a step twice, or the threshold is NaN.
    """
    absent = [name for name in (by, step, value) if name not in curves]
    if absent:
        raise KeyError(f"The frame has no column {', '.join(map(repr, absent))}.")
    if np.isnan(threshold):
        raise ValueError("Expected a threshold that is a number. Received: nan.")
    repeated = curves[curves.duplicated([by, step])]
    if len(repeated):
        first = repeated.iloc[0]
        raise ValueError(
            f"{by} {first[by]!r} has more than one row for {step} {first[step]}; "
            "expected one. Select by the other settings first."
        )
    values = curves[value].to_numpy(dtype=np.float64, na_value=np.nan)
    reached = values >= threshold if more_is_better else values <= threshold
    steps = curves[step].to_numpy(dtype=np.float64)
    watched = pd.DataFrame(
        {
            by: curves[by].to_numpy(),
            "steps": np.where(reached, steps, np.inf),
            "last_step": steps,
        }
    )
    grouped = watched.groupby(by, sort=True)
    return grouped.agg({"steps": "min", "last_step": "max"}).reset_index()


def log2_ratio_of_steps(
    frame: pd.DataFrame, by: str, slower, faster, on: str = "seed"
) -> pd.DataFrame:
    """How many doublings more steps one side took than the other, pair by pair.

    Where a side never got there, its steps are more than those for which it was watched:
    the ratio is known within bounds only. They stay in: `bounded_hodges_lehmann` of the
    bounds estimates the ratio, and a claim judges by them.

    Args:
        frame: one row for each pair's side: `steps` and `last_step` as
            `steps_to_threshold` gives them, and the columns named by `by` and `on`.
        by: the column that tells the sides apart.
        slower, faster: what stands in it. The ratio is slower / faster.
        on: the column that names the pair.

    Returns:
        `least` and `most`, the bounds of log2(slower / faster), indexed by `on`:
        equal where both got there, infinite where nothing bounds the ratio.

    Raises:
        KeyError: if the frame lacks a column.
        ValueError: if the rows do not pair one to one, or a step count is not positive.
    """
    counted = ["steps", "last_step"]
    absent = [name for name in counted if name not in frame]
    if absent:
        raise KeyError(f"The frame has no column {', '.join(map(repr, absent))}.")
    wrong = frame[~(frame[counted] > 0).all(axis=1)]
    if len(wrong):
        first = wrong.iloc[0]
        raise ValueError(
            "Expected step counts above 0, of which there is a ratio. Received: steps "
            f"{first['steps']:g} and last_step {first['last_step']:g} for {on} {first[on]}."
        )
    # Who never got there takes more steps than those watched, and nobody knows how many.
    least = np.log2(np.minimum(frame["steps"], frame["last_step"]))
    most = np.log2(frame["steps"])
    is_slower = frame[by] == slower
    bounds = {
        "least": frame.assign(bound=np.where(is_slower, least, most)),
        "most": frame.assign(bound=np.where(is_slower, most, least)),
    }
    return pd.DataFrame(
        {
            name: paired_differences(bounded, "bound", by, slower, faster, on)
            for name, bounded in bounds.items()
        }
    )
