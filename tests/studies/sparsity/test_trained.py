"""Sparsity after training and with a penalty, on made-up tables with known answers."""

import dataclasses

import pytest

from keras_rectifiers.comparison.trials.rates import TUNING_SEEDS
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import sparsity
from studies.sparsity import trained
from tests.studies.made_up_studies import made_up_tables, verdicts
from tests.studies.sparsity.made_up_zeros import SHARES, STUDY, zeros


@pytest.mark.parametrize(
    ("harmful", "verdict"), [(1e-3, "contradicted"), (1e-2, "supported")]
)
def test_the_penalty_is_the_largest_that_leaves_the_pilots_enough_activations(
    harmful, verdict
):
    sparsities = {0.0: 0.4, 1e-4: 0.45, 1e-3: 0.7, 1e-2: 0.95}

    def measures(trial, epoch, layer):
        values = zeros(SHARES, sparsities)(trial, epoch, layer)
        # What is reported is sparse at every penalty, and chooses nothing.
        if trial.seed < TUNING_SEEDS and trial.activity_l1:
            return values | {"sparsity": 0.99}
        return values

    def accuracy(trial):
        return 0.9 - 0.1 * (trial.activity_l1 == harmful) + 1e-4 * (trial.seed % 7)

    tables = made_up_tables(STUDY, measures, accuracy=accuracy)
    found = verdicts(STUDY, tables)
    assert found["l1-harmless"]["MLP"] == verdict
    assert found["l1-sparsity"]["MLP"] == "supported"


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


def test_without_its_pilots_no_penalty_is_judged():
    tables = made_up_tables(STUDY, zeros(SHARES))
    lost = tables.trials["seed"] == TUNING_SEEDS + 1
    trials = tables.trials.assign(diverged=lost)
    rows = tables.measurements
    without = rows["value"].mask(rows["key"].isin(trials.loc[lost, "key"]))
    tables = dataclasses.replace(
        tables, trials=trials, measurements=rows.assign(value=without)
    )
    found = verdicts(STUDY, tables)
    for claim in ("l1-sparsity", "l1-harmless", "sparse-generalises"):
        assert set(found[claim].values()) == {"inconclusive"}


def test_a_net_that_has_not_learned_does_not_count_as_sparse():
    tables = made_up_tables(STUDY, zeros(SHARES, trained=0.9), accuracy=0.1)
    frame = judge(STUDY, tables)
    trained = frame[frame["claim"] == "sparse-trained"]
    assert set(trained["verdict"]) == {"not testable here"}
    assert set(trained["num_unfit"]) == {10}


def test_nets_without_pilots_are_not_judged_and_not_called_lost():
    quick = sparsity.STUDY
    frame = judge(quick, made_up_tables(quick, zeros(SHARES)))
    rows = frame[frame["case"] == "CNN"]
    assert list(rows["claim"]) == ["l1-sparsity", "l1-harmless", "sparse-generalises"]
    assert rows["sentence"].str.contains("there are no trials").all()


@pytest.mark.parametrize(
    ("penalties", "expected"),
    [
        ({"MLP": (), "CNN": ()}, [(0.0, 4), (0.0, 3)]),
        ({"MLP": (1e-3,), "CNN": ()}, [(0.0, 4), (1e-3, 4), (0.0, 3)]),
        ({"MLP": (1e-4, 1e-3), "CNN": (1e-3,)}, None),
    ],
)
def test_pilots_are_trained_where_there_are_penalties_to_choose_from(
    penalties, expected
):
    trials = trained.trials(seeds=range(2), epochs=1, penalties=penalties)
    pilots = [trial for trial in trials if trial.seed >= TUNING_SEEDS]
    assert len(set(trials)) == len(trials)
    if expected is None:
        # Of the MLP alone: three kinds of nets, three seeds each.
        assert [(t.depth, t.activity_l1) for t in pilots] == [
            (4, penalty) for penalty in (0.0, 1e-4, 1e-3) for _ in range(3)
        ]
        return
    assert pilots == []
    kinds = dict.fromkeys((t.activity_l1, t.depth) for t in trials)
    assert list(kinds) == expected and len(trials) == 2 * len(expected)
