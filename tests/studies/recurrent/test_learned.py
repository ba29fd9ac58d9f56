"""The claims on what recurrent nets learn, on made-up tables."""

import dataclasses

import numpy as np
import pytest

from studies.recurrent import STUDY, learned
from studies.recurrent.nets import RATES
from tests.studies.recurrent.made_up_nets import TASK, judged, tables_of


@pytest.mark.parametrize(
    ("identity", "default", "verdict"),
    [
        (0.9, 0.2, "supported"),
        (0.9, 0.85, "contradicted"),
        (0.2, 0.9, "contradicted"),
        (0.3, 0.1, "not testable here"),
    ],
)
def test_the_start_from_the_identity_has_to_explain_more(identity, default, verdict):
    shares = {"IRNN clipped": identity, "ReLU clipped": default}
    tables = tables_of(lambda net: shares.get(net, 0.0))
    assert judged(tables, "irnn")[TASK] == verdict


@pytest.mark.parametrize(
    ("relu", "lstm", "verdict"),
    [(0.9, 0.95, "supported"), (0.9, 0.5, "contradicted"), (0.1, 0.95, "contradicted")],
)
def test_as_well_as_an_lstm_is_within_a_tenth_of_the_variance(relu, lstm, verdict):
    shares = {"IRNN clipped": relu, "LSTM tanh": lstm}
    tables = tables_of(lambda net: shares.get(net, 0.0))
    assert judged(tables, "irnn-lstm")[TASK] == verdict


@pytest.mark.parametrize(
    ("relu", "verdict"), [(0.5, "supported"), (0.9, "contradicted")]
)
def test_relu_in_an_lstm_has_to_do_worse(relu, verdict):
    shares = {"LSTM tanh": 0.9, "LSTM ReLU": relu}
    tables = tables_of(lambda net: shares.get(net, 0.0))
    assert judged(tables, "relu-in-lstm")[TASK] == verdict


def test_lengths_that_the_profile_does_not_train_are_not_measured():
    found = judged(tables_of(lambda net: 0.9), "irnn")
    assert [case for case, v in found.items() if v != "not measured"] == [TASK]


@pytest.mark.parametrize(
    ("default", "is_comparable"), [(0.6, True), (0.4, False), (np.nan, False)]
)
def test_nets_are_compared_at_a_common_rate_only_if_both_have_learned(
    default, is_comparable
):
    shares = {"IRNN clipped": 0.9, "ReLU clipped": default}
    tables = tables_of(lambda net: shares.get(net, 0.0))
    (claim,) = (claim for claim in STUDY.claims if claim.id == "irnn")
    assert set(claim.comparable_if.holds(tables)[TASK]) == {is_comparable}


def test_without_a_value_at_the_best_rate_the_worst_case_decides():
    tables = tables_of(lambda net: 0.9)
    trials = tables.trials
    is_lost = (trials["seed"] == 3) & (trials["learning_rate"] == RATES[0])
    lost = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    rows = learned._explained(lost)
    assert np.isfinite(rows["explained"]).all()


def test_a_difference_too_small_for_a_percentage_point_is_told():
    claim = next(claim for claim in STUDY.claims if claim.id == "irnn")
    assert claim.in_words(-0.001) == (
        "the start as the identity explains 0.10 percentage points less of the variance "
        "of the sum than the default start"
    )
    assert "explains 25.00 percentage points more" in claim.in_words(0.25)
