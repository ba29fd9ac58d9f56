"""The contents of models and layers: wrapped layers, activations in arguments."""

import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import keras

from keras_rectifiers import layers
from keras_rectifiers.activations import FUNCTIONS

_ACTIVATION_LAYERS = (
    keras.layers.Activation,
    keras.layers.ELU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ReLU,
    keras.layers.Softmax,
    layers.PReLU,
    layers.RReLU,
    layers.ShiftedReLU,
    layers.SmoothReLU,
    layers.SquaredReLU,
    layers.SShapedReLU,
    layers.Swish,
)


def is_graph(operation) -> bool:
    """Whether it is a model whose layers are known: Sequential or functional."""
    return isinstance(operation, (keras.Sequential, keras.Function))


def roots(model, seen=None, prefix="") -> Iterator[tuple[Any, str]]:
    """Each layer and operation of the graph and of nested graphs, with its path."""
    seen = set() if seen is None else seen
    sequential = isinstance(model, keras.Sequential)
    for operation in model.layers if sequential else model.operations:
        if id(operation) in seen:
            continue
        seen.add(id(operation))
        path = prefix + operation.name
        if is_graph(operation):
            yield from roots(operation, seen, f"{path}/")
        else:
            yield operation, path


def activations(layer, layer_config, path) -> Iterator[tuple[str, Any, str, Any]]:
    """Path, layer, argument and activation for each activation in a layer's config."""
    if is_activation(layer):
        yield path, layer, "", layer
        return
    for key, value in layer_config.items():
        activation = argument(layer, key, value)
        if activation is not None:
            yield path, layer, key, activation
            continue
        for child, serialized in children(layer, key, value):
            yield from activations(child, serialized["config"], f"{path}/{child.name}")


def argument(layer, key, value):
    """The activation in an argument, or None."""
    if not key.endswith("activation"):
        return None
    activation = getattr(layer, key, value)
    if isinstance(activation, str):
        activation = FUNCTIONS.get(activation)
    return activation if callable(activation) else None


def children(layer, key, value) -> list[tuple[Any, dict]]:
    """The layers in an argument, each with its serialized form."""
    # Bidirectional calls `forward_layer` what its config calls `layer`.
    live: Any = getattr(layer, key, getattr(layer, f"forward_{key}", None))
    named = {
        child.name: child
        for child in (live if isinstance(live, (list, tuple)) else [live])
        if isinstance(child, keras.layers.Layer)
    }
    return [
        (named[part["config"]["name"]], part)
        for part in (value if isinstance(value, (list, tuple)) else [value])
        if isinstance(part, dict)
        and isinstance(part.get("config"), dict)
        and part["config"].get("name") in named
    ]


def config(operation) -> dict[str, Any]:
    """The config of a layer or operation, for use within this process."""
    with warnings.catch_warnings():
        # A lambda is unsafe only when it comes from a file.
        warnings.filterwarnings("ignore", "The object being serialized includes")
        try:
            return operation.get_config()
        except NotImplementedError as error:  # Keras cannot guess its arguments.
            raise ValueError(not_copied(operation)) from error


def not_copied(layer) -> str:
    """The message for a custom layer that cannot be created again from its config."""
    return (
        f"The layer {layer.name!r} of type {type(layer).__name__} cannot be copied, "
        "because it cannot be created again from its config. Its constructor must "
        "pass on the arguments of all layers, as in super().__init__(**kwargs), and "
        "its get_config must return its own arguments."
    )


def function_of(operation):
    """The activation function of Keras that an operation of a graph applies, or None."""
    name = without_case(type(operation).__name__)
    if name == "glu":  # It halves its channels.
        return None
    return {without_case(key): value for key, value in FUNCTIONS.items()}.get(name)


def is_activation(operation) -> bool:
    """Whether a layer or operation is itself an activation."""
    if isinstance(operation, keras.layers.Layer):
        return isinstance(operation, _ACTIVATION_LAYERS)
    return function_of(operation) is not None


def describe(activation) -> str:
    """The name of an activation, and its plain arguments that are not defaults."""
    if isinstance(activation, keras.layers.Activation):
        return describe(activation.activation)
    if not isinstance(activation, keras.Operation):
        return getattr(activation, "__name__", type(activation).__name__)
    parameters = inspect.signature(type(activation).__init__).parameters
    given = [
        f"{key}={value!r}"
        for key, value in config(activation).items()
        if key in parameters
        and key != "name"
        and isinstance(value, (bool, int, float, str))
        and value != parameters[key].default
    ]
    return type(activation).__name__ + (f"({', '.join(given)})" if given else "")


def plain_name(activation) -> str:
    """The name of an activation for `where`: "leakyrelu" for LeakyReLU or leaky_relu."""
    if isinstance(activation, keras.layers.Activation):
        return plain_name(activation.activation)
    return without_case(getattr(activation, "__name__", type(activation).__name__))


def without_case(name: str) -> str:
    """A name in lower case without underscores, because spellings differ in these."""
    return name.replace("_", "").lower()
