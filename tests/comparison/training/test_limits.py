"""Populations under the settings of a user's process, and at the ends of the ranges."""

import random

import keras
import numpy as np
import pytest

from keras_rectifiers import comparison
from keras_rectifiers.comparison import training
from keras_rectifiers.comparison.nets import initial_values
from keras_rectifiers.comparison.running import runner
from keras_rectifiers.comparison.trials.store import Store
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.training.trained_alone import train_alone

TINY = {"depth": 1, "width": 4, "epochs": 0, "batch_size": 256, "probe_size": 16}


def test_a_norm_beyond_floats_clips_one_variable_to_nothing_as_in_keras():
    settings = TINY | {"epochs": 1, "activation": "linear", "optimizer": "sgd"}
    trials = [Trial(**settings, bias=1e20, clipnorm=1.0, seed=s) for s in range(2)]
    together = training.train(trials).trials["train_loss"]
    alone = train_alone(trials).trials["train_loss"]
    assert np.isfinite(alone).all()
    np.testing.assert_allclose(together, alone, rtol=1e-4)


def test_images_are_channels_last_whatever_the_user_has_set():
    trial = Trial(**TINY | {"architecture": "cnn"})
    expected = training.train([trial]).measurements
    keras.config.set_image_data_format("channels_first")
    try:
        measured = training.train([trial]).measurements
    finally:
        keras.config.set_image_data_format("channels_last")
    assert measured.equals(expected)


@pytest.mark.parametrize(
    ("policy", "floatx"), [("mixed_bfloat16", "float32"), ("float32", "float64")]
)
def test_other_types_than_float32_are_refused(monkeypatch, policy, floatx):
    monkeypatch.setattr(keras.config, "dtype_policy", lambda: keras.DTypePolicy(policy))
    monkeypatch.setattr(keras.config, "floatx", lambda: floatx)
    with pytest.raises(ValueError) as raised:
        training.train([Trial(**TINY)])
    assert str(raised.value) == (
        "Trials must be trained in float32, so that they can be compared. Call "
        'keras.config.set_dtype_policy("float32") and '
        'keras.config.set_floatx("float32") first, or set "floatx" in keras.json. '
        f"Received: the dtype policy {policy!r} and floatx {floatx!r}."
    )


@pytest.mark.parametrize("activation", ["rrelu", "prelu"])
def test_global_random_streams_are_left_alone(activation):
    def draws():
        return random.random(), float(keras.random.uniform(()))

    keras.utils.set_random_seed(1)
    expected = draws()
    keras.utils.set_random_seed(1)
    training.train([Trial(**TINY, activation=activation, dropout=0.5)])
    assert draws() == expected


def test_the_largest_seed_is_kept_in_the_store(tmp_path):
    store = Store(tmp_path / "results")
    store.prepare()
    trials = [Trial(**TINY, seed=seed) for seed in (2**63 - 1, 1)]
    store.write(training.train(trials))
    table = store.read([runner.key(trial) for trial in trials]).trials
    assert sorted(table["seed"].tolist()) == [1, 2**63 - 1]


def test_large_kernels_are_not_kept():
    shapes = {"large": (129, 128), "small": (128, 128)}
    draws = {
        name: [initial_values.draw_kernel("he", "relu", shape, 7) for _ in range(2)]
        for name, shape in shapes.items()
    }
    assert draws["small"][0] is draws["small"][1]
    assert draws["large"][0] is not draws["large"][1]
    assert np.array_equal(*draws["large"])


def test_any_iterable_of_trials_is_trained_and_each_of_them_once():
    trials = [Trial(**TINY, seed=seed) for seed in (1, 0, 1)]
    tables = training.train(iter(trials))
    assert tables.trials["seed"].tolist() == [0, 1]
    assert not tables.measurements.duplicated(["key", "layer", "measure"]).any()
    for given in (trials, set(trials), iter(trials)):
        assert training.populations(given) == [[trials[1], trials[0]]]


@pytest.mark.parametrize("given", [Trial(), ["x"], [Trial(), None], 3, "relu"])
def test_what_is_no_list_of_trials_is_refused_wherever_it_is_given(given, tmp_path):
    for function in (
        training.train,
        training.populations,
        lambda given: runner.missing(given, Store(tmp_path)),
    ):
        with pytest.raises(TypeError, match=r"^trials must .+ Trials\. .*Received: "):
            function(given)


@pytest.mark.parametrize("given", [[], (), iter(())])
def test_no_trial_is_refused(given):
    message = "Expected at least one Trial to train. Received: none."
    with pytest.raises(ValueError, match=f"^{message}$"):
        training.train(given)


def test_a_choice_of_compiler_that_is_none_is_refused():
    with pytest.raises(
        TypeError, match=r"^train expects `jit_compile` to be True or F"
    ):
        training.train([Trial(**TINY)], jit_compile="auto")


def test_trial_and_train_stand_in_the_package_itself():
    assert comparison.Trial is Trial
    assert comparison.train is training.train
    assert {"Trial", "train"} <= set(dir(comparison))
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        comparison.trian  # noqa: B018
