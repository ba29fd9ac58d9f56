"""Frames of measurements, and the gradient decay of each trial."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from keras_rectifiers.comparison.statistics import (
    after_training,
    by_seed,
    decay,
    measured,
    where,
    with_trials,
)
from keras_rectifiers.comparison.trials.store import Tables

# float64 throughout.
EXACT = 1e-12


def tables(gradients: dict[tuple[str, int], list[float]]) -> Tables:
    rows = [
        (key, epoch, layer, "signal_gradient", value)
        for (key, epoch), values in gradients.items()
        for layer, value in enumerate(values)
    ]
    measurements = pd.DataFrame(
        rows, columns=["key", "epoch", "layer", "measure", "value"]
    ).astype({"layer": "Int16"})
    keys = sorted({key for key, _ in gradients})
    trials = pd.DataFrame({"key": keys, "activation": ["relu"] * len(keys)})
    return Tables(trials=trials, measurements=measurements, outputs=pd.DataFrame())


def test_decay_is_the_slope_of_each_trial_and_epoch():
    frame = decay(
        tables(
            {
                ("b", 0): [1e-3, 1e-2, 1e-1, 1.0],
                ("a", 0): [1.0, 1.0],
                ("a", 1): [100.0, 1.0],
            }
        )
    )
    assert frame["key"].tolist() == ["a", "a", "b"]
    assert frame["epoch"].tolist() == [0, 1, 0]
    np.testing.assert_allclose(frame["gradient_decay"], [0, 2, -1], atol=EXACT)
    assert frame["num_layers_left_out"].tolist() == [0, 0, 0]


def test_decay_takes_each_trial_and_epoch_by_itself():
    # Of other numbers of layers, so that no row of a neighbour goes unnoticed.
    frame = decay(
        tables(
            {
                ("a", 0): [1.0, 10.0, 100.0],
                ("a", 1): [1.0],
                ("b", 0): [1e4, 1e2, 1.0, 1e-2],
                ("c", 3): [0.1, 1e-2],
            }
        )
    )
    np.testing.assert_allclose(frame["gradient_decay"], [-1, np.nan, 2, 1], atol=EXACT)


def test_decay_leaves_out_layers_without_gradient_and_counts_them():
    frame = decay(tables({("a", 0): [0.0, np.nan, 0.1, 1.0], ("b", 0): [0.0, 1.0]}))
    assert frame["gradient_decay"][0] == pytest.approx(-1, abs=EXACT)
    assert np.isnan(frame["gradient_decay"][1])
    assert frame["num_layers_left_out"].tolist() == [2, 1]


def test_decay_of_no_trial_is_an_empty_frame_of_the_same_columns():
    frame = decay(tables({}))
    assert list(frame) == ["key", "epoch", "gradient_decay", "num_layers_left_out"]
    assert len(frame) == 0
    assert frame["num_layers_left_out"].dtype == int


@pytest.mark.parametrize(
    ("layers", "named"), [([0, 1, 3], "3"), ([0, 1, 1], "1"), ([0, 1, pd.NA], "<NA>")]
)
def test_decay_names_the_layer_that_is_out_of_order(layers, named):
    made = tables({("a", 0): [1.0, 1.0, 1.0]})
    rows = made.measurements.assign(layer=pd.array(layers, dtype="Int16"))
    broken = Tables(trials=made.trials, measurements=rows, outputs=made.outputs)
    with pytest.raises(ValueError) as error:
        decay(broken)
    assert f"layer {named} " in str(error.value)


@pytest.mark.parametrize("change", ["lacking", "repeated"])
def test_decay_refuses_layers_that_are_not_each_there_once(change):
    made = tables({("a", 0): [1.0, 1.0, 1.0]})
    rows = made.measurements
    rows = rows.drop(index=1) if change == "lacking" else pd.concat([rows, rows])
    broken = Tables(trials=made.trials, measurements=rows, outputs=made.outputs)
    with pytest.raises(
        ValueError, match="Trial 'a', epoch 0: expected one signal_gradient for each"
    ):
        decay(broken)


def test_after_training_is_the_last_epoch_of_what_was_trained():
    rows = pd.DataFrame(
        {
            "key": ["a", "a", "b", "c", "c", "c", "a"],
            "epoch": [0, 1, 0, 5, 5, 3, 1],
            "value": range(7),
        }
    )
    assert after_training(rows)["value"].tolist() == [1, 3, 4, 6]


def test_measured_joins_the_settings_of_the_trials():
    rows = measured(tables({("a", 0): [1.0, 2.0]}), "signal_gradient")
    assert rows[["activation", "layer", "value"]].to_numpy().tolist() == [
        ["relu", 0, 1.0],
        ["relu", 1, 2.0],
    ]


def test_a_measured_trial_that_is_not_listed_is_named():
    message = (
        "Expected every measured trial in the table of trials. Received: 1 that are "
        "not in it, such as 'z'."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        with_trials(pd.DataFrame({"key": ["a", "z"]}), tables({("a", 0): [1.0]}))


def test_a_trial_that_is_listed_twice_is_refused():
    made = tables({("a", 0): [1.0]})
    twice = dataclasses.replace(made, trials=pd.concat([made.trials, made.trials]))
    with pytest.raises(pd.errors.MergeError, match="not a many-to-one merge"):
        with_trials(pd.DataFrame({"key": ["a"]}), twice)


def test_values_stand_by_seed_whatever_the_order():
    rows = pd.DataFrame({"seed": [2, 0, 1], "value": [0.2, 0.0, 0.1], "depth": 3})
    expected = pd.Series([0.0, 0.1, 0.2], index=pd.Index([0, 1, 2], name="seed"))
    pd.testing.assert_series_equal(by_seed(rows), expected, check_names=False)


def test_where_selects_by_value_and_by_any_of_several():
    frame = pd.DataFrame(
        {
            "activation": ["relu"] * 3 + ["elu"] * 3,
            "seed": [0, 1, 2, 0, 1, 2],
            "loss": [1.0, 2.0, 4.0, 10.0, 20.0, 40.0],
        }
    )
    chosen = where(frame, activation="relu", seed=[0, 2])
    assert chosen["loss"].tolist() == [1.0, 4.0]
    assert len(where(frame)) == len(frame)


def test_decay_is_the_slope_of_scipys_regression(rng):
    gradients = 10 ** rng.normal(-3, 1, 12)
    rows = pd.DataFrame(
        {
            "key": "a",
            "epoch": 0,
            "layer": range(12),
            "measure": "signal_gradient",
            "value": gradients,
        }
    )
    tables = Tables(trials=pd.DataFrame(), measurements=rows, outputs=pd.DataFrame())
    distance = np.arange(12)[::-1]
    expected = scipy.stats.linregress(distance, np.log10(gradients)).slope
    assert decay(tables)["gradient_decay"].item() == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("seeds", [[0, 2], (0, 2), range(0, 3, 2)])
def test_several_values_may_stand_in_a_list_a_tuple_or_a_range(seeds):
    frame = pd.DataFrame({"seed": [0, 1, 2, 3]}, index=list("abcd"))
    assert where(frame, seed=seeds).index.tolist() == ["a", "c"]


def test_whoever_changes_the_decays_changes_those_of_nobody_else():
    made = tables({("a", 0): [1.0, 10.0]})
    changed = decay(made)
    changed["gradient_decay"] = 99.0
    assert decay(made)["gradient_decay"].tolist() == pytest.approx([-1], abs=EXACT)


@pytest.mark.parametrize(
    "settings",
    [
        {"key": ["a", "c"]},
        {"epoch": 0, "activation": "relu"},
        {"layer": [0, 2], "activation": ["relu", "tanh"]},
        {"activation": "gone"},
    ],
)
def test_settings_choose_the_rows_before_they_are_joined_with_the_trials(settings):
    gradients = {(key, epoch): [1.0, 2.0, 3.0] for key in "abc" for epoch in (0, 1)}
    made = tables(gradients)
    trials = made.trials.assign(activation=["relu", "tanh", "elu"])
    made = dataclasses.replace(made, trials=trials)
    expected = where(measured(made, "signal_gradient"), **settings)
    found = measured(made, "signal_gradient", **settings)
    assert len(found) == len(expected)
    pd.testing.assert_frame_equal(found, expected.reset_index(drop=True))
