"""What kills units and whether they recover, on made-up tables with known answers."""

import pytest

from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import dying_relu
from studies.dying_relu import killing
from tests.studies.dying_relu.made_up_deaths import RIGHT, dead
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = dying_relu.STUDY


def test_units_that_come_back_are_counted_among_those_that_were_dead():
    def measures(trial, epoch, layer):
        # A tenth of all units is dead after the first epoch, more in the last layer.
        share = 0.1 + (0.05 if layer == trial.depth - 1 else -0.01)
        # A net without dead units has none that could come back.
        share = 0.0 if trial.seed == 0 else share
        return {"dead_units": share, "revived_units": 0.3 * share * (epoch == 1)}

    frame = judge(STUDY, made_up_tables(STUDY, measures))
    rows = frame[frame["claim"] == "dead-stay-dead"]
    assert list(rows["case"]) == ["Adam, rate 0.03", "Adam, rate 0.1"]
    assert rows["estimate"].to_list() == pytest.approx([0.3, 0.3])
    assert set(rows["num_excluded"]) == {1}


def test_a_difference_of_shares_is_not_called_a_share():
    tables = made_up_tables(STUDY, dead(RIGHT))
    frame = judge(STUDY, tables).set_index(["claim", "case"])["sentence"]
    found = {
        claim: frame[claim].iloc[-1].split(". The ")[1]
        for claim in ("dead-by-rate", "small-rate-spares", "dead-by-bias", "dead-grow")
    }
    assert found == {
        "dead-by-rate": "rise of the share of dead units minus that at the default rate is "
        "0.700 over 10 seeds; that is, 70.0 percentage points more units are dead than "
        "after training at the default rate, relative to initialisation",
        "small-rate-spares": "rise of the share of dead units is 0.000 over 10 seeds; that "
        "is, 0.0 percentage points more units are dead than at initialisation",
        "dead-by-bias": "share of dead units minus that with a bias of 0 is 0.500 over 10 "
        "seeds; that is, 50.0 percentage points more units are dead than in nets with an "
        "initial bias of 0",
        "dead-grow": "share of dead units after the last epoch minus that after the first is "
        "0.350 over 10 seeds; that is, 35.0 percentage points more units are dead than "
        "after the first epoch",
    }


def test_the_rise_is_from_initialisation_to_the_last_epoch_of_each_net():
    shares = killing.dead_units(made_up_tables(STUDY, dead(RIGHT)))
    shares = where(shares, activation="relu", bias=0.0)
    for rate in killing.RATES:
        found = killing.rise(shares, learning_rate=rate)
        assert found.index.tolist() == list(range(10))
        assert found.to_list() == pytest.approx([RIGHT[rate]] * 10)


def test_a_share_that_is_lost_in_a_layer_is_lost_for_the_net():
    def measures(trial, epoch, layer):
        is_lost = trial.seed == 3 and epoch and layer == 2
        return {"dead_units": float("nan") if is_lost else 0.1 * layer}

    rows = killing.over_layers(made_up_tables(STUDY, measures), "dead_units")
    is_lost = (rows["seed"] == 3) & (rows["epoch"] > 0)
    assert is_lost.any() and rows.loc[is_lost, "value"].isna().all()
    # Of layers 0 to 5 the mean is 0.25.
    assert rows.loc[~is_lost, "value"].to_list() == pytest.approx(
        [0.25] * int((~is_lost).sum())
    )


def test_where_no_unit_dies_neither_their_growth_nor_their_recovery_is_judged():
    def measures(trial, epoch, layer):
        is_small = trial.width == 2
        return {} if is_small else {"dead_units": 0.0, "revived_units": 0.0}

    tables = made_up_tables(STUDY, measures)
    found = verdicts(STUDY, tables, "dead-grow", "dead-stay-dead")
    for cases in found.values():
        assert set(cases.values()) == {"not testable here"}


def test_units_that_died_in_the_first_epoch_are_enough_to_judge_whether_more_do():
    # As many at the end as after the first epoch: they do not grow.
    tables = made_up_tables(STUDY, dead(RIGHT, first=1.0))
    found = verdicts(STUDY, tables, "dead-grow")["dead-grow"]
    assert set(found.values()) == {"contradicted"}
