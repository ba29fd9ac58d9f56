"""The parts of the nets: layers with weights, and the layers between them."""

import functools
import math

import keras
from keras import ops

from keras_rectifiers import activations, catalogue
from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.trials.trial import Trial

MAXOUT_PIECES = 2


def num_units(trial: Trial) -> int:
    """The number of units (channels) of each hidden layer before its activation."""
    if trial.activation == "maxout":
        return MAXOUT_PIECES * trial.width
    is_gated = catalogue.entry(trial.activation).gate
    return 2 * trial.width if is_gated else trial.width


def dense(trial: Trial) -> keras.layers.Dense:
    """A hidden dense layer."""
    return keras.layers.Dense(num_units(trial), **weights(trial))


def outputs(trial: Trial, data: Description) -> keras.layers.Dense:
    """The last layer: logits of classes, or numbers. It has a bias in every net."""
    settings = weights(trial) | {"use_bias": True}
    return keras.layers.Dense(data.num_outputs, **settings)


def weights(trial: Trial) -> dict:
    """The settings of a layer with weights."""
    settings: dict = {
        # The kernels are drawn afterwards, by `initial_values`.
        "kernel_initializer": "zeros",
        # Normalisation takes a bias away and has its own. The gradient of one before it
        # would be a rounding error, of which Adam makes steps of full size.
        "use_bias": not trial.batch_normalization,
    }
    if trial.weight_l1 or trial.weight_l2:
        settings["kernel_regularizer"] = keras.regularizers.L1L2(
            trial.weight_l1, trial.weight_l2
        )
    return settings


def activation(trial: Trial) -> list[keras.layers.Layer]:
    """The activation of a hidden layer, with the trial's normalisation and dropout."""
    settings = {"units": trial.width} if trial.activation == "maxout" else {}
    # `initial_values` sets the seed.
    layer = activations.seeded(trial.activation, seed=0, **settings)
    if trial.derivative_at_zero:
        layer = keras.layers.Activation(
            functools.partial(_relu, derivative_at_zero=trial.derivative_at_zero)
        )
    if trial.activity_l1:
        layer.activity_regularizer = functools.partial(_l1, weight=trial.activity_l1)
    layers = [layer]
    if trial.batch_normalization:
        layers = [keras.layers.BatchNormalization(), *layers]
    if trial.dropout:
        layers = [*layers, keras.layers.Dropout(trial.dropout, seed=0)]
    return layers


def _l1(activations, *, weight: float):
    """Over units the sum, over positions the mean; Keras divides by the examples."""
    num_positions = math.prod(activations.shape[1:-1])
    return weight * ops.sum(ops.abs(activations)) / num_positions


def _relu(x, *, derivative_at_zero: float):
    """ReLU, of which Keras takes the derivative at 0 for 0, with another one there."""
    zero = ops.where(ops.equal(x, 0), x, ops.zeros_like(x))
    return ops.relu(x) + derivative_at_zero * zero
