"""The claims of the study of recurrent nets, on made-up tables with known answers."""

import dataclasses

import numpy as np
import pytest

from studies import recurrent
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = recurrent.STUDY
FIRST = recurrent.RATES[0]
TASK = "adding, 10 steps"
ROWS = recurrent.ROWS


def name_of(trial) -> str:
    """The name of a trial's net."""
    (found,) = (
        name
        for name, settings in recurrent.NETS.items()
        if all(
            getattr(trial, field) == value
            for field, value in (recurrent.DEFAULTS | settings).items()
        )
    )
    return found


def tables_of(explained, *, first_gradient=lambda net: 1.0):
    """Tables whose nets explain such shares of the variance, at their best rate.

    Before the first time step the gradient is as given, after the others it is 1.
    """

    def measures(trial, epoch, layer):
        return {
            "signal_gradient": first_gradient(name_of(trial)) if layer == 0 else 1.0
        }

    return made_up_tables(
        STUDY,
        measures,
        test_loss=lambda trial: (
            (1 - explained(name_of(trial)) + 0.001 * trial.seed) * recurrent.GUESSING
        ),
    )


def with_long_sequences(tables):
    """The same, as if the adding problem had 20 steps."""
    trials = tables.trials
    is_adding = trials["dataset"] == "adding_10"
    trials = trials.assign(
        dataset=trials["dataset"].where(~is_adding, "adding_20"),
        depth=trials["depth"].where(~is_adding, 20),
    )
    return dataclasses.replace(tables, trials=trials)


def judged(tables, claim):
    return verdicts(STUDY, tables, claim)[claim]


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
    ("gradients", "verdict"),
    [
        ({"ReLU": 101.0}, "supported"),
        ({"ReLU": 99.0}, "contradicted"),
        ({"ReLU": 101.0, "tanh": 101.0}, "contradicted"),
    ],
)
def test_only_relu_has_to_explode_on_the_way_through_time(gradients, verdict):
    tables = tables_of(
        lambda net: 0.9, first_gradient=lambda net: gradients.get(net, 1.0)
    )
    found = judged(with_long_sequences(tables), "irnn-explodes")
    assert found["adding, 20 steps, ReLU"] == verdict
    assert found["adding, 20 steps, IRNN"] == "contradicted"
    assert found["adding, 40 steps, ReLU"] == "not measured"


def test_on_short_sequences_it_cannot_be_tested_whether_gradients_explode():
    tables = tables_of(lambda net: 0.9, first_gradient=lambda net: 1.0)
    found = judged(tables, "irnn-explodes")
    assert found[f"{TASK}, ReLU"] == found[f"{ROWS}, IRNN"] == "not testable here"


def test_a_gradient_that_is_large_before_training_only_has_not_exploded():
    tables = tables_of(lambda net: 0.9, first_gradient=lambda net: 101.0)
    rows = tables.measurements
    smaller = rows["value"].where((rows["epoch"] == 0) | (rows["layer"] > 0), 1.0)
    early = dataclasses.replace(tables, measurements=rows.assign(value=smaller))
    assert set(recurrent.exploded(tables)["exploded"]) == {1.0}
    assert set(recurrent.exploded(early)["exploded"]) == {0.0}


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


def test_a_net_that_diverged_has_exploded():
    tables = tables_of(lambda net: 0.9)
    trials = tables.trials
    is_lost = (trials["seed"] == 3) & (trials["learning_rate"] == FIRST)
    lost = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    rows = recurrent.exploded(lost)
    assert set(rows.loc[rows["exploded"] == 1, "key"]) == set(
        trials.loc[is_lost, "key"]
    )
    # Without a value at the best rate, the worst case decides.
    rows = recurrent._explained(lost)
    assert np.isfinite(rows["explained"]).all()
