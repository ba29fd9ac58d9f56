"""Tunings, and made-up results with known best rates."""

import math

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.rates import rate_curves
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.tuning import Tuning

RATES = (0.01, 0.1, 1.0)


def tuning(**fields) -> Tuning:
    return Tuning(
        **{
            "title": "MLP",
            "nets": [Trial(activation=name, depth=2) for name in ("relu", "tanh")],
            "rates": RATES,
            "common_rate": 0.1,
            "seeds": range(2),
            "num_tuning_seeds": 3,
            **fields,
        }
    )


def results(trials, loss) -> Tables:
    """Tables of trials whose validation error is a tenth of `loss(trial)`."""
    frame = pd.DataFrame([t.settings() for t in trials], columns=Trial().settings())
    frame.insert(0, "key", [f"{i:03}" for i in range(len(trials))])
    losses = np.array([float(loss(trial)) for trial in trials])
    frame["validation_accuracy"] = 1 - np.nan_to_num(losses, posinf=9.0, nan=9.0) / 10
    frame["diverged"] = ~np.isfinite(losses)
    # It would choose the opposite.
    frame["validation_loss"] = -losses
    none = pd.DataFrame(columns=["key"])
    return Tables(trials=frame, measurements=none, outputs=none)


def train_all(tuning: Tuning, loss) -> Tables:
    """Finishes round after round, as a run does."""
    tables = results([], loss)
    while True:
        trials = [*tuning.search(tables), *tuning.reports(tables)]
        if len(trials) == len(tables.trials):
            return tables
        tables = results(trials, loss)


def distance(best: dict):
    """A loss that is least at the rate named for the activation."""
    return lambda t: abs(math.log10(t.learning_rate) - math.log10(best[t.activation]))


def chosen(tables: Tables) -> dict:
    curves = rate_curves(tables)
    rows = curves[curves["is_chosen"]]
    return dict(zip(rows["activation"], rows["learning_rate"], strict=True))
