"""The claim on exploding gradients, on made-up tables."""

import dataclasses

import pytest

from studies.recurrent import exploding
from studies.recurrent.nets import RATES, ROWS
from tests.studies.recurrent.made_up_nets import TASK, judged, tables_of


def with_long_sequences(tables):
    """The same, as if the adding problem had 20 steps."""
    trials = tables.trials
    is_adding = trials["dataset"] == "adding_10"
    trials = trials.assign(
        dataset=trials["dataset"].where(~is_adding, "adding_20"),
        depth=trials["depth"].where(~is_adding, 20),
    )
    return dataclasses.replace(tables, trials=trials)


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
    assert set(exploding.exploded(tables)["exploded"]) == {1.0}
    assert set(exploding.exploded(early)["exploded"]) == {0.0}


def test_a_net_that_diverged_has_exploded():
    tables = tables_of(lambda net: 0.9)
    trials = tables.trials
    is_lost = (trials["seed"] == 3) & (trials["learning_rate"] == RATES[0])
    lost = dataclasses.replace(tables, trials=trials.assign(diverged=is_lost))
    rows = exploding.exploded(lost)
    assert set(rows.loc[rows["exploded"] == 1, "key"]) == set(
        trials.loc[is_lost, "key"]
    )


def test_how_many_nets_exploded_is_told():
    tables = tables_of(lambda net: 0.9, first_gradient=lambda net: 1.0)
    figure = next(f for f in exploding.FIGURES if f.name == "exploded")
    assert figure.finding is not None
    assert figure.finding(tables) == (
        f"No gradient exploded in any of the {len(tables.trials):,} trainings."
    )
    gradients = {"ReLU": 101.0}
    tables = tables_of(
        lambda net: 0.9, first_gradient=lambda net: gradients.get(net, 1.0)
    )
    num = int(exploding.exploded(tables)["exploded"].sum())
    assert num > 0
    assert figure.finding(tables).startswith(
        f"The gradient exploded in {num:,} of {len(tables.trials):,} trainings, most "
        "often of ReLU ("
    )
