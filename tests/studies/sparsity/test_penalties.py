"""Sparsity with a penalty, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import sparsity
from studies.sparsity import penalties
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.sparsity.made_up_zeros import SHARES, STUDY, zeros

SPARSITIES = {0.0: 0.4, 1e-4: 0.45, 1e-3: 0.7, 1e-2: 0.95}


@pytest.mark.parametrize(
    ("harmful", "verdict"), [(1e-3, "contradicted"), (1e-2, "supported")]
)
def test_the_penalty_is_the_largest_that_leaves_enough_activations(harmful, verdict):
    def accuracy(trial):
        return 0.9 - 0.1 * (trial.activity_l1 == harmful) + 1e-4 * (trial.seed % 7)

    tables = made_up_tables(STUDY, zeros(SHARES, SPARSITIES), accuracy=accuracy)
    found = verdicts(STUDY, tables)
    assert found["l1-harmless"]["MLP"] == verdict
    assert found["l1-sparsity"]["MLP"] == "supported"


def test_each_seed_has_its_own_penalty():
    other = {**SPARSITIES, 1e-3: 0.9}

    def measures(trial, epoch, layer):
        of_seed = SPARSITIES if trial.seed % 2 else other
        return zeros(SHARES, of_seed)(trial, epoch, layer)

    def accuracy(trial):
        # Harmless at its own penalty alone.
        own = {1e-3 if trial.seed % 2 else 1e-4, 0.0}
        return 0.9 - 0.2 * (trial.activity_l1 not in own)

    frame = judge(STUDY, made_up_tables(STUDY, measures, accuracy=accuracy))
    rows = frame.set_index(["claim", "case"])
    assert rows.loc[("l1-harmless", "MLP"), "estimate"] == 0
    assert rows.loc[("l1-harmless", "MLP"), "n"] == 10


def test_penalties_are_not_chosen_by_the_test_split(rng):
    tables = made_up_tables(STUDY, zeros(SHARES, SPARSITIES))
    shuffled = tables.trials.assign(test_accuracy=rng.random(len(tables.trials)))
    other = dataclasses.replace(tables, trials=shuffled)
    for choose in (penalties._up_to_most_zeros, penalties._as_accurate):
        found = [choose(t, "MLP").to_dict() for t in (tables, other)]
        assert found[0] == found[1] and len(found[0]) == 10


def test_seeds_without_a_penalty_that_leaves_enough_activations_are_unfit():
    too_sparse = {0.0: 0.4, 1e-4: 0.9, 1e-3: 0.9, 1e-2: 0.95}
    frame = judge(STUDY, made_up_tables(STUDY, zeros(SHARES, too_sparse)))
    rows = frame[frame["claim"].isin(["l1-sparsity", "l1-harmless"])]
    assert set(rows["verdict"]) == {"not testable here"}
    assert set(rows["num_unfit"]) == {10}


def test_gaps_are_compared_where_as_much_was_learned():
    def train_accuracy(trial):
        return 0.95 - 0.02 * (trial.activity_l1 == 1e-2)

    def accuracy(trial):
        # At the largest penalty less is learned, and so there is no gap.
        if trial.activity_l1 == 1e-2:
            return 0.93
        return 0.9 - 0.01 * (trial.activity_l1 > 0) + 1e-4 * (trial.seed % 7)

    tables = made_up_tables(
        STUDY,
        zeros(SHARES),
        accuracy=accuracy,
        train_accuracy=train_accuracy,
    )
    frame = judge(STUDY, tables).set_index(["claim", "case"])
    row = frame.loc[("sparse-generalises", "MLP")]
    assert row["estimate"] == pytest.approx(-0.01)
    assert row["verdict"] == "contradicted"


def test_a_penalty_whose_net_is_lost_is_not_chosen():
    tables = made_up_tables(STUDY, zeros(SHARES))
    lost = tables.trials["activity_l1"] == 1e-2
    rows = tables.measurements
    without = rows["value"].mask(rows["key"].isin(tables.trials.loc[lost, "key"]))
    tables = dataclasses.replace(
        tables,
        trials=tables.trials.assign(diverged=lost),
        measurements=rows.assign(value=without),
    )
    for choose in (penalties._up_to_most_zeros, penalties._as_accurate):
        assert choose(tables, "MLP").to_list() == [1e-3] * 10


def test_a_single_penalty_leaves_nothing_to_choose_and_is_not_judged():
    quick = sparsity.STUDY
    frame = judge(quick, made_up_tables(quick, zeros(SHARES)))
    rows = frame[frame["case"] == "CNN"]
    assert list(rows["claim"]) == ["l1-sparsity", "l1-harmless", "sparse-generalises"]
    assert rows["sentence"].str.contains("there are no trials").all()
