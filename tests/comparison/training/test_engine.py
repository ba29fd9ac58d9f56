"""Members of any task against the same members trained by `model.fit`."""

import dataclasses
import functools
import random
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers, ops

from keras_rectifiers.comparison.training import memory, part_sizes, population
from keras_rectifiers.comparison.training.engine import train_members
from keras_rectifiers.comparison.training.results import Recorder
from keras_rectifiers.comparison.training.task import Member, Split
from keras_rectifiers.inspection import probe
from tests.comparison.training.engine_cases import (
    CASES,
    SPLITS,
    assert_equal_alone,
    classes,
    classifier,
    compiled,
    data,
    members,
    mlp,
    numbers,
    regression,
    task,
)

FAST = ("mlp", "regression", "penalties")
POINTS = data(numbers(1), np.sin(numbers(1)))
TABLE = data(numbers(4), classes())


@pytest.mark.parametrize(
    ("build", "data"),
    [
        pytest.param(*case, id=name, marks=[pytest.mark.slow] * (name not in FAST))
        for name, case in CASES.items()
    ],
)
def test_members_equal_the_same_seed_trained_alone(build, data):
    assert_equal_alone(task(build, data), members())


def of_two_kinds():
    parts = [layers.Dense(4, activation="tanh"), layers.Dense(4, activation="relu")]
    return classifier((4,), *parts, layers.Dense(6), layers.LeakyReLU(0.1))


def test_layers_of_several_kinds_and_sizes_are_measured_each_by_its_own_measures():
    results = assert_equal_alone(task(of_two_kinds, TABLE, epochs=1), members())
    frame = results.measurements.dropna()
    layers_of = frame.groupby("measure")["layer"].unique().map(list)
    assert layers_of["signal_gradient"] == [0, 1, 2]
    assert layers_of["saturation"] == [0]
    assert layers_of["sparsity"] == layers_of["dead_units"][:1] == [1]


def squash(z):
    """z / sqrt(1 + z^2), by an operation that TensorFlow cannot vectorise."""
    return tf.reshape(tf.nn.lrn(z[:, None, None, :], depth_radius=0), tf.shape(z))


def by_condition(z):
    return tf.cond(tf.reduce_mean(z) > 0, lambda: tf.tanh(z), lambda: z)


@pytest.mark.parametrize(
    ("function", "reason"),
    [(squash, ""), (by_condition, "TensorFlow cannot vectorise sequential")],
)
def test_what_tensorflow_cannot_vectorise_is_trained_and_told(function, reason):
    def build():
        return classifier((4,), layers.Dense(4), layers.Activation(function))

    results = assert_equal_alone(task(build, TABLE, epochs=1), members())
    for told in results.outcomes["reason"]:
        assert reason in told and bool(told) == bool(reason)


def test_a_recurrent_layer_on_layers_that_are_trained_is_trained_and_told(caplog):
    def build():
        return classifier(
            (3, 2), layers.Dense(3), layers.SimpleRNN(4), layers.Activation("relu")
        )

    sequences = data(numbers(3, 2), TABLE.y)
    one = task(build, sequences, epochs=1, measures=False)
    results = assert_equal_alone(one, members())
    for told in results.outcomes["reason"]:
        assert told.startswith("TensorFlow cannot vectorise the gradient by the inputs")
    assert not caplog.records


@pytest.mark.slow
def test_a_rate_of_each_member_is_the_first_of_its_schedule():
    def build():
        schedule = keras.optimizers.schedules.CosineDecay(0.1, 6)
        optimizer = keras.optimizers.SGD(schedule, momentum=0.9, clipnorm=0.1)
        return mlp(optimizer=optimizer)

    rates = [None, 0.5]
    given = [
        Member(seed=1, split=SPLITS[0], learning_rate=rate) for rate in rates
    ] + members(learning_rate=0.1)[:1]
    given[2] = dataclasses.replace(given[2], seed=1)
    outcomes = assert_equal_alone(task(build, TABLE), given).outcomes
    losses = outcomes["test_loss"].tolist()
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[2], rel=1e-6)


def test_weights_that_the_builder_excludes_are_not_decayed():
    def build():
        optimizer = keras.optimizers.AdamW(0.01, weight_decay=5.0)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        return mlp(optimizer=optimizer)

    assert_equal_alone(task(build, TABLE), members())


