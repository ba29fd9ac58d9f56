"""What the members of a population compute together.

The computations are written for a single member: the Keras model runs on the values of
one, in a `keras.StatelessScope`. The backend applies them to all members at once, whose
values are stacked along a first axis. All functions are pure.
"""

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rectifiers.comparison.training import layer_measures
from keras_rectifiers.comparison.training.examples import Examples, taken
from keras_rectifiers.comparison.training.noise_draws import drawing_by_integers
from keras_rectifiers.comparison.training.stacked_optimizer import StackedOptimizer
from keras_rectifiers.inspection.batch import mode_of
from keras_rectifiers.inspection.gradients import gradients
from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import LayerArrays, probe


class Values(NamedTuple):
    """The values that a step changes: tensors with the members along the first axis.

    Args:
        trainable: `(members, size)`, one for each tensor of the layout.
        states: `(members, ...)`, one for each of `Programs.states`.
        optimizer: the variables of the optimizer; its counter has no member axis.
    """

    trainable: list
    states: list
    optimizer: list


class Programs:
    """The computations of the members that are trained together.

    Args:
        model: a compiled model; only its form is used.
        examples: those of the task.
        size: how many members there are.
        backend: the module `tensorflow` or `jax` of this package.
        sites: where the layers are measured.
        monitor: as of a `Task`.
        has_rates: whether each member has a learning rate.

    Attributes:
        states: the variables that are not trained, with a random state for draws
            without a seed, which is the last.
        metric_names: of the compiled metrics, without the loss.
        runs: the numbers of the layers that are measured together, once `measure` was
            traced.
    """

    def __init__(
        self,
        model: keras.Model,
        examples: Examples,
        size: int,
        backend: ModuleType,
        *,
        sites: Sequence[Site],
        monitor: str,
        has_rates: bool,
    ):
        self.model, self.examples, self.size = model, examples, size
        self.backend, self.sites, self.monitor = backend, sites, monitor
        self.optimizer = StackedOptimizer(model, size, has_rates=has_rates)
        self.layout = self.optimizer.layout
        self._unseeded = keras.random.SeedGenerator(0)
        self.runs: list[list[int]] = []
        self.states = [*model.non_trainable_variables, self._unseeded.state]
        results = self._first_results()
        if monitor not in {"loss", *results}:
            raise ValueError(
                "The monitor must be the loss or a metric of the compiled model, one of "
                f"{', '.join(['loss', *results])}. Received: {monitor!r}."
            )
        self.metric_names = [n for n, v in results.items() if len(v.shape) == 0]
        model.reset_metrics()
        self._metric_starts = [ops.copy(v.value) for v in model.metrics_variables]

    def initial(self, drawn: Sequence[Sequence[np.ndarray]]) -> Values:
        """Stacks the first values of `size` members.

        Args:
            drawn: for each member, one array for each of `model.variables` and for the
                last of `states`.
        """
        variables = [*self.model.variables, self._unseeded.state]
        stacked = {
            id(variable): np.stack([values[i] for values in drawn])
            for i, variable in enumerate(variables)
        }
        weights = [stacked[id(v)] for v in self.model.trainable_variables]
        trainable = list(map(ops.convert_to_tensor, self.layout.stacked(weights)))
        states = [ops.convert_to_tensor(stacked[id(v)]) for v in self.states]
        return Values(trainable, states, self.optimizer.initial(trainable))

    def epoch(self, values: Values, rates, batches, tensors):
        """Trains all members for some steps.

        Args:
            values: the values before.
            rates: learning rates, `(members, 1)`, or an empty list.
            batches: indices of examples, `(steps, members, batch)`.
            tensors: those of all examples.

        Returns:
            The values after, and what is monitored, `(steps, members)`.
        """
        has_constraint = any(c is not None for c in self.optimizer.constraints)

        def step(values, indices):
            (followed, states), found = self._over_members(
                self._gradients,
                self.layout.apart(values.trainable),
                values.states,
                taken(tensors, indices),
            )
            trainable, optimizer = self.optimizer.update(
                values.optimizer, found, values.trainable, rates
            )
            if has_constraint:
                weights = self.layout.apart(trainable)
                weights = self._over_members(self.optimizer.constrained, weights)
                trainable = self.layout.together(weights)
            return Values(trainable, states, optimizer), followed

        return self.backend.repeat(step, values, batches)

    def measure(self, values: Values, indices, tensors):
        """Measures every layer; the arguments are as of `evaluate`.

        Returns:
            For each of the `runs` of layers: measure -> `(members, layers)`; `is_dead`
            has a value for each unit, `(members, layers, units)`.
        """
        layers: list[LayerArrays] = []

        def member(trainable, states, batch):
            x, y, _ = self.examples.nest(batch)
            with drawing_by_integers(self._unseeded):
                layers[:] = probe(
                    self.model,
                    x,
                    y,
                    variables=(trainable, states[:-1]),
                    sites=self.sites,
                )
            return list(map(layer_measures.tensors, layers))

        weights = self.layout.apart(values.trainable)
        seen = self._on_examples(member, [weights, values.states], indices, tensors)
        self.runs = layer_measures.runs(layers, seen)
        return layer_measures.measure(layers, seen, self.backend)

    def evaluate(self, values: Values, totals, indices, tensors):
        """Evaluates all members on some examples.

        Args:
            values: those of the members.
            totals: the values of the metrics' variables so far, `(members, ...)`.
            indices: of the examples, `(examples,)` or `(members, examples)`.
            tensors: those of all examples.

        Returns:
            The losses on these examples, `(members,)`; the totals after; and the
            metrics of all examples so far, `(members,)` for each name.
        """

        def member(trainable, states, totals, batch):
            with self._scope(trainable, states, totals) as scope:
                loss, results = self._run(batch, training=False, with_metrics=True)
            totals = _current(scope, self.model.metrics_variables)
            metrics = [ops.cast(results[name], "float32") for name in self.metric_names]
            return loss, totals, metrics

        weights = self.layout.apart(values.trainable)
        return self._on_examples(
            member, [weights, values.states, totals], indices, tensors
        )

    def no_totals(self) -> list:
        """The values of the metrics' variables before the first example."""
        return [
            ops.repeat(ops.expand_dims(value, 0), self.size, axis=0)
            for value in self._metric_starts
        ]

    def chosen(self, which: np.ndarray, new: Values, old: Values) -> Values:
        """Replaces the values of some members, booleans `(members,)`."""
        sizes = {(self.size, number) for number in self.layout.sizes}

        def choose(a, b):
            return ops.where(which.reshape(-1, *[1] * (len(a.shape) - 1)), a, b)

        return Values(
            list(map(choose, new.trainable, old.trainable)),
            list(map(choose, new.states, old.states)),
            [
                choose(a, b) if tuple(a.shape) in sizes else a
                for a, b in zip(new.optimizer, old.optimizer, strict=True)
            ],
        )

    def finalized(self, values: Values) -> Values:
        """The values after training, as the optimizer leaves them."""
        trainable = self.optimizer.finalized(values.optimizer, values.trainable)
        return Values(trainable, values.states, values.optimizer)

    def variables(self, values: Values) -> list:
        """The values of all members, `(members, ...)`, of each of `model.variables`."""
        trained = self.layout.apart(values.trainable)
        found = {
            **{id(v): t for v, t in zip(self.states, values.states, strict=True)},
            **{
                id(v): t
                for v, t in zip(self.model.trainable_variables, trained, strict=True)
            },
        }
        return [found[id(variable)] for variable in self.model.variables]

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

    def _gradients(self, trainable, states, batch):
        """What is monitored of one member, its new states, and the gradients."""
        is_metric = self.monitor != "loss"

        def objective(trainable, _):
            with self._scope(trainable, states, self._metric_starts) as scope:
                loss, results = self._run(batch, training=True, with_metrics=is_metric)
            followed = ops.cast(results[self.monitor] if is_metric else loss, "float32")
            return loss, (followed, _current(scope, self.states))

        # The gradient is taken of each member, and vectorised with it: taken of all
        # members' losses at once it is traced faster but runs 1.7 times slower.
        rest, found, _ = gradients(objective, trainable)
        return rest, self.optimizer.clipped(list(map(ops.convert_to_tensor, found)))

    def _scope(self, trainable, states, totals) -> keras.StatelessScope:
        variables = [
            *self.model.trainable_variables,
            *self.states,
            *self.model.metrics_variables,
        ]
        values = [*trainable, *states, *totals]
        return keras.StatelessScope(
            list(zip(variables, values, strict=True)), collect_losses=True
        )

    def _run(self, batch, *, training: bool, with_metrics: bool):
        """The loss of the variables' values at hand on a batch, and the metrics."""
        x, y, weight = self.examples.nest(batch)
        with drawing_by_integers(self._unseeded):
            predicted = self.model(x, **mode_of(self.model.call, training))
            loss = self.model.compute_loss(
                x=x,
                y=y,
                y_pred=predicted,
                sample_weight=weight,
                **mode_of(self.model.compute_loss, training),
            )
            results = {}
            if with_metrics:
                results = self.model.compute_metrics(x, y, predicted, weight)
        return loss, {name: v for name, v in results.items() if name != "loss"}

    def _first_results(self) -> dict[str, Any]:
        """Runs the model once, which also makes the variables of loss and metrics."""
        batch = [tensor[:1] for tensor in self.examples.tensors]
        variables = [*self.model.trainable_variables, *self.states]
        values = [(variable, variable.value) for variable in variables]
        with keras.StatelessScope(values, collect_losses=True):
            _, results = self._run(batch, training=False, with_metrics=True)
        return {name: ops.convert_to_tensor(value) for name, value in results.items()}

    def _on_examples(self, function: Callable, values: list, indices, tensors):
        """Applies a function to the values and the examples of each member."""
        batch = taken(tensors, indices)
        if len(indices.shape) > 1:
            return self._over_members(function, *values, batch)
        # All members have the same examples, of which there is no copy for each.
        return self._over_members(lambda *values: function(*values, batch), *values)

    def _over_members(self, function: Callable, *values):
        """Applies a function of one member's values to all members."""
        if self.size > 1:
            return self.backend.vectorised(lambda member: function(*member), values)
        one = keras.tree.map_structure(lambda t: ops.squeeze(t, axis=0), values)
        return keras.tree.map_structure(
            lambda t: ops.expand_dims(t, axis=0), function(*one)
        )


def _current(scope: keras.StatelessScope, variables) -> list:
    return [scope.get_current_value(variable) for variable in variables]
