"""Networks in networks: convolutions, each followed by layers that look at one position.

`"nin_lin"` is the net of Lin 2013, "Network in network", for images of 32x32 pixels, by
which Xu 2015 compares rectifiers; `"nin"` is one in its manner, of any size.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import NamedTuple

import keras

from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.nets import parts
from keras_rectifiers.comparison.trials.trial import Trial


class Convolution(NamedTuple):
    """A hidden layer: its channels after the activation, and the side of its kernel."""

    num_channels: int
    side: int


def blocks(trial: Trial, num_outputs: int) -> list[list[Convolution]]:
    """Returns the hidden layers, block by block; pooling stands between two blocks."""
    if trial.architecture == "nin_lin":
        return [
            [Convolution(192, 5), Convolution(160, 1), Convolution(96, 1)],
            [Convolution(192, 5), Convolution(192, 1), Convolution(192, 1)],
            [Convolution(192, 3), Convolution(192, 1), Convolution(num_outputs, 1)],
        ]
    pair = [Convolution(trial.width, 3), Convolution(trial.width, 1)]
    return [pair] * (trial.depth // 2)


def build(trial: Trial, data: Description) -> keras.Sequential:
    """Blocks of convolutions with pooling between them, and a mean over positions.

    Each block of `"nin"` is a 3x3 convolution and a 1x1 convolution of `width` channels.
    Between two blocks there is max pooling over 3x3 positions in steps of 2, which
    halves the size, rounded up. The means of the last channels go into dense logits.

    `"nin_lin"` has the widths of the paper. Its first pooling takes the maximum, its
    second the mean. Its last layer has one channel for each class, and the means of
    these are the logits. Dropout follows the two poolings, but no hidden layer.
    """
    is_paper = trial.architecture == "nin_lin"
    of_layer = dataclasses.replace(trial, dropout=0.0)
    layers: list[keras.layers.Layer] = [keras.Input(data.input_shape)]
    for number, block in enumerate(blocks(trial, data.num_outputs)):
        if number:
            layers += _pooling(trial, takes_mean=is_paper and number == 2)
        for num_channels, side in block:
            convolution = keras.layers.Conv2D(
                num_channels * _pieces(trial),
                side,
                padding="same",
                **_CHANNELS,
                **parts.weights(trial),
            )
            layers += [convolution, *parts.activation(of_layer)]
    layers.append(keras.layers.GlobalAveragePooling2D(**_CHANNELS))
    return keras.Sequential(
        layers if is_paper else [*layers, parts.outputs(trial, data)]
    )


def sizes(trial: Trial, data: Description) -> list[tuple[int, int, int]]:
    """Returns weights, units and positions of each hidden layer, without its bias."""
    found = []
    num_inputs, sides = data.input_shape[-1], data.input_shape[:-1]
    for number, block in enumerate(blocks(trial, data.num_outputs)):
        if number:
            sides = [math.ceil(side / 2) for side in sides]
        for num_channels, side in block:
            num_units = num_channels * _pieces(trial)
            found.append(
                (side**2 * num_inputs * num_units, num_units, math.prod(sides))
            )
            num_inputs = num_channels
    return found


def _pooling(trial: Trial, *, takes_mean: bool) -> Sequence[keras.layers.Layer]:
    settings = {"pool_size": 3, "strides": 2, "padding": "same", **_CHANNELS}
    kind = keras.layers.AveragePooling2D if takes_mean else keras.layers.MaxPooling2D
    if not trial.dropout:
        return [kind(**settings)]
    # `initial_values` sets the seed.
    return [kind(**settings), keras.layers.Dropout(trial.dropout, seed=0)]


def _pieces(trial: Trial) -> int:
    """How many units each channel has before the activation."""
    return parts.num_units(trial) // trial.width


# As the data are, whatever the user's setting.
_CHANNELS = {"data_format": "channels_last"}
