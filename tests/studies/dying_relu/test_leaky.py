"""Leaky variants at the rate that kills, on made-up tables with known answers."""

import numpy as np
import pytest

from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import dying_relu
from studies.dying_relu import leaky
from tests.studies.dying_relu.made_up_deaths import RIGHT, curves, dead, leads
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = dying_relu.STUDY


def test_leaky_nets_are_judged_at_the_least_rate_that_kills_the_pilots_units():
    def measures(trial, epoch, layer):
        # The reporting seeds die at every rate, and choose nothing.
        rise = 0.9 if trial.seed < TUNING_SEEDS else RIGHT[trial.learning_rate]
        return {"dead_units": rise * (epoch > 0)}

    tables = made_up_tables(STUDY, measures, accuracy=leads(3e-2, 0.2))
    found = verdicts(STUDY, tables)["leaky-lives"]
    assert set(found.values()) == {"supported"}
    assert set(found) == {f"{name}, rate 0.03" for name in leaky.LEAKY}
    tables = made_up_tables(STUDY, measures, accuracy=leads(1e-2, 0.2))
    assert set(verdicts(STUDY, tables)["leaky-lives"].values()) == {"contradicted"}


@pytest.mark.parametrize("is_there", [False, True])
def test_no_rate_is_judged_above_one_whose_pilots_are_lost(is_there):
    def measures(trial, epoch, layer):
        is_lost = trial.learning_rate == 1e-2 and trial.seed == TUNING_SEEDS and epoch
        return {"dead_units": np.nan if is_lost else RIGHT[trial.learning_rate]}

    tables = made_up_tables(
        STUDY,
        lambda t, e, layer: {
            name: (value if e else 0.0) for name, value in measures(t, e, layer).items()
        },
        accuracy=leads(3e-2, 0.2),
    )
    if not is_there:
        rows, trials = tables.measurements, tables.trials
        lost = rows.loc[rows["value"].isna(), "key"]
        tables = type(tables)(
            trials=trials[~trials["key"].isin(lost)],
            measurements=rows[~rows["key"].isin(lost)],
            outputs=tables.outputs,
        )
    assert set(verdicts(STUDY, tables)["leaky-lives"].values()) == {"not measured"}


def test_a_net_that_never_gets_to_the_threshold_is_censored():
    tables = made_up_tables(STUDY, dead(RIGHT), curves=curves(relu=99, leaky=4))
    frame = judge(STUDY, tables).set_index("claim")
    assert frame.loc["leaky-faster", "num_censored"] == 10
    assert frame.loc["leaky-faster", "verdict"] == "supported"


@pytest.mark.parametrize(
    ("relu", "leaky", "verdict"),
    [
        # Accuracy and training loss of each.
        ((0.2, 2.0), (0.8, 0.5), "supported"),
        ((0.5, 1.5), (0.2, 900.0), "contradicted"),
        # More are right, by chance alone: the leaky net does not train either.
        ((0.2, 2.0), (0.46, 1720.0), "not testable here"),
        ((0.31, 1.9), (0.46, 1720.0), "not testable here"),
        ((0.1, 2.3), (0.1, 2.3), "not testable here"),
    ],
)
def test_leaky_variants_live_only_if_they_have_learned(relu, leaky, verdict):
    def outcome(i):
        return lambda trial: (relu if trial.activation == "relu" else leaky)[i]

    tables = made_up_tables(
        STUDY, dead(RIGHT), accuracy=outcome(0), train_loss=outcome(1)
    )
    assert set(verdicts(STUDY, tables)["leaky-lives"].values()) == {verdict}
