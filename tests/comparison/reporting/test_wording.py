"""Names as people say them."""

import pytest

from keras_rectifiers.comparison.reporting.wording import (
    activations_named,
    agreeing,
    dataset_in_words,
    dataset_name,
    said,
    setting_in_words,
)
from studies import STUDIES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("relu", "ReLU"),
        ("leaky_relu, leaky_relu_0.1.", "leaky ReLU (0.01), leaky ReLU (0.1)."),
        ("mean_shift of elu", "mean shift of ELU"),
        ("a_relu_b, studies.relu, dying_relu", "a_relu_b, studies.relu, dying_relu"),
        ("ReLU and sparsity", "ReLU and sparsity"),
    ],
)
def test_only_whole_names_of_code_are_replaced(text, expected):
    assert said(text) == expected


def test_activations_are_found_by_name_and_by_title():
    assert activations_named("PReLU and leaky_relu_0.1, MLP") == {
        "prelu",
        "leaky_relu_0.1",
    }
    assert activations_named("Tanh does better than sigmoid.") == {"tanh", "sigmoid"}
    # Of which slope it is, the text does not say.
    assert activations_named("Leaky ReLU is better.") == set()


def test_only_one_has_the_singular():
    words = [f"{n} {agreeing(n, 'case is', 'cases are')}" for n in (0, 1, 2)]
    assert words == ["0 cases are", "1 case is", "2 cases are"]


def test_an_unknown_data_set_is_called_by_its_name():
    assert "8 × 8" in dataset_in_words("digits")
    assert dataset_in_words("adding_20") == "the adding problem of 20 steps"
    assert dataset_in_words("own.npz") == "own.npz"


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("fashion_mnist", "Fashion-MNIST"),
        ("cifar10", "CIFAR-10"),
        ("digits", "digits"),
        ("two_moons", "two moons"),
        ("my_own.npz", "my_own.npz"),
    ],
)
def test_a_data_set_has_the_name_that_it_was_published_by(name, published):
    assert dataset_name(name) == published


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("architecture", "lstm", "LSTM"),
        ("initializer", "he", "He initialisation"),
        ("global_clipnorm", 0.0, "gradients not clipped"),
        ("global_clipnorm", 1.0, "gradients clipped to norm 1"),
        ("activity_l1", 0.0003, "L1 penalty on activations 0.0003"),
        ("batch_normalization", True, "batch normalisation"),
        ("width", 30, "30 units"),
        ("bias", -0.5, "bias −0.5"),
        ("schedule", "cosine", "schedule cosine"),
    ],
)
def test_a_setting_is_said_in_words(name, value, words):
    assert setting_in_words(name, value) == words


def test_every_data_set_of_the_studies_has_words():
    names = {
        trial.dataset for study in STUDIES.values() for trial in study.planned("quick")
    }
    assert {name for name in names if dataset_in_words(name) == name} == set()
