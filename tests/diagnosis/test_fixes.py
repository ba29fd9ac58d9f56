"""That cures are tried, and that what does not help is said not to."""

import random

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis import fixes
from keras_rectifiers.diagnosis.findings import Finding


def net(first="relu", last=None, loss="mse", **settings):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(16, first, name="hidden", **settings),
            layers.Dense(1, last, name="last"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), loss)
    return model


@pytest.fixture(scope="module")
def table():
    x = np.random.default_rng(0).normal(size=(128, 3)).astype("float32")
    return x, x[:, 0] * x[:, 1] + x[:, 2]


def tried(model, x, y, kind):
    found = diagnose(model, x, y, try_fixes=True, num_steps=40).findings
    (finding,) = [finding for finding in found if finding.kind == kind]
    return finding.tried


def test_scaled_targets_are_tried(table):
    x, y = table
    (said,) = tried(net(), x, 1000 * y + 5000, "unscaled targets")
    assert said.startswith("Tried: with the targets standardised the loss falls to ")
    assert "in 40 steps; as it is, to " in said


def test_another_output_and_loss_are_tried(table):
    x, y = table
    model = net(last="sigmoid", loss="mae")
    before = [np.array(ops.convert_to_numpy(v)) for v in model.variables]
    state = random.getstate()
    (said,) = tried(model, x, (y > 0).astype(float), "loss")
    assert "the output and loss that fit the targets" in said
    assert random.getstate() == state
    for old, new in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, ops.convert_to_numpy(new))


def test_what_stays_far_above_a_constant_is_told_in_multiples(monkeypatch):
    ends = {"own": 3e6, "cured": 260.0}
    monkeypatch.setattr(
        fixes,
        "_end",
        lambda program: lambda steps: fixes.End(share=ends[program], num_steps=steps),
    )
    cure = ("at a tenth of the rate", lambda program: "cured")
    monkeypatch.setitem(fixes.CURES, "diverging", (cure,))
    finding = Finding(kind="diverging", observation="", meaning="", advice="")
    (told,) = fixes.tried("own", [finding], num_steps=10)
    assert told.tried == (
        "Tried: at a tenth of the rate the loss only falls to 260 times that of a "
        "constant prediction in 40 steps; as it is, to 3e+06 times.",
    )


@pytest.mark.slow  # three models are compiled
def test_of_a_cure_that_does_not_help_it_is_said(table):
    x, _ = table
    noise = np.random.default_rng(1).normal(size=128) + 1e6
    model = net(bias_initializer=keras.initializers.Constant(-99.0))
    said = tried(model, x, noise, "dead")
    assert any("it does not get better in 40 steps" in sentence for sentence in said)


def test_the_right_rate_is_tried(table):
    x, y = table
    model = net()
    model.optimizer.learning_rate = 3.0
    said = tried(model, x, y, "rate too high")
    assert any("of the learning rate the loss falls" in sentence for sentence in said)


def test_a_cure_that_works_slowly_gets_more_steps(table):
    x, y = table
    model = net(last="relu", loss="mse")
    model.compile(keras.optimizers.SGD(0.006), "mse")
    (said,) = tried(model, x, y - 2, "targets")
    assert "the loss falls to " in said and "in 160 steps; as it is, to " in said


def test_of_what_helps_too_little_it_is_told_how_far_it_comes(table):
    x, _ = table
    noise = np.random.default_rng(1).normal(size=128) + 1e3
    model = net()
    model.optimizer.learning_rate = 0.003
    (said,) = tried(model, x, noise, "unscaled targets")
    assert "the loss only falls to " in said and "in 160 steps; as it is, to " in said


def test_a_negative_rate_is_tried_with_the_other_sign(table):
    model = net()
    model.optimizer.learning_rate = -0.01
    (said,) = tried(model, *table, "negative rate")
    assert said.startswith("Tried: at the same learning rate with a plus sign the loss")
    assert "falls to" in said
