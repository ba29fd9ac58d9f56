"""The limits of a study, as its page tells them."""

import dataclasses

import pandas as pd

from keras_rectifiers.comparison.reporting.limits import limits
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


def test_a_study_that_trains_nothing_says_so():
    found = limits(made_up_study(), table(Trial(epochs=0)), ["digits"])
    assert found["Budget"] == "no net is trained"
    assert "Not shown" not in found
