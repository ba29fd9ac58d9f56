"""Penalties on the weights, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies.initialization import STUDY, inputs, penalties
from tests.studies.initialization.made_up_starts import starts


def test_the_largest_activation_is_that_of_all_layers_and_compared_by_ratio():
    tables = starts(0.0, 0.95, 2.3, 0.95, activation=8.0)
    frame = judge(STUDY, tables).set_index("claim")
    rows = frame.loc["weight-penalty"]
    assert list(rows["case"]) == ["L1 penalty of 0.001", "L2 penalty of 0.001"]
    assert rows["estimate"].to_list() == pytest.approx([1.0, 1.0], abs=1e-3)


def test_each_kind_of_penalty_has_nets_of_its_own():
    penalised = penalties.trials(seeds=range(2), epochs=1, penalties=(1e-3,))
    assert [(t.weight_l1, t.weight_l2) for t in penalised] == [
        *[(1e-3, 0.0)] * 2,
        *[(0.0, 1e-3)] * 2,
    ]
    # They are compared with nets without a penalty, at the same rate and inputs.
    plain = {dataclasses.replace(t, weight_l1=0.0, weight_l2=0.0) for t in penalised}
    assert plain <= set(inputs.trials(seeds=range(2), epochs=1))
