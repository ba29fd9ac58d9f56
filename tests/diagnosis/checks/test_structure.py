"""Layers without an activation between them, hidden softmax, and frozen layers."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.diagnosis.checks.structure import check, ends_frozen
from keras_rectifiers.inspection import call_trace


def found(model):
    if call_trace.is_plain(model):
        return check(model, call_trace.of_a_chain(model))
    x = keras.ops.zeros((2, *model.inputs[0].shape[1:]))
    return check(model, call_trace.of_a_run(model, lambda: model(x), x))


def chain(*parts):
    return keras.Sequential([keras.Input((8,)), *parts])


def dense(units, activation=None, **settings):
    return layers.Dense(units, activation, **settings)


def test_a_net_without_activations_is_one_linear_map():
    model = chain(
        dense(16, name="a"),
        layers.Dropout(0.1),
        layers.BatchNormalization(),
        dense(16, name="b"),
        dense(1),
    )
    (finding,) = found(model)
    assert (finding.kind, finding.certainty) == ("no activation", "certain")
    assert (finding.layer, finding.others) == ("a", ("b",))


def test_a_single_missing_activation_is_named():
    (finding,) = found(chain(dense(16, "relu"), dense(16, name="b"), dense(3)))
    assert (finding.layer, finding.certainty) == ("b", "likely")


def test_convolutions_are_compared_by_their_channels():
    parts = [layers.Conv2D(units, 3, name=f"conv_{units}") for units in (4, 8)]
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), *parts, layers.ReLU(), layers.Flatten(), dense(1)]
    )
    (finding,) = found(model)
    assert finding.layer == "conv_4"


def block():
    """A residual block, whose last map is linear and whose sum is read by the next."""
    start = keras.Input((8,))
    inner = dense(8)(dense(16, "relu")(start))
    summed = layers.Add()([start, inner])
    return keras.Model(start, dense(1)(layers.ReLU()(summed)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: chain(dense(1)),
        lambda: chain(dense(8, "relu"), dense(8, "tanh"), dense(1)),
        lambda: chain(dense(8), layers.ReLU(), dense(1)),
        lambda: chain(dense(8), layers.LayerNormalization(), dense(1)),
        # A kernel for each channel, and one for the channels: a part of a whole kernel.
        lambda: chain(
            layers.Reshape((2, 2, 2)),
            layers.Conv2D(2, 2, groups=2),
            layers.Conv2D(2, 1),
            layers.Flatten(),
        ),
        # Narrower than before and after: fewer weights of a single map.
        lambda: chain(dense(16, "relu"), dense(2), dense(16, "relu"), dense(8)),
        lambda: chain(dense(4, "relu"), dense(4), dense(16, "relu"), dense(8)),
        block,
    ],
)
def test_what_needs_no_activation_is_left_in_peace(make):
    assert found(make()) == []


def test_softmax_in_a_hidden_layer_is_named():
    (finding,) = found(chain(dense(8, "softmax", name="a"), dense(3, "softmax")))
    assert (finding.kind, finding.layer) == ("hidden softmax", "a")


def test_softmax_as_a_weight_is_no_hidden_activation():
    start = keras.Input((8,))
    gate = dense(8, "softmax")(start)
    model = keras.Model(
        start, dense(1)(layers.Multiply()([gate, dense(8, "relu")(start)]))
    )
    assert found(model) == []


def test_a_model_that_nothing_trains_is_frozen():
    model = chain(dense(8, "relu"), dense(1))
    model.trainable = False
    (finding,) = found(model)
    assert (finding.kind, finding.certainty) == ("frozen", "certain")


def test_layers_frozen_at_random_weights_are_told_from_trained_ones():
    keras.utils.set_random_seed(0)
    model = chain(dense(64, "relu", name="a"), dense(64, "relu"), dense(1))
    model.layers[0].trainable = False
    (finding,) = found(model)
    assert (finding.kind, finding.layer) == ("frozen", "a")
    kernel = keras.ops.convert_to_numpy(model.layers[0].kernel)
    trained = kernel + 0.1 * np.random.default_rng(0).normal(size=kernel.shape)
    model.layers[0].kernel.assign(trained)
    assert found(model) == []


@pytest.mark.parametrize(
    ("scale", "expected"), [(1.0, ["frozen"]), (4.0, []), (0.5, [])]
)
def test_an_embedding_is_frozen_at_random_vectors_unless_others_were_loaded(
    scale, expected
):
    keras.utils.set_random_seed(0)
    words = layers.Embedding(50, 8, trainable=False)
    model = keras.Sequential([keras.Input((6,)), words, layers.Flatten(), dense(1)])
    words.embeddings.assign(scale * keras.ops.convert_to_tensor(words.embeddings))
    assert [finding.kind for finding in found(model)] == expected


def test_what_is_frozen_behind_trained_layers_may_be_a_discriminator():
    keras.utils.set_random_seed(0)
    model = chain(dense(64, "relu"), dense(64, "relu"), dense(1))
    model.layers[1].trainable = False
    assert found(model) == []


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.5, []), (0.8, ["possible"]), (0.9, ["likely"])]
)
def test_dropout_leaves_enough_of_the_signal(rate, expected):
    model = chain(dense(8, "relu"), layers.Dropout(rate, name="drop"), dense(1))
    assert [f.certainty for f in found(model)] == expected


def test_dropouts_behind_each_other_multiply():
    def halves(number):
        parts = [(dense(8, "relu"), layers.Dropout(0.5)) for _ in range(number)]
        return [part for pair in parts for part in pair]

    assert found(chain(*halves(2), dense(1))) == []
    (finding,) = found(chain(*halves(3), dense(1)))
    assert (finding.kind, finding.certainty) == ("dropout", "possible")
    assert finding.observation == "3 dropouts behind each other, which leave 12%"
    assert len((finding.layer, *finding.others)) == 3


def test_dropouts_beside_each_other_do_not_multiply():
    start = keras.Input((8,))
    ends = [layers.Dropout(0.5)(dense(8, "relu")(start)) for _ in range(3)]
    model = keras.Model(start, dense(1)(layers.Concatenate()(ends)))
    assert found(model) == []


@pytest.mark.parametrize(("frozen", "expected"), [(-1, True), (0, False)])
def test_a_discriminator_in_a_gan_is_frozen_behind_what_trains(frozen, expected):
    model = chain(dense(8, "relu"), dense(1))
    assert not ends_frozen(call_trace.of_a_chain(model))
    model.layers[frozen].trainable = False
    assert ends_frozen(call_trace.of_a_chain(model)) == expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (layers.LSTM(3), []),
        (layers.GRU(3, activation="relu", name="gru"), ["gru"]),
        (
            layers.Bidirectional(layers.LSTM(3, activation="relu"), name="both"),
            ["both"],
        ),
        (layers.SimpleRNN(3, activation="sigmoid"), []),
    ],
)
def test_a_state_that_is_not_bounded_may_grow(layer, expected):
    model = keras.Sequential([keras.Input((5, 2)), layer, dense(1)])
    seen = [f for f in found(model) if f.kind == "unbounded state"]
    assert [finding.layer for finding in seen] == expected
    assert all(finding.certainty == "possible" for finding in seen)
