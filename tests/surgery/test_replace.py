"""What takes the place of an activation, in models of many kinds, and what is told of it."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_rectifiers import PReLU, RReLU, ShiftedReLU, SmoothReLU, replace_activations
from tests.surgery.made_up_models import (
    MODELS,
    array,
    assert_equal,
    batch,
    branches,
    classifier,
    convolutional,
    functional,
    functions,
    nested,
    numbered,
    outputs,
    places,
    randomise,
    report,
    wrapped,
)


def test_the_new_model_computes_the_new_activation_with_the_old_weights(rng, tolerance):
    model = randomise(classifier(), rng)
    x = batch(model, rng)
    new = replace_activations(model, "elu")
    kernels = [array(weight).astype("float64") for weight in model.weights]
    z = x
    for kernel, bias in zip(kernels[:4:2], kernels[1:4:2], strict=True):
        z = z @ kernel + bias
        z = np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
    expected = np.exp(z @ kernels[4] + kernels[5])
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(array(new(x)), expected, atol=tolerance)


@pytest.mark.parametrize("make", MODELS)
def test_a_rectifier_replaced_by_the_same_gives_the_same_outputs(make, rng):
    model = randomise(make(), rng)
    x = batch(model, rng)
    new = replace_activations(model, "relu", "relu")
    assert type(new) is type(model)
    assert np.ptp(outputs(model, x)[0], axis=0).min() > 0  # the model is alive
    assert_equal(outputs(new, x), outputs(model, x))
    assert_equal(outputs(new, x, training=True), outputs(model, x, training=True))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (classifier, ["first.activation", "leaky"]),
        (branches, ["shared.activation", "shared_activation"]),
        (nested, ["middle/inner/dense.activation", "middle/middle_relu"]),
        (
            wrapped,
            [
                "each_frame/frames/frame_relu",
                "each_step/dense.activation",
                "both_ways/forward_lstm.activation",
                "both_ways/backward_lstm.activation",
                "recurrent/cells/a.activation",
                "recurrent/cells/b.activation",
            ],
        ),
        (convolutional, ["relu", "separable.activation"]),
        (functions, ["relu", "re_lu", "c.activation"]),
    ],
)
def test_each_activation_is_replaced_once_and_told(make, expected, rng):
    model = randomise(make(), rng)
    changes = []
    new = replace_activations(model, ShiftedReLU(-0.5), report=changes.append)
    found = [change.place for change in changes]
    assert sorted(found) == sorted(numbered(model, expected))
    assert {change.new for change in changes} == {"ShiftedReLU(threshold=-0.5)"}
    assert places(report(new, "relu", ShiftedReLU)) == found
    x = batch(model, rng)
    assert not np.array_equal(outputs(new, x)[0], outputs(model, x)[0])


@pytest.mark.parametrize("make", MODELS)
def test_the_new_model_has_its_slopes_trains_and_loads_in_safe_mode(
    make, rng, tmp_path
):
    model = randomise(make(), rng)
    if make is functions:  # a lambda stays otherwise, and does not load
        model = functional(lambda x: layers.Dense(2)(ops.relu(layers.Dense(3)(x))))
    new = replace_activations(model, "prelu")
    num_slopes = len(new.trainable_weights) - len(model.trainable_weights)
    assert num_slopes == len(report(model, "prelu"))
    slopes = [weight for weight in new.weights if weight.name == "negative_slope"]
    assert len(slopes) == num_slopes
    x = batch(model, rng)
    y = keras.tree.map_structure(ops.zeros_like, new(x))
    losses = keras.tree.map_structure(lambda _: "mse", y)
    new.compile("sgd", losses, run_eagerly=True)  # takes less time than compilation
    new.train_on_batch(x, y)
    assert any(np.any(array(slope) != 0.25) for slope in slopes)
    new.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert_equal(outputs(loaded, x), outputs(new, x))


def test_places_do_not_share_their_slopes():
    instance = PReLU(keras.initializers.Constant(0.1))
    new = replace_activations(classifier(), instance)
    slopes = [new.get_layer("first").activation, new.get_layer("leaky")]
    assert slopes[0].negative_slope is not slopes[1].negative_slope
    assert [slope.negative_slope.shape for slope in slopes] == [(6,), (5,)]
    assert_equal([array(slopes[1].negative_slope)], [np.full(5, 0.1, "float32")])
    assert not instance.built


def test_each_place_has_a_seed_of_its_own(rng):
    new = replace_activations(classifier(), RReLU(seed=2**31 - 1))
    assert new.get_layer("first").activation.seed == 2**31 - 1
    assert new.get_layer("leaky").seed == 0


@pytest.mark.parametrize(
    ("replacement", "text"),
    [
        ("leaky_relu", "LeakyReLU(negative_slope=0.01)"),
        ("silu", "silu"),
        ("mish", "mish"),
        ("swish", "silu"),
        ("learned_swish", "Swish"),
        ("squared_relu", "SquaredReLU"),
        ("s_shaped_relu", "SShapedReLU"),
        (layers.ELU(0.5), "ELU(alpha=0.5)"),
        (SmoothReLU, "SmoothReLU"),
        (lambda: SmoothReLU(2.0), "SmoothReLU(sharpness=2.0)"),
        (keras.activations.softplus, "softplus"),
        (lambda x: ops.maximum(x, -1.0), "<lambda>"),
        (layers.Activation("tanh"), "tanh"),
    ],
)
def test_a_replacement_is_a_name_a_layer_what_makes_one_or_a_function(
    replacement, text
):
    assert report(classifier(), replacement) == [
        f"first.activation: relu -> {text}",
        f"leaky: LeakyReLU(negative_slope=0.1) -> {text}",
    ]


def test_a_function_becomes_an_argument_or_an_activation_layer(rng):
    model = randomise(classifier(), rng)
    new = replace_activations(model, keras.activations.tanh)
    assert new.get_layer("first").get_config()["activation"] == "tanh"
    assert type(new.get_layer("leaky")) is layers.Activation
    x = batch(model, rng)
    as_layer = replace_activations(model, layers.Activation("tanh"))
    assert as_layer.get_layer("first").get_config()["activation"] == "tanh"
    assert_equal(outputs(as_layer, x), outputs(new, x))


def test_a_mask_that_only_softmax_takes_is_no_obstacle(rng):
    model = randomise(
        functional(
            lambda x: layers.Dense(1)(layers.Softmax()(layers.Dense(4)(x), mask=x > 0))
        ),
        rng,
    )
    x = batch(model, rng)
    new = replace_activations(model, "tanh", layers.Softmax)
    kernel, bias, *last = map(array, model.weights)
    expected = np.tanh(x @ kernel + bias) @ last[0] + last[1]
    np.testing.assert_allclose(outputs(new, x)[0], expected, atol=1e-6)


def test_a_layer_in_an_argument_is_replaced_or_keeps_its_slopes(rng):
    def make(x, first="relu"):
        x = layers.Dense(3, activation=first, name="one")(x)
        x = layers.Dense(3, activation=PReLU(), name="two")(x)
        return layers.Dense(1)(x)

    model = functional(lambda x: make(x, PReLU()))
    x = batch(model, rng)
    model(x)
    model = randomise(model, rng)
    assert len(model.weights) == 8
    new = replace_activations(model, "relu", "one")
    assert len(new.weights) == 7
    fresh = replace_activations(model, PReLU, "one")
    slopes = fresh.get_layer("one").activation.negative_slope
    assert_equal([array(slopes)], [np.full(3, 0.25, "float32")])
    for copy in (new, fresh):
        slopes, expected = (
            array(one.get_layer("two").activation.negative_slope)
            for one in (copy, model)
        )
        assert_equal([slopes], [expected])
    slopes = model.get_layer("one").activation.negative_slope
    expected = functional(make)
    expected(x)  # builds the slopes
    expected.set_weights([array(w) for w in model.weights if w is not slopes])
    assert_equal(outputs(new, x), outputs(expected, x))


def edit_activations(model, old, new):
    """Changes the activations of a model in place: the truth to compare with."""
    for layer in model.layers[:-1]:
        if getattr(layer, "activation", None) is old:
            layer.activation = new
    return model


def uncap(model):
    """Makes leaky rectifiers of capped ones, in place."""
    for layer in model.layers:
        if isinstance(layer, layers.ReLU):
            layer.max_value, layer.negative_slope = None, 0.1
    return model


SMALL = {"weights": None, "input_shape": (32, 32, 3)}


@pytest.mark.parametrize(
    ("make", "replacement", "number", "edit"),
    [
        pytest.param(
            lambda: keras.applications.MobileNetV2(**SMALL, alpha=0.35, classes=10),
            "leaky_relu_0.1",
            35,
            uncap,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: keras.applications.ResNet50(**SMALL, classes=10),
            "silu",
            49,
            lambda model: edit_activations(
                model, keras.activations.relu, keras.activations.silu
            ),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: keras.applications.EfficientNetB0(**SMALL, classes=10),
            "relu",
            49,
            lambda model: edit_activations(
                model, keras.activations.silu, keras.activations.relu
            ),
            marks=pytest.mark.slow,
        ),
        (
            lambda: keras.applications.VGG16(**SMALL, include_top=False, pooling="max"),
            "elu",
            13,
            lambda model: edit_activations(
                model, keras.activations.relu, keras.activations.elu
            ),
        ),
        pytest.param(
            lambda: keras.applications.MobileNetV3Small(**SMALL, classes=10),
            "relu",
            33,
            lambda model: edit_activations(
                model, keras.activations.hard_silu, keras.activations.relu
            ),
            marks=pytest.mark.slow,
        ),
    ],
    ids=["MobileNetV2", "ResNet50", "EfficientNetB0", "VGG16", "MobileNetV3Small"],
)
def test_stock_models_change_their_hidden_activations(
    make, replacement, number, edit, rng
):
    model = make()
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            randomise(layer, rng)
    x = batch(model, rng, size=1)
    before = outputs(model, x)
    changes = []
    new = replace_activations(model, replacement, report=changes.append)
    assert len(changes) == number
    assert not np.array_equal(outputs(new, x)[0], before[0])
    assert_equal(outputs(new, x), outputs(edit(model), x))
