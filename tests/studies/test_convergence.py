"""The claims of the study of convergence, on made-up tables with known answers."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.verdicts.judging import judge
from studies import convergence
from tests.studies.made_up_studies import made_up_tables, verdicts

STUDY = convergence.STUDY


def curves(**epochs):
    """Nets that get to the threshold after so many epochs, some seeds one later."""

    def values(trial, epoch):
        needed = epochs.get(trial.activation, 5) + trial.seed % 2
        is_best = trial.learning_rate == convergence.RATES[0]
        return {"train_loss": 0.1 if epoch >= needed and is_best else 0.11}

    return values


@pytest.mark.parametrize(
    ("relu", "tanh", "verdict"),
    [(3, 9, "supported"), (6, 7, "contradicted"), (6, 2, "contradicted")],
)
def test_twice_the_epochs_are_claimed(relu, tanh, verdict):
    tables = made_up_tables(STUDY, curves=curves(relu=relu, tanh=tanh))
    assert verdicts(STUDY, tables) == {"faster-than-tanh": {"MLP, Adam": verdict}}


def test_a_tanh_that_never_gets_there_is_slower_by_as_much_as_it_was_watched():
    tables = made_up_tables(STUDY, curves=curves(relu=3, tanh=99))
    (row,) = judge(STUDY, tables).to_dict("records")
    assert (row["verdict"], row["num_censored"]) == ("supported", 10)
    assert row["low"] == pytest.approx(np.log2(20 / 4))


def test_where_neither_gets_there_nothing_is_known():
    tables = made_up_tables(STUDY, curves=curves(relu=99, tanh=99))
    assert verdicts(STUDY, tables) == {
        "faster-than-tanh": {"MLP, Adam": "not testable here"}
    }


def test_a_seed_that_was_not_trained_stays_in_without_a_value():
    tables = made_up_tables(STUDY, curves=curves(relu=3, tanh=9))
    trials = tables.trials
    is_lacking = (trials["activation"] == "tanh") & (trials["seed"] == 4)
    measurements = tables.measurements.merge(trials[["key", "activation", "seed"]])
    lacking = trials.loc[is_lacking, "key"]
    part = type(tables)(
        trials=trials[~is_lacking],
        measurements=measurements[~measurements["key"].isin(lacking)],
        outputs=tables.outputs,
    )
    (row,) = judge(STUDY, part).to_dict("records")
    assert (row["n"], row["num_excluded"]) == (9, 1)


def test_the_rate_is_chosen_for_the_fewest_epochs():
    tables = made_up_tables(STUDY, curves=curves(relu=3, tanh=9))
    # The validation loss would choose the largest rate.
    worse = tables.trials.assign(validation_loss=-tables.trials["learning_rate"])
    tables = type(tables)(
        trials=worse, measurements=tables.measurements, outputs=tables.outputs
    )
    ratios = convergence.doublings(tables, "tanh", "relu")
    expected = pd.Series(np.log2([9 / 3, 10 / 4] * 5), name="least")
    pd.testing.assert_series_equal(
        ratios["least"].reset_index(drop=True), expected, check_exact=False
    )
