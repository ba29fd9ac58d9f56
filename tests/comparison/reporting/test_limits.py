"""The limits of a study, as its page tells them."""

import dataclasses

import pandas as pd

from keras_rectifiers.comparison.reporting.limits import end_of_training, limits
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.reporting.made_up_reports import made_up_study


def table(*trials: Trial) -> pd.DataFrame:
    return pd.DataFrame([trial.settings() for trial in trials])


def test_limits_name_the_nets_and_the_training_that_there_were_and_no_others():
    deep = Trial(architecture="mlp", depth=20, width=1000, epochs=0)
    cnn = Trial(architecture="cnn", depth=2, width=8, optimizer="sgd", epochs=60)
    small = Trial(architecture="mlp", depth=6, width=32, epochs=8)
    trials = [
        *(deep, cnn, small),
        dataclasses.replace(cnn, seed=1),
        dataclasses.replace(small, learning_rate=0.5),
    ]
    study = made_up_study(not_shown="Anything else.")
    assert limits(study, table(*trials), ["digits", "ring"]) == {
        "Data": "digits; ring, with one fixed test split",
        "Nets": "MLPs of 6 × 32, 20 × 1,000; CNNs of 2 × 8 (hidden layers × units or "
        "channels)",
        "Budget": "8, 60 epochs by Adam and SGD, up to 2 seeds for each net",
        "Not shown": "Anything else.",
    }


def test_limits_say_how_each_seed_splits_the_data():
    digits = Trial(split="by_seed")
    ring = Trial(dataset="ring", split="by_seed")
    of_digits = (
        "; each seed splits anew all images into training, validation and test examples"
    )
    of_ring = "the given training examples into training and validation examples"
    for trials, text in (
        ([digits], of_digits),
        ([ring], f"; each seed splits anew {of_ring}"),
        ([digits, ring], f"{of_digits}, and otherwise {of_ring}"),
        ([digits, Trial(epochs=0)], of_digits),
        ([Trial(epochs=0)], ""),
    ):
        found = limits(made_up_study(), table(*trials), ["data"])
        assert found["Data"] == f"data{text}"


def test_a_study_that_trains_nothing_says_so():
    found = limits(made_up_study(), table(Trial(epochs=0)), ["digits"])
    assert found["Budget"] == "no net is trained"
    assert "Not shown" not in found


def falls(*rows) -> pd.DataFrame:
    """Kinds of nets with the estimate and the bounds of their fall, and whether it is."""
    columns = ["fall", "low", "high", "is_falling"]
    return pd.DataFrame(
        [
            {**trial.settings(), **dict(zip(columns, values, strict=True))}
            for trial, *values in rows
        ]
    )


def test_the_limits_name_the_net_that_was_still_falling_fastest():
    steep = Trial(activation="tanh", depth=20, width=1000, optimizer="sgd", epochs=6)
    deep = dataclasses.replace(steep, initializer="he", bias=-0.5, learning_rate=0.03)
    found = end_of_training(
        falls(
            # The steepest is not known to fall.
            (steep, 0.9, -0.1, 2.0, False),
            (deep, 0.1234, 0.1, 0.15, True),
            (Trial(epochs=6), 0.01, 0.001, 0.02, True),
        )
    )
    assert found == (
        "the validation loss was still falling in 2 of 3 kinds of nets, fastest in tanh "
        "MLPs of 20 × 1,000 by SGD at 0.03 (6 epochs), He initialisation, bias −0.5: by "
        "0.12 per epoch over the last quarter of the epochs (95% interval 0.1 to "
        "0.15)"
    )


def test_a_small_fall_has_no_powers_of_ten_and_a_recipe_is_told_in_words():
    net = Trial(dataset="curve", depth=1, width=5, recipe="curve", batch_size=1)
    found = end_of_training(falls((net, 0.00123, 0.000086, 0.0034, True)))
    assert "by 0.0012 per epoch" in found and "0.000086 to 0.0034" in found
    assert found.count("one example a step") == 1 and "recipe" not in found


def test_the_limits_say_if_all_nets_had_flattened():
    found = end_of_training(falls((Trial(), 0.9, -0.1, 2.0, False)))
    assert found == (
        "the validation loss of 1 kind of net had flattened: over the last quarter of "
        "the epochs no 95% interval of its fall is above 0"
    )
