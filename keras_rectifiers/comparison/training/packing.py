"""Packs the variables of a net into few tensors.

Small variables are updated together, which needs fewer operations; large ones are
updated separately, because copying them would take longer.
"""

import math
from collections.abc import Sequence

import numpy as np
from keras import ops

_BYTES_TOGETHER = 2**21


class Layout:
    """Which variables share a tensor: consecutive ones, apart from those excluded.

    Args:
        shapes: the shapes of the variables of one net.
        is_excluded: whether each variable is excluded from weight decay.
        num_members: number of nets that are updated at once.

    Attributes:
        sizes: number of values of a net in each tensor.
        are_excluded: whether each tensor holds excluded variables.
        places: variable -> its tensor, and its start and end there.
    """

    def __init__(
        self,
        shapes: Sequence[tuple[int, ...]],
        is_excluded: Sequence[bool],
        num_members: int,
    ):
        self._shapes, self._num_members = shapes, num_members
        numbers = [math.prod(shape) for shape in shapes]
        self._groups: list[list[int]] = []
        for kind in (False, True):
            room = 0
            for i, number in enumerate(numbers):
                if is_excluded[i] != kind:
                    continue
                num_bytes = 4 * num_members * number
                if num_bytes > room:
                    self._groups.append([])
                    room = _BYTES_TOGETHER
                self._groups[-1].append(i)
                room -= num_bytes
        ends = [np.cumsum([numbers[i] for i in g]).tolist() for g in self._groups]
        self._cuts = [of_group[:-1] for of_group in ends]
        self.sizes = [of_group[-1] for of_group in ends]
        self.are_excluded = [is_excluded[group[0]] for group in self._groups]
        self.places = {
            i: (number, end - numbers[i], end)
            for number, group in enumerate(self._groups)
            for i, end in zip(group, ends[number], strict=True)
        }

    def stacked(self, variables: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Packs variables `(members, ...)` into tensors `(members, size)`."""
        flat = [variable.reshape(len(variable), -1) for variable in variables]
        return [
            np.concatenate([flat[i] for i in group], axis=1) for group in self._groups
        ]

    def apart(self, tensors) -> list:
        """Unpacks the variables `(members, ...)` from the tensors."""
        found: list = [None] * len(self._shapes)
        for values, cuts, group in zip(tensors, self._cuts, self._groups, strict=True):
            parts = ops.split(values, cuts, axis=1) if cuts else [values]
            for i, part in zip(group, parts, strict=True):
                found[i] = ops.reshape(part, (self._num_members, *self._shapes[i]))
        return found

    def together(self, variables) -> list:
        """Packs the variables `(members, ...)` into the tensors."""
        flat = [ops.reshape(v, (self._num_members, -1)) for v in variables]
        return [ops.concatenate([flat[i] for i in g], axis=1) for g in self._groups]
