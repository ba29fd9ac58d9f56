"""The nets of two inputs, and the accuracy of those that diverged."""

import pytest

from studies.decision_boundary import STUDY
from studies.decision_boundary.nets import (
    ACTIVATIONS,
    RATES,
    SHAPES,
    accuracy_by_seed,
)
from tests.studies.made_up_studies import made_up_tables


@pytest.mark.parametrize("profile", ["quick", "standard", "full"])
def test_no_net_is_trained_twice(profile):
    trials = STUDY.trials[profile]()
    num_shapes = len(SHAPES) * len(ACTIVATIONS[profile])
    # The net on a circle at the common rate is among the shapes and the rates.
    of_a_seed = [trial for trial in trials if trial.seed == 0]
    assert len(set(of_a_seed)) == len(of_a_seed) == 1 + num_shapes + len(RATES) - 1


def test_a_net_that_diverged_names_one_class():
    trials = made_up_tables(STUDY, accuracy=0.9).trials
    trials = trials[trials["recipe"] == "leaky_first"].iloc[::-1]
    lost = trials.assign(diverged=trials["seed"] == 3)
    found = accuracy_by_seed(lost).to_dict()
    assert found == {seed: 0.5 if seed == 3 else 0.9 for seed in range(len(trials))}
