"""Unscaled inputs and penalties, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import initialization
from studies.initialization import scales
from tests.studies.initialization.made_up_starts import starts
from tests.studies.made_up_studies import verdicts


def test_nets_that_diverge_with_raw_inputs_alone_are_counted_as_failed():
    tables = starts(0.0, 0.95, 2.3, 0.95, raw_accuracy=0.9)
    trials = tables.trials
    is_lost = (trials["inputs"] == "raw") & (trials["learning_rate"] == 0.1)
    tables = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    found = verdicts(initialization.STUDY, tables)
    assert found["scaled-inputs"] == {
        "raw against 0 to 1, rate 0.01": "contradicted",
        "raw against standardised, rate 0.01": "contradicted",
        "raw against 0 to 1, rate 0.1": "supported",
        "raw against standardised, rate 0.1": "supported",
    }
    # Their accuracy says nothing.
    accuracy = found["scaled-inputs-accuracy"]
    assert accuracy["standardised against raw, rate 0.1"] == "inconclusive"


def test_the_largest_activation_is_that_of_all_layers_and_compared_by_ratio():
    tables = starts(0.0, 0.95, 2.3, 0.95, activation=8.0)
    frame = judge(initialization.STUDY, tables).set_index("claim")
    rows = frame.loc["weight-penalty"]
    assert list(rows["case"]) == ["L1 penalty of 0.001", "L2 penalty of 0.001"]
    assert rows["estimate"].to_list() == pytest.approx([1.0, 1.0], abs=1e-3)


def test_each_kind_of_penalty_and_each_scaling_has_nets_of_its_own():
    trials = scales.trials(seeds=range(2), epochs=1, penalties=(1e-3,))
    assert len(set(trials)) == len(trials) == 2 * (3 * 2 + 2)
    penalised = [t for t in trials if t.weight_l1 or t.weight_l2]
    assert [(t.weight_l1, t.weight_l2) for t in penalised] == [
        *[(1e-3, 0.0)] * 2,
        *[(0.0, 1e-3)] * 2,
    ]
    # They are compared with nets without a penalty, at the same rate and inputs.
    plain = {dataclasses.replace(t, weight_l1=0.0, weight_l2=0.0) for t in penalised}
    assert plain <= set(trials)
