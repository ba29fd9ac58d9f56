"""The weights that are kept of some nets, so that what they have learned can be shown."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from keras_rectifiers.comparison.training import recipes
from keras_rectifiers.comparison.trials.trial import Trial

# The data sets of auto-encoders. Of other nets no weights are kept.
DATASETS = ("noisy_digits",)


def weights(trials: Sequence[Trial], values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The weights after training, as rows of `Results.outputs`.

    Args:
        trials: a population.
        values: as of `Results`, of these trials.

    Returns:
        `kernel` and `bias` of each layer with weights, counted from 0, flattened: the
        weights of one input after those of another. Of the trials of seed 0 alone,
        because pictures show single nets.
    """
    shown = [number for number, trial in enumerate(trials) if trial.seed == 0]
    found = recipes.weights(values, trials[0].epochs)
    return found[found["member"].isin(shown)]
