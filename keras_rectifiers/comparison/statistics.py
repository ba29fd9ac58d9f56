"""The statistics of the studies: estimates with exact intervals, pairs, and decay.

Pure functions of arrays and frames. None of them drops a value silently: what is not a
number raises an error, and whoever calls decides what that means and counts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from keras_rectifiers.comparison.store import Tables
from keras_rectifiers.measures import gradient_decay


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its confidence interval.

    Args:
        estimate: the estimate.
        low: lower end of the interval.
        high: upper end of the interval.
        confidence: the confidence that was asked for.
        attained: the confidence that the interval has. An exact interval of few
            values can only have certain confidences: mostly a little more than what
            was asked for, and less where the values are too few.
        n: number of values.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    attained: float
    n: int

    @property
    def is_attained(self) -> bool:
        """Whether there were enough values for the confidence asked for."""
        return self.attained >= self.confidence


def hodges_lehmann(values, confidence: float = 0.95) -> Interval:
    """The Hodges-Lehmann estimate of a centre, with its exact signed-rank interval.

    The estimate is the median of the Walsh averages `(v_i + v_j) / 2`, i <= j: for
    values that scatter symmetrically, of their centre. The interval inverts the exact
    Wilcoxon signed-rank test: it runs from the k-th smallest to the k-th largest Walsh
    average, with the largest k whose confidence `1 - 2 P(T <= k - 1)` is not below
    what is asked for. With ties the confidence is at least that.

    Args:
        values: at least one number, such as the paired differences of the seeds.
            Infinite values are ordered like any other, so a value known only to be
            extreme may stand as one; but not of both signs at once.
        confidence: strictly between 0 and 1. Where the values are too few to attain
            it (under 6 for 0.95), the interval is the widest, from the smallest to the
            largest value, and its `attained` is below `confidence`.

    Returns:
        The `Interval`.

    Raises:
        ValueError: if there is no value, one is NaN, there are infinite ones of both
            signs, or the confidence is out of range.

    Example:

    >>> interval = hodges_lehmann([1.0, 2.0, 3.0, 4.0, 5.0, 16.0])
    >>> interval.estimate, interval.low, interval.high, interval.attained
    (3.5, 1.0, 16.0, 0.96875)

    References:
        - Hollander, Wolfe, Chicken 2014, "Nonparametric statistical methods", 3rd
          edition, sections 3.2 and 3.3
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(
            f"Expected a list of at least one value. Got the shape {values.shape}."
        )
    if np.isnan(values).any():
        raise ValueError(
            f"{int(np.isnan(values).sum())} of {len(values)} values are NaN. Decide "
            "what they mean first: leave them out and say how many, or put in an "
            "infinity where they are known to be extreme."
        )
    if np.isposinf(values).any() and np.isneginf(values).any():
        raise ValueError("There are infinite values of both signs; expected one sign.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1. Got {confidence!r}.")
    n = len(values)
    rows, columns = np.triu_indices(n)
    walsh = np.sort((values[rows] + values[columns]) / 2)
    below = np.cumsum(signed_rank_probabilities(n))  # P(T <= 0), P(T <= 1), ...
    rank = max(1, int(np.searchsorted(below, (1 - confidence) / 2, side="right")))
    return Interval(
        estimate=_middle(walsh),
        low=float(walsh[rank - 1]),
        high=float(walsh[-rank]),
        confidence=confidence,
        attained=float(1 - 2 * below[rank - 1]),
        n=n,
    )


