"""Populations against the same trials trained one at a time by `model.fit`."""

import dataclasses
import functools
import math

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.data import datasets
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import (
    early_stopping,
    evaluation,
    layer_measures,
    loop,
    one_by_one,
    optimizers,
    packing,
    plan,
)
from keras_rectifiers.comparison.training.example_order import example_order
from keras_rectifiers.comparison.trials.store import TABLES, Tables
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.decay import gradient_decay

DIGITS = datasets.load("digits")
# Of each kind of layer one. The others have Keras's own functions, as gelu, or the layer
# of one of these with another slope.
ACTIVATIONS = ["relu", "gelu", "smooth_relu", "prelu", "rrelu"]
ELEMENTWISE = [
    name if name in ACTIVATIONS else pytest.param(name, marks=pytest.mark.slow)
    for name, entry in CATALOGUE.items()
    if entry.elementwise
]
SMALL = {"depth": 2, "width": 8, "epochs": 2, "batch_size": 256, "probe_size": 64}
DEEPER = SMALL | {"depth": 3}

# Float32 rounding, grown by some steps of training; see the worst case in each test.
GROWN = 1e-4


def assert_equal_tables(tables, alone, tolerance):
    grain = ["key", "epoch", "layer", "measure"]
    one = tables.measurements.set_index(grain).value.sort_index()
    other = alone.measurements.set_index(grain).value.sort_index()
    pd.testing.assert_series_equal(one, other, rtol=tolerance, atol=tolerance)
    outcomes = [c for c in tables.trials if c.endswith(("_loss", "_accuracy"))]
    assert len(outcomes) == 6
    pd.testing.assert_frame_equal(
        tables.trials.set_index("key")[outcomes].sort_index(),
        alone.trials.set_index("key")[outcomes].sort_index(),
        rtol=tolerance,
        atol=tolerance,
    )
    stopped = [t.trials.set_index("key").stopped_epoch for t in (tables, alone)]
    assert stopped[0].sort_index().equals(stopped[1].sort_index())


def assert_last_equals_the_same_trained_alone(trials) -> Tables:
    """Compares the last trial; returns the tables of all."""
    together = training.train(trials, jit_compile=False)
    assert set(together.trials["mode"]) == {"tensorflow-graph"}
    last, alone = keep(together, trials[-1:]), train_alone(trials[-1:])
    assert_equal_tables(last, alone, GROWN)
    pd.testing.assert_frame_equal(
        last.outputs.reset_index(drop=True), alone.outputs, atol=1e-5
    )
    return together


def keep(tables, trials):
    """The tables of some of the trials."""
    keys = [trial.key(DIGITS.checksum, backend="tensorflow") for trial in trials]
    frames = {name: getattr(tables, name) for name in TABLES}
    return Tables(**{n: frame[frame.key.isin(keys)] for n, frame in frames.items()})


def made_up_activation(function):
    return dataclasses.replace(
        CATALOGUE["tanh"],
        settings={"activation": function},
        bounded=False,
    )


def train_alone(trials, dataset=DIGITS, *, jit_compile=False):
    with pytest.MonkeyPatch.context() as patch:
        if not jit_compile:  # so few steps take less time than their tracing
            eager = functools.partialmethod(keras.Model.compile, run_eagerly=True)
            patch.setattr(keras.Model, "compile", eager)
        parts = one_by_one.train(trials, dataset, jit_compile=jit_compile)
    return Tables(
        **{
            table: pd.concat([getattr(p, table) for p in parts], ignore_index=True)
            for table in TABLES
        }
    )


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_a_member_equals_the_same_trial_trained_alone(activation):
    trials = [
        Trial(activation=activation, learning_rate=1e-3, seed=1, **SMALL),
        Trial(
            activation=activation,
            learning_rate=1e-2,
            seed=2,
            initializer="glorot",
            bias=0.1,
            **SMALL,
        ),
    ]
    assert_last_equals_the_same_trained_alone(trials)


