"""Grids of learning rates, and made-up results with known best rates."""

import math

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial

RATES = (0.01, 0.1, 1.0)


def rate_grid(**fields) -> RateGrid:
    return RateGrid(
        **{
            "title": "MLP",
            "nets": [Trial(activation=name, depth=2) for name in ("relu", "tanh")],
            "rates": RATES,
            "seeds": range(3),
            **fields,
        }
    )


def results(trials, score, loss=lambda trial: 1.0) -> Tables:
    """Tables of trials whose validation error is a tenth of `score(trial)`.

    Args:
        trials: the trials.
        score: trial -> ten times its validation error; NaN if it diverges.
        loss: trial -> its validation loss.
    """
    frame = pd.DataFrame([t.settings() for t in trials], columns=Trial().settings())
    frame.insert(0, "key", [f"{i:03}" for i in range(len(trials))])
    scores = np.array([float(score(trial)) for trial in trials])
    # A net with NaN still predicts a class, here the right one.
    frame["validation_accuracy"] = 1 - np.nan_to_num(scores, posinf=0.0, nan=0.0) / 10
    frame["diverged"] = ~np.isfinite(scores)
    frame["validation_loss"] = [float(loss(trial)) for trial in trials]
    # They would choose the opposite.
    frame["test_accuracy"] = scores / 10
    frame["test_loss"] = -scores
    none = pd.DataFrame(columns=["key"])
    return Tables(trials=frame, measurements=none, outputs=none)


def distance(best: dict):
    """A score that is lowest at the rate named for the activation."""
    return lambda t: abs(math.log10(t.learning_rate) - math.log10(best[t.activation]))


def chosen(tables: Tables, *score) -> dict[str, list[float]]:
    """Activation -> the best rate of each seed, in their order."""
    best = at_best_rate(tables, *score).sort_values(["activation", "seed"])
    return best.groupby("activation")["learning_rate"].agg(list).to_dict()
