"""What kills units, on made-up tables with known answers."""

import dataclasses

import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import where
from keras_rectifiers.comparison.verdicts.judging import judge
from studies.dying_relu import STUDY, killing
from studies.dying_relu.units import RATES
from tests.studies.dying_relu.made_up_deaths import RIGHT, dead
from tests.studies.made_up_studies import made_up_tables


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
        "is, 0 percentage points more or fewer units are dead than at initialisation",
        "dead-by-bias": "share of dead units minus that with a bias of 0 is 0.500 over 10 "
        "seeds; that is, 50.0 percentage points more units are dead than in nets with an "
        "initial bias of 0",
        "dead-grow": "share of dead units after the last epoch minus that after the first is "
        "0.350 over 10 seeds; that is, 35.0 percentage points more units are dead than "
        "after the first epoch",
    }


def test_the_property_is_what_dies_at_the_largest_rate_that_is_judged():
    (dying,) = killing.PROPERTIES
    (died,) = dying.values(made_up_tables(STUDY, dead(RIGHT))).values()
    assert died.to_list() == pytest.approx([RIGHT[0.1]] * 10)


def test_a_picture_has_the_nets_of_one_budget_alone(monkeypatch):
    tables = made_up_tables(STUDY, dead(RIGHT))
    own = where(tables.trials, learning_rate=0.03, activation="relu", bias=0.0)
    # Another study trains such nets for longer.
    longer = own.assign(key=own["key"] + " longer", epochs=20)
    rows = where(tables.measurements, key=list(own["key"]), measure="dead_units")
    later = rows.assign(key=rows["key"] + " longer", epoch=rows["epoch"] + 12)
    both = dataclasses.replace(
        tables,
        trials=pd.concat([tables.trials, longer]),
        measurements=pd.concat([tables.measurements, later]),
    )
    drawn = []
    monkeypatch.setattr(
        killing.figures, "pictures_by_layer", lambda rows, **_: drawn.append(rows)
    )
    (layers,) = [figure for figure in killing.FIGURES if figure.name == "layers"]
    layers.draw(both)
    (shown,) = drawn
    assert set(shown["epochs"]) == {8}
    assert set(shown["rate"]) == {f"rate {rate:g}" for rate in RATES}
