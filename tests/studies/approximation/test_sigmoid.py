"""The sigmoids of two units, against what is computed by hand."""

import numpy as np
import pytest

from studies.approximation import STUDY, sigmoid
from tests.studies.made_up_studies import made_up_tables, verdicts


def test_the_difference_of_two_functions_is_as_far_from_the_sigmoid_as_computed_by_hand():
    effects = sigmoid._deviations(made_up_tables(STUDY))
    found = {case: values.iloc[0] for case, values in effects.items()}
    # That of the ramp is at its corner.
    assert found["two ReLUs, half-shift 2"] == pytest.approx(1 / (1 + np.exp(2)))
    wanted = {"0.5": 0.004, "1": 0.015, "2": 0.054}
    for shift, value in wanted.items():
        assert round(found[f"two softplus, half-shift {shift}"], 3) == value


def test_a_formula_is_judged_whatever_the_number_of_seeds():
    one = made_up_tables(STUDY, num_seeds=1)
    found = verdicts(STUDY, one, "sigmoid-from-two")["sigmoid-from-two"]
    assert set(found.values()) == {"supported"}
