"""The callback: what it measures, and that the training goes on as without it."""

import errno
import json
import logging
import warnings
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import LayerMonitor, PReLU, RReLU, SmoothReLU
from keras_rectifiers.diagnosis.monitor_logs import Log
from keras_rectifiers.inspection.probe import MEASURES, measure

BACKEND = keras.backend.backend()


def warnings_of(model, data, monitor) -> list[str]:
    """What the monitor warns of; on PyTorch Keras warns of things of its own."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        fit_eagerly(model, data, [monitor])
    return [str(w.message) for w in warned if "LayerMonitor" in str(w.message)]


@pytest.fixture(scope="module")
def data():
    x = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
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


def fit_eagerly(model, data, callbacks, **settings):
    """A short training without compilation, where it does not matter how it trains."""
    model.run_eagerly = True
    return fit(model, data, callbacks, **{"batch_size": 32, "epochs": 1} | settings)


def begin(monitor, model):
    """The first measurement, without a training."""
    monitor.set_model(model)
    monitor.on_train_begin()


@pytest.fixture
def free_probe(monkeypatch):
    """A probe that costs nothing, where only matters when it is asked."""
    monkeypatch.setattr(
        "keras_rectifiers.diagnosis.monitor.compile_probe",
        lambda *batch, sites, **how: lambda: ([{"dead_units": 0.0} for _ in sites], []),
    )


class Reader(keras.callbacks.Callback):
    """Reads the log of a monitor after each epoch."""

    def __init__(self, path):
        super().__init__()
        self.path, self.seen = path, []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(self.path.read_text().splitlines())


@pytest.fixture(scope="module")
def watched(data, tmp_path_factory):
    """One training with several monitors, for all who only look at the results."""
    folder = tmp_path_factory.mktemp("watched")
    path, log_dir = folder / "new" / "log", folder / "logs"
    model, reader = net(), Reader(path)
    monitor = LayerMonitor(*data, path=path, log_dir=log_dir)
    by_two = LayerMonitor(*data, every=2)
    fit(model, data, [monitor, reader, by_two])
    return SimpleNamespace(
        model=model,
        monitor=monitor,
        by_two=by_two,
        reader=reader,
        path=path,
        log_dir=log_dir,
    )


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


def test_what_is_logged_can_be_read_and_a_torn_line_is_left_out(watched, tmp_path):
    frame = watched.monitor.frame
    assert LayerMonitor.read(watched.path).equals(frame)

    # As a process leaves it that dies while it writes.
    path = tmp_path / "log"
    path.write_bytes(watched.path.read_bytes()[:-20])
    message = (
        f"^{path} has incomplete measurements, as left by a process that died while "
        r"writing\. They are left out\. Lines: 3\.$"
    )
    with pytest.warns(UserWarning, match=message):
        read = LayerMonitor.read(path)
    assert read.equals(frame[frame.step < 16])
    # The next process appends to it, on a line of its own.
    rows = rows_of(frame[frame.step == 8])
    log(path, rows)
    with pytest.warns(UserWarning, match=message):
        read = LayerMonitor.read(path)
    assert rows_of(read) == rows_of(frame[frame.step < 16]) + rows


def rows_of(frame) -> list[tuple]:
    return list(frame.itertuples(index=False, name=None))


def log(path, rows):
    """Writes rows to a log as a monitor does."""
    writing = Log(path)
    writing.write(rows, {})
    writing.close()


@pytest.mark.parametrize(
    "line", ['{"loss": 1.0}', "epoch,loss", "3", "[[1, 2]]", '["a"]', "\x00\x00"]
)
def test_a_file_that_is_no_log_is_refused_and_a_damaged_line_left_out(tmp_path, line):
    path = tmp_path / "log"
    path.write_text(f"{line}\n{line}\n")
    with pytest.raises(ValueError) as raised:
        LayerMonitor.read(path)
    assert str(raised.value) == (
        f"Expected {path} to be a file that was given to a LayerMonitor as path=, with "
        "a JSON list of [epoch, step, layer, depth, measure, value] in each line. "
        f"Received, in line 1: {line.encode()!r}"
    )
    rows = [(0, 8, "one", 0, "dead_units", 0.25), (0, 8, "two", 1, "dead_units", 0.0)]
    path.write_text(f"{line}\n{line}\n{json.dumps(rows)}\n")
    with pytest.warns(UserWarning, match=r"They are left out\. Lines: 1, 2\.$"):
        assert rows_of(LayerMonitor.read(path)) == rows


def test_each_observation_is_on_disk_before_the_next(watched):
    assert [len(lines) for lines in watched.reader.seen] == [2, 3]
    for lines in watched.reader.seen:
        for line in lines:
            json.loads(line)


def test_a_failing_disk_is_warned_of_once_and_the_training_goes_on(
    data, tmp_path, free_probe
):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monitor = LayerMonitor(*data, path=blocked / "log")
    (warning,) = warnings_of(net(), data, monitor)
    assert warning.startswith(
        f"LayerMonitor cannot write to path='{blocked / 'log'}' and has stopped writing "
        "there: "
    )
    assert warning.endswith(". The training continues, and `frame` remains complete.")
    assert monitor.frame.step.unique().tolist() == [0, 2]


def test_a_disk_that_fills_up_is_warned_of_once(data, tmp_path, free_probe):
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
    assert monitor.frame.step.unique().tolist() == [0, 2]


def test_tensorboard_gets_scalars_and_histograms(watched):
    import tensorflow as tf

    (path,) = watched.log_dir.glob("events.out.tfevents.*")
    records = [
        tf.compat.v1.Event.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(path))
    ]
    assert records[0].file_version == "brain.Event:2"
    assert [record.step for record in records[1:]] == [0, 8, 16]
    last = {value.tag: value for value in records[-1].summary.value}
    frame = watched.monitor.frame
    frame = frame[frame.step == 16]
    for row in frame.itertuples():
        scalar = last.pop(f"{row.measure}/{row.layer}").simple_value
        assert scalar == pytest.approx(row.value, rel=1e-6)
    names = ["pre_activation", "activation", "activation_gradient", "kernel"]
    assert set(last) == {
        f"{name}/{layer}" for name in names for layer in ("one", "two")
    }
    kernel = ops.convert_to_numpy(watched.model.get_layer("one").kernel)
    histogram = last["kernel/one"].histo
    assert sum(histogram.bucket) == histogram.num == kernel.size
    assert histogram.max == pytest.approx(kernel.max())
    assert histogram.sum_squares == pytest.approx((kernel**2).sum(), rel=1e-5)


def test_a_failing_folder_for_tensorboard_is_warned_of_once(data, tmp_path, free_probe):
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
        "LayerMonitor expects the names in `measures` to be among: "
        f"{', '.join(MEASURES)}. Did you mean 'dead_units'? Received: 'dead_unit'."
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
        "LayerMonitor expects the names in `layers` to be among: one, two. Received: "
        "'three'."
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda x, y: (x[:, :3], y),
            r"^The probe batch x does not fit the model '.*': expected the shape "
            r"\(None, 5\)\. Received: \(64, 3\)\.$",
        ),
        (
            lambda x, y: (x[:0], y[:0]),
            r"^The probe batch x must hold at least one example\. Received: an empty "
            r"batch\.$",
        ),
        (
            lambda x, y: (x * np.nan, y),
            r"^The probe batch x must hold finite numbers, because otherwise every "
            r"measure is NaN\. Remove the others\. Received: NaN or infinite values\.$",
        ),
        (
            lambda x, y: (x, y[:5]),
            r"^The probe batch must have the same number of examples in x and targets in "
            r"y\. Received: 64 and 5\.$",
        ),
        # JAX says more below what is raised while it compiles.
        (
            lambda x, y: (x, np.zeros((64, 3))),
            r"^The targets y of the probe batch do not fit the loss .*: expected the "
            r"shape of the predictions, \(64, 1\)\. Received: \(64, 3\)\.(?m:$)",
        ),
        (
            lambda x, y: (x, np.zeros((64, 2, 2))),
            r"^The targets y of the probe batch do not fit the loss .*: expected the "
            r"shape of the predictions, \(64, 1\)\. Received: \(64, 2, 2\)\.(?m:$)",
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
        "LayerMonitor expects a model with trainable weights. Set model.trainable = "
        f"True, or use diagnose(). Received: the model '{model.name}' without "
        "trainable weights."
    )


def test_a_model_that_is_not_built_is_refused(data):
    model = keras.Sequential([layers.Dense(3, "relu"), layers.Dense(1)], name="bare")
    monitor = LayerMonitor(*data)
    monitor.set_model(model)
    with pytest.raises(ValueError) as raised:
        monitor.on_train_begin()
    assert str(raised.value) == (
        "Expected a built model. Start it with keras.Input(shape), or call it once on "
        "a batch. Received: 'bare', which has no weights yet."
    )


def test_measures_that_no_layer_has_are_refused_before_the_training(data, tmp_path):
    model = net()
    before = model.get_weights()
    monitor = LayerMonitor(*data, measures=["sharpness"], path=tmp_path / "log")
    with pytest.raises(ValueError) as raised:
        fit(model, data, [monitor])
    assert str(raised.value) == (
        "None of the measures sharpness is defined for one, two. saturation needs a "
        "bounded activation, dead_units and sparsity need a rectifier, and "
        "negative_slope and sharpness need a layer with that parameter. Leave "
        "measures= out to take all measures."
    )
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


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


def test_a_monitor_keeps_to_one_model(data, free_probe):
    monitor = LayerMonitor(*data)
    first, second = net(), net()
    begin(monitor, first)
    with pytest.raises(ValueError) as raised:
        fit(second, data, [monitor])
    assert str(raised.value) == (
        "A LayerMonitor expects to measure a single model. Create another "
        f"LayerMonitor for the second model. Received: '{second.name}' after "
        f"'{first.name}'."
    )


def test_it_draws_a_heatmap_for_each_measure(data, watched):
    monitor = watched.by_two
    with pytest.raises(ValueError) as raised:
        LayerMonitor(*data).plot()
    assert str(raised.value) == (
        "The LayerMonitor has not measured anything yet. Pass it to model.fit in "
        "callbacks=[...] first."
    )
    figure = monitor.plot()
    figure.canvas.draw()
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == [
        "Signal gradient, log10",
        "Weight gradient, log10",
        "Standard deviation of activations, log10",
        "Dead units",
    ]
    gradients = figure.axes[0].collections[0].get_array()
    assert gradients.shape == (2, 9)
    signal = monitor.frame[monitor.frame.measure == "signal_gradient"]
    expected = np.log10(signal.pivot(index="layer", columns="step", values="value"))
    np.testing.assert_allclose(gradients, expected)


@pytest.mark.parametrize(
    "content",
    ["import os\n", "epoch,loss\n0,1.0", "[[1, 2]]\n", "\x00\x01", '["a"]', "[]"],
)
def test_a_file_of_the_users_is_not_appended_to(data, tmp_path, content):
    path = tmp_path / "mine"
    path.write_text(content)
    with pytest.raises(ValueError, match="`path` to be a new file or a log") as raised:
        LayerMonitor(*data, path=path)
    assert str(raised.value).endswith(f"Received: path={str(path)!r}")
    assert path.read_text() == content


def test_a_log_that_ends_anywhere_is_gone_on_with(tmp_path):
    path, rows = tmp_path / "log", [(0, 8, "one", 0, "dead_units", 0.25)]
    line = json.dumps(rows) + "\n"
    for end in range(len(line)):
        path.write_text(line[:end])
        log(path, rows)
        assert path.read_text().endswith(line)
        Log(path)


@pytest.mark.parametrize("argument", ["path", "log_dir"])
@pytest.mark.parametrize(
    ("given", "error"),
    [("", ValueError), ("a\0b", ValueError), (3, TypeError), (b"log", TypeError)],
)
def test_what_is_no_path_is_refused(data, argument, given, error):
    with pytest.raises(error, match=f"LayerMonitor expects `{argument}` to be a path"):
        LayerMonitor(*data, **{argument: given})
    if argument == "path":
        with pytest.raises(error, match="LayerMonitor expects `path` to be a path"):
            LayerMonitor.read(given)


@pytest.mark.parametrize("argument", ["path", "log_dir"])
def test_a_path_may_begin_at_home(data, tmp_path, monkeypatch, argument):
    monkeypatch.setenv("HOME", str(tmp_path))
    monitor = LayerMonitor(*data, **{argument: "~/log"})
    assert monitor._logs[0].path == tmp_path / "log"
