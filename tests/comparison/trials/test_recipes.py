"""Trials that follow a recipe: what they refuse, and their keys."""

import re

import pytest

from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.trials.recipes import RECIPES
from keras_rectifiers.comparison.trials.trial import Trial


def test_a_recipe_is_part_of_the_key_and_the_standard_one_is_not():
    keys = {
        Trial(batch_size=1, recipe=name).key("", backend="tensorflow")
        for name in ("standard", "curve", "shape")
    }
    assert len(keys) == 3
    # As it was before there were recipes.
    assert Trial().key("data", backend="tensorflow") == "b6d73ec8640955a483f7b9ae"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"recipe": "curve", "schedule": "cosine"},
            "Trial's recipe 'curve' needs schedule 'constant', batch_size 1. Received: "
            "schedule 'cosine', batch_size 32.",
        ),
        (
            {"recipe": "leaky_first", "batch_size": 1, "epochs": 6},
            "Trial's recipe 'leaky_first' has 'leaky_relu_0.1' in its first 6 epochs, so "
            "it needs more. Received: epochs 6.",
        ),
    ],
)
def test_what_a_recipe_sets_itself_is_refused(settings, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Trial(**settings)


def test_two_classes_are_one_number_to_a_recipe_and_more_are_refused():
    circle = Trial(dataset="circle", recipe="shape", batch_size=1)
    described = datasets.describe(circle)
    assert (described.num_classes, described.num_outputs) == (2, 1)
    message = (
        "Trial's recipe 'shape' needs two classes or numbers. Received: 'digits' with 10 "
        "classes."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        datasets.describe(Trial(recipe="shape", batch_size=1))


def test_first_rounds_are_whole_epochs():
    for recipe in RECIPES.values():
        assert recipe.first_rounds == recipe.first_epochs * recipe.rounds_per_epoch
        assert recipe.random_rounds % recipe.rounds_per_epoch == 0