@pytest.mark.parametrize(
    "settings",
    [
        {"architecture": "cnn", "width": 4},
        {"architecture": "cnn_pooled", "width": 4, "epochs": 1},
        {"optimizer": "sgd", "learning_rate": 0.1, "activity_l1": 1e-3},
        {"batch_normalization": True, "dropout": 0.3},
    ],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_other_settings_equal_the_same_trial_trained_alone(settings):
    trials = [Trial(activation="elu", seed=s, **SMALL | settings) for s in range(2)]
    assert_last_equals_the_same_trained_alone(trials)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({}, marks=pytest.mark.slow),
        {"batch_normalization": True, "dropout": 0.3},
    ],
)
def test_residual_nets_equal_the_same_trial_trained_alone(others):
    settings = DEEPER | {"architecture": "resmlp", "activation": "prelu"} | others
    trials = [Trial(seed=seed, **settings) for seed in range(2)]
    tables = assert_last_equals_the_same_trained_alone(trials)
    assert tables.measurements["layer"].dropna().unique().tolist() == [0, 1, 2]
    assert set(tables.outputs["layer"]) == {0, 1, 2}


def test_maxout_nets_equal_the_same_trial_trained_alone():
    settings = SMALL | {"activation": "maxout", "dropout": 0.3}
    trials = [Trial(seed=seed, **settings) for seed in range(2)]
    measured = assert_last_equals_the_same_trained_alone(trials).measurements
    of_layers = measured.loc[measured["layer"].notna(), "measure"]
    # What is defined for element-wise functions alone is not there.
    assert set(of_layers) == {
        "signal_gradient",
        "weight_gradient",
        "activation_mean",
        "activation_std",
        "zero_weights",
        "largest_activation",
        "mean_shift",
        "exact_zeros_by_underflow",
        "zero_pre_activations",
    }


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
    unclipped = optimizers.optimizer(Trial(**settings), 0.5, clips=False)
    assert unclipped.clipnorm is None and unclipped.global_clipnorm is None


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
    per_member = optimizers.RatePerMember(trial, 100)
    per_member.first = np.array([[0.5], [0.1]], np.float32)
    for rates, first in (
        (optimizers.learning_rate(trial, 0.5, 100), 0.5),
        (per_member, per_member.first),
    ):
        optimizer = optimizers.optimizer(trial, rates)
        for step, share in zip([0, 3, 6, 12], shares, strict=True):
            optimizer.iterations.assign(step)
            got = keras.ops.convert_to_numpy(optimizer.learning_rate)
            np.testing.assert_allclose(got, share * first, atol=tolerance)


def test_xla_changes_no_number_beyond_rounding():
    settings = {"optimizer": "adamw", "weight_decay": 0.3, "global_clipnorm": 0.1}
    trials = [Trial(activation="prelu", seed=s, **SMALL | settings) for s in range(2)]
    together = training.train(trials, jit_compile=True)
    assert list(together.trials["mode"]) == ["tensorflow-xla"] * 2
    alone = train_alone(trials[-1:], jit_compile=True)
    assert_equal_tables(keep(together, trials[-1:]), alone, GROWN)


def test_members_do_not_feel_each_other_even_when_one_is_lost():
    wild = Trial(
        activation="relu", seed=0, **SMALL | {"optimizer": "sgd"}, learning_rate=1e30
    )
    tame = Trial(
        activation="relu", seed=1, **SMALL | {"optimizer": "sgd"}, learning_rate=0.1
    )
    together = training.train([wild, tame])
    lost, kept = together.trials.itertuples()
    if lost.seed:
        lost, kept = kept, lost
    assert lost.diverged and not kept.diverged
    alone = training.train([tame])
    assert kept.test_loss == pytest.approx(alone.trials.test_loss[0], rel=1e-6)
    # What is lost stays in the tables.
    assert (together.measurements.key == lost.key).sum() == (
        together.measurements.key == kept.key
    ).sum()