@pytest.mark.slow
def test_early_stopping_leaves_a_member_as_it_was():
    def build():
        return mlp(optimizer=keras.optimizers.Adam(0.05, use_ema=True))

    given = [Member(seed=s, split=SPLITS[0]) for s in range(3)]
    results = assert_equal_alone(task(build, TABLE, epochs=5, patience=1), given)
    assert results.outcomes["stopped_epoch"].notna().sum() > 0


def test_what_the_study_sets_is_where_a_member_starts():
    def start(model):
        return {model.layers[0].kernel.path: np.full((1, 30), 0.5, np.float32)}

    plain, set_ = (
        train_members(task(regression, POINTS, epochs=0), members(start=given))
        .measurements.query("measure == 'weight_gradient'")
        .value.tolist()
        for given in (None, start)
    )
    assert plain[0] != plain[1] and plain != set_


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (lambda _: {"nowhere": np.zeros(1)}, "Received: 'nowhere', which 0 variables"),
        (lambda m: {m.variables[0].path: np.zeros(1)}, r"Received: the shape \(1,\)\."),
    ],
)
def test_a_start_that_does_not_fit_is_refused(start, message):
    with pytest.raises(ValueError, match=message):
        train_members(task(regression, POINTS), members(start=start))


def test_unseeded_draws_follow_the_member_and_move_no_stream():
    class Noisy(layers.Layer):
        def call(self, x, training=False):
            noise = keras.random.normal(ops.shape(x)) if training else 0.0
            return x + noise

    def build():
        parts = [keras.Input((1,)), layers.Dense(3), Noisy(), layers.Dense(1)]
        return compiled(keras.Sequential(parts), loss="mse")

    def losses():
        given = [Member(seed=s, split=SPLITS[0]) for s in (0, 0, 1)]
        frame = train_members(task(build, POINTS, measures=False), given).measurements
        return frame[frame["measure"] == "train_loss"]["value"].tolist()

    def next_numbers():
        return random.random(), float(keras.random.uniform(()))

    keras.utils.set_random_seed(1)
    expected = next_numbers()
    keras.utils.set_random_seed(1)
    found = losses()
    assert next_numbers() == expected
    assert found[0] == found[1] != found[2]
    # Each step draws anew.
    assert found[0] != found[3]
    assert losses() == found


