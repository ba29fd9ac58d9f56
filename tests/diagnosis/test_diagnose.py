"""What is said of sick and of healthy models, on each backend."""

import dataclasses
import warnings

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis.checks import layers as layer_checks
from keras_rectifiers.diagnosis.checks.layers import check
from keras_rectifiers.inspection.fresh_values import fresh_values
from tests.diagnosis.made_up_measures import measured
from tests.diagnosis.made_up_nets import CROSS_ENTROPY, kinds, net


def test_a_healthy_net_has_no_findings_and_a_tidy_frame(batch):
    diagnosis = diagnose(net(), *batch, loss=CROSS_ENTROPY)
    assert diagnosis.findings == ()
    assert list(diagnosis.frame.columns) == ["layer", "depth", "measure", "value"]
    depths = diagnosis.frame.groupby("layer").depth.unique()
    assert depths.to_dict() == {f"hidden_{i}": [i] for i in range(4)}
    assert not diagnosis.frame.duplicated(["layer", "measure"]).any()
    assert str(diagnosis).startswith(
        "net: no findings in 4 hidden activations, on 128 examples\n"
    )


def test_dead_units_are_counted_against_a_fresh_copy(batch):
    model = net()
    # As a step too far leaves it: 20 of 32 units shut for good.
    model.layers[2].bias.assign(np.r_[np.full(20, -1e3), np.zeros(12)])
    (finding,) = diagnose(model, *batch, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer, finding.measure) == (
        "dead",
        "hidden_2",
        "dead_units",
    )
    assert finding.value == pytest.approx(20 / 32, abs=0.07)
    text = str(finding)
    assert text.startswith(f"hidden_2: {finding.value:.0%} of 32 units are dead, ")
    assert text.endswith(
        "more than in a freshly initialised copy. They pass no gradient for any example of the "
        "probe batch, so they no longer learn. Lower the learning rate and train again "
        "from the start, or use a leaky rectifier."
    )


def test_units_that_are_dead_from_the_start_are_put_down_to_the_start(batch):
    diagnosis = diagnose(net(bias=-20.0), *batch, loss=CROSS_ENTROPY)
    assert kinds(diagnosis)[0] == "dead"
    assert str(diagnosis.findings[0]).startswith(
        "hidden_0: 100% of 32 units are dead, as many as in a freshly initialised "
        "copy. The same holds for hidden_1, hidden_2, hidden_3. They pass no gradient "
        "from the start. Initialise the biases to 0 and the weights with he_normal. "
        "If this is already so, normalise the layers or use a leaky rectifier."
    )


