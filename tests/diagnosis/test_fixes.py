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
    monkeypatch.setattr(fixes, "with_lost", lambda program: program)
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
    (said,) = tried(model, x, y, "rate too high")
    assert "of the learning rate the loss falls to " in said


def test_of_several_rates_the_best_is_told(monkeypatch):
    ends = {"own": 1.0, 10: 0.98, 100: 0.2, 1000: 7.0}
    monkeypatch.setattr(
        fixes,
        "_end",
        lambda program: lambda steps: fixes.End(share=ends[program], num_steps=steps),
    )
    monkeypatch.setattr(fixes, "with_lost", lambda program: program)
    rates = tuple((f"at {n} times", lambda program, n=n: n) for n in (10, 100, 1000))
    monkeypatch.setitem(fixes.CURES, "rate too low", (rates,))
    finding = Finding(kind="rate too low", observation="", meaning="", advice="")
    (told,) = fixes.tried("own", [finding], num_steps=10)
    (said,) = told.tried
    assert said.startswith("Tried: at 100 times the loss falls to 20% of that of a")


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


def classes(units, loss, y, *, last="softmax"):
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(128, 3)).astype("float32")
    parts = layers.Dense(16, "relu"), layers.Dense(units, last)
    model = keras.Sequential([keras.Input((3,)), *parts])
    model.compile(keras.optimizers.Adam(0.02), loss)
    labels = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    return model, x, y(labels)


SPARSE = "sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("units", "y", "words"),
    [
        (2, lambda labels: labels, "with as many units as the targets need"),
        (3, lambda labels: labels / 255, "with the classes numbered from 0"),
        (3, lambda labels: np.eye(3)[labels], "with softmax and the loss for such"),
    ],
)
def test_cures_are_tried_of_what_cannot_be_run_as_it_is(units, y, words):
    (said,) = tried(*classes(units, SPARSE, y), "targets")
    assert said.startswith(f"Tried: {words}") and " the loss falls to " in said
    # Of a label that has no unit JAX computes NaN.
    is_lost = keras.backend.backend() == "jax" and units == 2
    why = "its loss tells nothing" if is_lost else "it cannot be rehearsed"
    assert said.endswith(f"in 40 steps; as it is, {why}.")


@pytest.mark.filterwarnings("ignore:You are using a softmax")
@pytest.mark.parametrize(
    ("last", "kind", "y"),
    [
        # Its prediction is always 1, though on TensorFlow the loss falls.
        ("softmax", "output", lambda labels: labels > 0),
        # The loss has no least value.
        ("sigmoid", "targets", lambda labels: np.where(labels > 0, 1, -1)),
    ],
)
def test_a_loss_that_does_not_tell_what_is_learned_is_not_compared(last, kind, y):
    given = classes(1, "binary_crossentropy", lambda c: y(c).astype(float), last=last)
    (said,) = tried(*given, kind)
    # Of a target of -1 PyTorch computes no binary crossentropy.
    is_refused = keras.backend.backend() == "torch" and kind == "targets"
    why = "it cannot be rehearsed" if is_refused else "its loss tells nothing"
    assert said.endswith(f"in 40 steps; as it is, {why}.")


def test_examples_that_are_not_finite_are_left_out_and_filled(table):
    x, y = np.array(table[0]), table[1]
    x[::16, 1] = np.nan
    model = net("tanh")
    without, filled = tried(model, x, y, "not finite data")
    assert without.startswith("Tried: without what is no number the loss falls to ")
    assert filled.startswith("Tried: with the missing values filled by the mean of the")
    assert without.endswith("as it is, to NaN.") and filled.endswith("to NaN.")


def test_tokens_that_have_no_row_get_one():
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).integers(0, 40, (128, 6))
    parts = layers.Embedding(20, 8), layers.Flatten(), layers.Dense(1, "sigmoid")
    model = keras.Sequential([keras.Input((6,)), *parts])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
    before = model.layers[0].input_dim
    (said,) = tried(model, x, (x[:, 0] > 20) * 1.0, "tokens")
    assert said.startswith("Tried: with a row for each token the loss falls to ")
    assert before == model.layers[0].input_dim == 20


def test_of_a_cure_that_cannot_be_made_nothing_is_said():
    class Own(keras.layers.Layer):
        def __init__(self, size):
            super().__init__()
            self.size = size

        def call(self, x):
            return x * self.size

    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(128, 3)).astype("float32")
    parts = Own(2.0), layers.Dense(2, "softmax")
    model = keras.Sequential([keras.Input((3,)), *parts])
    model.compile("adam", SPARSE)
    found = diagnose(model, x, np.arange(128) % 3, try_fixes=True, num_steps=5)
    assert [f.kind for f in found.findings] == ["targets"]
    assert found.findings[0].tried == ()
    assert found.note.startswith("No cure was tried: ")
