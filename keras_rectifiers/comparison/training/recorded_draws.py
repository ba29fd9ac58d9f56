"""The initial values of any model, drawn anew for each seed.

The effect of a seed must not depend on the activation, because members are paired by
seed. In Keras it does: layers draw from a stream that they share, and an activation
that draws shifts all later kernels. So the initializer of each variable is noted while
the model is built, and called again with a seed made of the member's seed and the place
of the variable: the class of its layer, the number of that layer among those of its
class, its number in the layer, and its shape.
"""

import contextlib
import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.comparison.nets.initial_values import derive_seed


class Place(NamedTuple):
    """Where a variable is in a model, whatever the names of the layers are."""

    owner: str
    number: int
    index: int
    shape: tuple[int, ...]


class RecordedModel:
    """A model, and how each of its variables came to its first value.

    Args:
        build: makes the model; what is random in it is made the same in every call, and
            moves no random stream of the process.
        example: inputs with which a model without weights yet is called.

    Attributes:
        model: the model.
        places: one for each of `model.variables`.

    Raises:
        TypeError: if `build` does not return a Keras model.
    """

    def __init__(self, build: Callable[[], keras.Model], example: Any = None):
        self._build, self._example = build, example
        self.model, noted = _built(build, example, 0)
        if not isinstance(self.model, keras.Model):
            raise TypeError(
                "Expected `build` to return a keras.Model. Received: "
                f"{self.model!r}, of type {type(self.model).__name__}."
            )
        self.places = _places(self.model)
        self._draws = [noted.get(id(v)) for v in self.model.variables]
        self._kept = [
            ops.convert_to_numpy(variable.value)
            if draw is None or draw.was_changed(variable)
            else None
            for variable, draw in zip(self.model.variables, self._draws, strict=True)
        ]
        self._generators = keras_internals.seed_generator_states(self.model)

    def values(self, seed: int) -> list[np.ndarray]:
        """Draws the first value of each of `model.variables`."""
        return [self.value(index, seed) for index in range(len(self.places))]

    def value(self, index: int, seed: int) -> np.ndarray:
        """Draws the first value of one of `model.variables`.

        What the builder set after the variable was drawn, such as pre-trained weights,
        is kept.
        """
        variable, kept = self.model.variables[index], self._kept[index]
        own_seed = derive_seed(seed, *map(str, self.places[index]))
        if self._is_noise(variable):
            return np.array([own_seed, 0], variable.dtype)
        draw: Any = self._draws[index]
        return draw.again(variable, own_seed) if kept is None else kept

    def warn(self) -> None:
        """Tells of initial weights that the user may expect to be otherwise."""
        variables = self.model.variables
        seeded = [
            f"{variables[i].path} by {type(draw.initializer).__name__}(seed={draw.seed})"
            for i, draw in self._with_own_seed().items()
        ]
        if seeded:
            warnings.warn(
                "Initializers with a seed of their own would give every member the same "
                "weights. The seed of the member is used instead. Leave seed= out to "
                f"avoid this warning. Received: {', '.join(seeded)}.",
                stacklevel=2,
            )
        given = [
            variable.path
            for variable, draw, kept in zip(
                variables, self._draws, self._kept, strict=True
            )
            if draw is None and variable.trainable and np.ptp(np.asarray(kept)) > 0
        ]
        if given:
            warnings.warn(
                "Weights that are given as arrays are the same in every member. To draw "
                "them with the seed of the member, create them by add_weight with an "
                f"initializer. Received: {', '.join(given)}.",
                stacklevel=2,
            )

    def _with_own_seed(self) -> dict[int, "_Draw"]:
        """The draws by initializers with a seed that the user has given."""
        seeded = {i: d for i, d in enumerate(self._draws) if d and d.seed is not None}
        if not seeded:
            return {}
        # Some layers of Keras give initializers a seed from the stream of the process.
        again, noted = _built(self._build, self._example, 1)
        others = [noted.get(id(variable)) for variable in again.variables]
        return {
            i: draw
            for i, draw in seeded.items()
            if (other := others[i]) is not None and other.seed == draw.seed
        }

    def _is_noise(self, variable) -> bool:
        return id(variable) in self._generators


class _Draw:
    """An initializer, and what it has drawn first."""

    def __init__(self, initializer: Callable):
        self.initializer, self.first = initializer, None
        config = {}
        if isinstance(initializer, keras.initializers.Initializer):
            with contextlib.suppress(NotImplementedError):
                config = initializer.get_config()
        self.seed = config.get("seed")

    def __call__(self, *args, **keywords):
        value = self.initializer(*args, **keywords)
        with contextlib.suppress(Exception):  # a symbol of a function that is traced
            self.first = np.array(ops.convert_to_numpy(value))
        return value

    def was_changed(self, variable) -> bool:
        if self.first is None:
            return False
        now = ops.convert_to_numpy(variable.value)
        return not np.array_equal(now, self.first.astype(now.dtype), equal_nan=True)

    def again(self, variable, seed: int) -> np.ndarray:
        with _streams_kept(seed):
            value = self.initializer(tuple(variable.shape), dtype=variable.dtype)
            return np.array(ops.convert_to_numpy(ops.cast(value, variable.dtype)))


def _built(build: Callable, example: Any, seed: int) -> tuple[Any, dict[int, _Draw]]:
    """Builds a model, with a seed for all that it draws; and its draws."""
    with _streams_kept(seed), _noting() as noted:
        model = build()
        is_model = isinstance(model, keras.Model)
        if is_model and example is not None and not _is_built(model):
            model(example)
    return model, noted


def _is_built(model: keras.Model) -> bool:
    return all(layer.built for layer in keras_internals.layers_within(model))


@contextlib.contextmanager
def _noting() -> Iterator[dict[int, _Draw]]:
    """Notes the initializer of each variable that is created: its id -> a draw."""
    noted: dict[int, _Draw] = {}
    create = keras.Variable.__init__

    def note(self, initializer, *args, **keywords):
        if isinstance(initializer, str):
            initializer = keras.initializers.get(initializer)
        if callable(initializer):
            initializer = noted[id(self)] = _Draw(initializer)
        create(self, initializer, *args, **keywords)

    with keras_internals.replaced(keras.Variable, "__init__", note):
        yield noted


@contextlib.contextmanager
def _streams_kept(seed: int = 0) -> Iterator[None]:
    """Gives all that draws at random a seed, and leaves the streams as they were."""
    numbers = iter(range(2**31))
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (what an initializer may use)

    def draw_seed(_):
        return keras_internals.seed_tensor([seed, next(numbers)])

    try:
        with keras_internals.drawing_with(draw_seed=draw_seed):
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002


def _places(model: keras.Model) -> list[Place]:
    """The place of each of `model.variables`."""
    found, numbers = {}, Counter()
    for layer in keras_internals.layers_within(model):
        own = keras_internals.own_variables(layer)
        if not own:
            continue
        owner = type(layer).__name__
        for index, variable in enumerate(own):
            place = Place(owner, numbers[owner], index, tuple(variable.shape))
            found.setdefault(id(variable), place)
        numbers[owner] += 1
    others = Counter()
    places = []
    for variable in model.variables:
        if id(variable) not in found:
            shape = tuple(variable.shape)
            found[id(variable)] = Place("", others[shape], 0, shape)
            others[shape] += 1
        places.append(found[id(variable)])
    return places
