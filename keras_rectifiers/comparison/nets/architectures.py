"""The nets that are compared."""

import functools
import math
from collections.abc import Callable, Mapping

import keras
from keras import ops

from keras_rectifiers import activations
from keras_rectifiers.comparison.data.datasets import Dataset
from keras_rectifiers.comparison.nets.initial_values import initial_values
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import find_sites
from keras_rectifiers.noise import noise_integers

MAXOUT_PIECES = 2


def build(trial: Trial, dataset: Dataset) -> keras.Model:
    """Builds the net of a trial with its seeded initial weights, uncompiled.

    Args:
        trial: the settings.
        dataset: gives the shape of the inputs and the number of classes.

    Returns:
        A model whose outputs are logits: Sequential, but for `"resmlp"`.
    """
    model = BUILDERS[trial.architecture](trial, dataset)
    for variable, value in zip(
        model.variables, initial_values(model, trial), strict=True
    ):
        variable.assign(value)
    return model


def build_mlp(trial: Trial, dataset: Dataset) -> keras.Sequential:
    """Flattened inputs, `depth` dense layers of `width` units, dense logits.

    Each hidden layer is dense, batch normalisation if any, activation, dropout if any.
    """
    layers = [keras.Input(dataset.x_train.shape[1:]), keras.layers.Flatten()]
    for _ in range(trial.depth):
        dense = keras.layers.Dense(num_units(trial), **_weights(trial))
        layers += [dense, *_activation(trial)]
    return keras.Sequential([*layers, _logits(trial, dataset)])


def build_cnn(trial: Trial, dataset: Dataset) -> keras.Sequential:
    """`depth` 3x3 convolutions of `width` channels, flattened, dense logits.

    `"cnn"` keeps the images' size. In `"cnn_pooled"` max pooling over 2x2 positions
    follows each hidden layer and halves it, rounded up. The logits see where in the image
    an activation is: of the channels' means alone, few nets of these sizes learn digits.
    The hidden layers are made as those of `build_mlp`; dropout takes single activations,
    not channels.
    """
    layers = [keras.Input(dataset.x_train.shape[1:])]
    for _ in range(trial.depth):
        convolution = keras.layers.Conv2D(
            num_units(trial), 3, padding="same", **_CHANNELS, **_weights(trial)
        )
        layers += [convolution, *_activation(trial)]
        if trial.architecture == "cnn_pooled":
            layers.append(keras.layers.MaxPooling2D(padding="same", **_CHANNELS))
    layers += [keras.layers.Flatten(**_CHANNELS), _logits(trial, dataset)]
    return keras.Sequential(layers)


def build_resmlp(trial: Trial, dataset: Dataset) -> keras.Model:
    """Flattened inputs, a dense layer, `depth` residual blocks, dense logits.

    Each block adds to its input x what is made of it, x + dense(f(x)), of `width` units:
    batch normalisation if any, activation, dropout if any, dense layer. The block of He
    2016 with its activation first, of one layer. Nothing but blocks stands between the
    first dense layer and the logits, so that all hidden activations are alike.
    """
    inputs = keras.Input(dataset.x_train.shape[1:])
    dense = keras.layers.Dense(num_units(trial), **_weights(trial))
    x = dense(keras.layers.Flatten()(inputs))
    for _ in range(trial.depth):
        branch = x
        for layer in _activation(trial):
            branch = layer(branch)
        branch = keras.layers.Dense(num_units(trial), **_weights(trial))(branch)
        x = keras.layers.Add()([x, branch])
    return keras.Model(inputs, _logits(trial, dataset)(x))


BUILDERS: Mapping[str, Callable[[Trial, Dataset], keras.Model]] = {
    "mlp": build_mlp,
    "resmlp": build_resmlp,
    "cnn": build_cnn,
    "cnn_pooled": build_cnn,
}


def num_units(trial: Trial) -> int:
    """Units (channels) of each hidden layer, before maxout takes the larger of two."""
    pieces = MAXOUT_PIECES if trial.activation == "maxout" else 1
    return pieces * trial.width


def activation_sites(model: keras.Model, dataset: Dataset) -> list[Site]:
    """Lists the activations of a trial's net, from the input on, as `probe` takes them.

    Args:
        model: as `build` returns it.
        dataset: its data.

    Returns:
        Their sites, `depth` of them. The last dense layer of a residual net, which no
        activation follows, is none of them, though `find_sites` takes it for a linear one.
    """
    one_example = ops.convert_to_tensor(dataset.x_train[:1])
    found = find_sites(model, one_example)
    return [site for site in found if site.activation is site.applied_by]


# As the data are, whatever the user's setting.
_CHANNELS = {"data_format": "channels_last"}


def _logits(trial: Trial, dataset: Dataset) -> keras.layers.Dense:
    settings = _weights(trial) | {"use_bias": True}
    return keras.layers.Dense(dataset.num_classes, **settings)


def _weights(trial: Trial) -> dict:
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


def _activation(trial: Trial) -> list[keras.layers.Layer]:
    """The activation of a hidden layer, with what the trial puts round it."""
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
        layers = [*layers, Dropout(trial.dropout, seed=0)]
    return layers


def _l1(activations, *, weight: float):
    """Over units the sum, over positions the mean; Keras divides by the examples."""
    num_positions = math.prod(activations.shape[1:-1])
    return weight * ops.sum(ops.abs(activations)) / num_positions


def _relu(x, *, derivative_at_zero: float):
    """ReLU, of which Keras takes the derivative at 0 for 0, with another one there."""
    zero = ops.where(ops.equal(x, 0), x, ops.zeros_like(x))
    return ops.relu(x) + derivative_at_zero * zero


@keras.saving.register_keras_serializable(package="keras_rectifiers")
class Dropout(keras.layers.Dropout):
    """Keras's dropout, of which a population's members can be trained at once.

    TensorFlow cannot vectorise the draws of `keras.random`: these are of `noise`.
    """

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        integers = noise_integers(ops.shape(inputs), self.seed_generator.next())
        # Uniform over the 2^32 numbers from -2^31 on.
        is_kept = integers >= min(round(self.rate * 2**32), 2**32 - 1) - 2**31
        return ops.where(is_kept, inputs / (1 - self.rate), ops.zeros_like(inputs))