@pytest.mark.parametrize(
    "error",
    [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")],
    ids=lambda error: type(error).__name__,
)
def test_a_population_too_large_for_the_memory_is_halved(monkeypatch, error):
    sizes = []

    def train(task, some, *_, **__):
        sizes.append(len(some))
        if len(some) > largest:
            raise error
        recorder = Recorder(len(some), 1, mode="made up")
        recorder.add_outcome("train", {"loss": [m.seed for m in some]})
        return recorder.results()

    monkeypatch.setattr(population, "train", train)
    given = [Member(seed=seed, split=SPLITS[0]) for seed in range(7)]
    largest = 2
    outcomes = train_members(task(regression, POINTS), given).outcomes
    assert sizes == [7, 3, 1, 2, 4, 2, 2]
    assert outcomes["member"].tolist() == outcomes["train_loss"].tolist()
    largest = 0
    with pytest.raises(type(error)):
        train_members(task(regression, POINTS), given[:2])


def test_members_that_do_not_fit_into_memory_are_trained_in_groups(monkeypatch):
    told, sizes = [], []

    def train(task, some, *_, progress, **__):
        sizes.append(len(some))
        progress(1.0)
        recorder = Recorder(len(some), 1, mode="made up")
        recorder.add_outcome("train", {"loss": [m.seed for m in some]})
        return recorder.results()

    monkeypatch.setattr(population, "train", train)
    monkeypatch.setattr(memory, "most_members", lambda *_, **__: 4)
    given = [Member(seed=seed, split=SPLITS[0]) for seed in range(9)]
    small = task(regression, POINTS)
    outcomes = train_members(small, given, progress=told.append).outcomes
    assert sizes == [3, 3, 3]
    assert outcomes["member"].tolist() == outcomes["train_loss"].tolist()
    assert told == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.slow
def test_what_xla_cannot_compile_is_trained_without_it_unless_it_was_asked_for(
    monkeypatch,
):
    def build():
        parts = [layers.SimpleRNN(2), layers.Dense(1)]
        return compiled(keras.Sequential([keras.Input((3, 1)), *parts]), loss="mse")

    of_rows = task(build, data(numbers(3, 1), np.sin(numbers(1))), measures=False)
    monkeypatch.setattr(part_sizes, "uses_xla", lambda *_: True)
    found = train_members(of_rows, members()).outcomes
    assert found.equals(train_members(of_rows, members(), jit_compile=False).outcomes)
    assert set(found["mode"]) == {"tensorflow-graph"}
    with pytest.raises(tf.errors.OpError, match="unsupported operations"):
        train_members(of_rows, members(), jit_compile=True)


def test_members_may_share_the_test_split_and_have_own_training_splits():
    own = [
        Split(np.arange(24), np.arange(24, 30), np.arange(30, 40)),
        Split(np.arange(6, 30), np.arange(6), np.arange(30, 40)),
    ]
    given = [Member(seed=seed, split=split) for seed, split in enumerate(own)]
    assert_equal_alone(task(regression, POINTS, measures=False), given)


def test_layers_are_measured_where_asked_and_of_a_loss_that_is_a_mean_too():
    def with_loss(loss):
        model = regression()
        model.compile("sgd", loss=loss)
        return model

    def mean(y, prediction):
        return ops.mean(ops.square(y - prediction))

    silent = train_members(task(regression, POINTS, measures=False), members())
    assert silent.measurements["layer"].isna().all()
    given = [
        task(functools.partial(with_loss, loss), POINTS)
        for loss in (mean, keras.losses.MeanSquaredError())
    ]
    of_mean, of_each = (
        train_members(some, members()).measurements.dropna(subset="layer")
        for some in given
    )
    assert len(of_mean)
    columns = ["member", "epoch", "layer", "measure"]
    of_mean, of_each = (rows.set_index(columns)["value"] for rows in (of_mean, of_each))
    pd.testing.assert_series_equal(of_mean, of_each, rtol=1e-4)


def test_it_is_told_that_layers_cannot_be_measured(monkeypatch):
    def refuse(*_):
        raise ValueError("It has no value for each example.")

    monkeypatch.setattr(probe, "per_example", refuse)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        results = train_members(task(regression, POINTS), members())
    (warning,) = told
    assert str(warning.message).startswith("The layers are not measured; set measures=")
    curves = {"train_loss", "validation_loss", "validation_mae"}
    assert set(results.measurements["measure"]) == curves


def test_progress_is_told_after_each_epoch():
    told = []
    given = task(regression, POINTS, epochs=4, measures=False)
    train_members(given, members(), progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1]


def test_a_member_with_an_empty_test_split_has_no_outcome_on_it():
    split = Split(np.arange(16), np.arange(16, 20), np.arange(0))
    given = [Member(seed=s, split=split) for s in range(2)]
    outcomes = assert_equal_alone(task(regression, POINTS, epochs=1), given).outcomes
    assert outcomes["test_loss"].isna().all() and outcomes["train_loss"].notna().all()


def uncompiled():
    return keras.Sequential([keras.Input((1,)), layers.Dense(1)])


@pytest.mark.parametrize(
    ("build", "given", "settings", "message"),
    [
        (regression, [], {}, "Expected at least one Member to train. Received: none."),
        (uncompiled, members(), {}, "Expected `build` to return a compiled model."),
        (regression, members(), {"batch_size": 25}, "Lower batch_size. Received: 24"),
        (regression, members(), {"monitor": "auc"}, "loss, mae. Received: 'auc'."),
        (
            regression,
            [Member(seed=0, split=Split(np.arange(41), np.arange(1), np.arange(1)))],
            {},
            "the train split to be from 0 to 39, as there are 40 examples. Received: 40.",
        ),
        (
            regression,
            [
                Member(seed=0, split=Split(np.arange(n), np.arange(1), np.arange(1)))
                for n in (8, 9)
            ],
            {},
            r"equal sizes in all members. Received: the sizes \(8, 1, 1\), \(9, 1, 1\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(build, given, settings, message):
    with pytest.raises(ValueError, match=message.replace(". ", r"\. ")):
        train_members(task(build, POINTS, **settings), given)


def test_a_builder_of_something_else_is_refused():
    with pytest.raises(TypeError, match=r"to return a keras\.Model\. Received: None"):
        train_members(task(lambda: None, POINTS), members())
