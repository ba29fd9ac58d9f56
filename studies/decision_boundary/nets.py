"""The nets of two inputs, and how they are trained and judged."""

from functools import partial

import pandas as pd

from keras_rectifiers.comparison.statistics import by_seed
from keras_rectifiers.comparison.trials.trial import Trial
from studies.small_nets import STEPS

# The chapter's net, and its training: 1000 rounds, of which 300 with leaky ReLU.
NET = {"train_size": 500, "width": 20, "probe_size": 500, **STEPS}
CIRCLE = {"dataset": "circle", "activation": "relu", "recipe": "leaky_first", **NET}
RATE, EPOCHS = 0.01, 20
# The same without leaky ReLU first, for other shapes, activations and rates.
SHAPE = {"recipe": "shape", **NET}
SHAPES = ("circle", "ring", "two_moons", "spiral", "checkerboard")
ACTIVATIONS = {
    # Each takes a graph to trace, for which the quick profile has not the time.
    "quick": ("relu", "leaky_relu_0.1", "tanh", "linear"),
    "standard": (
        *("relu", "leaky_relu", "leaky_relu_0.1", "very_leaky_relu", "prelu", "rrelu"),
        *("elu", "smooth_relu", "tanh", "linear"),
    ),
}
ACTIVATIONS["full"] = ACTIVATIONS["standard"]
SHAPE_EPOCHS = {"quick": 4, "standard": 20, "full": 20}
RATES = (0.003, RATE, 0.03, 0.1, 0.3)


def _trials(profile: str, *, seeds: range) -> list[Trial]:
    epochs = SHAPE_EPOCHS[profile]
    circles = [
        Trial(**CIRCLE, learning_rate=RATE, epochs=EPOCHS, seed=seed) for seed in seeds
    ]
    shapes = [
        Trial(
            **SHAPE,
            dataset=shape,
            activation=activation,
            learning_rate=RATE,
            epochs=epochs,
            seed=seed,
        )
        for shape in SHAPES
        for activation in ACTIVATIONS[profile]
        for seed in seeds
    ]
    rates = [
        Trial(
            **SHAPE,
            dataset="circle",
            activation="relu",
            learning_rate=rate,
            epochs=epochs,
            seed=seed,
        )
        for rate in RATES
        for seed in seeds
    ]
    return list(dict.fromkeys([*circles, *shapes, *rates]))


TRIALS = {
    "quick": partial(_trials, "quick", seeds=range(20)),
    "standard": partial(_trials, "standard", seeds=range(20)),
    "full": partial(_trials, "full", seeds=range(50)),
}


def accuracy_by_seed(trials: pd.DataFrame) -> pd.Series:
    """The test accuracy by seed; a net that diverged names one class: half are right."""
    lost = trials["diverged"].astype(bool)
    value = trials["test_accuracy"].astype(float).where(~lost, 0.5)
    return by_seed(trials.assign(value=value))


STEPS_IN_WORDS = "gradient descent on one example a step, points in order"
