"""The convolutional nets, without and with pooling, layer by layer."""

import dataclasses

import keras
import numpy as np
from keras import ops

from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.nets.small_nets import DIGITS, build, weights


def test_the_cnn_has_no_pooling_in_its_body():
    layers = build(architecture="cnn").layers
    assert {layer.output.shape for layer in layers[:6]} == {(None, 8, 8, 8)}
    assert [layer.output.shape for layer in layers[6:]] == [(None, 512), (None, 10)]


def test_the_pooled_cnn_takes_the_largest_of_each_2x2_after_each_activation():
    model = build(
        architecture="cnn_pooled", activation="tanh", batch_normalization=True
    )
    hidden = ["Conv2D", "BatchNormalization", "Activation", "MaxPooling2D"]
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [*hidden * 3, "Flatten", "Dense"]
    sizes = [layer.output.shape[1:3] for layer in model.layers[3:12:4]]
    assert sizes == [(4, 4), (2, 2), (1, 1)]
    inner = keras.Model(model.inputs[0], [layer.output for layer in model.layers[2:4]])
    before, after = map(ops.convert_to_numpy, inner(DIGITS.x_train[:5]))
    expected = before.reshape(5, 4, 2, 4, 2, 8).max(axis=(2, 4))
    np.testing.assert_array_equal(after, expected)
    unpooled = build(architecture="cnn", activation="tanh")
    pooled = build(architecture="cnn_pooled", activation="tanh")
    assert len(architectures.activation_sites(pooled, DIGITS)) == 3
    # But for the logits, which see more positions.
    for one, other in zip(weights(unpooled)[:-2], weights(pooled)[:-2], strict=True):
        assert one.tobytes() == other.tobytes()


def test_images_whose_size_is_odd_are_pooled_to_the_next_larger_half():
    odd = dataclasses.replace(DIGITS, input_shape=(5, 7, 1))
    trial = Trial(architecture="cnn_pooled", depth=4, width=2)
    model = architectures.build(trial, odd)
    sizes = [layer.output.shape[1:3] for layer in model.layers[2:12:3]]
    assert sizes == [(3, 4), (2, 2), (1, 1), (1, 1)]
