"""The first values of the variables of each member."""

from collections import Counter
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from keras_rectifiers.comparison.nets.initial_values import derive_seed
from keras_rectifiers.comparison.training.recorded_draws import RecordedModel
from keras_rectifiers.comparison.training.task import Member


class FirstValues:
    """What each member starts from: what its `start` gives, else what its seed draws.

    Args:
        recorded: the model, and how its variables are drawn.
    """

    def __init__(self, recorded: RecordedModel):
        self._recorded, self.model = recorded, recorded.model
        self._drawn: dict[int, list[np.ndarray | None]] = {}

    def of_member(self, member: Member) -> list[np.ndarray]:
        """One array for each of `model.variables`, and a state for unseeded draws.

        Raises:
            ValueError: if `start` names a variable that the model does not have, or
                gives a value of another shape.
        """
        variables = self.model.variables
        given = {} if member.start is None else dict(member.start(self.model))
        _check_given(given, self.model)
        # Members that differ in the learning rate only have the same draws.
        drawn = self._drawn.setdefault(member.seed, [None] * len(variables))
        values = []
        for index, variable in enumerate(variables):
            value = given.get(variable.path)
            if value is None:
                value = drawn[index]
            if value is None:
                value = drawn[index] = self._recorded.value(index, member.seed)
            values.append(np.asarray(value, variable.dtype))
        state = [derive_seed(member.seed, "unseeded draws"), 0]
        return [*values, np.array(state, keras.random.SeedGenerator(0).state.dtype)]


def assign(model: keras.Model, values: list[np.ndarray]) -> None:
    """Gives the variables of a model these values, of `FirstValues.of_member`."""
    for variable, value in zip(model.variables, values, strict=False):
        variable.assign(ops.convert_to_tensor(value))


def _check_given(given: Mapping[str, np.ndarray], model: keras.Model) -> None:
    numbers = Counter(variable.path for variable in model.variables)
    for path in given:
        if numbers[path] != 1:
            raise ValueError(
                "Expected `start` to return values for paths that one variable of the "
                f"model has, of {', '.join(numbers)}. Give layers names of their own. "
                f"Received: {path!r}, which {numbers[path]} variables have."
            )
    for variable in model.variables:
        value = given.get(variable.path)
        if value is not None and np.shape(value) != tuple(variable.shape):
            raise ValueError(
                f"Expected `start` to return a value of shape {tuple(variable.shape)} "
                f"for {variable.path!r}. Received: the shape {np.shape(value)}."
            )
