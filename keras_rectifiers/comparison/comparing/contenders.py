"""The activations that are compared: from what a user gives to layers."""

import contextlib
import functools
import inspect
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers.activations import get, identify
from keras_rectifiers.arguments import shown
from keras_rectifiers.comparison.comparing.code import code_of
from keras_rectifiers.comparison.comparing.errors import brief
from keras_rectifiers.comparison.training import backends
from keras_rectifiers.inspection.gradients import with_derivative
from keras_rectifiers.printable import printable
from keras_rectifiers.theory.initializers import RectifierNormal

# Of the input on which a user's function is tried.
_TRIED_SHAPE = (2, 8)
_OF_KERNELS = (
    "kernel_initializer",
    "depthwise_initializer",
    "embeddings_initializer",
)
_EXPECTED = (
    "a name such as 'gelu', a layer, the class of a layer, a function of x, or a "
    "function without arguments that returns a new layer"
)


@dataclass(frozen=True, kw_only=True)
class Contender:
    """An activation that is compared with others.

    Args:
        name: its name in tables and figures.
        make: creates a new layer.
        code: what the activation computes, as text, as far as its config does not
            tell: a change of the function or the class changes it.
    """

    name: str
    make: Callable[[], keras.layers.Layer]
    code: str = ""


class GivenActivation:
    """What `build_model` is given: call it wherever a layer of the activation goes.

    Args:
        contender: the activation.

    Attributes:
        name: the name of the activation.
        made: the layers that have been created so far.
    """

    def __init__(self, contender: Contender):
        self.name = contender.name
        self.made: list[keras.layers.Layer] = []
        self._make = contender.make

    def __call__(self) -> keras.layers.Layer:
        """Creates a new layer."""
        layer = self._make()
        self.made.append(layer)
        return layer

    def initializer(self) -> keras.Initializer:
        """Creates the initializer for kernels that read outputs of the activation.

        It is `keras_rectifiers.RectifierNormal`: for ReLU that of He. Where an
        activation has no gain, because it mixes channels, its weights preserve the
        variance as well as is known: those of He for CReLU, LeCun's for the others.
        """
        layer = self._make()
        known = identify(layer)
        if known is not None and known.name == "crelu":
            return keras.initializers.HeNormal()
        if known is not None and known.gate:
            return RectifierNormal(known.gate)
        if known is not None and not known.elementwise:
            return keras.initializers.LecunNormal()
        try:
            return RectifierNormal(layer)
        except (TypeError, ValueError):  # one of the user's own that mixes channels
            return keras.initializers.LecunNormal()


def read_contenders(activations: Any, reference: Any) -> tuple[list[Contender], str]:
    """Reads the activations that a user gives.

    Args:
        activations: a sequence of activations, each a name, a layer, a class, a
            function or a factory; or a dictionary of them, by name.
        reference: a name among them, or an activation like them, which comes first if
            it is not among them.

    Returns:
        The contenders, and the name of the reference.

    Raises:
        TypeError: if something is no activation.
        ValueError: if an activation is unknown or given twice, or if there is none but
            the reference.
    """
    with _stream_kept():
        contenders = _all(activations)
        names = [contender.name for contender in contenders]
        if not (isinstance(reference, str) and reference in names):
            added = _contender(reference)
            if added.name not in names:
                contenders.insert(0, added)
            reference = added.name
        _check_different(contenders)
    if len(contenders) < 2:
        raise ValueError(
            "Expected at least one activation besides the reference, such as "
            f"activations=['relu', 'gelu']. Received: only {reference!r}."
        )
    return contenders, reference


