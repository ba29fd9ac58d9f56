"""How the trials of a recipe are trained: the order of the points and the rate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
from keras import ops

from keras_rectifiers.comparison.nets.initial_values import derive_seed
from keras_rectifiers.comparison.training.results import Results
from keras_rectifiers.comparison.trials.recipes import RECIPES, Recipe
from keras_rectifiers.comparison.trials.trial import Trial


# The engine copies optimizers by their configuration.
@keras.saving.register_keras_serializable(package="keras_rectifiers.comparison")
class RateByRound(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is multiplied by a factor after each round.

    Args:
        initial_learning_rate: that of the first step.
        factor: the factor.
        steps: the steps of a round.
        begin: the rounds before the first step.
        constant: the rounds, of all, during which the rate stays as it is.
    """

    def __init__(self, initial_learning_rate, factor, *, steps, begin=0, constant=0):
        self.initial_learning_rate = initial_learning_rate
        self.factor, self.steps = factor, steps
        self.begin, self.constant = begin, constant

    def __call__(self, step):
        number = ops.cast(step // self.steps + self.begin - self.constant, "float32")
        factor = ops.power(self.factor, ops.maximum(number, 0.0))
        return self.initial_learning_rate * factor

    def get_config(self):
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "factor": self.factor,
            "steps": self.steps,
            "begin": self.begin,
            "constant": self.constant,
        }


def order(
    recipe: Recipe, train: Mapping[int, np.ndarray], *, begin: int = 0
) -> Callable[[int, int, int], np.ndarray]:
    """Returns the order of the points in each epoch, as `Task.order`.

    Args:
        recipe: the recipe.
        train: seed -> the indices of the training split.
        begin: the rounds before the first epoch.
    """
    in_order = {seed: np.argsort(indices) for seed, indices in train.items()}

    def of_epoch(seed: int, num_train: int, epoch: int) -> np.ndarray:
        first = begin + (epoch - 1) * recipe.rounds_per_epoch
        rounds = [
            random_round(seed, num_train, number)
            if number < recipe.random_rounds
            else in_order[seed]
            for number in range(first, first + recipe.rounds_per_epoch)
        ]
        return np.concatenate(rounds)[:, np.newaxis].astype(np.int32)

    return of_epoch


def random_round(seed: int, num_train: int, number: int) -> np.ndarray:
    """Draws as many points as there are, each from all of them, for a random round."""
    rng = np.random.default_rng(derive_seed(seed, number, "random round"))
    return rng.integers(num_train, size=num_train)


def first_trials(trials: Sequence[Trial]) -> list[Trial]:
    """The trials of the first rounds, if these have an activation of their own.

    Args:
        trials: those of a population.
    """
    recipe = RECIPES.get(trials[0].recipe)
    if recipe is None or not recipe.first_activation:
        return []
    (plain,) = (
        name
        for name, other in RECIPES.items()
        if other == replace(recipe, first_activation="", first_rounds=0)
    )
    return [
        replace(
            trial,
            activation=recipe.first_activation,
            epochs=recipe.first_epochs,
            recipe=plain,
        )
        for trial in trials
    ]


def one_after_another(first: Results, then: Results, epochs: int) -> Results:
    """The results of members that were trained in two parts.

    Args:
        first: of the first part, with so many epochs.
        then: of the second part, which started where the first had ended.
        epochs: those of the first part.
    """
    later = then.measurements[then.measurements["epoch"] > 0]
    measurements = [first.measurements, later.assign(epoch=later["epoch"] + epochs)]
    outputs = then.outputs.assign(epoch=then.outputs["epoch"] + epochs)
    return replace(
        then,
        measurements=pd.concat(measurements, ignore_index=True),
        outputs=outputs,
    )


def weights(values: Mapping[str, np.ndarray], epochs: int) -> pd.DataFrame:
    """The weights after training, as rows of `Results.outputs`.

    Args:
        values: as of `Results`.
        epochs: after how many epochs.

    Returns:
        `kernel` and `bias` of each layer with weights, counted from 0, flattened: the
        weights of one input after those of another.
    """
    frames, numbers = [], {"kernel": 0, "bias": 0}
    for path, array in values.items():
        name = path.rpartition("/")[2]
        if name not in numbers:
            continue
        members, size = len(array), array[0].size
        frames.append(
            pd.DataFrame(
                {
                    "member": np.repeat(np.arange(members), size),
                    "epoch": epochs,
                    "layer": numbers[name],
                    "name": name,
                    "index": np.tile(np.arange(size), members),
                    "value": array.reshape(-1).astype(np.float64),
                }
            )
        )
        numbers[name] += 1
    return pd.concat(frames, ignore_index=True)
