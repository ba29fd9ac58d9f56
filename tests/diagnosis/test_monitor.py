"""The callback: what it measures, and that the training goes on as without it."""

import logging

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import LayerMonitor, PReLU, SmoothReLU
from keras_rectifiers.inspection.probe import measure
from tests.diagnosis.made_up_trainings import begin, fit, fit_eagerly, net

BACKEND = keras.backend.backend()


def state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(ops.convert_to_numpy(v)) for v in variables]


@pytest.mark.parametrize(
    "settings",
    [{"jit_compile": False}]
    + [{"jit_compile": False, "steps_per_execution": 4}] * (BACKEND != "torch")
    + [{"jit_compile": True}] * (BACKEND != "torch"),
)
def test_the_training_is_the_same_bit_by_bit(data, settings, tmp_path):
    alone, watched = net(**settings), net(**settings)
    expected = fit(alone, data)
    # The random streams stand where they would, too.
    following = ops.convert_to_numpy(keras.random.uniform((3,)))
    monitors = [LayerMonitor(*data, path=tmp_path / "log"), LayerMonitor(*data, 3)]
    history = fit(watched, data, monitors)
    assert np.array_equal(following, ops.convert_to_numpy(keras.random.uniform((3,))))
    assert history.history == expected.history
    for variable, one, two in zip(
        [*alone.variables, *alone.optimizer.variables],
        state(alone),
        state(watched),
        strict=True,
    ):
        assert np.array_equal(one, two), variable.path
    steps = [monitor.frame.step.nunique() for monitor in monitors]
    assert steps == [3, 1 + 16 // max(3, settings.get("steps_per_execution", 1))]


def test_recurrent_layers_with_dropout_are_trained_as_without_it(rng):
    x, y = rng.normal(size=(16, 5, 3)), rng.normal(size=(16, 1))

    def trained(callbacks):
        keras.utils.set_random_seed(3)
        recurrent = [layers.LSTM(4, dropout=0.3), layers.Dense(4, layers.PReLU())]
        model = keras.Sequential([keras.Input((5, 3)), *recurrent, layers.Dense(1)])
        model.compile("sgd", "mse")
        fit(model, (x, y), callbacks)
        return state(model)

    for one, two in zip(trained([]), trained([LayerMonitor(x, y)]), strict=True):
        assert np.array_equal(one, two)


def test_the_last_observation_is_that_of_the_trained_model(data, watched):
    frame = watched.monitor.frame
    assert list(frame.columns) == [
        "epoch",
        "step",
        "layer",
        "depth",
        "measure",
        "value",
    ]
    last = frame[frame.step == 16].set_index(["layer", "measure"]).value
    expected = measure(watched.model, *data).set_index(["name", "measure"]).value
    assert len(last) == len(expected)
    np.testing.assert_allclose(last[expected.index], expected, rtol=1e-4, atol=1e-6)


def times(monitor):
    when = monitor.frame[["epoch", "step"]].drop_duplicates()
    return list(when.itertuples(index=False, name=None))


def test_it_measures_when_it_is_asked_to(data, free_probe):
    monitors = [LayerMonitor(*data, every) for every in ("epoch", 6, 8, np.int64(8))]
    fit_eagerly(net(), data, monitors, batch_size=8, epochs=2)
    by_epoch, by_six, by_eight, by_numpy = map(times, monitors)
    assert by_epoch == [(0, 0), (1, 8), (2, 16)]
    assert by_six == [(0, 0), (0, 6), (1, 12)]
    assert by_eight == by_numpy == [(0, 0), (0, 8), (1, 16)]


@pytest.mark.skipif(BACKEND == "torch", reason="PyTorch has no such setting")
def test_it_measures_at_the_end_of_several_steps_that_are_executed_at_once(
    data, free_probe
):
    monitor = LayerMonitor(*data, 6)
    fit(net(steps_per_execution=4), data, [monitor])
    assert times(monitor) == [(0, 0), (0, 8), (1, 12)]


def test_steps_go_on_over_several_calls_of_fit(data, free_probe):
    model, monitor = net(), LayerMonitor(*data)
    fit_eagerly(model, data, [monitor])
    fit_eagerly(model, data, [monitor], initial_epoch=1, epochs=2)
    assert monitor.frame.step.unique().tolist() == [0, 2, 4]
    assert monitor.frame.epoch.unique().tolist() == [0, 1, 2]


def test_it_is_compiled_once(data, monkeypatch):
    from keras_rectifiers.inspection import compiled_probe

    runs = []
    probe = compiled_probe.probe
    monkeypatch.setattr(
        compiled_probe, "probe", lambda *a, **k: runs.append(0) or probe(*a, **k)
    )
    monitor = LayerMonitor(*data, 1)
    fit_eagerly(net(), data, [monitor], batch_size=16)
    assert monitor.frame.step.unique().tolist() == [0, 1, 2, 3, 4]
    # On PyTorch nothing is compiled.
    assert len(runs) == (monitor.frame.step.nunique() if BACKEND == "torch" else 1)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="only it warns of it")
