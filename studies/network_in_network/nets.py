"""The nets, those of Xu 2015 and smaller ones, and their results at their best rates."""

import pandas as pd

from keras_rectifiers.comparison.trials.rate_grid import RateGrid
from keras_rectifiers.comparison.trials.rates import at_best_rate
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial

# The activations in the order of the paper's tables, and how it names them.
NAMES = {
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU, slope 0.01",
    "very_leaky_relu": "leaky ReLU, slope 1/5.5",
    "prelu": "PReLU",
    "rrelu": "RReLU",
}

NETS = {
    "standard": {
        "architecture": "nin",
        "depth": 6,
        "width": 32,
        "initializer": "gain",
        "optimizer": "adam",
        "batch_size": 32,
        "epochs": 15,
        "probe_size": 64,
    },
    # With the settings by which the net of the paper was trained, except that its rate
    # falls along a cosine.
    "full": {
        "architecture": "nin_lin",
        "depth": 8,
        "width": 192,
        "initializer": "gain",
        "optimizer": "sgd",
        "momentum": 0.9,
        "schedule": "cosine",
        "weight_l2": 5e-5,
        "dropout": 0.5,
        "batch_size": 128,
        "epochs": 100,
        "probe_size": 64,
    },
}
RATES = {"standard": (1e-3, 3e-3, 1e-2), "full": (0.01, 0.03, 0.1)}
SEEDS = range(20)

GRIDS = {
    profile: [
        RateGrid(
            title=f"Network in network of {net['depth']} hidden layers",
            nets=[Trial(**net, activation=activation) for activation in NAMES],
            rates=RATES[profile],
            seeds=SEEDS,
        )
    ]
    for profile, net in NETS.items()
}


def best_trials(tables: Tables) -> pd.DataFrame:
    """The trials of each activation at the best rate of each seed, with their gap."""
    trials = at_best_rate(tables)
    return trials.assign(gap=trials["train_accuracy"] - trials["test_accuracy"])
