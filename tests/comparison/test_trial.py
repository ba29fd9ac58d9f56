import dataclasses

import pytest

from keras_rectifiers.comparison.trial import VALUE_FIELDS, Trial


def test_a_trial_has_a_default_for_everything():
    trial = Trial(activation="rrelu", depth=10, seed=3)
    assert trial.settings()["dataset"] == "digits"
    assert trial.settings()["optimizer"] == "adam"


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"depth": 0}, ValueError, "Trial's depth must be at least 1. Got 0."),
        ({"seed": -1}, ValueError, "Trial's seed must be at least 0. Got -1."),
        (
            {"depth": 2.0},
            TypeError,
            "Trial's depth must be of type int. Got 2.0, of type float.",
        ),
        (
            {"depth": True},
            TypeError,
            "Trial's depth must be of type int. Got True, of type bool.",
        ),
        (
            {"learning_rate": float("nan")},
            ValueError,
            "Trial's learning_rate must be a finite number. Got nan.",
        ),
        (
            {"learning_rate": 0},
            ValueError,
            "Trial's learning_rate must be above 0. Got 0.0.",
        ),
        (
            {"initializer": "xavier"},
            ValueError,
            "Trial's initializer must be one of 'gain', 'he', 'glorot'. Got 'xavier'.",
        ),
    ],
)
def test_bad_settings_are_refused_at_construction(settings, error, message):
    with pytest.raises(error) as raised:
        Trial(**settings)
    assert str(raised.value) == message


def test_an_integer_is_taken_for_a_float_and_gives_the_same_key():
    assert Trial(bias=1).key("") == Trial(bias=1.0).key("")


def test_the_key_depends_on_every_field_and_on_the_data():
    other = {
        "dataset": "other",
        "architecture": "cnn",
        "activation": "elu",
        "initializer": "he",
        "optimizer": "sgd",
    }
    keys = {Trial().key("a"), Trial().key("b")}
    for field in dataclasses.fields(Trial):
        value = other.get(field.name, field.default)
        keys.add(
            Trial(**{field.name: value if field.name in other else value + 1}).key("a")
        )
    assert len(keys) == 2 + len(dataclasses.fields(Trial))


def test_the_key_stays_what_it_was_when_results_were_stored():
    assert Trial().key("data") == "82806dacd410c050282f7cce"


def test_trials_that_differ_only_in_values_share_a_population():
    same = {"seed": 7, "learning_rate": 0.1, "initializer": "he", "bias": 0.5}
    assert set(same) == set(VALUE_FIELDS)
    assert Trial(**same).population() == Trial().population()
    assert Trial(depth=3).population() != Trial().population()
