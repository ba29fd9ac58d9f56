"""What has to be changed, and in which words, where something does not fit."""

import numpy as np
import pytest

from keras_rectifiers.diagnosis.checks.misfits import misfit, unequal, wrong_targets
from tests.diagnosis.made_up_outputs import MSE, NUMBERS, ONE_HOT, output


def test_a_loss_is_changed_in_compile_and_an_output_in_the_model():
    seen = output("linear", 1, MSE, NUMBERS)
    assert misfit(seen, "", "", "").where == "model"
    assert misfit(seen, "", "", "", kind="loss").where == "compile"
    assert wrong_targets(seen, "", "", "").where == "data"


@pytest.mark.parametrize(
    ("targets", "words"),
    [(NUMBERS, ("one number", "one unit")), (ONE_HOT, ("3 ",) * 2)],
)
def test_numbers_of_targets_and_units_are_told(targets, words):
    finding = unequal(output("linear", 5, MSE, targets))
    assert f"the targets have {words[0]}" in finding.observation
    assert "5 outputs" in finding.observation
    assert f"Give the last layer {words[1]}" in finding.advice


def test_one_unit_is_compared_with_all_numbers_of_a_target():
    finding = unequal(output("sigmoid", 1, MSE, ONE_HOT))
    assert "the targets have 3 numbers" in finding.observation
    assert finding.meaning == "The same output is compared with all of them."
    assert "np.argmax(y, axis=-1)" in finding.advice
    finding = unequal(output("linear", 1, MSE, np.c_[NUMBERS, NUMBERS]))
    assert finding.advice == "Give the last layer 2 units."
