"""Layer-wise pre-training of the hidden layers of an MLP.

The hidden layers are trained one after the other, starting with the first, each as the
encoder of an auto-encoder (Bengio 2007): its input is the output of the layers below
for the training split, and a linear decoder with its own weights reconstructs this
input from the activations. The loss is the mean squared error. `Trial.pretraining` has
the details.

Auto-encoders consist of matrix products and an element-wise function, so those of all
members are trained at once without a vectorised map.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.comparison.nets import initial_values as starts
from keras_rectifiers.comparison.nets.initial_values import derive_seed, draw_kernel
from keras_rectifiers.comparison.training import backends
from keras_rectifiers.comparison.training.example_order import example_order
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.gradients import gradients
from keras_rectifiers.inspection.hidden_activations import Site

# Keras's default for Adam.
PRETRAINING_RATE = 1e-3


def draw_and_pretrain(
    trials: Sequence[Trial],
    model: keras.Model,
    sites: Sequence[Site],
    x: np.ndarray,
    rows: Sequence[np.ndarray],
    *,
    jit_compile: bool,
) -> list[list[np.ndarray]]:
    """Draws the initial value of each variable, and pre-trains if a trial asks for it.

    Args:
        trials: the trials of one population.
        model: the net of any of them; it is not changed.
        sites: its hidden activations.
        x: the examples.
        rows: the indices of the training split of each trial.
        jit_compile: whether XLA compiles the pre-training.

    Returns:
        For each trial one array for each of `model.variables`, in that order.
    """
    # Trials that differ in their learning rate only start alike.
    alike = [dataclasses.replace(trial, learning_rate=1.0) for trial in trials]
    own_rows = dict(zip(alike, rows, strict=True))
    drawn = {trial: starts.initial_values(model, trial) for trial in alike}
    by_epochs = defaultdict(list)
    for trial in drawn:
        by_epochs[trial.pretraining].append(trial)
    places = {id(variable): i for i, variable in enumerate(model.variables)}
    for members in (some for epochs, some in by_epochs.items() if epochs):
        auto_encoders = _AutoEncoders(
            members,
            sites[0],
            x,
            [own_rows[trial] for trial in members],
            jit_compile,
        )
        for layer in pretrained_layers(model):
            where = [places[id(variable)] for variable in (layer.kernel, layer.bias)]
            start = [np.stack([drawn[t][place] for t in members]) for place in where]
            for place, values in zip(where, auto_encoders.train(*start), strict=True):
                for trial, value in zip(members, values, strict=True):
                    drawn[trial][place] = value
    return [drawn[trial] for trial in alike]


def pretrained_layers(model: keras.Model) -> list[keras.layers.Dense]:
    """The layers of an MLP that `Trial.pretraining` trains: all dense but the last."""
    return [x for x in model.layers if isinstance(x, keras.layers.Dense)][:-1]


def decoder_kernel(trial: Trial, index: int, shape: tuple[int, int]) -> np.ndarray:
    """Draws the weights from which the decoder of a hidden layer is pre-trained.

    Args:
        trial: its seed matters.
        index: of the hidden layer, from 0.
        shape: `(width, inputs of the layer)`.
    """
    seed = derive_seed(trial.seed, index, "decoder")
    return draw_kernel("glorot", "linear", shape, seed)


class _AutoEncoders:
    """Those of the layer at hand, one for each member, and their inputs.

    Args:
        members: trials that are pre-trained for equally many epochs.
        site: any hidden activation: before training all are alike.
        x, jit_compile: as of `draw_and_pretrain`.
        rows: the indices of the training split of each member.
    """

    def __init__(
        self,
        members: Sequence[Trial],
        site: Site,
        x: np.ndarray,
        rows: Sequence[np.ndarray],
        jit_compile: bool,
    ):
        self.members, self.activation = members, site.activation
        self.backend, self.jit_compile = backends.current(), jit_compile
        # `(examples, size)`, and behind the first layer those of all members in a row.
        self.inputs = ops.convert_to_tensor(x.reshape(len(x), -1))
        # Of each member, where there the examples of its training split are.
        self.rows = np.stack(rows).astype(np.int32)
        self.index = 0
        self.epochs: dict[int, tuple[Callable, list]] = {}

    def train(self, kernel: np.ndarray, bias: np.ndarray) -> list[np.ndarray]:
        """Trains the next layer, and makes its activations the inputs of the one after.

        Args:
            kernel, bias: what it starts from, `(members, inputs, units)` and
                `(members, units)`.

        Returns:
            Its kernel and bias after it, likewise.
        """
        size, width = self.inputs.shape[-1], self.members[0].width
        decoders = [
            decoder_kernel(trial, self.index, (width, size)) for trial in self.members
        ]
        shift = np.zeros((len(self.members), size), np.float32)
        values = [
            ops.convert_to_tensor(v) for v in (kernel, bias, np.stack(decoders), shift)
        ]
        slots = None
        for number in range(1, self.members[0].pretraining + 1):
            batches = ops.convert_to_tensor(self._batches(number))
            if size not in self.epochs:
                self.epochs[size] = self._compiled(values, batches)
            epoch, fresh = self.epochs[size]
            values, slots = epoch(values, slots or fresh, batches, self.inputs)
        codes = self._encoded(values, ops.take(self.inputs, self.rows, axis=0))
        self.inputs = ops.reshape(codes, (-1, width))
        self.rows = np.arange(self.rows.size, dtype=np.int32).reshape(self.rows.shape)
        self.index += 1
        return [ops.convert_to_numpy(value) for value in values[:2]]

    def _batches(self, number: int) -> np.ndarray:
        """The rows of the inputs of each step of an epoch, `(steps, members, batch)`."""
        return np.stack(
            [
                rows[example_order(trial, len(rows), number)]
                for trial, rows in zip(self.members, self.rows, strict=True)
            ],
            axis=1,
        )

    def _compiled(self, values, batches) -> tuple[Callable, list]:
        """An epoch for inputs of the size at hand, and the optimizer's first values."""
        optimizer = keras.optimizers.Adam(PRETRAINING_RATE)
        with keras_internals.stateless_optimizers():
            optimizer.build([keras.Variable(v, trainable=True) for v in values])

        def epoch(values, slots, batches, inputs):
            def step(state, rows):
                values, slots = state
                x = ops.take(inputs, rows, axis=0)
                loss, found, _ = gradients(lambda v, _: self._loss(v, x), values)
                with keras_internals.stateless_optimizers():
                    values, slots = optimizer.stateless_apply(slots, found, values)
                return (values, slots), loss

            return self.backend.repeat(step, (values, slots), batches)[0]

        slots = [ops.copy(variable.value) for variable in optimizer.variables]
        arguments = (values, slots, batches, self.inputs)
        compiled = self.backend.compiled(
            epoch, *arguments, jit_compile=self.jit_compile
        )
        return compiled, slots

    def _loss(self, values, x):
        """The sum of the members' losses, as each depends on its own values only."""
        decoder, shift = values[2:]
        restored = ops.matmul(self._encoded(values, x), decoder) + shift[:, None]
        losses = ops.mean(ops.square(restored - x), axis=(1, 2))
        return ops.sum(losses), losses

    def _encoded(self, values, x):
        """The activations `(members, examples, units)` of inputs likewise."""
        kernel, bias = values[:2]
        z = ops.matmul(x, kernel) + bias[:, None]
        rows = ops.reshape(z, (-1, z.shape[-1]))
        a = self.activation(rows, training=False)
        return ops.reshape(a, (*z.shape[:2], a.shape[-1]))
