"""Columns that are copies of others."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks import data
from keras_rectifiers.diagnosis.checks.duplicates import check


def test_a_column_that_was_read_many_times_is_told(rng):
    x = np.repeat(rng.normal(size=(60, 1)), 5, axis=1)
    (finding,) = check([x])
    assert (finding.kind, finding.where, finding.value) == (
        "equal columns",
        "data",
        0.8,
    )
    assert finding.observation == (
        "4 of 5 columns of the inputs (1, 2, 3, 4) are copies of others, such as 1 of 0"
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: rng.normal(size=(60, 5)),
        # Two of six are the same on purpose, or answers are alike by chance.
        lambda rng: rng.normal(size=(60, 6))[:, [0, 1, 2, 3, 4, 4]],
        lambda rng: np.repeat(rng.integers(0, 2, (60, 1)), 5, axis=1),
        lambda rng: np.zeros((60, 5)),
        lambda rng: np.repeat(rng.normal(size=(60, 1)), 2, axis=1),
        # Grey pictures as coloured ones.
        lambda rng: np.repeat(rng.normal(size=(60, 4, 4, 1)), 3, axis=-1),
    ],
)
def test_other_columns_are_left_in_peace(rng, make):
    assert check([make(rng)]) == []


def test_the_inputs_of_a_model_are_looked_at(rng):
    x = np.repeat(rng.normal(size=(60, 1)), 5, axis=1)
    (finding,) = data.check_inputs({"first": data.Columns.of(x)}, x)
    assert finding.kind == "equal columns"
