"""A model's own optimizer, updating the weights of all members at once.

Most optimizers treat each number of a weight by itself. So all members, and all of
their weights, are updated as one `(members, numbers)` tensor, with a column of learning
rates. Whether an optimizer is of this kind is found by a test, not by its name. What
clips the gradient of a member by a norm does so before, separately for each member;
constraints act afterwards, likewise.
"""

import functools
import itertools
import json
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.comparison.training.packing import Layout

# A shape of weights, and how many of them stand in a row.
_TESTED_SHAPES = ((3, 2), (4,))
_TESTED_MEMBERS = 2
_TESTED_STEPS = 3
# So large that no difference is lost in rounding.
_TESTED_RATE = 0.1


class RatePerMember(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rates of members whose schedules differ in the first rate only.

    `first` is set before each use: a tensor that broadcasts against the weights.

    Args:
        schedule: a schedule, with any first rate; None for constant rates.
    """

    first: Any = None

    def __init__(
        self, schedule: keras.optimizers.schedules.LearningRateSchedule | None
    ):
        self.schedule = schedule

    def __call__(self, step):
        if self.schedule is None:
            return self.first
        return starting_at(self.schedule, self.first)(step)


def starting_at(schedule, first):
    """A schedule like another one with another first learning rate.

    Raises:
        ValueError: if the schedule has no `initial_learning_rate`.
    """
    config = schedule.get_config()
    if "initial_learning_rate" not in config:
        raise ValueError(
            "A learning rate can be set only if the schedule of the optimizer has an "
            "initial_learning_rate. Leave learning_rate out, or use another schedule, "
            f"such as CosineDecay. Received: {type(schedule).__name__}."
        )
    return type(schedule).from_config({**config, "initial_learning_rate": first})


def with_rate(optimizer: keras.Optimizer, rate, **settings) -> keras.Optimizer:
    """A copy of an optimizer, not built, with another learning rate or schedule."""
    config = keras_internals.settings(optimizer) | {"learning_rate": rate} | settings
    return type(optimizer).from_config(config)


def first_rates(
    optimizer: keras.Optimizer, rates: Sequence[float | None]
) -> list[float] | None:
    """The first learning rate of each member; None if all have the optimizer's own.

    Raises:
        ValueError: if a rate is given that the optimizer cannot start with.
    """
    if all(rate is None for rate in rates):
        return None
    own = keras_internals.learning_rate(optimizer)
    if isinstance(own, keras.optimizers.schedules.LearningRateSchedule):
        starting_at(own, 0.1)
        own = own.get_config()["initial_learning_rate"]
    return [float(own if rate is None else rate) for rate in rates]


def why_not_stacked(model: keras.Model) -> str:
    """Why a model's optimizer cannot update all members at once; or empty."""
    optimizer: Any = model.optimizer
    name = type(optimizer).__name__
    types = {variable.dtype for variable in model.trainable_variables}
    if len(types) > 1:
        return f"its weights have several types: {', '.join(sorted(types))}"
    if optimizer.gradient_accumulation_steps:
        return f"{name} accumulates gradients"
    if optimizer.use_ema and optimizer.ema_overwrite_frequency:
        return f"{name} overwrites weights by their averages"
    if optimizer.loss_scale_factor or not _is_elementwise(optimizer):
        return f"{name} does not update all members as `fit` updates each of them"
    return ""


class StackedOptimizer:
    """Updates the weights of all members at once.

    Args:
        model: a compiled model, of which `why_not_stacked` says nothing.
        size: the number of members.
        has_rates: whether each member has a learning rate.

    Attributes:
        layout: how weights are packed.
    """

    def __init__(self, model: keras.Model, size: int, *, has_rates: bool):
        own: Any = model.optimizer
        variables = model.trainable_variables
        self.clipnorm, self.global_clipnorm = own.clipnorm, own.global_clipnorm
        self.constraints = [variable.constraint for variable in variables]
        self.layout = Layout(
            [tuple(variable.shape) for variable in variables],
            [
                bool(own.weight_decay) and not keras_internals.is_decayed(own, variable)
                for variable in variables
            ],
            size,
        )
        self._own = own
        self._rates = None
        rate = keras_internals.learning_rate(own)
        if has_rates:
            rate = self._rates = RatePerMember(rate if callable(rate) else None)
        self._rate = rate
        # It needs to know their shapes.
        self._stacked = [
            keras.Variable(ops.zeros((size, number)), trainable=True)
            for number in self.layout.sizes
        ]
        self._optimizer = self._built(self._stacked)

    def initial(self, trainable: list) -> list:
        """The first values of its own variables, which may depend on the weights."""
        optimizer = self._built([keras.Variable(v, trainable=True) for v in trainable])
        return [ops.copy(variable.value) for variable in optimizer.variables]

    def clipped(self, gradients: list) -> list:
        """Clips the gradients of one member as Keras's optimizers do."""
        if self.clipnorm:
            # A norm that is infinite clips finite gradients to 0.
            limit = self.clipnorm
            return [g * limit / ops.maximum(_norm([g]), limit) for g in gradients]
        if self.global_clipnorm:
            norm, limit = _norm(gradients), self.global_clipnorm
            # An infinite norm makes NaN of all.
            scale = limit / ops.maximum(norm, limit) + (norm - norm)
            return [g * scale for g in gradients]
        return gradients

    def constrained(self, weights: list) -> list:
        """Applies the constraints of one member's weights."""
        return [
            value if constraint is None else constraint(value)
            for constraint, value in zip(self.constraints, weights, strict=True)
        ]

    def update(self, own: list, gradients: list, trainable: list, rates):
        """Updates the weights of all members.

        Args:
            own: values of its own variables.
            gradients: `(members, ...)`, one for each weight.
            trainable: `(members, size)`, one for each tensor of the layout.
            rates: `(members, 1)`, if each member has a rate.

        Returns:
            The new values of the trainable tensors and of its own variables.
        """
        if self._rates is not None:
            self._rates.first = rates
        with keras_internals.stateless_optimizers():
            return self._optimizer.stateless_apply(
                own, self.layout.together(gradients), trainable
            )

    def finalized(self, own: list, trainable: list) -> list:
        """The weights after training, such as their averages if `use_ema` is set."""
        if not self._optimizer.use_ema:
            return trainable
        variables = self._optimizer.variables
        values = [*zip(self._stacked, trainable, strict=True)]
        values += zip(variables, own, strict=True)
        with (
            keras_internals.stateless_optimizers(),
            keras.StatelessScope(values) as scope,
        ):
            self._optimizer.finalize_variable_values(self._stacked)
            found = [scope.get_current_value(variable) for variable in self._stacked]
            # What was assigned may be a variable, which has its value in the scope only.
            return [v.value if isinstance(v, keras.Variable) else v for v in found]

    def _built(self, stacked: list) -> keras.Optimizer:
        """Builds a copy of the model's optimizer for these variables."""
        optimizer = _unclipped(self._own, self._rate)
        excluded = list(itertools.compress(stacked, self.layout.are_excluded))
        with keras_internals.stateless_optimizers():
            optimizer.exclude_from_weight_decay(var_list=excluded)
            optimizer.build(stacked)
        return optimizer


def _unclipped(optimizer: keras.Optimizer, rate) -> keras.Optimizer:
    return with_rate(optimizer, rate, clipnorm=None, global_clipnorm=None)


def _norm(gradients):
    return ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))


