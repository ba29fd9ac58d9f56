"""Accuracies among any number of classes, set against what guessing gets."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.data import datasets
from studies import guessing
from studies.learning import has_learned
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


@pytest.fixture
def skewed(tmp_path) -> str:
    """The path of a data set of three classes, one with nine tenths of the examples."""
    rng = np.random.default_rng(0)
    path = tmp_path / "skewed.npz"
    labels = np.array([0] * 18 + [1, 2])
    np.savez(
        path,
        x_train=rng.normal(size=(400, 4)),
        y_train=np.tile(labels, 20),
        x_test=rng.normal(size=(40, 4)),
        y_test=np.tile(labels, 2),
    )
    return str(path)


def test_of_classes_that_are_not_balanced_a_guess_names_the_most_frequent(skewed):
    accuracies = [0.9, 0.95, 1.0, 0.5]
    trials = pd.DataFrame({"dataset": skewed, "test_accuracy": accuracies})
    # From 0.9 to 1 as from 0.1 to 1: half of the way is 0.55.
    assert list(guessing.as_of_ten_classes(trials)) == pytest.approx(
        [0.1, 0.55, 1.0, -3.5]
    )
    entropy = -(0.9 * np.log(0.9) + 2 * 0.05 * np.log(0.05))
    assert list(guessing.loss_of_guessing(trials)) == pytest.approx(
        [entropy] * 4, abs=0.01
    )


def test_a_net_that_names_one_class_alone_has_not_learned(skewed):
    nets = pd.DataFrame(
        {
            "dataset": skewed,
            "test_accuracy": [0.9, 0.96],
            "train_loss": [0.394, 0.1],
            "diverged": False,
        }
    )
    assert has_learned(nets).tolist() == [False, True]


def test_an_accuracy_in_float32_is_the_share_that_it_stands_for():
    # Of 360 examples 72 are right, which is 0.20000000298 in float32.
    accuracy = float(np.float32(72 / 360))
    trials = pd.DataFrame({"dataset": ["digits"], "test_accuracy": [accuracy]})
    assert accuracy > 0.2
    assert guessing.as_of_ten_classes(trials).item() == 0.2


def test_of_numbers_a_guess_is_their_mean_and_there_is_no_accuracy():
    trials = pd.DataFrame({"dataset": ["curve"] * 2, "test_accuracy": np.nan})
    assert guessing.as_of_ten_classes(trials).isna().all()
    y = datasets.load("curve").y_train.astype(np.float64)
    wanted = np.mean((y - y.mean()) ** 2)
    assert list(guessing.loss_of_guessing(trials)) == pytest.approx([wanted] * 2)
