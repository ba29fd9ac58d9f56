"""The callback: what it measures, and that the training goes on as without it."""

import errno
import json
import logging
import warnings

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import LayerMonitor, PReLU, RReLU, SmoothReLU
from keras_rectifiers.probe import MEASURES, measure

BACKEND = keras.backend.backend()


def warnings_of(model, data, monitor) -> list[str]:
    """What the monitor warns of; on PyTorch Keras warns of things of its own."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        fit(model, data, [monitor])
    return [str(w.message) for w in warned if "LayerMonitor" in str(w.message)]


@pytest.fixture
def data(rng):
    x = rng.normal(size=(64, 5)).astype("float32")
    return x, (x[:, :1] > 0).astype("float32")


def net(**settings):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(8, activation="relu", name="one"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(8),
            RReLU(name="two"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", **settings)
    return model


def fit(model, data, callbacks=(), **settings):
    keras.utils.set_random_seed(4)
    settings = {"batch_size": 8, "epochs": 2, "verbose": 0} | settings
    return model.fit(*data, callbacks=list(callbacks), **settings)


def state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(ops.convert_to_numpy(v)) for v in variables]


@pytest.mark.parametrize("every", ["epoch", 3])
@pytest.mark.parametrize(
    "settings",
    [{"jit_compile": False}]
    + [{"jit_compile": False, "steps_per_execution": 4}] * (BACKEND != "torch")
    + [{"jit_compile": True}] * (BACKEND != "torch"),
)
def test_the_training_is_the_same_bit_by_bit(data, every, settings, tmp_path):
    alone, watched = net(**settings), net(**settings)
    expected = fit(alone, data)
    monitor = LayerMonitor(*data, every, path=tmp_path / "log")
    history = fit(watched, data, [monitor])
    assert history.history == expected.history
    for variable, one, two in zip(
        [*alone.variables, *alone.optimizer.variables],
        state(alone),
        state(watched),
        strict=True,
    ):
        assert np.array_equal(one, two), variable.path
    # And the random streams stand where they would.
    following = ops.convert_to_numpy(keras.random.uniform((3,)))
    fit(net(**settings), data)
    assert np.array_equal(following, ops.convert_to_numpy(keras.random.uniform((3,))))


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


def test_the_last_observation_is_that_of_the_trained_model(data):
    model = net()
    monitor = LayerMonitor(*data)
    fit(model, data, [monitor])
    frame = monitor.frame
    assert list(frame.columns) == [
        "epoch",
        "step",
        "layer",
        "depth",
        "measure",
        "value",
    ]
    last = frame[frame.step == 16].set_index(["layer", "measure"]).value
    expected = measure(model, *data).set_index(["name", "measure"]).value
    assert len(last) == len(expected)
    np.testing.assert_allclose(last[expected.index], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("every", "settings", "expected"),
    [
        ("epoch", {}, [(0, 0), (1, 8), (2, 16)]),
        (6, {}, [(0, 0), (0, 6), (1, 12)]),
        (8, {}, [(0, 0), (0, 8), (1, 16)]),
        (np.int64(8), {}, [(0, 0), (0, 8), (1, 16)]),
    ]
    # PyTorch has no such setting.
    + [(6, {"steps_per_execution": 4}, [(0, 0), (0, 8), (1, 12)])]
    * (BACKEND != "torch"),
)
def test_it_measures_when_it_is_asked_to(data, every, settings, expected):
    monitor = LayerMonitor(*data, every)
    fit(net(**settings), data, [monitor])
    when = monitor.frame[["epoch", "step"]].drop_duplicates()
    assert list(when.itertuples(index=False, name=None)) == expected


def test_steps_go_on_over_several_calls_of_fit(data):
    model, monitor = net(), LayerMonitor(*data)
    fit(model, data, [monitor], epochs=1)
    fit(model, data, [monitor], initial_epoch=1)
    assert monitor.frame.step.unique().tolist() == [0, 8, 16]
    assert monitor.frame.epoch.unique().tolist() == [0, 1, 2]


def test_it_is_compiled_once(data, monkeypatch):
    import keras_rectifiers.observation as observation

    runs = []
    probe = observation.probe
    monkeypatch.setattr(
        observation, "probe", lambda *a, **k: runs.append(0) or probe(*a, **k)
    )
    monitor = LayerMonitor(*data, 1)
    fit(net(), data, [monitor])
    # On PyTorch nothing is compiled.
    assert len(runs) == (monitor.frame.step.nunique() if BACKEND == "torch" else 1)


def test_many_monitors_make_tensorflow_warn_of_no_retracing(data, monkeypatch):
    warned = []
    logger = logging.getLogger("tensorflow")
    monkeypatch.setattr(logger, "warning", lambda *args: warned.append(args))
    model = net()
    for _ in range(6):
        fit(model, data, [LayerMonitor(*data)], epochs=1)
    assert warned == []


def test_only_what_is_asked_for_is_measured(data):
    measures = ["dead_units", "signal_gradient"]
    monitor = LayerMonitor(*data, measures=measures, layers=["one"])
    fit(net(), data, [monitor], epochs=1)
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
    fit(model, data, [monitor, LayerMonitor(*data)], epochs=1)
    frame = measure(model, *data).set_index(["name", "measure"]).value
    assert frame.index.is_unique
    last = monitor.frame[monitor.frame.step == 8].set_index(["layer", "measure"]).value
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
    fit(model, data, [monitor])
    frame = monitor.frame.set_index(["step", "measure"]).value
    assert frame[0, "negative_slope"] == pytest.approx(0.25)
    slope = ops.convert_to_numpy(model.get_layer("slope").negative_slope).mean()
    assert frame[16, "negative_slope"] == pytest.approx(slope) != 0.25
    sharpness = float(ops.convert_to_numpy(model.get_layer("smooth").sharpness).mean())
    assert frame[16, "sharpness"] == pytest.approx(sharpness)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_models_of_mixed_precision_are_followed(data, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = net(jit_compile=False)
    finally:
        keras.config.set_dtype_policy(before)
    monitor = LayerMonitor(*data)
    fit(model, data, [monitor])
    assert np.isfinite(monitor.frame.value).all()
    assert set(monitor.frame.step) == {0, 8, 16}


def test_several_losses_and_sample_weights_are_no_hindrance(rng):
    start = keras.Input((5,))
    hidden = layers.Dense(6, activation="relu", name="hidden")(start)
    ends = [layers.Dense(1, name="a")(hidden), layers.Dense(2, name="b")(hidden)]
    model = keras.Model(start, {"a": ends[0], "b": ends[1]})
    losses = {"a": "mse", "b": "mae"}
    model.compile("sgd", losses, loss_weights={"a": 1.0, "b": 0.0})
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


def test_the_training_may_read_a_tf_data_set(data):
    import tensorflow as tf

    model = net()
    monitor = LayerMonitor(*data)
    training = tf.data.Dataset.from_tensor_slices(data).batch(16)
    model.fit(training, shuffle=False, verbose=0, callbacks=[monitor])
    assert monitor.frame.step.unique().tolist() == [0, 4]


def test_what_is_logged_can_be_read_and_a_torn_line_is_left_out(data, tmp_path):
    path = tmp_path / "new" / "log"
    monitor = LayerMonitor(*data, path=path)
    fit(net(), data, [monitor])
    assert LayerMonitor.read(path).equals(monitor.frame)

    # As a process leaves it that dies while it writes.
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    message = (
        f"^{path} holds what is no whole observation, such as a process leaves that "
        r"dies while it writes\. It is left out: line 3\.$"
    )
    with pytest.warns(UserWarning, match=message):
        frame = LayerMonitor.read(path)
    assert frame.equals(monitor.frame[monitor.frame.step < 16])
    # The next process appends to it, on a line of its own.
    again = LayerMonitor(*data, path=path)
    fit(net(), data, [again], epochs=1)
    with pytest.warns(UserWarning, match=message):
        frame = LayerMonitor.read(path)
    assert len(frame) == len(monitor.frame[monitor.frame.step < 16]) + len(again.frame)


@pytest.mark.parametrize(
    "line", ['{"loss": 1.0}', "epoch,loss", "3", "[[1, 2]]", '["a"]', "\x00\x00"]
)
def test_a_file_that_is_no_log_is_refused_and_a_damaged_line_left_out(
    data, tmp_path, line
):
    path = tmp_path / "log"
    path.write_text(f"{line}\n{line}\n")
    with pytest.raises(ValueError) as raised:
        LayerMonitor.read(path)
    assert str(raised.value) == (
        f"{path} holds no observation of a LayerMonitor. Expected the file given to it "
        "as path=, each line a JSON list of [epoch, step, layer, depth, measure, "
        f"value]. Got, in line 1: {line.encode()!r}"
    )
    monitor = LayerMonitor(*data, path=path)
    fit(net(), data, [monitor])
    with pytest.warns(UserWarning, match=r"It is left out: line 1, 2\.$"):
        assert LayerMonitor.read(path).equals(monitor.frame)


def test_each_observation_is_on_disk_before_the_next(data, tmp_path):
    path = tmp_path / "log"
    seen = []

    class Reader(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(path.read_text().splitlines()))

    fit(net(), data, [LayerMonitor(*data, path=path), Reader()])
    assert seen == [2, 3]
    for line in path.read_text().splitlines():
        json.loads(line)


def test_a_failing_disk_is_warned_of_once_and_the_training_goes_on(data, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monitor = LayerMonitor(*data, path=blocked / "log")
    (warning,) = warnings_of(net(), data, monitor)
    assert warning.startswith(
        f"LayerMonitor cannot write to path='{blocked / 'log'}', and writes there no "
        "more: "
    )
    assert warning.endswith(". The training goes on, and `frame` stays complete.")
    assert monitor.frame.step.unique().tolist() == [0, 8, 16]


def test_a_disk_that_fills_up_is_warned_of_once(data, tmp_path):
    class Full:
        def write(self, data):
            pass

        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    monitor = LayerMonitor(*data, path=tmp_path / "log")
    monitor._logs[0]._file = Full()
    (warning,) = warnings_of(net(), data, monitor)
    assert "No space left on device" in warning
    assert monitor.frame.step.unique().tolist() == [0, 8, 16]


def test_tensorboard_gets_scalars_and_histograms(data, tmp_path):
    import tensorflow as tf

    model = net()
    monitor = LayerMonitor(*data, log_dir=tmp_path / "logs")
    fit(model, data, [monitor])
    (path,) = (tmp_path / "logs").glob("events.out.tfevents.*")
    records = [
        tf.compat.v1.Event.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(path))
    ]
    assert records[0].file_version == "brain.Event:2"
    assert [record.step for record in records[1:]] == [0, 8, 16]
    last = {value.tag: value for value in records[-1].summary.value}
    frame = monitor.frame[monitor.frame.step == 16]
    for row in frame.itertuples():
        scalar = last.pop(f"{row.measure}/{row.layer}").simple_value
        assert scalar == pytest.approx(row.value, rel=1e-6)
    names = ["pre_activation", "activation", "activation_gradient", "kernel"]
    assert set(last) == {
        f"{name}/{layer}" for name in names for layer in ("one", "two")
    }
    kernel = ops.convert_to_numpy(model.get_layer("one").kernel)
    histogram = last["kernel/one"].histo
    assert sum(histogram.bucket) == histogram.num == kernel.size
    assert histogram.max == pytest.approx(kernel.max())
    assert histogram.sum_squares == pytest.approx((kernel**2).sum(), rel=1e-5)


def test_a_failing_folder_for_tensorboard_is_warned_of_once(data, tmp_path):
    (tmp_path / "file").write_text("")
    monitor = LayerMonitor(*data, log_dir=tmp_path / "file")
    (warning,) = warnings_of(net(), data, monitor)
    assert f"cannot write to log_dir='{tmp_path / 'file'}'" in warning


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "step", None, [2]])
def test_a_wrong_interval_is_refused(data, every):
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data, every)
    assert str(raised.value) == (
        "LayerMonitor expects `every` to be 'epoch' or a number of steps of at least 1. "
        f"Received: every={every!r}"
    )


def test_unknown_measures_and_layers_are_refused(data):
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data, measures=["dead_unit"])
    assert str(raised.value) == (
        "LayerMonitor does not know 'dead_unit' of `measures`. Did you mean "
        f"'dead_units'? There are: {', '.join(MEASURES)}."
    )
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data, layers="one")
    assert str(raised.value) == (
        "LayerMonitor expects `layers` to be a list of names, or None for all. "
        "Received: layers='one'"
    )
    for wrong in (3, [], False):
        with pytest.raises(ValueError) as raised:
            LayerMonitor(*data, measures=wrong)
        assert str(raised.value) == (
            "LayerMonitor expects `measures` to be a list of names, or None for all. "
            f"Received: measures={wrong!r}"
        )
    with pytest.raises(ValueError) as raised:
        fit(net(), data, [LayerMonitor(*data, layers=["three"])])
    assert str(raised.value) == (
        "LayerMonitor does not know 'three' of `layers`. There are: one, two."
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda x, y: (x[:, :3], y),
            r"^The probe batch x does not fit the model '.*': expected the shape "
            r"\(None, 5\), got \(64, 3\)\.$",
        ),
        (
            lambda x, y: (x[:0], y[:0]),
            r"^The probe batch x is empty; give at least one example\.$",
        ),
        (
            lambda x, y: (x * np.nan, y),
            r"^The probe batch x holds NaN or infinite values, so every measure would "
            r"be NaN; remove them\.$",
        ),
        (
            lambda x, y: (x, y[:5]),
            r"^The probe batch has 64 examples in x and 5 targets in y; expected as "
            r"many of one as of the other\.$",
        ),
        # JAX says more below what is raised while it compiles.
        (
            lambda x, y: (x, np.zeros((64, 3))),
            r"^The targets y of the probe batch do not fit the loss .*: expected the "
            r"shape of the predictions, \(64, 1\), got \(64, 3\)\.(?m:$)",
        ),
        (
            lambda x, y: (x, np.zeros((64, 2, 2))),
            r"^The targets y of the probe batch do not fit the loss .*: expected the "
            r"shape of the predictions, \(64, 1\), got \(64, 2, 2\)\.(?m:$)",
        ),
    ],
)
def test_a_bad_batch_is_refused_before_the_training(data, spoil, message):
    model = net()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        fit(model, data, [LayerMonitor(*spoil(*data))])
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_model_without_trainable_weights_is_refused(data):
    model = net()
    model.trainable = False
    monitor = LayerMonitor(*data)
    monitor.set_model(model)
    with pytest.raises(ValueError) as raised:
        monitor.on_train_begin()
    assert str(raised.value) == (
        f"The model '{model.name}' has no trainable weights, so there is no training to "
        "measure. Set model.trainable = True, or use diagnose()."
    )


def test_a_model_that_is_not_built_is_refused(data):
    model = keras.Sequential([layers.Dense(3, "relu"), layers.Dense(1)], name="bare")
    monitor = LayerMonitor(*data)
    monitor.set_model(model)
    with pytest.raises(ValueError) as raised:
        monitor.on_train_begin()
    assert str(raised.value) == (
        "The model 'bare' is not built yet, so it has no weights. Start it with "
        "keras.Input(shape), or call it once on a batch."
    )


def test_measures_that_no_layer_has_are_refused_before_the_training(data, tmp_path):
    model = net()
    before = model.get_weights()
    monitor = LayerMonitor(*data, measures=["sharpness"], path=tmp_path / "log")
    with pytest.raises(ValueError) as raised:
        fit(model, data, [monitor])
    assert str(raised.value) == (
        "None of the measures sharpness is defined for one, two. Saturation needs a "
        "bounded activation, dead units and sparsity a rectifier, negative_slope and "
        "sharpness a layer that has one. Leave measures= out to take all."
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_model_compiled_anew_is_measured_with_its_new_loss(data):
    model = net()
    monitor = LayerMonitor(*data, measures=["signal_gradient"])
    fit(model, data, [monitor], epochs=1)
    model.compile("adam", "mse")
    fit(model, data, [monitor], epochs=1)
    truth = measure(model, *data, loss="mse")
    last = monitor.frame[monitor.frame.step == 16]
    expected = truth[truth.measure == "signal_gradient"].value
    np.testing.assert_allclose(last.value, expected, rtol=1e-4)


def test_a_monitor_keeps_to_one_model(data):
    monitor = LayerMonitor(*data)
    first, second = net(), net()
    fit(first, data, [monitor], epochs=1)
    with pytest.raises(ValueError) as raised:
        fit(second, data, [monitor], epochs=1)
    assert str(raised.value) == (
        f"A LayerMonitor measures one model. It has measured '{first.name}' and was "
        f"given to '{second.name}'; make another LayerMonitor for that."
    )


def test_it_draws_a_heatmap_for_each_measure(data):
    monitor = LayerMonitor(*data, every=2)
    with pytest.raises(ValueError) as raised:
        monitor.plot()
    assert str(raised.value) == (
        "The LayerMonitor has measured nothing yet. Give it to model.fit in "
        "callbacks=[...] first."
    )
    fit(net(), data, [monitor])
    figure = monitor.plot()
    figure.canvas.draw()
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == [
        "Gradient of the signal, log10",
        "Gradient of the weights, log10",
        "Spread of activations, log10",
        "Dead units",
    ]
    gradients = figure.axes[0].collections[0].get_array()
    assert gradients.shape == (2, 9)
    signal = monitor.frame[monitor.frame.measure == "signal_gradient"]
    expected = np.log10(signal.pivot(index="layer", columns="step", values="value"))
    np.testing.assert_allclose(gradients, expected)
