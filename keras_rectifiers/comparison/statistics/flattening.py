"""Whether nets still got better when their training ended."""

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.statistics.intervals import hodges_lehmann
from keras_rectifiers.comparison.trials.rates import NET_FIELDS
from keras_rectifiers.comparison.trials.store import Tables

_OF_FALLS = ["n", "fall", "low", "high", "is_falling"]


def falls_at_the_end(tables: Tables) -> pd.DataFrame:
    """How fast the validation loss of each kind of net fell at the end of its training.

    The fall is that of the loss over the last quarter of the epochs (at least one
    epoch), divided by their number, estimated over the seeds with its 95% interval.

    Args:
        tables: any trials. Each kind of net counts at the learning rate with the
            lowest median loss at the end. Nets that were trained for a single epoch are left out.

    Returns:
        One row for each kind of net, the fastest fall first: the settings,
        `learning_rate`, `n` (seeds whose losses are finite), `fall`, of the loss per epoch,
        with `low` and `high`, and `is_falling`: whether the whole interval is above 0.
        A net of which it is not has flattened, or has too few seeds.
    """
    names = [*NET_FIELDS, "learning_rate"]
    nets = tables.trials.loc[tables.trials["epochs"] > 1, ["key", *names]]
    rows = tables.measurements
    curves = rows.loc[rows["measure"] == "validation_loss", ["key", "epoch", "value"]]
    curves = curves.merge(nets, on="key")
    first = np.minimum(np.ceil(0.75 * curves["epochs"]), curves["epochs"] - 1)
    starts = curves.loc[curves["epoch"] == first, ["key", "epoch", "value"]]
    ends = curves[curves["epoch"] == curves["epochs"]].merge(
        starts, on="key", suffixes=("", "_before")
    )
    ends["fall"] = (ends["value_before"] - ends["value"]) / (
        ends["epoch"] - ends["epoch_before"]
    )
    ends["value"] = ends["value"].fillna(np.inf)
    median = ends.groupby(names)["value"].transform("median")
    lowest = median.groupby(list(map(ends.get, NET_FIELDS))).transform("min")
    ends = ends[(median == lowest) & np.isfinite(ends["fall"])]
    found = []
    for settings, values in ends.groupby(names)["fall"]:
        interval = hodges_lehmann(values)
        found.append(
            {
                **dict(zip(names, settings, strict=True)),
                "n": interval.n,
                "fall": interval.estimate,
                "low": interval.low,
                "high": interval.high,
                "is_falling": interval.is_attained and interval.low > 0,
            }
        )
    frame = pd.DataFrame(found, columns=[*names, *_OF_FALLS])
    return frame.sort_values("fall", ascending=False, ignore_index=True)
