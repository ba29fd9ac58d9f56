"""Nets that are dead from the start, counted against the formula."""

import numpy as np
import pytest

from keras_rectifiers.comparison.statistics import wilson
from keras_rectifiers.comparison.verdicts.judging import judge
from studies import dying_relu
from studies.dying_relu import born_dead
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = dying_relu.STUDY


@pytest.mark.parametrize(
    ("share", "verdict", "bound"),
    [
        (born_dead.BORN_DEAD, "supported", "inconclusive"),
        (0.85, "contradicted", "supported"),
        (0.98, "contradicted", "contradicted"),
    ],
)
def test_nets_born_dead_are_counted(share, verdict, bound):
    drawn = np.random.default_rng(0).random(1000) < share

    def measures(trial, epoch, layer):
        # One silent layer is enough.
        is_silent = trial.width == 2 and layer == 3 and drawn[trial.seed]
        return {"silent_units": 1.0 if is_silent else 0.5}

    tables = made_up_tables(STUDY, measures, num_seeds=1000)
    found = verdicts(STUDY, tables)
    assert found["born-dead"] == {"one example": verdict}
    assert found["born-dead-bound"] == {"256 examples": bound}
    row = judge(STUDY, tables).set_index("claim").loc["born-dead"]
    interval = wilson(int(drawn.sum()), 1000)
    assert (row["n"], row["estimate"]) == (1000, pytest.approx(drawn.mean()))
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_the_formula_of_lu_is_that_of_10_layers_of_2_units():
    assert pytest.approx(0.925, abs=5e-4) == born_dead.BORN_DEAD
