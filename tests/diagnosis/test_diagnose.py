"""What is said of sick and of healthy models, on each backend."""

import dataclasses

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers, ops

from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis import findings
from keras_rectifiers.diagnosis.figures import RED, monitor_figure
from keras_rectifiers.diagnosis.findings import Finding, Measured, find
from keras_rectifiers.inspection.fresh_values import fresh_values
from keras_rectifiers.layers import Maxout

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def net(depth=4, activation="relu", kernel="HeNormal", bias=0.0, width=32, **settings):
    make = getattr(keras.initializers, kernel)
    hidden = [
        layers.Dense(
            width,
            activation,
            kernel_initializer=make(seed=i, **settings),
            bias_initializer=keras.initializers.Constant(bias),
            name=f"hidden_{i}",
        )
        for i in range(depth)
    ]
    last = layers.Dense(3, kernel_initializer=keras.initializers.GlorotUniform(seed=99))
    return keras.Sequential([keras.Input((6,)), *hidden, last], name="net")


@pytest.fixture
def batch(rng):
    return rng.normal(size=(128, 6)).astype("float32"), np.arange(128) % 3


def kinds(diagnosis):
    return [finding.kind for finding in diagnosis.findings]


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
    assert str(diagnosis.findings[0]) == (
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


def residual_net(num_blocks=8, width=32):
    """Blocks x + 3 f(x) without normalisation: each makes the mean square of x 10 times
    as large, so that few are enough."""
    seeds = iter(range(1000))

    def dense(activation=None):
        kernel = keras.initializers.HeNormal(seed=next(seeds))
        return layers.Dense(width, activation, kernel_initializer=kernel)

    start = keras.Input((6,))
    x = dense()(start)
    for _ in range(num_blocks):
        branch = dense()(dense("relu")(layers.ReLU()(x)))
        x = layers.Add()([x, branch, branch, branch])
    return keras.Model(start, layers.Dense(3)(layers.ReLU()(x)))


def test_what_residual_connections_add_up_is_not_put_down_to_the_weights(batch):
    found = diagnose(residual_net(), *batch, loss=CROSS_ENTROPY).findings
    finding = found[-1]
    assert finding.kind == "exploding"
    assert finding.observation.startswith("exploding activations, whose standard ")
    assert finding.meaning == (
        "The weights are hardly larger than those of he_normal, so there is another "
        "cause: residual connections that add up, or an activation that needs smaller "
        "weights."
    )
    assert finding.advice == (
        "Normalise the layers, initialise the last kernel of each residual branch to "
        "0, or initialise with RectifierNormal for the activation."
    )
    # The remedy is one: no block adds anything at the start.
    model = residual_net()
    for before, after in zip(model.layers, model.layers[1:], strict=False):
        if isinstance(after, layers.Add):
            before.kernel.assign(0 * before.kernel)
            before.kernel_initializer = "zeros"
    assert "exploding" not in kinds(diagnose(model, *batch, loss=CROSS_ENTROPY))


@pytest.mark.parametrize(
    ("scales", "advice"), [([1, 1, 1], "Normalise"), ([9, 9, np.nan], "Initialise")]
)
def test_the_remedy_of_an_exploding_gradient_is_that_of_its_cause(scales, advice):
    values = measured().values | {"signal_gradient": np.array([1e3, 30, 1.0])}
    scales = np.array(scales, float)
    (finding,) = find(measured(values=values, kernel_scales=scales))
    assert str(finding).startswith(
        "a: exploding gradient, which grows by a factor of 32 per layer"
    )
    assert finding.advice.startswith(advice)


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
        "hidden_1: its weights are NaN or infinite. Training has diverged. Restart "
        "the training with a lower learning rate, or clip the gradients (clipnorm=1.0 "
        "in the optimizer)."
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


def measured(**changed):
    values = {
        "signal_gradient": np.ones(3),
        "activation_std": np.ones(3),
        "dead_units": np.zeros(3),
    }
    seen = {
        "layers": ["a", "b", "c"],
        "depths": np.arange(3),
        "num_units": [64, 64, 64],
        "num_examples": 100,
        "values": values,
        "fresh": values,
        "kernel_scales": np.ones(3),
        "input_scales": {"a": 1.0},
        "lost": [],
        "unseen": {},
    }
    return Measured(**(seen | changed))


def test_findings_stand_causes_first_and_each_has_its_sentence():
    seen = measured(
        values={
            "signal_gradient": np.array([1e-4, 1e-2, 1.0]),
            "activation_std": np.ones(3),
            "dead_units": np.array([0.1, 0.5, 0.43]),
        },
        input_scales={"a": 255.0},
    )
    found = find(seen)
    assert [finding.kind for finding in found] == [
        "unscaled inputs",
        "dead",
        "vanishing",
    ]
    assert found[1] == Finding(
        kind="dead",
        layer="b",
        measure="dead_units",
        value=0.5,
        observation="50% of 64 units are dead, 50 percentage points more than in a "
        "freshly initialised copy",
        meaning="They pass no gradient for any example of the probe batch, so they "
        "no longer learn.",
        advice="Lower the learning rate and train again from the start, or use a "
        "leaky rectifier.",
        others=("c",),
    )
    assert str(found[2]) == (
        "a: vanishing gradient, which shrinks by a factor of 100 per layer towards the input, to "
        "0.0001. The first layers hardly learn. Use a rectifier with he_normal "
        "(RectifierNormal), normalise the layers, or add residual connections."
    )


def test_a_gradient_of_exactly_zero_has_vanished_unless_dead_units_explain_it():
    cut = {"signal_gradient": np.array([0, 0, 1.0]), "activation_std": np.ones(3)}
    (finding,) = find(measured(values=cut))
    assert finding.observation == "the gradient has vanished; it is exactly 0"
    assert finding.layer == "b"
    dead = {**cut, "dead_units": np.array([0, 0, 1.0])}
    assert [finding.kind for finding in find(measured(values=dead))] == ["dead"]


def test_too_few_examples_tell_nothing_of_dead_units(batch):
    shut = {"dead_units": np.full(3, 0.7)}
    values = measured().values | shut
    for num_examples, expected in ((9, []), (10, ["dead"])):
        seen = measured(values=values, num_examples=num_examples)
        assert [finding.kind for finding in find(seen)] == expected
    x, y = batch
    nine, ten = (diagnose(net(1), x[:n], y[:n], loss=CROSS_ENTROPY) for n in (9, 10))
    assert ("too few" in str(nine), "too few" in str(ten)) == (True, False)
    assert str(diagnose(net(1), x[:1], y[:1], loss=CROSS_ENTROPY)).startswith(
        "net: no findings in 1 hidden activation, on 1 example, which is too few to "
        "tell which units are dead; pass 100 or more\n"
    )


def test_an_overflow_is_put_down_to_what_was_wrong_from_the_start():
    lost = measured().values | {"activation_std": np.array([1, np.inf, np.inf])}
    (trained,) = find(measured(values=lost))
    assert (trained.layer, trained.others) == ("b", ("c",))
    assert trained.advice == (
        "Restart the training with a lower learning rate, or clip the gradients "
        "(clipnorm=1.0 in the optimizer)."
    )
    first, (second) = find(measured(values=lost, fresh=lost, input_scales={"a": 1e30}))
    assert (first.kind, second.kind) == ("unscaled inputs", "not finite")
    assert (
        second.meaning == "The signal is exploding, also in a freshly initialised copy."
    )
    assert second.advice == (
        "Check the scale of the inputs, initialise with he_normal (RectifierNormal for "
        "other rectifiers), or normalise the layers."
    )


def test_inputs_that_are_all_zero_are_said_to_be_so_first(batch):
    x, y = batch
    found = diagnose(net(), 0 * x, y, loss=CROSS_ENTROPY).findings
    assert str(found[0]) == (
        "hidden_0: its inputs are all 0. Its weights get no gradient, and all "
        "examples look the same. Check the data, and what comes before this layer."
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
            np.array([[None] * 6] * 4),
            np.zeros(4),
            "The probe batch x must hold arrays of numbers. Received: objects.",
        ),
        (
            object(),
            None,
            "The probe batch x must hold arrays of numbers. Received: object.",
        ),
        (
            np.zeros((4, 6)),
            None,
            "The probe batch y must hold arrays of numbers. Received: NoneType.",
        ),
        (
            np.zeros((4, 6)),
            ["a"] * 4,
            "The probe batch y must hold arrays of numbers. Received: texts.",
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
        "convert classes to integers."
    )


def test_a_mild_drift_is_no_finding():
    drift = {
        "signal_gradient": np.array([0.2, 0.5, 1.0]),
        "activation_std": np.array([1.0, 2.0, 4.0]),
        "dead_units": np.array([0.0, 0.1, 0.3]),
    }
    assert find(measured(values=drift)) == []


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
    monkeypatch.setattr(findings, "find", lambda given: seen.append(given) or [])
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


@pytest.mark.parametrize("depth", [1, 2, 30])
def test_the_figure_shows_its_legends_at_any_depth(batch, depth):
    diagnosis = diagnose(net(1), *batch, loss=CROSS_ENTROPY)
    frame, fresh = (
        pd.concat(
            [one.assign(layer=f"hidden_{i}", depth=i) for i in range(depth)],
            ignore_index=True,
        )
        for one in (diagnosis.frame, diagnosis.fresh)
    )
    figure = dataclasses.replace(diagnosis, frame=frame, fresh=fresh).plot()
    figure.draw_without_rendering()
    for axis in figure.axes:
        legend = axis.get_legend().get_window_extent()
        assert legend.y0 >= 0
        assert legend.y1 < axis.xaxis.get_tightbbox().y0


def test_a_figure_without_any_share_of_units_has_no_legend_for_them(batch):
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(16), Maxout(8), layers.Dense(3)]
    )
    figure = diagnose(model, *batch, loss=CROSS_ENTROPY).plot()
    figure.draw_without_rendering()
    gradient, spread, shares = figure.axes
    assert gradient.get_legend() and spread.get_legend()
    assert shares.get_legend() is None and not shares.lines


def test_dollars_in_names_are_no_formula_in_figures(batch):
    diagnosis = diagnose(net(2, bias=-50.0), *batch, loss=CROSS_ENTROPY)
    named = {"hidden_0": "x_{1$ or $y", "hidden_1": "$z"}
    frame = diagnosis.frame.replace({"layer": named})
    renamed = [
        dataclasses.replace(f, layer=named[f.layer], others=("$z",))
        for f in diagnosis.findings
    ]
    figure = dataclasses.replace(
        diagnosis,
        frame=frame,
        fresh=diagnosis.fresh.replace({"layer": named}),
        findings=tuple(renamed),
    ).plot()
    figure.draw_without_rendering()
    labels = figure.axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == [r"x_{1\$ or \$y", r"\$z"]
    assert {label.get_color() for label in labels} == {RED}
    monitor_figure(frame.assign(step=0)).draw_without_rendering()


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


def test_a_net_that_has_diverged_is_drawn(batch):
    model = net()
    for weight in model.weights:
        weight.assign(np.full(weight.shape, np.nan))
    figure = diagnose(model, *batch, loss=CROSS_ENTROPY).plot()
    assert figure.axes[0].get_ylim() == (3.5, -0.5)