def test_many_monitors_make_tensorflow_warn_of_no_retracing(data, monkeypatch):
    warned = []
    logger = logging.getLogger("tensorflow")
    monkeypatch.setattr(logger, "warning", lambda *args: warned.append(args))
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(2, "relu"), layers.Dense(1)]
    )
    for _ in range(6):  # it would warn from the fifth on
        begin(LayerMonitor(*data, loss="mse"), model)
    assert warned == []


def test_only_what_is_asked_for_is_measured(data):
    measures = ["dead_units", "signal_gradient"]
    monitor = LayerMonitor(*data, measures=measures, layers=["one"])
    begin(monitor, net())
    assert set(monitor.frame.layer) == {"one"}
    assert set(monitor.frame.measure) == set(measures)


def test_layers_of_one_name_are_kept_apart(data, tmp_path):
    class Twins(keras.Model):
        def __init__(self):
            super().__init__()
            self.one = keras.Sequential([layers.Dense(4, "relu", name="a")], name="s")
            self.two = keras.Sequential([layers.Dense(6, "relu", name="a")], name="s")
            self.last = layers.Dense(1)

        def call(self, x):
            return self.last(self.two(self.one(x)))

    model = Twins()
    model(data[0])
    model.compile("sgd", "mse")
    monitor = LayerMonitor(*data, layers=["s/a (layer 2)"], path=tmp_path / "log")
    fit_eagerly(model, data, [monitor, LayerMonitor(*data)])
    frame = measure(model, *data).set_index(["name", "measure"]).value
    assert frame.index.is_unique
    last = monitor.frame[monitor.frame.step == 2].set_index(["layer", "measure"]).value
    np.testing.assert_allclose(last, frame[last.index], rtol=1e-4, atol=1e-6)
    kernel = ops.convert_to_numpy(model.two.layers[0].kernel)
    model.two.layers[0].kernel.assign(2 * kernel)
    doubled = measure(model, *data).set_index(["name", "measure"]).value
    spread = "activation_std"
    assert doubled["s/a", spread] == pytest.approx(frame["s/a", spread])
    assert doubled["s/a (layer 2)", spread] > 1.5 * frame["s/a (layer 2)", spread]


def test_learned_slopes_and_sharpness_are_followed(data):
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(8),
            PReLU(name="slope"),
            layers.Dense(8),
            SmoothReLU(learnable=True, name="smooth"),
            layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse")
    monitor = LayerMonitor(*data, measures=["negative_slope", "sharpness"])
    fit_eagerly(model, data, [monitor])
    frame = monitor.frame.set_index(["step", "measure"]).value
    assert frame[0, "negative_slope"] == pytest.approx(0.25)
    slope = ops.convert_to_numpy(model.get_layer("slope").negative_slope).mean()
    assert frame[2, "negative_slope"] == pytest.approx(slope) != 0.25
    sharpness = float(ops.convert_to_numpy(model.get_layer("smooth").sharpness).mean())
    assert frame[2, "sharpness"] == pytest.approx(sharpness)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_models_of_mixed_precision_are_followed(data, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = net()
    finally:
        keras.config.set_dtype_policy(before)
    monitor = LayerMonitor(*data)
    fit_eagerly(model, data, [monitor])
    assert np.isfinite(monitor.frame.value).all()
    assert set(monitor.frame.step) == {0, 2}


def test_several_losses_and_sample_weights_are_no_hindrance(rng):
    start = keras.Input((5,))
    hidden = layers.Dense(6, activation="relu", name="hidden")(start)
    ends = [layers.Dense(1, name="a")(hidden), layers.Dense(2, name="b")(hidden)]
    model = keras.Model(start, {"a": ends[0], "b": ends[1]})
    losses = {"a": "mse", "b": "mae"}
    model.compile("sgd", losses, loss_weights={"a": 1.0, "b": 0.0}, run_eagerly=True)
    x, y = rng.normal(size=(32, 5)), rng.normal(size=(32, 3))
    y = {"a": y[:, :1], "b": y[:, 1:]}
    weights = {"a": np.ones(32), "b": np.ones(32)}
    monitor = LayerMonitor(x, y)
    model.fit(x, y, sample_weight=weights, verbose=0, callbacks=[monitor])
    last = monitor.frame[monitor.frame.step == 1].set_index("measure").value
    alone = keras.Model(start, ends[0])
    expected = measure(alone, x, y["a"], loss="mse").set_index("measure").value
    assert last["signal_gradient"] == pytest.approx(
        expected["signal_gradient"], rel=1e-4
    )


def test_the_training_may_read_a_tf_data_set(data, free_probe):
    import tensorflow as tf

    model = net(run_eagerly=True)
    monitor = LayerMonitor(*data)
    training = tf.data.Dataset.from_tensor_slices(data).batch(16)
    model.fit(training, shuffle=False, verbose=0, callbacks=[monitor])
    assert monitor.frame.step.unique().tolist() == [0, 4]


def test_a_model_compiled_anew_is_measured_with_its_new_loss(data):
    model = net()
    monitor = LayerMonitor(*data, measures=["signal_gradient"])
    fit_eagerly(model, data, [monitor])
    model.compile("adam", "mse")
    fit_eagerly(model, data, [monitor])
    truth = measure(model, *data, loss="mse")
    last = monitor.frame[monitor.frame.step == 4]
    expected = truth[truth.measure == "signal_gradient"].value
    np.testing.assert_allclose(last.value, expected, rtol=1e-4)
