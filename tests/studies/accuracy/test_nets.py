"""How nets are compared in pairs, on made-up tables."""

import pytest

from studies.accuracy.nets import (
    NETS,
    best_trials,
    better_net_learned,
    both_nets_learned,
    lead,
)
from tests.studies.accuracy.made_up_accuracies import tables


def test_the_gap_is_that_of_the_best_rate():
    trials = best_trials(tables({"relu": 0.8}, {"relu": 0.95}), "MLP")
    gaps = trials[trials["activation"] == "relu"]["gap"]
    assert gaps.to_list() == pytest.approx([0.15] * 20)


def test_a_lead_is_of_each_net_over_each_other_and_reversed_by_the_sign():
    made_up = tables({"relu": 0.9, "tanh": 0.8, "sigmoid": 0.7})
    ahead = lead("relu", ("tanh", "sigmoid"), labels=tuple(NETS))(made_up)
    behind = lead("relu", ("tanh", "sigmoid"), labels=tuple(NETS), sign=-1)(made_up)
    for net in NETS:
        assert ahead[f"relu and tanh, {net}"].median() == pytest.approx(0.1, abs=2e-3)
        assert ahead[f"relu and sigmoid, {net}"].median() == pytest.approx(
            0.2, abs=2e-3
        )
    assert {case: (-values).to_list() for case, values in behind.items()} == {
        case: values.to_list() for case, values in ahead.items()
    }


def test_one_net_that_has_learned_is_enough_unless_both_must():
    made_up = tables({"relu": 0.9, "tanh": 0.1})
    (one,) = better_net_learned("relu", ("tanh",)).holds(made_up).values()
    (both,) = both_nets_learned("relu", ("tanh",)).holds(made_up).values()
    assert one.all() and not both.any()
