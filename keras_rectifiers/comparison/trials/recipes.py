"""Recipes: how a chapter's small nets start and are trained, one example a step."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a net starts and is trained.

    It is trained in rounds of as many steps as there are training examples, each step
    on one example. Two classes, 0 and 1, are numbers to a recipe: the net has a single
    linear output, the loss is the squared error, and the net says 1 if its output is
    above one half.

    Args:
        weight_range: all weights, biases included, start uniform within +- this.
        rounds_per_epoch: after so many rounds the net is measured and evaluated: they
            are one of the `epochs` of a trial.
        rate_factor: the learning rate is multiplied by it after each round, but not
            after the random rounds.
        random_rounds: rounds at first in which each step takes any example at random;
            the later rounds take all examples in their order in the data set.
        first_activation: the activation of the first rounds, before that of the trial;
            empty for none.
        first_rounds: how many rounds these are.
    """

    weight_range: float
    rounds_per_epoch: int
    rate_factor: float
    random_rounds: int = 0
    first_activation: str = ""
    first_rounds: int = 0

    @property
    def first_epochs(self) -> int:
        """The epochs with the first activation."""
        return self.first_rounds // self.rounds_per_epoch


_SHAPE = {"weight_range": 1.5, "rounds_per_epoch": 50, "rate_factor": 0.9999}

# Those of the chapter on rectification, for a curve and for shapes in the plane. The
# chapter gives the curve 21 epochs and the circle 20.
RECIPES: Mapping[str, Recipe] = {
    "curve": Recipe(
        weight_range=2.5, rounds_per_epoch=30, rate_factor=0.995, random_rounds=30
    ),
    "shape": Recipe(**_SHAPE),
    "leaky_first": Recipe(
        **_SHAPE, first_activation="leaky_relu_0.1", first_rounds=300
    ),
}
