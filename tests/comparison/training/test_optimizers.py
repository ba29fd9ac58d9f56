"""The optimizer of a trial, for one net and for a population."""

import keras
import numpy as np
import pytest

from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.training import optimizers
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import (
    assert_last_equals_the_same_trained_alone,
    train_alone,
)

DIGITS = datasets.load("digits")
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


# Each setting is such that the nets learn quite otherwise without it. The largest
# relative difference of a loss curve that was measured is 5e-7.
@pytest.mark.parametrize(
    "settings",
    [
        {
            "activation": "prelu",
            "optimizer": "adamw",
            "weight_decay": 0.3,
            "global_clipnorm": 0.1,
            "schedule": "cosine",
            "learning_rate": 0.03,
        },
        {
            "activation": "smooth_relu",
            "optimizer": "sgd",
            "momentum": 0.9,
            "nesterov": True,
            "clipnorm": 0.1,
            "weight_l1": 1e-3,
            "weight_l2": 1e-2,
            "learning_rate": 0.1,
        },
        {
            "activation": "prelu",
            "optimizer": "rmsprop",
            "momentum": 0.5,
            "weight_decay": 0.3,
            "schedule": "linear",
            "learning_rate": 0.01,
        },
    ],
    ids=lambda settings: settings["optimizer"],
)
def test_optimizers_act_on_each_member_as_on_a_net_alone(settings):
    # What acts over members together is seen by a member that has tame company.
    tame = settings | {"learning_rate": 1e-3}
    trials = [Trial(seed=0, **SMALL | tame), Trial(**SMALL | settings)]
    assert_last_equals_the_same_trained_alone(trials)


def test_a_norm_beyond_floats_loses_the_net_as_in_keras():
    trial = Trial(
        **SMALL | {"depth": 1, "epochs": 1},
        activation="linear",
        bias=1e20,
        optimizer="sgd",
        global_clipnorm=1.0,
    )
    assert train_alone([trial]).trials.diverged.all()
    assert training.train([trial]).trials.diverged.all()


@pytest.mark.parametrize(
    ("settings", "kind", "config"),
    [
        ({}, keras.optimizers.Adam, {"weight_decay": None, "clipnorm": None}),
        (
            {"optimizer": "adamw", "weight_decay": 0.1, "clipnorm": 2.0},
            keras.optimizers.AdamW,
            {"weight_decay": 0.1, "clipnorm": 2.0, "global_clipnorm": None},
        ),
        (
            {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
            keras.optimizers.SGD,
            {"momentum": 0.9, "nesterov": True, "weight_decay": None},
        ),
        (
            {"optimizer": "rmsprop", "momentum": 0.5, "global_clipnorm": 3.0},
            keras.optimizers.RMSprop,
            {"momentum": 0.5, "clipnorm": None, "global_clipnorm": 3.0},
        ),
    ],
    ids=["adam", "adamw", "sgd", "rmsprop"],
)
def test_the_optimizer_is_what_the_trial_says(settings, kind, config):
    optimizer = optimizers.optimizer(Trial(**settings), 0.5)
    assert type(optimizer) is kind
    assert config.items() <= optimizer.get_config().items()
    assert float(optimizer.learning_rate) == 0.5


@pytest.mark.parametrize(
    ("schedule", "shares"),
    [
        ("constant", [1, 1, 1, 1]),
        ("cosine", [1, (1 + 0.5**0.5) / 2, 0.5, 0]),
        ("linear", [1, 0.75, 0.5, 0]),
    ],
)
def test_the_learning_rate_falls_from_first_step_to_last(schedule, shares, tolerance):
    # 100 examples in batches of 32 are 3 steps: 12 in all.
    trial = Trial(schedule=schedule, epochs=4, batch_size=32)
    rate = optimizers.learning_rate(trial, 0.5, 100)
    optimizer = optimizers.optimizer(trial, rate)
    for step, share in zip([0, 3, 6, 12], shares, strict=True):
        optimizer.iterations.assign(step)
        got = keras.ops.convert_to_numpy(optimizer.learning_rate)
        np.testing.assert_allclose(got, share * 0.5, atol=tolerance)
