"""Examples and columns that are NaN or infinite."""

import numpy as np

from keras_rectifiers.diagnosis.checks.lost_values import (
    not_finite,
    without_lost_columns,
)


def test_rows_and_columns_that_are_no_numbers_are_named(rng):
    x, y = rng.normal(size=(20, 4)), rng.normal(size=20)
    assert not_finite(x, y)[0] == []
    x[3, 1] = x[7, 2] = np.nan
    y[5] = np.inf
    (inputs, targets), finite = not_finite(x, y)
    assert inputs.observation == (
        "the inputs are NaN in 2 of 20 examples (the first rows: 3, 7), in 2 of 4 "
        "columns (1, 2)"
    )
    assert targets.observation == (
        "the targets are NaN or infinite in 1 of 20 examples (the first rows: 5)"
    )
    assert np.flatnonzero(~finite).tolist() == [3, 5, 7]


def test_columns_without_a_number_are_told_and_become_0(rng):
    x = rng.normal(size=(20, 4)).astype("float32")
    kept, found = without_lost_columns({"a": x})
    assert kept["a"] is x and found == []
    lost = x.copy()
    lost[:, [0, 2]] = np.nan, np.inf
    lost[3, 1] = np.nan
    kept, (finding,) = without_lost_columns([lost, x])
    assert finding.kind == "not finite data"
    assert finding.observation == (
        "2 of 4 columns (0, 2) of the inputs are NaN or infinite in every example"
    )
    assert kept[0].dtype == "float32" and not kept[0][:, [0, 2]].any()
    # The rule for examples tells of this one.
    assert np.isnan(kept[0][3, 1]) and kept[1] is x


def test_where_nothing_is_a_number_no_column_is_to_blame():
    x = np.full((20, 4), np.nan)
    kept, found = without_lost_columns(x)
    assert kept is x and found == []
