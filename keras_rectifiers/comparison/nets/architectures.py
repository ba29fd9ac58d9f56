"""The nets that are compared, by name."""

from collections.abc import Callable, Mapping

import keras
from keras import ops

from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.nets import cnn, mlp, nin, recurrent, resmlp
from keras_rectifiers.comparison.nets.initial_values import initial_values
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import find_sites

ARCHITECTURES: Mapping[str, Callable[[Trial, Description], keras.Model]] = {
    "mlp": mlp.build,
    "resmlp": resmlp.build,
    "cnn": cnn.build,
    "cnn_pooled": cnn.build,
    "nin": nin.build,
    "nin_lin": nin.build,
    "rnn": recurrent.build,
    "lstm": recurrent.build,
}


def build(trial: Trial, data: Description) -> keras.Model:
    """Builds the net of a trial with its seeded initial weights, uncompiled.

    Args:
        trial: the settings.
        data: provides the input shape and the number of outputs.

    Returns:
        A model whose outputs are logits, or the numbers of the targets: Sequential,
        except for `"resmlp"` and recurrent nets.
    """
    model = ARCHITECTURES[trial.architecture](trial, data)
    for variable, value in zip(
        model.variables, initial_values(model, trial), strict=True
    ):
        variable.assign(value)
    return model


def activation_sites(model: keras.Model, data: Description) -> list[Site]:
    """Lists the activations of a trial's net for `probe`, starting at the input.

    Args:
        model: a model from `build`.
        data: the description of its data.

    Returns:
        `depth` sites. The last dense layer of a residual net, which is not followed by
        an activation, is not included, although `find_sites` counts it as linear.
    """
    one_example = ops.zeros((1, *data.input_shape))
    found = find_sites(model, one_example)
    return [site for site in found if site.activation is site.applied_by]
