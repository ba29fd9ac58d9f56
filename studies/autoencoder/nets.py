"""The auto-encoders, and the zeros in the codes of those at their best rates."""

import functools

import pandas as pd

from keras_rectifiers.comparison.statistics import after_training, measured, where
from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate, validation_loss
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial

DATA = "noisy_digits"
# The code is the one hidden layer, the decoder the last one.
NET = {
    "dataset": DATA,
    "inputs": "raw",
    "architecture": "mlp",
    "depth": 1,
    "width": 64,
    "initializer": "glorot",
    "optimizer": "adam",
    "batch_size": 32,
}
CODES = ("relu", "tanh", "sigmoid")
PENALTIES = (0.0, 3e-4, 1e-3, 3e-3)
PENALTY = 1e-3
RATES = (1e-3, 3e-3, 1e-2, 3e-2)


def _grids(*, seeds: range, epochs: int) -> list[RateGrid]:
    return [
        RateGrid(
            title="Denoising auto-encoders, code of 64 units",
            nets=[
                Trial(**NET, activation=code, activity_l1=penalty, epochs=epochs)
                for code in CODES
                for penalty in PENALTIES
            ],
            rates=RATES,
            seeds=seeds,
            score=validation_loss,
            score_name="validation loss",
        )
    ]


GRIDS = {
    "quick": _grids(seeds=range(20), epochs=10),
    "standard": _grids(seeds=range(20), epochs=40),
    "full": _grids(seeds=range(50), epochs=100),
}


# Each claim and figure asks for them.
@functools.lru_cache(maxsize=4)
def best_nets(tables: Tables) -> pd.DataFrame:
    """The nets at their best rates, with what is counted in their codes.

    That is `zeros`, the share of exact zeros; `dead`, that of the dead units; and
    `living`, the share of zeros among the other units.
    """
    trials = where(at_best_rate(tables, validation_loss), dataset=DATA)
    zeros = _of_code(tables, trials, "sparsity", "exact_zeros_by_underflow")
    dead = _of_code(tables, trials, "dead_units")
    # A dead unit is 0 throughout.
    living = (zeros - dead) / (1 - dead).where(dead < 1)
    return trials.assign(zeros=zeros, dead=dead, living=living)


def _of_code(tables: Tables, trials: pd.DataFrame, *names: str) -> pd.Series:
    rows = pd.concat([after_training(measured(tables, name)) for name in names])
    values = rows[rows["layer"] == 0].set_index("key")["value"]
    return trials["key"].map(values).astype(float)