def test_a_member_that_stops_early_keeps_its_weights_while_the_others_go_on():
    settings = SMALL | {"activation": "prelu", "dropout": 0.1, "optimizer": "sgd"}
    settings |= {"depth": 2, "epochs": 4, "patience": 1, "seed": 1}
    trials = [Trial(learning_rate=rate, **settings) for rate in (0.5, 1.6, 1e30)]
    together = training.train(trials)
    alone = train_alone(trials[:2])
    assert_equal_tables(keep(together, trials[:2]), alone, GROWN)
    stopped = together.trials.set_index("learning_rate").stopped_epoch
    assert stopped.isna()[0.5] and stopped[1.6] == stopped[1e30] == 2
    assert together.measurements.groupby("key").epoch.max().to_dict() == {
        trial.key(DIGITS.checksum, backend="tensorflow"): epoch
        for trial, epoch in zip(trials, [4, 2, 2], strict=True)
    }
    # The slopes, too, are those of the epoch at which it stopped.
    grain = ["key", "epoch", "layer", "index"]
    pd.testing.assert_series_equal(
        keep(together, trials[:2]).outputs.set_index(grain).value.sort_index(),
        alone.outputs.set_index(grain).value.sort_index(),
        atol=1e-5,
    )


def test_members_stop_when_keras_stops_a_net(rng):
    losses = rng.normal(size=(12, 40))
    losses[5:, 0] = losses[:, 1] = np.nan
    for patience in (1, 3):
        ours = early_stopping.EarlyStopping(patience, 40)
        stops = np.array([ours.stops(epoch) for epoch in losses])
        for member in range(40):
            model = keras.Sequential()
            theirs = keras.callbacks.EarlyStopping(mode="min", patience=patience)
            theirs.set_model(model)
            theirs.on_train_begin()
            for epoch, loss in enumerate(losses[:, member]):
                model.stop_training = False
                theirs.on_epoch_end(epoch, {"val_loss": loss})
                assert model.stop_training == stops[epoch, member]
                if model.stop_training:
                    break
    assert not early_stopping.EarlyStopping(0, 40).stops(losses[0]).any()


def squash(z):
    """z / sqrt(1 + z^2), by an operation for which TensorFlow has no other way."""
    return tf.reshape(tf.nn.lrn(z[:, None, None, :], depth_radius=0), tf.shape(z))


def by_condition(z):
    return tf.cond(tf.reduce_mean(z) > 0, lambda: tf.tanh(z), lambda: z)


@pytest.mark.parametrize("squash", [squash, by_condition])
def test_what_cannot_be_vectorised_is_trained_one_at_a_time(monkeypatch, squash):
    monkeypatch.setitem(CATALOGUE, "squash", made_up_activation(squash))
    settings = SMALL | {"depth": 1, "epochs": 1, "initializer": "he"}
    trials = [Trial(activation="squash", seed=s, **settings) for s in range(2)]
    other = Trial(activation="relu", **settings)
    tables = training.train([trials[0], other, trials[1]])
    modes = tables.trials.groupby("activation")["mode"].apply(list).to_dict()
    assert modes == {"squash": ["fit", "fit"], "relu": ["tensorflow-graph"]}
    alone = train_alone(trials[-1:])
    assert_equal_tables(keep(tables, trials[-1:]), alone, GROWN)


def test_an_error_of_the_net_itself_is_not_taken_for_a_lack_of_vectorisation(
    monkeypatch,
):
    def wrong(z):
        raise ValueError("The net is wrong.")

    built_right = made_up_activation(keras.activations.tanh)
    monkeypatch.setitem(CATALOGUE, "wrong", built_right)
    monkeypatch.setattr(one_by_one, "train", lambda *_, **__: pytest.fail("was hidden"))
    build = architectures.build

    def build_wrong(trial, dataset):
        model = build(trial, dataset)
        model.layers[2].activation = wrong
        return model

    monkeypatch.setattr(architectures, "build", build_wrong)
    trial = Trial(activation="wrong", **SMALL | {"initializer": "he"})
    with pytest.raises(ValueError, match=r"The net is wrong\."):
        training.train([trial])


