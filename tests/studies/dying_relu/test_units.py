"""The shares of units that are dead, on made-up tables with known answers."""

import pytest

from keras_rectifiers.comparison.statistics import where
from studies.dying_relu import STUDY, units
from tests.studies.dying_relu.made_up_deaths import RIGHT, dead
from tests.studies.made_up_studies import made_up_tables


def test_the_rise_is_from_initialisation_to_the_last_epoch_of_each_net():
    shares = units.dead_units(made_up_tables(STUDY, dead(RIGHT)))
    shares = where(shares, activation="relu", bias=0.0)
    for rate in units.RATES:
        found = units.rise(shares, learning_rate=rate)
        assert found.index.tolist() == list(range(10))
        assert found.to_list() == pytest.approx([RIGHT[rate]] * 10)


def test_a_share_that_is_lost_in_a_layer_is_lost_for_the_net():
    def measures(trial, epoch, layer):
        is_lost = trial.seed == 3 and epoch and layer == 2
        return {"dead_units": float("nan") if is_lost else 0.1 * layer}

    rows = units.over_layers(made_up_tables(STUDY, measures), "dead_units")
    is_lost = (rows["seed"] == 3) & (rows["epoch"] > 0)
    assert is_lost.any() and rows.loc[is_lost, "value"].isna().all()
    # Of layers 0 to 5 the mean is 0.25.
    assert rows.loc[~is_lost, "value"].to_list() == pytest.approx(
        [0.25] * int((~is_lost).sum())
    )
