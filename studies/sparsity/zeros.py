"""The share of exact zeros, which all parts of the study measure."""

import pandas as pd

from keras_rectifiers.comparison.statistics import measured
from keras_rectifiers.comparison.trials.store import Tables


def exact_zeros(tables: Tables) -> pd.DataFrame:
    """Share of exact zeros, whatever the activation: by its flat zero or underflow."""
    shares = ("sparsity", "exact_zeros_by_underflow")
    return pd.concat([measured(tables, share) for share in shares], ignore_index=True)


def mean_of_nets(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each trial and epoch: the mean over layers, NaN if one has none."""
    means = rows.groupby(["key", "epoch"], sort=False, observed=True)["value"].mean(
        skipna=False
    )
    first = rows.drop_duplicates(["key", "epoch"]).drop(columns=["value", "layer"])
    return first.merge(means.reset_index(), on=["key", "epoch"], validate="one_to_one")


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Adds the name of the net for the title of a panel."""
    return frame.assign(
        net=frame["architecture"].map({"mlp": "MLP", "cnn": "CNN"})
        # Of no rows, map would give numbers.
        + frame["depth"].map(", {} layers".format).astype(str),
    )


def of_all(share: float) -> str:
    shown = f"{share:.1%}" if share else "none"
    return f"{shown} of the activations are exactly 0"
