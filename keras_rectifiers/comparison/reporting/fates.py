"""What became of the nets of a study, by activation."""

import collections
from collections.abc import Sequence
from dataclasses import fields

import pandas as pd

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.statistics import after_training
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial


def fates(planned: Sequence[Trial], tables: Tables) -> pd.DataFrame:
    """Counts how the trainings of the nets ended.

    Args:
        planned: all trials of the study in this profile.
        tables: the tables of those that are finished.

    Returns:
        One row for each activation, with the columns `activation`, `num_trained`,
        `num_measured` (at initialisation only), `num_diverged` (trained nets whose loss
        became NaN or infinite), `num_dead` (other trained nets with a hidden
        layer whose units are all dead at the end) and `num_missing` (failed or not run).
    """
    trials, rows = tables.trials, tables.measurements
    is_trained = trials["epochs"] > 0
    is_lost = trials["diverged"].astype(bool)
    last = after_training(rows)
    dead = last[(last["measure"] == "dead_units") & (last["value"] == 1)]
    marked = pd.DataFrame(
        {
            "activation": trials["activation"],
            "num_trained": is_trained,
            "num_measured": ~is_trained,
            "num_diverged": is_lost,
            "num_dead": is_trained & ~is_lost & trials["key"].isin(dead["key"]),
        }
    )
    names = [f.name for f in fields(Trial)]
    there = set(trials[names].itertuples(index=False, name=None))
    missing = collections.Counter(
        t.activation for t in set(planned) if tuple(t.settings().values()) not in there
    )
    counts = marked.groupby("activation").sum().astype(int)
    order = [name for name in CATALOGUE if name in counts.index or name in missing]
    counts = counts.reindex(pd.Index(order, name="activation"), fill_value=0)
    return counts.assign(num_missing=[missing[name] for name in order]).reset_index()