def _is_elementwise(optimizer: keras.Optimizer) -> bool:
    """Whether weights in one tensor are updated as `fit` updates each by itself."""
    try:
        tested = _unclipped(optimizer, _TESTED_RATE)
    except Exception:  # a wrapper around another optimizer has no rate of its own
        return False
    kind = type(tested)
    if getattr(keras.optimizers, kind.__name__, None) is not kind:
        return _updates_alike(kind, tested.get_config())
    settings = json.dumps(tested.get_config() | {"name": ""}, sort_keys=True)
    return _updates_alike_once(kind, settings)


# Of Keras's own, which do what their settings say: a study asks for each population.
@functools.lru_cache(maxsize=128)
def _updates_alike_once(kind: type[keras.Optimizer], settings: str) -> bool:
    return _updates_alike(kind, json.loads(settings))


def _updates_alike(kind: type[keras.Optimizer], config: dict) -> bool:
    rng = np.random.default_rng(0)

    def drawn(power: int) -> list[np.ndarray]:
        # Of sizes unlike between members and weights, so that any norm of them shows.
        return [
            np.stack(
                [rng.normal(size=shape) * 10.0 ** (power * sign) for sign in (-1, 1)]
            ).astype("float32")
            for power, shape in enumerate(_TESTED_SHAPES, start=power)
        ]

    weights, steps = drawn(0), [drawn(1) for _ in range(_TESTED_STEPS)]
    # A gradient that is lost must not be felt by the other member.
    steps[-1][0][0] = np.nan

    def flat(arrays):
        return np.concatenate([a.reshape(_TESTED_MEMBERS, -1) for a in arrays], axis=1)

    try:
        together = _trained_at_once(kind, config, flat(weights), list(map(flat, steps)))
        alone = [
            _trained(
                kind,
                config,
                [w[i] for w in weights],
                [[g[i] for g in s] for s in steps],
            )
            for i in range(_TESTED_MEMBERS)
        ]
    except Exception:  # whatever an optimizer raises that is made for other weights
        return False
    separate = np.stack([np.concatenate([w.ravel() for w in one]) for one in alone])
    return bool(np.allclose(together, separate, rtol=1e-4, atol=1e-6, equal_nan=True))


def _trained_at_once(
    kind: type[keras.Optimizer], config: dict, weights: np.ndarray, steps: list
) -> np.ndarray:
    """The weights after updates as `StackedOptimizer` makes them."""
    with keras_internals.stateless_optimizers():
        optimizer = kind.from_config(dict(config))
        optimizer.build([keras.Variable(weights, trainable=True)])
        own = [ops.copy(variable.value) for variable in optimizer.variables]
        values = [ops.convert_to_tensor(weights)]
        for gradients in steps:
            values, own = optimizer.stateless_apply(
                own, [ops.convert_to_tensor(gradients)], values
            )
    return ops.convert_to_numpy(values[0])


def _trained(
    kind: type[keras.Optimizer], config: dict, weights: list, steps: list
) -> list[np.ndarray]:
    """The weights after updates by a new optimizer with these settings."""
    optimizer = kind.from_config(dict(config))
    variables = [keras.Variable(value, trainable=True) for value in weights]
    optimizer.build(variables)
    for gradients in steps:
        optimizer.apply([ops.convert_to_tensor(g) for g in gradients], variables)
    return [ops.convert_to_numpy(variable.value) for variable in variables]
