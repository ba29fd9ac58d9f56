"""A trial: its key, its population, and lists of trials."""

import dataclasses

import numpy as np
import pytest

from keras_rectifiers.comparison.trials.trial import VALUE_FIELDS, Trial, distinct


def test_a_trial_has_a_default_for_everything():
    trial = Trial(activation="rrelu", depth=10, seed=3)
    assert trial.settings()["dataset"] == "digits"
    assert trial.settings()["optimizer"] == "adam"


def key(trial, data_checksum="", backend="tensorflow"):
    return trial.key(data_checksum, backend=backend)


def test_an_integer_is_taken_for_a_float_and_gives_the_same_key():
    assert key(Trial(bias=1)) == key(Trial(bias=1.0))


def test_numbers_of_numpy_are_taken_and_give_the_same_key():
    (seed,), (rate,) = np.arange(1) + 3, np.logspace(-2, -2, 1)
    trial = Trial(seed=seed, learning_rate=rate)
    assert type(trial.seed) is int and type(trial.learning_rate) is float
    assert key(trial) == key(Trial(seed=3, learning_rate=0.01))


def test_minus_zero_is_zero():
    trial = Trial(bias=-0.0)
    assert trial == Trial() and key(trial) == key(Trial())


def test_the_key_depends_on_every_field_the_data_and_the_backend():
    other = {
        "dataset": "ring",
        "inputs": "raw",
        "architecture": "cnn",
        "activation": "elu",
        "initializer": "he",
        "optimizer": "rmsprop",
        "momentum": 0.5,
        "nesterov": True,
        "schedule": "cosine",
        "batch_normalization": True,
        "dropout": 0.5,
        "split": "by_seed",
    }
    # Some settings are for some others only.
    one = {"optimizer": "sgd", "momentum": 0.9, "train_size": 100}
    net = Trial(**one)
    keys = {key(net, "a"), key(net, "b"), key(net, "a", "jax")}
    for field in dataclasses.fields(Trial):
        if field.name == "recipe":  # it does without most of the others
            keys.add(key(Trial(batch_size=1, recipe="shape"), "a"))
            continue
        if field.name in other:
            value = other[field.name]
        else:
            value = field.default + 1
        keys.add(key(Trial(**one | {field.name: value}), "a"))
    assert len(keys) == 3 + len(dataclasses.fields(Trial))


def test_the_key_stays_what_it_was_when_results_were_stored():
    assert key(Trial(), "data") == "b6d73ec8640955a483f7b9ae"


def test_trials_that_differ_only_in_values_share_a_population():
    same = {
        "seed": 7,
        "learning_rate": 0.1,
        "initializer": "he",
        "weight_scale": 2.0,
        "bias": 0.5,
        "pretraining": 2,
    }
    assert set(same) == set(VALUE_FIELDS)
    assert Trial(**same).population() == Trial().population()
    assert Trial(depth=3).population() != Trial().population()


def test_booleans_and_strings_of_numpy_are_taken_as_its_numbers_are():
    trial = Trial(batch_normalization=np.True_, activation=np.array(["elu"])[0])
    assert trial.batch_normalization is True and type(trial.activation) is str
    assert key(trial) == key(Trial(batch_normalization=True, activation="elu"))


def test_each_trial_counts_once_whatever_holds_them():
    trials = [Trial(seed=2), Trial(seed=1), Trial(seed=2)]
    for given in (trials, tuple(trials), iter(trials), dict.fromkeys(trials)):
        assert distinct(given) == trials[:2]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            Trial(),
            "trials must be an iterable of Trials. For a single Trial, write [trial]. "
            "Received: a single Trial.",
        ),
        (
            None,
            "trials must be an iterable of Trials. Received: None, of type NoneType.",
        ),
        (
            [Trial(), "x"],
            "trials must contain only Trials. Received: 'x', of type str, at index 1.",
        ),
        (Trial, "trials must be an iterable of Trials. Received: <class "),
        (
            "relu",
            "trials must contain only Trials. Received: 'r', of type str, at index 0.",
        ),
    ],
)
def test_what_holds_no_trials_is_refused(given, message):
    with pytest.raises(TypeError) as raised:
        distinct(given)
    assert str(raised.value).startswith(message)
