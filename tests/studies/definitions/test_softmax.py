"""Softmax, against sums in plain Python."""

import math

import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison.reporting.identities import TOLERANCE
from studies.definitions import softmax, softplus


def test_softmax_and_log_sum_exp_are_those_of_plain_sums():
    for x, in_text in softmax.EXAMPLES:
        powers = [math.exp(number) for number in x]
        shares = [power / sum(powers) for power in powers]
        got = softmax.softmax(np.array(x))
        np.testing.assert_allclose(got, shares, atol=TOLERANCE)
        assert [round(share, 3) for share in shares] == list(in_text)
        total = softplus.log_sum_exp(np.array(x))
        assert total == pytest.approx(math.log(sum(powers)), abs=TOLERANCE)
        of_keras = ops.convert_to_numpy(ops.softmax(np.array(x, np.float32)))
        np.testing.assert_allclose(of_keras, shares, atol=TOLERANCE)


def test_equal_numbers_at_the_end_of_an_example_stand_once():
    (identity,) = softmax.IDENTITIES
    rows = identity.rows
    assert rows[0] == (
        "3, 0.7, 0.5",
        "0.846, 0.085, 0.069",
        "0.84578, 0.08480, 0.06943",
    )
    assert rows[2][:2] == ("1.5, 9 times 1.2", "0.130, 9 times 0.097")