@contextlib.contextmanager
def _stream_kept() -> Iterator[None]:
    """Leaves Python's random stream as it was: random layers take their seeds from it."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


def _all(activations: Any) -> list[Contender]:
    if isinstance(activations, Mapping):
        return [_contender(given, name) for name, given in activations.items()]
    if isinstance(activations, str) or not isinstance(activations, Iterable):
        raise TypeError(
            "Expected `activations` to be a list of activations, such as ['relu', "
            f"'gelu'], or a dictionary of them by name. Received: {shown(activations)}"
        )
    return [_contender(given) for given in activations]


def _contender(given: Any, name: str = "") -> Contender:
    if name is not None and not isinstance(name, str):
        raise TypeError(
            f"Expected the names of activations to be strings. Received: {shown(name)}"
        )
    if name != printable(name).strip():
        raise ValueError(
            "Expected the names of activations to have no line breaks or control "
            "characters, and no spaces at their ends, because they stand in tables and "
            f"figures. Received: {shown(name)}"
        )
    make = _maker(given)
    try:
        layer = make()
    except Exception as error:
        raise ValueError(
            f"The activation {shown(given)} cannot be created: {brief(error)} Give "
            "its arguments in a function that returns the layer, such as {'maxout': lambda: "
            "keras_rectifiers.get('maxout', units=32)}."
        ) from error
    if not isinstance(layer, keras.layers.Layer):
        raise TypeError(
            f"Expected each activation to be {_EXPECTED}. Received: {shown(given)}"
        )
    if type(layer).__module__.startswith("keras.") and _has_kernel(layer):
        raise TypeError(
            f"Expected each activation to be {_EXPECTED}. Layers with a kernel belong "
            f"into build_model. Received: a layer {type(layer).__name__}."
        )
    if isinstance(layer, keras.layers.Activation):
        _check_function(layer.activation, name or shown(given))
    is_own_layer = isinstance(given, keras.layers.Layer)
    code = code_of(type(given) if is_own_layer else given)
    return Contender(name=name or _name(given, layer), make=make, code=code)


def _has_kernel(layer: keras.layers.Layer) -> bool:
    return any(name.endswith(_OF_KERNELS) for name in _settings(layer))


def _check_function(function: Callable, name: str) -> None:
    """Raises if a function computes values but cannot be trained through.

    Keras takes such a function: it asks only for the shape of the result.
    """
    z = keras.ops.zeros(_TRIED_SHAPE)
    try:
        if keras.backend.backend() in backends.MODULES:
            backends.current().compiled(function, z)
        else:
            with_derivative(function, z)
        return
    except Exception as error:
        found = error
    try:
        function(z)
    except Exception:  # It may fit other shapes only: the model tells.
        return
    raise ValueError(
        "Expected each function that is an activation to be made of keras.ops, such as "
        "keras.ops.maximum(x, 0) instead of numpy.maximum(x, 0), since training "
        "differentiates it before it has values. Received: "
        f"{name}, for which the backend raises {brief(found)}"
    ) from found


def _maker(given: Any) -> Callable[[], Any]:
    """What makes a new layer of an activation."""
    if isinstance(given, str):
        get_checked = functools.partial(get, given)
        if given not in ("maxout",):
            get_checked()  # an unknown name has an error of its own
        return get_checked
    if isinstance(given, keras.layers.Layer):
        return functools.partial(_again, given)
    if inspect.isclass(given) and issubclass(given, keras.layers.Layer):
        return given
    if inspect.isclass(given) or not callable(given):
        raise TypeError(
            f"Expected each activation to be {_EXPECTED}. Received: {shown(given)}"
        )
    if _takes_nothing(given):
        return functools.partial(_of_factory, given)
    return functools.partial(keras.layers.Activation, given)


def _again(layer: keras.layers.Layer) -> keras.layers.Layer:
    """A new layer like another, with weights of its own."""
    config = layer.get_config()
    config.pop("name", None)
    return type(layer).from_config(config)


def _of_factory(factory: Callable) -> Any:
    made = factory()
    if callable(made) and not isinstance(made, keras.layers.Layer):
        return keras.layers.Activation(made)
    return made


def _takes_nothing(function: Callable) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of a function in C
        return False
    return not any(
        p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        for p in parameters
    )


def _name(given: Any, layer: keras.layers.Layer) -> str:
    if isinstance(given, str):
        return given
    known = identify(layer)
    has_name = known is not None and known.name != "maxout"  # which needs its units
    if known and has_name and _settings(layer) == _settings(get(known.name)):
        return known.name
    if isinstance(layer, keras.layers.Activation):
        name = getattr(layer.activation, "__name__", "")
        if name.isidentifier():
            return name
        raise ValueError(
            "A function without a name needs one. Give the activations as a "
            f"dictionary, such as {{'mine': function}}. Received: {shown(given)}"
        )
    try:
        usual = _settings(type(layer)())
    except Exception:  # it has arguments without a default
        usual = {}
    settings = ", ".join(
        f"{name}={value!r}"
        for name, value in _settings(layer).items()
        if name not in usual or usual[name] != value
    )
    return f"{type(layer).__name__}({settings})" if settings else type(layer).__name__


def _settings(layer: keras.layers.Layer) -> dict[str, Any]:
    """What makes a layer compute what it does."""
    if type(layer) is keras.layers.Activation:  # serializing a lambda warns
        return {"activation": layer.activation}
    config = layer.get_config()
    return {
        name: value
        for name, value in config.items()
        if name not in ("name", "dtype", "trainable", "seed")
    }


def _check_different(contenders: Sequence[Contender]) -> None:
    seen: list[tuple[str, Any]] = []
    for contender in contenders:
        layer = contender.make()
        same = (type(layer), _settings(layer))
        for name, other in seen:
            if name == contender.name or other == same:
                raise ValueError(
                    "Expected each activation once. Received: "
                    f"{contender.name!r} twice"
                    + (f", also as {name!r}." if name != contender.name else ".")
                )
        seen.append((contender.name, same))
