"""Settings that a trial refuses, each alone or together, and what it says of them."""

import dataclasses
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison.data import published
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.comparison.trials.trial_fields import DATASETS


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"depth": 0}, ValueError, "Trial's depth must be at least 1. Received: 0."),
        ({"seed": -1}, ValueError, "Trial's seed must be at least 0. Received: -1."),
        (
            {"seed": 2**63},
            ValueError,
            "Trial's seed must be below 9223372036854775808. Received: 9223372036854775808.",
        ),
        (
            {"depth": 2.0},
            TypeError,
            "Trial's depth must be of type int. Received: 2.0, of type float.",
        ),
        (
            {"depth": True},
            TypeError,
            "Trial's depth must be of type int. Received: True, of type bool.",
        ),
        (
            {"learning_rate": float("nan")},
            ValueError,
            "Trial's learning_rate must be a finite number. Received: nan.",
        ),
        (
            {"learning_rate": 0},
            ValueError,
            "Trial's learning_rate must be above 0. Received: 0.0.",
        ),
        (
            {"weight_scale": 0},
            ValueError,
            "Trial's weight_scale must be above 0. Received: 0.0.",
        ),
        (
            {"initializer": "xavier"},
            ValueError,
            "Trial's initializer must be one of 'gain', 'he', 'glorot', "
            "'uniform', 'identity'. Received: 'xavier'.",
        ),
        (
            {"initializer": "identity"},
            ValueError,
            "Trial's initializer 'identity' is for the architecture 'rnn'. Received: "
            "'identity' with 'mlp'.",
        ),
        (
            {"architecture": "rnn"},
            ValueError,
            "Trial's initializer must be 'glorot', Keras's default, or 'identity' with "
            "'rnn'. Received: 'gain'.",
        ),
        (
            {"architecture": "lstm", "initializer": "he"},
            ValueError,
            "Trial's initializer must be 'glorot', Keras's default, with 'lstm'. "
            "Received: 'he'.",
        ),
        (
            {"architecture": "rnn", "initializer": "glorot", "dropout": 0.5},
            ValueError,
            "Trial's architecture 'rnn' has none of these settings; leave them at their "
            "defaults. Received: dropout 0.5.",
        ),
        (
            {"architecture": "lstm", "initializer": "glorot", "activation": "elu"},
            ValueError,
            "Trial's activation must be 'tanh' or 'relu' with 'lstm'. Received: 'elu'.",
        ),
        (
            {"architecture": "rnn", "initializer": "glorot", "activation": "maxout"},
            ValueError,
            "Trial's activation must be element-wise with 'rnn'. Received: 'maxout'.",
        ),
        (
            {"optimizer": "sgd", "momentum": 1},
            ValueError,
            "Trial's momentum must be below 1. Received: 1.0.",
        ),
        ({"dropout": 1}, ValueError, "Trial's dropout must be below 1. Received: 1.0."),
        (
            {"momentum": 0.9},
            ValueError,
            "Trial's momentum is for the optimizers 'sgd' and 'rmsprop'. Received: 0.9 with "
            "'adam'; leave it at 0.",
        ),
        (
            {"optimizer": "sgd", "nesterov": True},
            ValueError,
            "Trial's nesterov is for the optimizer 'sgd' with a momentum above 0. Received: "
            "'sgd' with momentum 0.0.",
        ),
        (
            {"weight_decay": 0.01},
            ValueError,
            "Trial's weight_decay needs AdamW instead of Adam: use optimizer='adamw'. "
            "Received: 0.01 with 'adam'.",
        ),
        (
            {"optimizer": "adamw"},
            ValueError,
            "Trial's optimizer 'adamw' needs a weight_decay above 0, for example "
            "0.004, the default of Keras. Without weight decay, use 'adam'. Received: "
            "0.0.",
        ),
        (
            {"clipnorm": 1, "global_clipnorm": 2},
            ValueError,
            "Only one of Trial's clipnorm and global_clipnorm may be above 0. "
            "Received: 1.0 and 2.0.",
        ),
        (
            {"subset_seed": 3},
            ValueError,
            "Trial's subset_seed selects training examples, so it needs a train_size "
            "above 0. Received: subset_seed 3 with all.",
        ),
        (
            {"subset_seed": 3, "train_size": 100, "split": "by_seed"},
            ValueError,
            "Trial's subset_seed is for the split 'fixed': with 'by_seed' the seed "
            "selects the examples. Received: 3 with 'by_seed'.",
        ),
        (
            {"pretraining": -1},
            ValueError,
            "Trial's pretraining must be at least 0. Received: -1.",
        ),
        *(
            (
                {"pretraining": 5, **others},
                ValueError,
                "Trial's pretraining is for the architecture 'mlp' without batch "
                f"normalisation and penalties. Received: 5 with {shown}; leave it at 0.",
            )
            for others, shown in (
                ({"architecture": "cnn"}, "architecture 'cnn'"),
                (
                    {"architecture": "resmlp", "batch_normalization": True},
                    "architecture 'resmlp', batch_normalization True",
                ),
                ({"weight_l1": 0.1}, "weight_l1 0.1"),
                ({"weight_l2": 0.1}, "weight_l2 0.1"),
                ({"activity_l1": 0.1}, "activity_l1 0.1"),
            )
        ),
        (
            {"derivative_at_zero": 1.5},
            ValueError,
            "Trial's derivative_at_zero must be at most 1. Received: 1.5.",
        ),
        (
            {"derivative_at_zero": 0.5, "activation": "elu"},
            ValueError,
            "Trial's derivative_at_zero is for the activation 'relu'. Received: 0.5 with "
            "'elu'; leave it at 0.",
        ),
        (
            {"architecture": "nin", "depth": 5},
            ValueError,
            "Trial's depth must be even for the architecture 'nin', whose layers come in "
            "pairs. Received: 5.",
        ),
        (
            {"architecture": "nin_lin", "depth": 6},
            ValueError,
            "Trial's architecture 'nin_lin' is the net of a paper: depth must be 8 and "
            "width 192. For other sizes, use 'nin'. Received: depth 6 and width 32.",
        ),
        (
            {"architecture": "nin_lin", "depth": 8, "width": 192, "activation": "glu"},
            ValueError,
            "Trial's architecture 'nin_lin' needs an activation that acts on each unit "
            "separately, because its layers have the widths of the paper. Received: 'glu'.",
        ),
    ],
)
def test_bad_settings_are_refused_at_construction(settings, error, message):
    with pytest.raises(error) as raised:
        Trial(**settings)
    assert str(raised.value) == message