@pytest.mark.parametrize(
    "error",
    [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")],
    ids=lambda error: type(error).__name__,
)
def test_a_population_too_large_for_the_memory_is_halved(monkeypatch, error):
    sizes = []

    def train(trials, dataset, backend, *, jit_compile):
        sizes.append(len(trials))
        if len(trials) > largest:
            raise error
        seeds = pd.DataFrame({"seed": [trial.seed for trial in trials]})
        return Tables(trials=seeds, measurements=seeds, outputs=seeds)

    monkeypatch.setattr(loop, "train", train)
    trials = [Trial(seed=seed) for seed in range(7)]
    largest = 2
    tables = training.train(trials)
    assert sizes == [7, 3, 1, 2, 4, 2, 2]
    for table in TABLES:
        assert list(getattr(tables, table).seed) == list(range(7))
    largest = 0
    with pytest.raises(type(error)):
        training.train(trials[:2])


def test_equal_trials_give_equal_tables():
    small = SMALL | {"depth": 1}
    trials = [Trial(activation="rrelu", seed=s, **small) for s in range(3)]
    one, again = training.train(trials), training.train(trials)
    for table in TABLES:
        assert getattr(one, table).equals(getattr(again, table))


def test_training_learns():
    trial = Trial(activation="relu", depth=2, width=64, epochs=10, seed=0)
    (result,) = training.train([trial]).trials.itertuples()
    assert result.test_accuracy > 0.9
    assert result.train_loss < 0.2


def test_untrained_nets_are_measured_but_have_no_outcome():
    tables = training.train([Trial(**SMALL | {"epochs": 0})])
    assert set(tables.measurements.epoch) == {0}
    assert tables.trials.test_accuracy.isna().all()
    assert not tables.trials.diverged.any()


def test_measurements_are_taken_at_each_epoch_and_layer():
    tables = training.train([Trial(**DEEPER)])
    frame = tables.measurements
    gradients = frame[frame.measure == "signal_gradient"]
    assert list(zip(gradients.epoch, gradients.layer, strict=True)) == [
        (epoch, layer) for epoch in range(3) for layer in range(3)
    ]
    curves = frame[frame.measure == "validation_accuracy"]
    assert list(curves.epoch) == [1, 2] and curves.layer.isna().all()


def test_revived_units_were_dead_then_and_live_in_the_end(monkeypatch):
    trial = Trial(learning_rate=0.1, bias=-1.0, seed=3, **DEEPER | {"epochs": 4})
    seen = []
    layer_values = layer_measures.layer_values

    def recorded(layer):
        values = layer_values(layer)
        seen.append((values["is_dead"].numpy(), float(values["dead_units"])))
        return values

    monkeypatch.setattr(layer_measures, "layer_values", recorded)
    rows = train_alone([trial]).measurements
    is_dead = np.array([dead for dead, _ in seen]).reshape(5, 3, 8)
    assert [share for _, share in seen] == pytest.approx(is_dead.mean(-1).ravel())
    expected = (is_dead * (is_dead[-1] == 0)).mean(-1)
    assert expected.max() > 0
    found = rows[rows["measure"] == "revived_units"].sort_values(["epoch", "layer"])
    assert found["value"].to_numpy() == pytest.approx(expected.ravel())


def test_a_deep_sigmoid_net_vanishes_towards_the_input():
    trial = Trial(activation="sigmoid", depth=20, width=64, epochs=0, initializer="he")
    frame = training.train([trial]).measurements
    gradients = frame[frame.measure == "signal_gradient"].sort_values("layer").value
    assert gradient_decay(gradients)[0] < -0.4


def test_slopes_learned_per_channel_are_kept():
    outputs = training.train([Trial(activation="prelu", **DEEPER)]).outputs
    assert len(outputs) == 3 * 8
    assert set(outputs.name) == {"negative_slope"}
    assert outputs.value.nunique() > 20


def test_the_order_of_the_data_depends_on_seed_and_epoch_alone():
    one = example_order(Trial(seed=1), 100, 1)
    assert one.shape == (3, 32)
    assert len(np.unique(one)) == 96
    assert np.array_equal(one, example_order(Trial(seed=1, activation="elu"), 100, 1))
    assert not np.array_equal(one, example_order(Trial(seed=2), 100, 1))
    assert not np.array_equal(one, example_order(Trial(seed=1), 100, 2))


def test_nothing_to_train_is_refused():
    with pytest.raises(ValueError, match="expected at least one Trial"):
        training.train([])


def test_a_backend_without_populations_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(
        RuntimeError,
        match=r"^Populations train on the TensorFlow and JAX backends\. This process "
        r"runs 'torch'; set KERAS_BACKEND=tensorflow before Keras is imported\.$",
    ):
        training.train([Trial(**SMALL)])


def test_populations_share_a_graph_and_fit_the_memory(monkeypatch):
    trials = [
        Trial(activation=a, seed=s, depth=d, width=128)
        for s in range(20)
        for a in ("relu", "tanh")
        for d in (2, 20)
    ]
    groups = plan.populations(trials)
    assert sorted(map(len, groups)) == [20] * 4
    assert groups == plan.populations(trials[::-1])
    assert [g[0].depth for g in groups] == [20, 20, 2, 2]  # the costly first
    deep = next(t for t in trials if t.depth == 20)
    monkeypatch.setattr(plan, "MEMORY_LIMIT", plan.population_bytes(deep, 7))
    cut = plan.populations([t for t in trials if t.depth == 20])
    assert sorted(map(len, cut)) == [6, 7, 7] * 2 or max(map(len, cut)) <= 7
    assert sum(map(len, cut)) == 40


def test_parts_are_of_equal_size_and_small_under_xla(monkeypatch):
    monkeypatch.setattr(plan, "NUM_THREADS", 2)

    def size(num_members, jit_compile, **settings):
        return plan.part_size(Trial(**settings), num_members, jit_compile=jit_compile)

    assert [size(n, True) for n in (1, 15, 16, 60, 201)] == [1, 15, 8, 30, 29]
    assert [size(n, False) for n in (1, 15, 16, 60, 201)] == [1, 15, 8, 30, 101]
    assert size(60, False, architecture="cnn") == 1


@pytest.mark.parametrize(
    "settings",
    [pytest.param({}, marks=pytest.mark.slow), {"clipnorm": 0.1}, {"depth": 1}],
)
def test_variables_are_updated_together_as_alone(monkeypatch, settings):
    trials = [
        Trial(activation="prelu", seed=s, **SMALL | settings, learning_rate=0.01)
        for s in range(2)
    ]
    together = training.train(trials)
    monkeypatch.setattr(packing, "_BYTES_TOGETHER", 1)
    alone = training.train(trials)
    assert_equal_tables(together, alone, GROWN)
    pd.testing.assert_frame_equal(together.outputs, alone.outputs, atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_what_fills_up_the_last_part_is_in_no_table(monkeypatch, jit_compile):
    monkeypatch.setattr(plan, "part_size", lambda *_, **__: 3)
    trials = [
        Trial(activation="prelu", seed=seed, **SMALL | {"patience": 1}, learning_rate=r)
        for seed, r in enumerate((1e-3, 1e-2, 0.5, 1.0))
    ]
    in_parts = training.train(trials, jit_compile=jit_compile)
    monkeypatch.setattr(plan, "part_size", lambda *_, **__: 4)
    at_once = training.train(trials, jit_compile=jit_compile)
    assert list(in_parts.trials["key"]) == list(at_once.trials["key"])
    assert_equal_tables(in_parts, at_once, GROWN)
    assert len(in_parts.outputs) == len(at_once.outputs)


def test_xla_compiles_long_trainings_of_small_dense_nets_only():
    assert plan.uses_xla(Trial(epochs=100), 1257)
    assert plan.uses_xla(Trial(epochs=100, width=128), 1257)
    assert not plan.uses_xla(Trial(epochs=100, architecture="cnn"), 1257)
    assert not plan.uses_xla(Trial(epochs=100, width=128, optimizer="sgd"), 1257)
    assert not plan.uses_xla(Trial(epochs=2), 1257)


@pytest.mark.parametrize("architecture", ["mlp", "resmlp", "cnn", "cnn_pooled"])
@pytest.mark.parametrize("activation", ["relu", "maxout"])
def test_the_plan_counts_the_weights_of_a_net(architecture, activation):
    trial = Trial(architecture=architecture, activation=activation, depth=3, width=4)
    model = architectures.build(trial, DIGITS)
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    num_weights, _ = plan._sizes(trial)
    assert num_weights == sum(math.prod(kernel.shape) for kernel in kernels[:-1])
    num_logit_weights = plan._num_logit_weights(trial, datasets.describe(trial))
    assert num_logit_weights == math.prod(kernels[-1].shape)


@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        ("mlp", (7,)),
        ("mlp", (28, 28)),
        ("cnn", (32, 32, 3)),
        pytest.param("mlp", (32, 32, 3), marks=pytest.mark.slow),
        pytest.param("cnn", (28, 28), marks=pytest.mark.slow),
    ],
)
def test_images_of_other_sizes_train_as_alone(tmp_path, shape, architecture):
    rng = np.random.default_rng(0)
    arrays = {
        f"x_{split}": rng.normal(3, 2, (size, *shape))
        for split, size in (("train", 40), ("test", 30))
    }
    labels = {"y_train": np.tile([0, 1, 2, 1], 10), "y_test": np.tile([0, 1, 2], 10)}
    np.savez(tmp_path / "own.npz", **arrays, **labels)
    trials = [
        Trial(
            dataset=str(tmp_path / "own.npz"),
            architecture=architecture,
            train_size=20,
            depth=2,
            width=4,
            batch_size=10,
            epochs=1,
            probe_size=20,
            seed=seed,
        )
        for seed in range(2)
    ]
    dataset = datasets.load_for(trials[0])
    assert len(dataset.y_train) == 20
    alone = train_alone(trials[1:], dataset)
    together = training.train(trials, jit_compile=False)
    key = alone.trials.key[0]
    frames = {name: getattr(together, name) for name in TABLES}
    wanted = {name: frame[frame.key == key] for name, frame in frames.items()}
    assert_equal_tables(Tables(**wanted), alone, GROWN)