def test_a_deep_sigmoid_net_has_a_vanishing_gradient(batch):
    model = net(8, "sigmoid", "GlorotUniform")
    (finding,) = diagnose(model, *batch, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("vanishing", "hidden_0")
    assert finding.observation.startswith(
        "vanishing gradient, which shrinks by a factor of 4."
    )


def test_too_large_initial_weights_explode(batch):
    model = net(8, kernel="RandomNormal", stddev=2.0)
    (finding,) = diagnose(model, *batch, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("exploding", "hidden_7")
    assert finding.meaning == (
        "The weights are too large for the number of inputs of a layer."
    )


def test_findings_tell_layers_of_one_name_apart(batch):
    def part():
        return keras.Sequential([layers.Dense(8, "relu", name="a")], name="part")

    class Twins(keras.Model):
        def __init__(self):
            super().__init__()
            self.one, self.two, self.last = part(), part(), layers.Dense(3)

        def call(self, x):
            return self.last(self.two(self.one(x)))

    x, y = batch
    model = Twins()
    model(x)
    (finding,) = diagnose(model, 1000 * x, y, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("unscaled inputs", "part/a")
    bias = model.two.layers[0].bias
    bias.assign(np.full(8, -1e3))
    (finding, *_) = diagnose(model, x, y, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("dead", "part/a (layer 2)")
    bias.assign(np.full(8, np.nan))
    (finding,) = diagnose(model, x, y, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("not finite", "part/a (layer 2)")


def test_weights_that_grew_in_training_are_told_from_those_that_began_large(batch):
    model = net(3, "leaky_relu")
    model.layers[1].kernel.assign(ops.multiply(model.layers[1].kernel, 1e3))
    (finding,) = diagnose(model, *batch, loss=CROSS_ENTROPY).findings
    assert finding.kind == "exploding"
    assert "times that in a freshly initialised copy" in str(finding)
    assert "Lower the learning rate" in str(finding)


def test_unscaled_inputs_are_named_and_normalised_ones_are_not(batch):
    x, y = batch[0] * 1000, batch[1]
    (finding,) = diagnose(net(), x, y, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("unscaled inputs", "hidden_0")
    assert finding.value == pytest.approx(np.sqrt(np.mean(x.astype(float) ** 2)))
    normalised = keras.Sequential(
        [keras.Input((6,)), layers.Rescaling(1e-3), *net().layers]
    )
    assert diagnose(normalised, x, y, loss=CROSS_ENTROPY).findings == ()


def test_saturated_units_are_named(batch):
    model = net(3, "tanh", "GlorotUniform")
    model.layers[0].kernel.assign(ops.multiply(model.layers[0].kernel, 30))
    (finding,) = diagnose(model, *batch, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("saturated", "hidden_0")
    assert finding.value > 0.5


def test_weights_that_are_no_numbers_are_all_that_is_said(batch):
    model = net()
    model.layers[1].kernel.assign(np.full((32, 32), np.nan))
    diagnosis = diagnose(model, *batch, loss=CROSS_ENTROPY)
    (finding,) = diagnosis.findings
    assert str(finding) == (
        "hidden_1: its weights are NaN or infinite. Training has diverged, or an "
        "example was NaN or infinite. Check all examples, also those outside this "
        "batch: np.isfinite(x).all(). If they are finite, restart the training with a "
        "lower learning rate, or clip the gradients (clipnorm=1.0 in the optimizer)."
    )


def test_an_activation_that_cannot_be_seen_is_a_finding(batch):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Dense(8, name="first")
            self.head = layers.Dense(3, name="head")

        def call(self, x):
            return self.head(ops.relu(self.first(x)))

    model = Own()
    model(batch[0])
    (finding,) = diagnose(model, *batch, loss=CROSS_ENTROPY).findings
    assert str(finding) == (
        "first: there may be an activation here that cannot be seen. Its dead, silent "
        "and saturated units are not counted. It is not followed by a layer, so an "
        "activation there cannot be seen; use a layer such as keras.layers.ReLU(), or "
        "activation=."
    )


def test_too_few_examples_tell_nothing_of_dead_units(batch):
    shut = {"dead_units": np.full(3, 0.7)}
    values = measured().values | shut
    for num_examples, expected in ((9, []), (10, ["dead"])):
        seen = measured(values=values, num_examples=num_examples)
        assert [finding.kind for finding in check(seen)] == expected
    x, y = batch
    nine, ten = (diagnose(net(1), x[:n], y[:n], loss=CROSS_ENTROPY) for n in (9, 10))
    assert ("too few" in str(nine), "too few" in str(ten)) == (True, False)
    assert str(diagnose(net(1), x[:1], y[:1], loss=CROSS_ENTROPY)).startswith(
        "net: no findings in 1 hidden activation, on 1 example, which is too few to "
        "tell which units are dead; pass 100 or more\n"
    )


def test_a_layer_may_be_called_by_the_name_of_its_argument(batch):
    class Own(layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], 8))

        def call(self, x):
            return ops.matmul(x, self.kernel)

    class ByName(keras.Model):
        def __init__(self):
            super().__init__()
            self.own, self.activate = Own(name="own"), layers.ReLU(name="activate")
            self.last = layers.Dense(3)

        def call(self, x):
            return self.last(self.activate(self.own(x=x)))

    x, y = batch
    model = ByName()
    model(x)
    (finding,) = diagnose(model, 1000 * x, y, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("unscaled inputs", "own")


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (
            object(),
            np.zeros(4),
            "The probe batch x must hold arrays of numbers. Received: object.",
        ),
        (
            [[1, 2], [3]],
            np.zeros(2),
            "The probe batch x must hold arrays of numbers. Received: list.",
        ),
        (
            keras.KerasTensor((4, 6)),
            np.zeros(4),
            "The probe batch x must hold arrays of numbers. Received: KerasTensor.",
        ),
        (
            np.zeros((4, 6), "datetime64[D]"),
            np.zeros(4),
            "The probe batch x must hold arrays of numbers. Received: times.",
        ),
        (
            np.zeros((4, 6), complex),
            np.zeros(4),
            "The probe batch x must hold arrays of numbers. Received: complex numbers.",
        ),
        (
            np.zeros((4, 6)),
            np.zeros(4, complex),
            "The probe batch y must hold arrays of numbers. Received: complex numbers.",
        ),
    ],
)
def test_what_holds_no_numbers_is_refused(x, y, message):
    with pytest.raises(ValueError) as raised:
        diagnose(net(), x, y, loss=CROSS_ENTROPY)
    assert str(raised.value) == (
        f"{message} From a data set, take one batch, as in x, y = next(iter(data)); "
        "convert classes to integers, and sparse or ragged arrays to dense ones."
    )


def test_what_a_fresh_copy_has_is_the_mean_of_three(batch):
    model = net(2)
    diagnosis = diagnose(model, *batch, loss=CROSS_ENTROPY)
    copies = []
    for seed in range(3):
        fresh, _ = fresh_values(model, seed)
        for variable, value in zip(model.trainable_variables, fresh, strict=True):
            variable.assign(value)
        copies.append(diagnose(model, *batch, loss=CROSS_ENTROPY).frame.value)
    assert np.ptp(copies, axis=0).max() > 0.01
    np.testing.assert_allclose(
        diagnosis.fresh.value, np.mean(copies, axis=0), rtol=1e-5, atol=1e-7
    )


def test_kernels_are_measured_by_those_of_he_normal(rng, monkeypatch):
    seen = []
    monkeypatch.setattr(layer_checks, "check", lambda given: seen.append(given) or [])
    model = keras.Sequential(
        [
            keras.Input((5, 5, 2)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(8, "relu"),
            layers.Dense(3),
        ]
    )
    # Values of one magnitude: he_normal has sqrt(2 / fan_in).
    for kernel, scale in ((model.weights[0], 3), (model.weights[2], 0.5)):
        fan_in = np.prod(kernel.shape[:-1])
        signs = rng.choice([-1.0, 1.0], size=kernel.shape)
        kernel.assign(signs * scale * np.sqrt(2 / fan_in))
    x = rng.choice([-7.0, 7.0], size=(12, 5, 5, 2))
    diagnose(model, x, np.arange(12) % 3, loss=CROSS_ENTROPY)
    (given,) = seen
    np.testing.assert_allclose(given.kernel_scales, [3, 0.5], rtol=1e-6)
    assert list(given.input_scales.values()) == [7.0]
    assert (given.num_examples, given.num_units) == (12, [4, 8])


def test_diagnosing_moves_no_random_stream(batch):
    def after(diagnosed):
        keras.utils.set_random_seed(0)
        model = net()
        if diagnosed:
            diagnose(model, *batch, loss=CROSS_ENTROPY)
        return ops.convert_to_numpy(layers.Dense(3)(layers.Dense(4)(batch[0])))

    assert np.array_equal(after(True), after(False))


def test_a_compiled_model_needs_no_loss_and_another_does(batch):
    model = net()
    with pytest.raises(ValueError, match=r"^Expected a model that is compiled with a "):
        diagnose(model, *batch)
    model.compile(loss=CROSS_ENTROPY)
    given = diagnose(net(), *batch, loss=CROSS_ENTROPY).frame
    assert diagnose(model, *batch).frame.equals(given)


def test_it_shows_itself_as_text_html_and_figure(batch):
    from matplotlib.figure import Figure

    diagnosis = diagnose(net(8, bias=-20.0), *batch, loss=CROSS_ENTROPY)
    assert "\n1. hidden_0: 100% of 32 units are dead" in str(diagnosis)
    assert max(map(len, str(diagnosis).splitlines()[:6])) <= 88
    assert "<li><b>hidden_0</b>: 100% of 32 units" in diagnosis._repr_html_()
    figure = diagnosis.plot()
    assert isinstance(figure, Figure)
    figure.canvas.draw()
    gradient, spread, shares = figure.axes
    assert [text.get_text() for text in gradient.get_yticklabels()] == [
        f"hidden_{i}" for i in range(8)
    ]
    lines = {line.get_label(): line for line in shares.get_lines()}
    assert (lines["dead"].get_xdata() == 1).all()
    assert len(spread.get_lines()) == 2


def test_names_of_layers_are_escaped_in_html(batch):
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(
                8, "relu", name="<b>", bias_initializer=keras.initializers.Constant(-99)
            ),
            layers.Dense(3),
        ]
    )
    shown = diagnose(model, *batch, loss=CROSS_ENTROPY)._repr_html_()
    assert "<b><b></b>" not in shown and "&lt;b&gt;" in shown


def test_control_characters_of_names_are_shown_escaped(batch):
    diagnosis = diagnose(net(activation="sigmoid", depth=8), *batch, loss=CROSS_ENTROPY)
    name = "\x1b[31mred\nnext"
    frame = diagnosis.frame.assign(
        layer=diagnosis.frame.layer.str.replace("hidden", name)
    )
    finding = dataclasses.replace(diagnosis.findings[0], layer=name, others=(name,))
    hostile = dataclasses.replace(
        diagnosis, model=name, frame=frame, findings=(finding,)
    )
    for text in (str(hostile), hostile._repr_html_(), str(finding)):
        assert "\x1b" not in text and "red\n" not in text
        assert r"\x1b[31mred\nnext" in text
    assert rf"<b>\x1b[31mred\nnext</b>: {finding.observation}" in hostile._repr_html_()


def test_rows_that_are_no_numbers_are_named_and_left_out(batch):
    x, y = batch
    x = x.copy()
    x[3, 2] = np.nan
    diagnosis = diagnose(net(), x, y, loss=CROSS_ENTROPY)
    assert kinds(diagnosis) == ["not finite data"]
    assert diagnosis.num_examples == len(x) - 1


def test_a_linear_model_that_is_not_built_is_judged_on_a_data_set(batch):
    x, y = batch
    model = keras.Sequential([layers.Dense(1, "softmax", name="only")])
    data = ((x[rows], y[rows]) for rows in (slice(64), slice(64, None)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Keras's own of a softmax of one
        diagnosis = diagnose(model, data, loss="mse")
    assert [(f.kind, f.layer) for f in diagnosis.findings] == [("output", "only")]
    assert diagnosis.num_examples == len(x) and diagnosis.frame.empty


def test_the_learning_rate_of_a_compiled_model_is_rehearsed(batch):
    x, y = batch
    model = net(2)
    model.compile(keras.optimizers.SGD(1e4), CROSS_ENTROPY)
    (finding,) = diagnose(model, x, (x[:, 0] > 0).astype(int), num_steps=30).findings
    assert finding.kind in ("rate too high", "diverging")
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 0
    assert diagnose(model, x, y, num_steps=0).findings == ()


def test_of_a_step_of_its_own_it_is_said_that_it_was_not_rehearsed(batch):
    class Own(keras.Model):
        def train_step(self, *given):
            return {}

    x, y = batch[0], (batch[0][:, 0] > 0).astype(int)
    plain = net(2)
    model = Own(plain.inputs, plain.outputs)
    model.compile(keras.optimizers.SGD(1e4), CROSS_ENTROPY)
    diagnosis = diagnose(model, x, y)
    assert "step of training was not rehearsed" in diagnosis.note
    assert diagnosis.findings == ()
    same = keras.Model(model.inputs, model.outputs)
    same.compile(keras.optimizers.SGD(1e4), CROSS_ENTROPY)
    diagnosis = diagnose(same, x, y, num_steps=30)
    assert diagnosis.note == ""
    assert (
        set(kinds(diagnosis)) <= {"rate too high", "diverging"} and diagnosis.findings
    )


def test_a_net_that_is_normalised_is_measured_as_it_trains(batch):
    # Until its averages have moved, inference does not normalise, and it explodes.
    keras.utils.set_random_seed(0)
    start = signal = keras.Input((6,))
    for _ in range(5):
        inner = layers.BatchNormalization()(layers.Dense(32)(signal))
        signal = layers.ReLU()(inner)
        signal = layers.Rescaling(20.0)(signal)
    model = keras.Model(start, layers.Dense(3)(signal))
    assert kinds(diagnose(model, *batch, loss=CROSS_ENTROPY)) == []
    assert not ops.convert_to_numpy(model.layers[2].moving_mean).any()


def test_a_half_learned_model_is_seen_in_both_modes():
    # It is perfect by the variance of the batch; its average of 16 gives a quarter of it.
    x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
    normalised = layers.BatchNormalization(center=False, scale=False)
    last = layers.Dense(1, kernel_initializer="ones")
    model = keras.Sequential([keras.Input((4,)), normalised, last])
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    model.optimizer.iterations.assign(10)
    normalised.moving_variance.assign(np.full(4, 16.0))
    (finding,) = diagnose(model, x, x.sum(1)).findings
    assert finding.kind == "modes disagree"


def test_what_frozen_layers_read_is_what_their_weights_are_for(batch):
    # Trained bases such as ResNet50 take pixels from -128 to 128.
    x, y = batch
    keras.utils.set_random_seed(0)
    model = net(2)
    first = model.layers[0]
    first.kernel.assign(first.kernel / 60)
    first.trainable = False
    assert kinds(diagnose(model, 60 * x, y, loss=CROSS_ENTROPY)) == []
    first.trainable = True
    found = kinds(diagnose(model, 60 * x, y, loss=CROSS_ENTROPY))
    assert found == ["unscaled inputs"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"num_steps": -1}, "diagnose expects `num_steps` to be at least 0. "),
        ({"batch_size": 0}, "diagnose expects `batch_size` to be at least 1. "),
    ],
)
def test_steps_and_batches_are_counted(batch, given, message):
    with pytest.raises(ValueError) as raised:
        diagnose(net(), *batch, loss=CROSS_ENTROPY, **given)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("x", [np.full((40, 5), 12), np.full((40, 5), 0.5)])
def test_tokens_without_a_row_are_found_before_they_fail(x):
    model = keras.Sequential(
        [
            keras.Input((5,), dtype="int32"),
            layers.Embedding(10, 4, name="words"),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    (finding,) = diagnose(model, x, np.arange(40) % 3, loss=CROSS_ENTROPY).findings
    assert (finding.kind, finding.layer) == ("tokens", "words")


def test_a_training_whose_examples_counted_nothing_is_not_put_down_to_the_model(rng):
    x = rng.normal(size=(512, 6)).astype("float32")
    labels = (x[:, 0] > 0).astype(int)
    model = net(2)
    model.compile(keras.optimizers.Adam(0.01), CROSS_ENTROPY)
    # As a training with a sample_weight of 0 leaves it.
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(5000)
    (finding,) = diagnose(model, x, labels).findings
    assert (finding.kind, finding.where) == ("fit", "training")
    assert "sample_weight" in finding.advice


def test_that_no_cure_was_tried_is_told(batch):
    model = net(bias=-20.0)
    told = diagnose(model, *batch, loss=CROSS_ENTROPY, try_fixes=True)
    assert told.note.startswith("No cure was tried: this needs a compiled model")
    assert diagnose(net(1), *batch, loss=CROSS_ENTROPY, try_fixes=True).note == ""