FIELDS = {field.name: field.type for field in dataclasses.fields(Trial)}


@pytest.mark.parametrize(
    "name", [name for name, kind in FIELDS.items() if kind is float]
)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1e-50, "it becomes 0"),
        (-1e-40, "it becomes 0"),
        (1e39, "it becomes infinity"),
        (10**400, "must be a finite number"),
        (Fraction(10**400), "must be a finite number"),
    ],
)
def test_a_number_that_float32_does_not_hold_is_refused(name, value, reason):
    with pytest.raises(ValueError) as raised:
        Trial(**{name: value})
    assert str(raised.value).startswith(f"Trial's {name} must be ")
    assert reason in str(raised.value)


def test_the_message_tells_which_numbers_float32_holds():
    with pytest.raises(ValueError) as raised:
        Trial(learning_rate=1e-50)
    assert str(raised.value) == (
        "Trial's learning_rate must be from 1.2e-38 to 3.4e+38 in size, because in "
        "float32, in which trials are trained, it becomes 0. Received: 1e-50."
    )


@pytest.mark.parametrize("name", ["momentum", "dropout"])
def test_what_float32_rounds_up_to_1_is_not_below_1(name):
    with pytest.raises(
        ValueError, match=rf"^Trial's {name} must be below 1\. Received: 0\.9+"
    ):
        Trial(**{name: 1 - 1e-11})


@pytest.mark.parametrize("name", [name for name, kind in FIELDS.items() if kind is int])
@pytest.mark.parametrize(
    "value",
    [2**63, 10**30, 10**5000, -(10**5000)],
    ids=["63 bits", "30 digits", "5000 digits", "-5000 digits"],
)
def test_an_integer_beyond_what_the_tables_hold_is_refused(name, value):
    bound = "at least" if value < 0 else "below"
    with pytest.raises(ValueError, match=f"^Trial's {name} must be {bound} "):
        Trial(**{name: value})


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (
            "ReLU",
            "There is no activation named 'ReLU' in the catalogue. Did you mean 'relu'",
        ),
        (
            "crelu",
            "Trial's activation must act on each unit separately, or be 'maxout' or "
            "gated, such as 'swiglu'. Received: 'crelu'.",
        ),
    ],
)
def test_an_activation_that_cannot_be_trained_is_refused_at_construction(
    activation, message
):
    with pytest.raises(ValueError) as raised:
        Trial(activation=activation)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("name", ["mnits", "MNIST", "", "own.np"])
def test_an_unknown_data_set_is_refused_at_construction(name):
    with pytest.raises(ValueError) as raised:
        Trial(dataset=name)
    assert str(raised.value).startswith("Trial's dataset must be one of 'digits', ")
    assert str(raised.value).endswith(f". Received: {name!r}.")


def test_the_data_sets_that_a_trial_takes_are_those_that_there_are():
    assert ("digits", *published.GENERATED, *published.KNOWN) == DATASETS


ODD = [
    None,
    "",
    "x\ny",
    b"relu",
    1,
    -1,
    0.5,
    -0.5,
    10**30,
    10**5000,
    1e-50,
    math.nan,
    -math.inf,
    True,
    np.False_,
    1j,
    [],
    [10**5000],
    np.zeros((50, 50)),
    pd.DataFrame({"a": range(100)}),
    Path("digits"),
    Trial,
]


@pytest.mark.parametrize("name", FIELDS)
def test_whatever_is_given_is_taken_or_refused_in_one_line_that_names_the_field(name):
    num_refused = 0
    for value in ODD:
        try:
            Trial(**{name: value})
        except (TypeError, ValueError) as error:
            assert re.search(name.replace("dataset", "data ?set"), str(error))
            assert "\n" not in str(error) and len(str(error)) < 600
            num_refused += 1
    assert num_refused >= len(ODD) // 2
