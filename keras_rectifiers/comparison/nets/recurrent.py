"""The recurrent nets, unrolled over the time steps.

So all members of a population are trained at once, and the state after each time step
is a hidden activation like those of other nets: what is measured by layer is here
measured by time step.
"""

import math

import keras
from keras import ops

from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.nets import parts
from keras_rectifiers.comparison.trials.trial import Trial

# The layer whose weights lead from each state to the next.
RECURRENT = "recurrent"


def build(trial: Trial, data: Description) -> keras.Model:
    """A recurrent layer of `width` units, and logits or numbers from its last state.

    The first axis of an example is time: an image is read row by row. With `"rnn"` the
    next state is f(W x + U h + b), where h is the state before; with `"lstm"` it is
    that of an LSTM, whose inner activation is f. The first state is 0.
    """
    num_steps, *others = data.input_shape
    inputs = keras.Input(data.input_shape)
    steps = keras.layers.Reshape((num_steps, math.prod(others)))(inputs)
    run = _lstm if trial.architecture == "lstm" else _rnn
    state = run(trial, steps, num_steps)
    return keras.Model(inputs, parts.outputs(trial, data)(state))


def _rnn(trial: Trial, steps, num_steps: int):
    fed = keras.layers.Dense(trial.width, kernel_initializer="zeros")(steps)
    recurrent = keras.layers.Dense(
        trial.width, use_bias=False, kernel_initializer="zeros", name=RECURRENT
    )
    [activation] = parts.activation(trial)
    state = activation(fed[:, 0])
    for step in range(1, num_steps):
        state = activation(fed[:, step] + recurrent(state))
    return state


def _lstm(trial: Trial, steps, num_steps: int):
    fed = keras.layers.Dense(4 * trial.width, kernel_initializer="zeros")(steps)
    step_of_lstm = LSTMStep(trial.width, trial.activation, name=RECURRENT)
    # It changes nothing: here the state is measured.
    measured = keras.layers.Activation("linear")
    state = cell = ops.zeros_like(fed[:, 0, : trial.width])
    for step in range(num_steps):
        state, cell = step_of_lstm([fed[:, step], state, cell])
        state = measured(state)
    return state


class LSTMStep(keras.layers.Layer):
    """A time step of an LSTM, as that of Keras, whose inputs are already weighted.

    Args:
        units: number of units.
        activation: the inner activation, a name of Keras.
    """

    def __init__(self, units: int, activation: str, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.bias = None

    def build(self, input_shapes):
        shape = (self.units, 4 * self.units)
        self.kernel = self.add_weight(shape=shape, initializer="zeros", name="kernel")

    def call(self, inputs):
        fed, state, cell = inputs
        weighted = fed + ops.matmul(state, self.kernel)
        update, forget, new, output = ops.split(weighted, 4, axis=-1)
        cell = ops.sigmoid(forget) * cell + ops.sigmoid(update) * self.activation(new)
        return ops.sigmoid(output) * self.activation(cell), cell
