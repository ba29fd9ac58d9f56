"""Tables as if training had ended earlier."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.statistics import ended_after
from keras_rectifiers.comparison.trials.store import Tables
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.made_up_curves import key, tables_of_curves, without_rows

NETS = [Trial(epochs=4, seed=seed) for seed in range(3)]


def curve(trial: Trial, epoch: int) -> tuple[float, float, float]:
    return 0.1 * epoch + 0.01 * trial.seed, 3.0 - 0.5 * epoch, 2.0 - 0.1 * epoch


def outcomes(tables: Tables, trial: Trial) -> pd.Series:
    return tables.trials.set_index("key").loc[key(trial)]


@pytest.mark.parametrize("epoch", [1, 3, 4])
def test_outcomes_are_those_of_the_curves_at_that_epoch_on_the_validation_split(epoch):
    tables = tables_of_curves(NETS, curve, test_accuracy=0.77)
    found = outcomes(ended_after(tables, epoch), NETS[2])
    accuracy, loss, train_loss = curve(NETS[2], epoch)
    assert found["validation_accuracy"] == found["test_accuracy"] == accuracy
    assert found["validation_loss"] == found["test_loss"] == loss
    assert found["train_loss"] == train_loss
    assert found["epochs"] == epoch
    assert not found["diverged"]
    assert np.isnan(found["train_accuracy"])
    # The tables given stay as they are.
    assert outcomes(tables, NETS[2])["test_accuracy"] == 0.77


def test_what_was_measured_later_or_tells_the_end_is_not_there():
    tables = tables_of_curves(NETS, curve)
    of_layers = pd.DataFrame(
        [
            (key(NETS[0]), epoch, 0, measure, 0.5)
            for epoch in range(5)
            for measure in ("dead_units", "revived_units")
        ],
        columns=tables.measurements.columns,
    ).astype({"layer": "Int16"})
    rows = pd.concat([tables.measurements, of_layers], ignore_index=True)
    found = ended_after(dataclasses.replace(tables, measurements=rows), 2)
    assert found.measurements["epoch"].max() == 2
    measured = found.measurements[found.measurements["layer"].notna()]
    assert list(measured["measure"]) == ["dead_units"] * 3
    assert found.outputs.empty


@pytest.mark.parametrize("part", [1, 2])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_net_whose_loss_is_not_finite_at_an_epoch_has_diverged_from_then_on(
    value, part
):
    def diverging(trial, epoch):
        values = list(curve(trial, epoch))
        if trial.seed == 1 and epoch >= 3:
            values[part] = value
        return tuple(values)

    tables = tables_of_curves(NETS, diverging)
    for epoch, expected in ((2, False), (3, True), (4, True)):
        found = ended_after(tables, epoch)
        assert outcomes(found, NETS[1])["diverged"] == expected
        assert not outcomes(found, NETS[0])["diverged"]


def test_a_net_without_a_value_at_an_epoch_counts_as_diverged_there_and_only_there():
    tables = without_rows(tables_of_curves(NETS, curve), key(NETS[1]), 3)
    found = outcomes(ended_after(tables, 3), NETS[1])
    assert found["diverged"] and np.isnan(found["test_accuracy"])
    assert not outcomes(ended_after(tables, 3), NETS[0])["diverged"]
    assert not outcomes(ended_after(tables, 4), NETS[1])["diverged"]


def test_a_net_that_stopped_early_keeps_its_last_values():
    tables = tables_of_curves(NETS, curve)
    stopped = pd.array([pd.NA, 2, pd.NA], dtype="Int32")
    rows = tables.measurements
    is_later = (rows["key"] == key(NETS[1])) & (rows["epoch"] > 2)
    tables = dataclasses.replace(
        tables,
        trials=tables.trials.assign(stopped_epoch=stopped),
        measurements=rows[~is_later],
    )
    found = outcomes(ended_after(tables, 4), NETS[1])
    assert found["test_accuracy"] == curve(NETS[1], 2)[0]
    assert found["stopped_epoch"] == 2 and not found["diverged"]
    # Of a training that ends before, nothing tells that it would have stopped.
    assert outcomes(ended_after(tables, 1), NETS[1])["stopped_epoch"] is pd.NA