def signed_rank_probabilities(n: int) -> np.ndarray:
    """The exact null distribution of the Wilcoxon signed-rank statistic.

    T is the sum of the ranks 1 to n that carry a plus, each with probability 1/2. So
    its distribution is the product of the polynomials (1 + x^i) / 2: one rank after
    the other is added. (SciPy computes it too, but offers no public function.)

    Args:
        n: number of values, >= 1, without ties and zeros.

    Returns:
        P(T = t) for t = 0 to n (n + 1) / 2.
    """
    probabilities = np.zeros(n * (n + 1) // 2 + 1)
    probabilities[0] = 1.0
    for rank in range(1, n + 1):
        with_plus = np.zeros_like(probabilities)
        with_plus[rank:] = probabilities[:-rank]
        probabilities = (probabilities + with_plus) / 2
    return probabilities


def wilson(k: int, n: int, confidence: float = 0.95) -> Interval:
    """A share with its Wilson score interval.

    Args:
        k: how many of the n have the property.
        n: >= 1.
        confidence: strictly between 0 and 1.

    Returns:
        The `Interval` of the share.

    Raises:
        ValueError: if not 0 <= k <= n or n < 1.
    """
    if not (n >= 1 and 0 <= k <= n):
        raise ValueError(f"Expected 0 <= k <= n and n >= 1. Got k={k!r}, n={n!r}.")
    low, high = proportion_confint(k, n, alpha=1 - confidence, method="wilson")
    return Interval(
        estimate=k / n,
        low=float(low),
        high=float(high),
        confidence=confidence,
        attained=confidence,
        n=n,
    )


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
    absent = [name for name in (value, by, *names) if name not in frame]
    if absent:
        raise KeyError(f"The frame has no column {', '.join(map(repr, absent))}.")
    sides = {}
    for side in (a, b):
        rows = frame.loc[frame[by] == side, [*names, value]]
        repeated = rows[rows.duplicated(names, keep="first")][names].drop_duplicates()
        if len(repeated):
            raise ValueError(
                f"{by} {side!r} has more than one row for {_listed(repeated)}; expected "
                f"one for each {' and '.join(names)}. Select by the other settings first."
            )
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


def decay(tables: Tables) -> pd.DataFrame:
    """The `gradient_decay` of each trial at each epoch at which it was measured.

    Args:
        tables: with `signal_gradient` among the measurements.

    Returns:
        One row for each trial and epoch: `key`, `epoch`, `gradient_decay` (in decades
        per layer; NaN with fewer than 2 usable layers) and `num_layers_left_out`
        (those whose gradient is exactly 0 or not finite).

    Raises:
        ValueError: if a trial has a layer twice, or lacks one between others.
    """
    rows = tables.measurements
    rows = rows.loc[
        rows["measure"] == "signal_gradient", ["key", "epoch", "layer", "value"]
    ].sort_values(["key", "epoch", "layer"], kind="stable")
    nets = rows.groupby(["key", "epoch"], sort=False)
    expected = nets.cumcount().to_numpy()
    layers = rows["layer"].to_numpy(dtype=float, na_value=np.nan)
    if not np.array_equal(layers, expected):
        wrong = rows.iloc[int(np.flatnonzero(layers != expected)[0])]
        raise ValueError(
            f"Trial {wrong['key']!r}, epoch {wrong['epoch']}: expected signal_gradient "
            f"once for each layer from 0 on. Got layer {wrong['layer']} out of turn."
        )
    frame = rows.loc[expected == 0, ["key", "epoch"]].reset_index(drop=True)
    starts = np.flatnonzero(expected == 0)
    parts = np.split(rows["value"].to_numpy(), starts[1:]) if len(frame) else []
    decays = [gradient_decay(part) for part in parts]
    frame["gradient_decay"] = np.array([slope for slope, _ in decays], dtype=float)
    frame["num_layers_left_out"] = np.array([left for _, left in decays], dtype=int)
    return frame


def measured(tables: Tables, measure: str) -> pd.DataFrame:
    """The rows of one measure, with the settings and outcomes of their trials.

    Args:
        tables: the tables of any trials.
        measure: a name in the column `measure`.

    Returns:
        One row for each trial, epoch and layer at which it was measured: `key`,
        `epoch`, `layer`, `value` and the columns of `trials`.
    """
    rows = tables.measurements
    rows = rows.loc[rows["measure"] == measure, ["key", "epoch", "layer", "value"]]
    return with_trials(rows, tables)


def with_trials(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Joins the settings and outcomes of the trials to a frame by `key`.

    Args:
        frame: any number of rows for a trial, with a column `key`.
        tables: their trials, one row each.

    Returns:
        The frame with the columns of `trials`.

    Raises:
        ValueError: if a key of the frame is not among the trials.
    """
    unknown = ~frame["key"].isin(tables.trials["key"])
    if unknown.any():
        raise ValueError(
            f"{frame.loc[unknown, 'key'].nunique()} trials are measured and not listed, "
            f"{frame.loc[unknown, 'key'].iloc[0]!r} among them."
        )
    return frame.merge(tables.trials, on="key", how="left", validate="many_to_one")


def where(frame: pd.DataFrame, **settings) -> pd.DataFrame:
    """Returns the rows whose columns have the given values.

    Args:
        frame: any frame.
        **settings: column=value, or column=[value, ...] for any of several.
    """
    chosen = np.ones(len(frame), dtype=bool)
    for name, value in settings.items():
        values = value if isinstance(value, list | tuple | range) else [value]
        chosen &= frame[name].isin(list(values)).to_numpy()
    return frame[chosen]


def _middle(ordered: np.ndarray) -> float:
    """The median; np.median would make NaN of two infinities of one sign."""
    half = len(ordered) // 2
    if len(ordered) % 2 or ordered[half - 1] == ordered[half]:
        return float(ordered[half])
    return float((ordered[half - 1] + ordered[half]) / 2)


def _listed(pairs: pd.DataFrame, most: int = 5) -> str:
    names = [
        ", ".join(f"{name} {value}" for name, value in row.items())
        for row in pairs.sort_values(list(pairs)).to_dict("records")
    ]
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return "; ".join(names[:most]) + rest
