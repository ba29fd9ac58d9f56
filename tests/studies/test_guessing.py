"""Accuracies among any number of classes, set against what guessing gets."""

import numpy as np
import pandas as pd
import pytest

from studies import guessing
from tests.studies.made_up_command_line import save


def test_an_accuracy_is_set_against_what_guessing_gets(large):
    # Guessing among three gets a third right; 0.4 is a tenth of the way up from there.
    trials = pd.DataFrame(
        {
            "dataset": ["digits", large, large, large],
            "test_accuracy": [0.3, 1 / 3, 0.4, 1.0],
        },
        index=[7] * 4,
    )
    found = guessing.as_of_ten_classes(trials)
    assert list(found) == pytest.approx([0.3, 0.1, 0.19, 1.0])
    assert list(found.index) == [7] * 4


def test_with_two_classes_guessing_gets_a_half_right(tmp_path):
    save(tmp_path / "two.npz")
    accuracies = [0.5, 0.61, 1.0, 0.0, np.nan]
    trials = pd.DataFrame(
        {"dataset": str(tmp_path / "two.npz"), "test_accuracy": accuracies}
    )
    found = guessing.as_of_ten_classes(trials)
    # (a - 1/2) / (1/2) of the way from a tenth to 1.
    expected = [0.1, 0.298, 1.0, -0.8, np.nan]
    assert list(found) == pytest.approx(expected, nan_ok=True)
    assert list(trials["test_accuracy"])[:4] == accuracies[:4]
