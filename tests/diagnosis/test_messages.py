"""The texts of findings: what was observed, what it means, and what helps."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers import diagnose
from keras_rectifiers.diagnosis.checks.layers import check
from keras_rectifiers.diagnosis.findings import Finding
from keras_rectifiers.diagnosis.messages import SENTENCES
from keras_rectifiers.inspection.probe import MEASURES
from tests.diagnosis.made_up_measures import measured
from tests.diagnosis.made_up_nets import CROSS_ENTROPY, kinds, net


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
    (finding,) = check(measured(values=values, kernel_scales=scales))
    assert str(finding).startswith(
        "a: exploding gradient, which grows by a factor of 32 per layer"
    )
    assert finding.advice.startswith(advice)


def test_findings_stand_causes_first_and_each_has_its_sentence():
    seen = measured(
        values={
            "signal_gradient": np.array([1e-4, 1e-2, 1.0]),
            "activation_std": np.ones(3),
            "dead_units": np.array([0.1, 0.5, 0.43]),
        },
        input_scales={"a": 255.0},
    )
    found = check(seen)
    assert [finding.kind for finding in found] == [
        "unscaled inputs",
        "dead",
        "vanishing",
    ]
    assert found[1] == Finding(
        kind="dead",
        where="training",
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


def test_an_overflow_is_put_down_to_what_was_wrong_from_the_start():
    lost = measured().values | {"activation_std": np.array([1, np.inf, np.inf])}
    (trained,) = check(measured(values=lost))
    assert (trained.layer, trained.others) == ("b", ("c",))
    assert trained.advice == (
        "Restart the training with a lower learning rate, or clip the gradients "
        "(clipnorm=1.0 in the optimizer)."
    )
    first, (second) = check(measured(values=lost, fresh=lost, input_scales={"a": 1e30}))
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
    assert str(found[0]).startswith(
        "hidden_0: its inputs are all 0. Its weights get no gradient, and all "
        "examples look the same. Check the data, and what comes before this layer."
    )


@pytest.mark.parametrize("case", SENTENCES)
def test_what_was_observed_goes_on_a_line_and_the_rest_are_whole_sentences(case):
    said = SENTENCES[case]
    # It follows the name of the layer and a colon, and precedes a full stop.
    assert said.observation[0] in "{" or said.observation[0].islower()
    assert not said.observation.endswith(".")
    for text in (said.meaning, said.advice):
        assert text.endswith(".") and (text[0].isupper() or text == "{reason}.")
    assert said.measure in {*MEASURES, "weights", "input_scale"}


def test_no_two_cases_are_told_alike():
    texts = [(s.observation, s.meaning, s.advice) for s in SENTENCES.values()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("activation", "is_sigmoid"), [("sigmoid", True), ("tanh", False)]
)
def test_sigmoids_are_named_as_the_cause_of_a_vanishing_gradient(
    batch, activation, is_sigmoid
):
    small = {"kernel": "RandomNormal", "stddev": 0.03}
    found = diagnose(net(6, activation, **small), *batch, loss=CROSS_ENTROPY).findings
    (finding,) = [f for f in found if f.kind == "vanishing"]
    assert ("slope of a sigmoid" in finding.meaning) == is_sigmoid
