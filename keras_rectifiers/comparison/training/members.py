"""The members of a population: their values and their joint computations.

The computations are written for a single net: `stateless_call` runs the Keras model on
the values of one member. The backend applies them to all members at once, whose values
are stacked along a first axis. All functions are pure.

Keras's own optimizers update all members at once, because updates are element-wise,
with a column of learning rates. They would clip over all members, so gradients are
clipped before, separately for each member.
"""

import itertools
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rectifiers.comparison.data.datasets import Description
from keras_rectifiers.comparison.nets import architectures
from keras_rectifiers.comparison.training import evaluation, layer_measures, optimizers
from keras_rectifiers.comparison.training.packing import Layout
from keras_rectifiers.comparison.trials.trial import Trial
from keras_rectifiers.inspection.gradients import gradients
from keras_rectifiers.inspection.probe import LayerArrays, probe


class Values(NamedTuple):
    """The values that a step changes: tensors with the members along the first axis.

    Args:
        trainable: `(members, size)`, one for each tensor of the layout.
        non_trainable: `(members, ...)`, one for each variable.
        optimizer: the variables of the optimizer; its counter has no member axis.
    """

    trainable: list
    non_trainable: list
    optimizer: list


class Members:
    """The computations of the members that are trained together.

    Args:
        trial: any of their trials.
        data: the description of their data.
        size: how many members there are.
        backend: the module `tensorflow` or `jax` of this package.
    """

    def __init__(self, trial: Trial, data: Description, size: int, backend: ModuleType):
        self.trial, self.backend, self.size = trial, backend, size
        self.model = architectures.build(trial, data)
        self.sites = architectures.activation_sites(self.model, data)
        variables = self.model.trainable_variables
        slopes = set(map(id, optimizers.not_decayed(self.sites)))
        self.layout = Layout(
            [tuple(v.shape) for v in variables],
            [id(v) in slopes for v in variables],
            size,
        )
        self.rates = optimizers.RatePerMember(trial, data.num_train)
        self.optimizer = optimizers.optimizer(
            trial, self.rates, clips=False, functional=backend.functional
        )
        # It needs to know their shapes.
        stacked = [
            keras.Variable(ops.zeros((size, number)), trainable=True)
            for number in self.layout.sizes
        ]
        self.optimizer.exclude_from_weight_decay(
            var_list=list(itertools.compress(stacked, self.layout.are_excluded))
        )
        self.optimizer.build(stacked)

    def initial(self, initial: Sequence[Sequence[np.ndarray]]) -> Values:
        """Stacks the initial values of `size` members.

        Args:
            initial: for each member, one array for each of `model.variables`.
        """
        stacked = {
            id(variable): np.stack([values[i] for values in initial])
            for i, variable in enumerate(self.model.variables)
        }
        trainable = [stacked[id(v)] for v in self.model.trainable_variables]
        return Values(
            list(map(ops.convert_to_tensor, self.layout.stacked(trainable))),
            [
                ops.convert_to_tensor(stacked[id(v)])
                for v in self.model.non_trainable_variables
            ],
            [ops.copy(v.value) for v in self.optimizer.variables],
        )

    def epoch(self, values: Values, rates, batches, x, y):
        """Trains all members for some steps.

        Args:
            values: the values before.
            rates: learning rates, `(members, 1)`.
            batches: indices of examples, `(steps, members, batch)`.
            x, y: the examples.

        Returns:
            The values after, and the losses `(steps, members)`.
        """

        def step(values, indices):
            (loss, states), found = self._over_members(
                self._gradients,
                self.layout.apart(values.trainable),
                values.non_trainable,
                ops.take(x, indices, axis=0),
                ops.take(y, indices, axis=0),
            )
            self.rates.first = rates
            trainable, optimizer = self.optimizer.stateless_apply(
                values.optimizer, self.layout.together(found), values.trainable
            )
            return Values(trainable, states, optimizer), loss

        return self.backend.repeat(step, values, batches)

    def measure(self, values: Values, x, y, rows):
        """Measures every layer on a batch.

        Args:
            values: of all members.
            x, y: the examples.
            rows: the indices of those of the batch: `(batch,)`, or `(members, batch)`
                if each member has its own.

        Returns:
            Measure -> `(members, layers)`; `is_dead` has a value for each unit,
            `(members, layers, units)`.
        """
        layers: list[LayerArrays] = []

        def member(trainable, non_trainable, x, y):
            layers[:] = probe(
                self.model,
                x,
                y,
                loss=evaluation.loss_per_example,
                variables=(trainable, non_trainable),
                sites=self.sites,
            )
            return list(map(layer_measures.tensors, layers))

        seen = self._on_rows(member, values, x, y, rows)
        return layer_measures.measure(layers, seen, self.backend)

    def evaluate(self, values: Values, x, y, rows):
        """Returns the loss and accuracy of each member on some rows, as `measure`."""

        def member(trainable, non_trainable, x, y):
            logits, _ = self.model.stateless_call(
                trainable, non_trainable, x, training=False
            )
            return ops.mean(evaluation.loss_per_example(y, logits)), logits

        loss, logits = self._on_rows(member, values, x, y, rows)
        # Keras's argmax cannot be vectorised on TensorFlow.
        labels = ops.cast(ops.take(y, rows, axis=0), "int32")
        hits = ops.equal(ops.argmax(logits, -1), labels)
        return loss, ops.mean(ops.cast(hits, "float32"), axis=1)

    def chosen(self, which: np.ndarray, new: Values, old: Values) -> Values:
        """Replaces the weights and states of some members, booleans `(members,)`."""

        def choose(a, b):
            return ops.where(which.reshape(-1, *[1] * (len(a.shape) - 1)), a, b)

        return Values(
            list(map(choose, new.trainable, old.trainable)),
            list(map(choose, new.non_trainable, old.non_trainable)),
            new.optimizer,
        )

    def slopes(self, values: Values) -> Iterator[tuple[int, np.ndarray]]:
        """Yields the layer and the slopes `(members, units)` of each PReLU."""
        where = {
            id(self.model.trainable_variables[i]): place
            for i, place in self.layout.places.items()
        }
        for layer, site in enumerate(self.sites):
            slope = id(getattr(site.activation, "negative_slope", None))
            if slope in where:
                tensor, begin, end = where[slope]
                found = ops.convert_to_numpy(values.trainable[tensor])
                yield layer, found[:, begin:end]

    def _gradients(self, trainable, non_trainable, x, y):
        """The loss of one member on its batch, its new states, and the gradients."""

        def objective(trainable, _):
            logits, states, penalties = self.model.stateless_call(
                trainable,
                non_trainable,
                x,
                training=True,
                return_losses=True,
            )
            loss = ops.mean(evaluation.loss_per_example(y, logits))
            return sum(penalties, start=loss), (loss, states)

        # The gradient is taken of each member, and vectorised with it: taken of all
        # members' losses at once it is traced faster but runs 1.7 times slower.
        rest, found, _ = gradients(objective, trainable)
        return rest, self._clipped(found)

    def _clipped(self, found):
        """Clips the gradients of one member as Keras's optimizers do."""
        trial = self.trial
        if trial.clipnorm:
            # A norm that is infinite clips finite gradients to 0.
            limit = trial.clipnorm
            return [g * limit / ops.maximum(_norm([g]), limit) for g in found]
        if trial.global_clipnorm:
            norm, limit = _norm(found), trial.global_clipnorm
            # An infinite norm makes NaN of all.
            scale = limit / ops.maximum(norm, limit) + (norm - norm)
            return [g * scale for g in found]
        return found

    def _on_rows(self, function, values: Values, x, y, rows):
        """Applies a function of one member's values and examples to all members."""
        own = (self.layout.apart(values.trainable), values.non_trainable)
        batch = [ops.take(examples, rows, axis=0) for examples in (x, y)]
        if len(rows.shape) > 1:
            return self._over_members(function, *own, *batch)
        return self._over_members(
            lambda trainable, states: function(trainable, states, *batch), *own
        )

    def _over_members(self, function, *values):
        """Applies a function of one member's values to all members."""
        if self.size > 1:
            return self.backend.vectorised(lambda member: function(*member), values)
        one = keras.tree.map_structure(lambda t: ops.squeeze(t, axis=0), values)
        return keras.tree.map_structure(
            lambda t: ops.expand_dims(t, axis=0), function(*one)
        )


def _norm(found):
    return ops.sqrt(sum(ops.sum(ops.square(g)) for g in found))