def test_what_is_measured_of_a_layer_is_traced_once_for_layers_of_all_sizes(
    monkeypatch,
):
    training.train([Trial(**SMALL, seed=seed) for seed in range(2)])
    monkeypatch.setattr(
        layer_measures, "layer_values", None
    )  # what is not traced is not called
    others = SMALL | {"depth": 3, "width": 5, "probe_size": 48}
    wider = [Trial(**others, seed=seed) for seed in range(3)]
    together = keep(training.train(wider, jit_compile=False), wider[-1:])
    monkeypatch.undo()
    assert_equal_tables(together, train_alone(wider[-1:]), GROWN)


def test_a_split_is_evaluated_in_parts_as_at_once(monkeypatch):
    small = SMALL | {"depth": 1, "epochs": 1}
    trials = [Trial(**small, seed=seed) for seed in range(2)]
    at_once = training.train(trials, jit_compile=False)
    monkeypatch.setattr(evaluation, "EVALUATED_AT_ONCE", 170)  # of 180, 360 and 1257
    in_parts = training.train(trials, jit_compile=False)
    assert_equal_tables(in_parts, at_once, 1e-6)
    # The last part is smaller: the mean of the parts' means is another.
    assert len(DIGITS.y_validation) == 180


def test_the_cost_and_the_memory_grow_with_the_images(tmp_path):
    arrays = {f"x_{s}": np.zeros((2514, 16, 16), np.uint8) for s in ("train", "test")}
    arrays |= {f"y_{s}": np.arange(2514) % 10 for s in ("train", "test")}
    arrays["x_train"][::2] = 255  # data that are all alike are refused
    np.savez_compressed(tmp_path / "own.npz", **arrays)
    net = {"architecture": "cnn", "width": 64, "depth": 8, "epochs": 50}
    small = Trial(**net)
    large = Trial(**net, dataset=str(tmp_path / "own.npz"), train_size=1257)
    assert plan.cost([large]) == pytest.approx(4 * plan.cost([small]), rel=0.05)
    assert plan.population_bytes(large, 1) == pytest.approx(
        4 * plan.population_bytes(small, 1), rel=0.05
    )
    most = max(map(len, plan.populations([large, *_others(large, 300)])))
    assert plan.population_bytes(large, most) <= plan.MEMORY_LIMIT


def _others(trial, num_seeds):
    return [dataclasses.replace(trial, seed=seed) for seed in range(1, num_seeds)]
