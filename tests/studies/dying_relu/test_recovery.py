"""Whether dead units recover, on made-up tables with known answers."""

import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies.dying_relu import STUDY
from tests.studies.dying_relu.made_up_deaths import RIGHT, dead
from tests.studies.made_up_studies import made_up_tables, verdicts


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
