"""The members of a population in TensorFlow: their variables, and what is done to them.

The members' variables are stacked along a first axis. `stateless_call` runs the Keras
model on one member's values; `tf.vectorized_map` runs it on all members at once.

Each variable is held as `(members, size)`, so that Keras's own optimizers update it in
one go, with a column of learning rates where the members differ in theirs. They clip
over all that they are given, so gradients are clipped before, member by member.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_rectifiers.comparison import architectures
from keras_rectifiers.comparison.datasets import Dataset
from keras_rectifiers.comparison.population import recipe
from keras_rectifiers.comparison.trial import Trial
from keras_rectifiers.probe import LayerArrays, measure_layer, probe
from keras_rectifiers.sites import hidden_activations


class NotVectorisable(Exception):
    """Says which operation of a net TensorFlow cannot run for all members at once."""


class Members:
    """The stacked variables of a population, and what is done with them."""

    def __init__(self, trials: Sequence[Trial], dataset: Dataset):
        trial = trials[0]
        self.dataset = dataset
        self.x_train = tf.constant(dataset.x_train)
        self.y_train = tf.constant(dataset.y_train)
        self.model = architectures.build(trial, dataset)
        initial = [architectures.initial_values(self.model, t) for t in trials]
        stacked = {
            id(variable): np.stack([values[i] for values in initial])
            for i, variable in enumerate(self.model.variables)
        }
        self.shapes = [tuple(v.shape) for v in self.model.trainable_variables]
        self.trainable = [
            tf.Variable(tf.constant(stacked[id(v)].reshape(len(trials), -1)))
            for v in self.model.trainable_variables
        ]
        self.non_trainable = [
            tf.Variable(tf.constant(stacked[id(v)]))
            for v in self.model.non_trainable_variables
        ]
        rates = tf.constant([[t.learning_rate] for t in trials])
        self.optimizer = recipe.optimizer(
            trial, rates, len(dataset.y_train), clips=False
        )
        # There is one replica only; to sum over replicas, TensorFlow registers a gradient
        # for good, and with it the graph of every population: 8 MB each.
        self.optimizer._all_reduce_sum_gradients = lambda pairs: pairs
        slopes = {
            id(v)
            for site in hidden_activations(self.model)
            for v in site.activation.trainable_variables
        }
        self.optimizer.exclude_from_weight_decay(
            var_list=[
                self.trainable[i]
                for i, v in enumerate(self.model.trainable_variables)
                if id(v) in slopes
            ]
        )
        self.optimizer.build(self.trainable)
        self.trial = trial
        self.probe_batch = (
            tf.constant(dataset.x_train[: trial.probe_size]),
            tf.constant(dataset.y_train[: trial.probe_size]),
        )
        self.one_by_one = trial.architecture == "cnn"

    def epoch(self, batches):
        """Trains all members. `batches`: indices `(steps, members, batch)`."""

        def step(number, losses):
            indices = batches[number]
            loss, gradients, states = self._over_members(
                self._loss_and_gradients,
                tf.gather(self.x_train, indices),
                tf.gather(self.y_train, indices),
            )
            self.optimizer.apply(gradients, self.trainable)
            for variable, value in zip(self.non_trainable, states, strict=True):
                variable.assign(value)
            return number + 1, losses.write(number, loss)

        num_steps = batches.shape[0]
        losses = tf.TensorArray(
            tf.float32, size=num_steps, element_shape=(batches.shape[1],)
        )
        _, losses = tf.while_loop(
            lambda number, _: number < num_steps,
            step,
            (tf.constant(0), losses),
            parallel_iterations=1,
        )
        return losses.stack()

    def observe(self):
        """Measures every layer: measure -> `(members, layers)`."""
        layers: list[LayerArrays] = []

        def member(trainable, non_trainable):
            layers[:] = probe(
                self.model,
                *self.probe_batch,
                loss=recipe.loss_per_example,
                variables=(self._shaped(trainable), non_trainable),
            )
            return [_tensors(layer) for layer in layers]

        seen = self._over_members(member)
        # Layers of one shape are measured together: tracing the measures anew for
        # each of 30 layers takes longer than training them.
        groups, measured = _by_shape(seen), []
        for indices in groups:
            num_layers = len(indices)
            stacked = {
                name: _merge(tf.stack([seen[i][name] for i in indices], axis=1))
                for name in seen[indices[0]]
            }
            template = layers[indices[0]]
            values = _vectorised(
                lambda tensors, template=template: measure_layer(
                    dataclasses.replace(template, **tensors)
                ),
                stacked,
            )
            measured.append(
                {
                    name: tf.reshape(value, (-1, num_layers))
                    for name, value in values.items()
                }
            )
        in_order = np.argsort(np.concatenate(groups))
        return {
            name: tf.gather(
                tf.concat([values[name] for values in measured], axis=1),
                in_order,
                axis=1,
            )
            for name in measured[0]
        }

    def evaluate(self, x, y):
        """Loss and accuracy of each member on a split."""

        def member(trainable, non_trainable):
            logits, _ = self.model.stateless_call(
                self._shaped(trainable), non_trainable, x, training=False
            )
            hits = tf.argmax(logits, -1, output_type=y.dtype) == y
            loss = tf.reduce_mean(recipe.loss_per_example(y, logits))
            return loss, tf.reduce_mean(tf.cast(hits, tf.float32))

        return self._over_members(member)

    def values(self) -> list:
        """Returns the values of all variables; none, if no member ever stops."""
        if not self.trial.patience:
            return []
        return [tf.identity(v) for v in self.trainable + self.non_trainable]

    def put_back(self, values: Sequence, which: np.ndarray) -> None:
        """Gives members, booleans `(members,)`, the values that they had."""
        for variable, old in zip(
            self.trainable + self.non_trainable, values, strict=True
        ):
            # One epoch is one program: what stopped members do in it is undone.
            is_old = which.reshape(-1, *[1] * (len(old.shape) - 1))
            variable.assign(tf.where(is_old, old, variable))

    def slopes(self):
        """Yields the layer and the slopes `(members, units)` of each PReLU."""
        position = {id(v): i for i, v in enumerate(self.model.trainable_variables)}
        for layer, site in enumerate(hidden_activations(self.model)):
            slope = getattr(site.activation, "negative_slope", None)
            if id(slope) in position:
                yield layer, self.trainable[position[id(slope)]].numpy()

    def _loss_and_gradients(self, trainable, non_trainable, x, y):
        """The loss of one member on its batch, the gradients and the new states."""
        # The gradient is taken of each member, and vectorised with it: taken of all
        # members' losses at once, it is traced faster but runs 1.7 times slower.
        with tf.GradientTape() as tape:
            tape.watch(trainable)
            logits, states, penalties = self.model.stateless_call(
                self._shaped(trainable),
                non_trainable,
                x,
                training=True,
                return_losses=True,
            )
            loss = tf.reduce_mean(recipe.loss_per_example(y, logits))
            total = tf.add_n([loss, *penalties])
        return loss, self._clipped(tape.gradient(total, trainable)), states

    def _clipped(self, gradients):
        """Clips the gradients of one member as Keras's optimizers do."""
        if self.trial.clipnorm:
            return [tf.clip_by_norm(g, self.trial.clipnorm) for g in gradients]
        if self.trial.global_clipnorm:
            # tf.clip_by_global_norm cannot be vectorised.
            limit = self.trial.global_clipnorm
            norm = tf.sqrt(tf.add_n([tf.reduce_sum(g**2) for g in gradients]))
            scale = limit / tf.maximum(norm, limit)
            scale += norm - norm  # an infinite norm makes NaN of all, as in Keras
            return [g * scale for g in gradients]
        return gradients

    def _shaped(self, trainable):
        return [tf.reshape(v, s) for v, s in zip(trainable, self.shapes, strict=True)]

    def _over_members(self, function: Callable, *arguments):
        """Applies a function of one member's values and arguments to all members."""
        values = (
            [v.value() for v in self.trainable],
            [v.value() for v in self.non_trainable],
            *arguments,
        )
        if not self.one_by_one:
            return _vectorised(
                lambda member: function(*member),
                values,
                # TensorFlow cannot vectorise the draws of Keras's dropout; for them
                # alone it loops over the members.
                loops=self.trial.dropout > 0,
            )
        # TensorFlow cannot vectorise a convolution over its filters. One after the
        # other, in the same program, the members keep the processor as busy.
        one = tf.nest.map_structure(
            lambda t: tf.TensorSpec(t.shape[1:], t.dtype), values
        )
        alone = tf.function(lambda *member: function(*member), autograph=False)
        alone = alone.get_concrete_function(*one)
        return tf.map_fn(
            lambda member: alone(*member),
            values,
            parallel_iterations=2,
            fn_output_signature=tf.nest.map_structure(
                lambda t: tf.TensorSpec(t.shape, t.dtype), alone.structured_outputs
            ),
        )


def _vectorised(function: Callable, values, *, loops: bool = False):
    """`tf.vectorized_map` that tells its own errors from those of the function."""
    try:
        return tf.vectorized_map(
            function, values, fallback_to_while_loop=loops, warn=False
        )
    except ValueError as error:
        if re.search(
            r"No pfor vectorization defined|expected to be (not )?loop invariant",
            str(error),
        ):
            raise NotVectorisable(str(error).partition("\n")[0]) from error
        raise


def _tensors(layer: LayerArrays) -> dict[str, Any]:
    fields = {f.name: getattr(layer, f.name) for f in dataclasses.fields(layer)}
    return {name: v for name, v in fields.items() if tf.is_tensor(v)}


def _by_shape(layers: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Groups the indices of layers whose tensors have equal shapes."""
    groups: dict[Any, list[int]] = {}
    for index, tensors in enumerate(layers):
        shapes = tuple((name, tuple(t.shape)) for name, t in tensors.items())
        groups.setdefault(shapes, []).append(index)
    return list(groups.values())


def _merge(tensor):
    return tf.reshape(tensor, (-1, *tensor.shape[2:]))
