"""Frames of measurements from the stored tables, and the gradient decay."""

import functools

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.gradient_decay import gradient_decay


def decay(tables: Tables) -> pd.DataFrame:
    """The `gradient_decay` of each trial at each measured epoch.

    Args:
        tables: tables whose measurements include `signal_gradient`.

    Returns:
        One row for each trial and epoch: `key`, `epoch`, `gradient_decay` (in decades
        per layer; NaN with fewer than 2 usable layers) and `num_layers_left_out`
        (layers whose gradient is exactly 0 or not finite).

    Raises:
        ValueError: if a trial has a layer twice, or a layer is missing in between.
    """
    return _decay(tables).copy()


# Several claims and figures of a study ask for it.
@functools.lru_cache(maxsize=4)
def _decay(tables: Tables) -> pd.DataFrame:
    rows = tables.measurements
    rows = rows.loc[
        rows["measure"] == "signal_gradient", ["key", "epoch", "layer", "value"]
    ].sort_values(["key", "epoch", "layer"])
    nets = rows.groupby(["key", "epoch"], observed=True)
    expected = nets.cumcount().to_numpy()
    layers = rows["layer"].to_numpy(dtype=float, na_value=np.nan)
    if not np.array_equal(layers, expected):
        wrong = rows.iloc[int(np.flatnonzero(layers != expected)[0])]
        raise ValueError(
            f"Trial {wrong['key']!r}, epoch {wrong['epoch']}: expected one "
            "signal_gradient for each layer, counted from 0 without gaps. Received: "
            f"layer {wrong['layer']} out of order."
        )
    frame = rows.loc[expected == 0, ["key", "epoch"]].reset_index(drop=True)
    starts = np.flatnonzero(expected == 0)
    parts = np.split(rows["value"].to_numpy(), starts[1:]) if len(frame) else []
    decays = [gradient_decay(part) for part in parts]
    frame["gradient_decay"] = np.array([slope for slope, _ in decays])
    frame["num_layers_left_out"] = np.array([left for _, left in decays], dtype=int)
    return frame


def measured(tables: Tables, measure: str, **settings) -> pd.DataFrame:
    """The rows of one measure, with the settings and outcomes of their trials.

    Args:
        tables: any tables of trials.
        measure: a name in the column `measure`.
        **settings: as for `where`, of columns of either table. It is the same as
            `where(measured(tables, measure), **settings)`, and many times as fast if
            they choose few of the trials.

    Returns:
        One row for each trial, epoch and layer with a measurement: `key`, `epoch`,
        `layer`, `value` and the columns of `trials`.
    """
    rows = _rows_of(tables, measure)
    if not settings:
        return with_trials(rows, tables)
    of_rows = {
        name: settings.pop(name) for name in ("epoch", "layer") if name in settings
    }
    chosen = where(tables.trials, **settings)
    return where(rows, **of_rows).merge(chosen, on="key", validate="many_to_one")


# Several claims and figures of a study ask for the same ones.
@functools.lru_cache(maxsize=4)
def _rows_of(tables: Tables, measure: str) -> pd.DataFrame:
    rows = tables.measurements
    return rows.loc[rows["measure"] == measure, ["key", "epoch", "layer", "value"]]


def after_training(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows of each trial's last epoch, for trials that were trained.

    The last epoch is the last one measured, because a training may stop before the
    number of epochs in its settings.

    Args:
        frame: any number of rows for each trial and epoch, with the columns `key` and
            `epoch`. It has to include all epochs of the trials.
    """
    last = frame.groupby("key", observed=True)["epoch"].transform("max")
    return frame[(frame["epoch"] == last) & (last > 0)]


def with_trials(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Joins the settings and outcomes of the trials to a frame by `key`.

    Args:
        frame: any number of rows for each trial, with a column `key`.
        tables: their trials, one row each.

    Returns:
        The frame with the columns of `trials`.

    Raises:
        ValueError: if a key of the frame is not in the table of trials.
    """
    unknown = ~frame["key"].isin(tables.trials["key"])
    if unknown.any():
        raise ValueError(
            "Expected every measured trial in the table of trials. Received: "
            f"{frame.loc[unknown, 'key'].nunique()} that are not in it, such as "
            f"{frame.loc[unknown, 'key'].iloc[0]!r}."
        )
    return frame.merge(tables.trials, on="key", how="left", validate="many_to_one")


def by_seed(rows: pd.DataFrame) -> pd.Series:
    """Returns the column `value` indexed by seed, sorted: the effect of one case.

    Args:
        rows: one for each seed, with the columns `seed` and `value`.
    """
    return rows.set_index("seed")["value"].sort_index()


def where(frame: pd.DataFrame, **settings) -> pd.DataFrame:
    """Returns the rows whose columns have the given values.

    Args:
        frame: any frame.
        **settings: column=value, or column=[value, ...] to allow several values.
    """
    chosen = np.ones(len(frame), dtype=bool)
    for name, value in settings.items():
        values = value if isinstance(value, list | tuple | range) else [value]
        chosen &= frame[name].isin(list(values)).to_numpy()
    return frame[chosen]
