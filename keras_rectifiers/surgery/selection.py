"""Where the activations of a model are, and which of them are chosen."""

import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers import keras_internals, layers
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
)

# Layers and operations behind which an output is still an output, a gate a gate.
_RESHAPING = {"Cast", "Flatten", "Identity", "Permute", "Reshape", "Squeeze"}


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """An activation of a model; as text, the path of its layer and its argument.

    Args:
        path: the names of the models and wrappers around the layer, and its own.
        root: what stands in the graph: the layer, or what wraps it.
        layer: an activation layer, an operation, or the layer that has the argument.
        argument: the name of the argument; empty if the layer is the activation.
        activation: the activation: a layer, an operation or a function.
        kept: why it is kept unless it is named: `"output layer"`, `"softmax"`,
            `"gate"`; or empty.
        hidden: whether the layer has it without an argument, so that it is stuck.
    """

    path: str
    root: Any
    layer: Any
    argument: str
    activation: Any
    kept: str
    hidden: bool

    def __str__(self) -> str:
        return f"{self.path}.{self.argument}" if self.argument else self.path


def find(model) -> list[Occurrence]:
    """Every activation of a Sequential or functional model, except linear ones."""
    outputs = {id(root) for tensor in model.outputs for root in _sources(tensor)}
    occurrences = []
    for root, root_path in roots(model):
        held = list(activations(root, config(root), root_path))
        known = {id(activation) for *_, activation in held}
        unheld = list(_unheld(root, root_path, known))
        for hidden, found in ((False, held), (True, unheld)):
            for path, layer, argument, activation in found:
                if _name(activation) == "linear":
                    continue
                kept = ""
                if id(root) in outputs:
                    kept = "output layer"
                elif _name(activation) in ("softmax", "logsoftmax"):
                    kept = "softmax"
                elif argument == "recurrent_activation" or _is_gate(root, activation):
                    kept = "gate"
                occurrences.append(
                    Occurrence(
                        path=path,
                        root=root,
                        layer=layer,
                        argument=argument,
                        activation=activation,
                        kept=kept,
                        hidden=hidden,
                    )
                )
    return occurrences


def select(occurrences: list[Occurrence], where: Any) -> list[Occurrence]:
    """The occurrences that `where` of `replace_activations` chooses.

    Raises:
        TypeError: if `where` is of another type than said there.
    """
    if where is None:
        return [occurrence for occurrence in occurrences if not occurrence.kept]
    selectors = where if isinstance(where, (list, tuple)) else [where]
    for selector in selectors:
        # A layer can be called too, but not on another layer.
        is_layer = isinstance(selector, keras.Operation)
        if is_layer or not (isinstance(selector, str) or callable(selector)):
            hint = f"; for this layer {selector.name!r}" if is_layer else ""
            raise TypeError(
                "replace_activations expects `where` to be a name, a type, a predicate "
                f"or a list of these{hint}. Received: {selector!r} of type "
                f"{type(selector).__name__}"
            )
    return [
        occurrence
        for occurrence in occurrences
        if any(_matches(occurrence, selector) for selector in selectors)
    ]


def listed(occurrences: list[Occurrence]) -> str:
    """Each activation with the first occurrences where it is."""
    groups: dict[str, list[str]] = {}
    for occurrence in occurrences:
        kept = f" ({occurrence.kept})" if occurrence.kept else ""
        groups.setdefault(describe(occurrence.activation) + kept, []).append(
            str(occurrence)
        )
    return "; ".join(
        f"{activation} at "
        + ", ".join(map(repr, names[:3]))
        + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        for activation, names in groups.items()
    )


def describe(activation) -> str:
    """The name of an activation, and the plain arguments that are not the defaults."""
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


def is_graph(operation) -> bool:
    """Whether it is a model whose layers are known: Sequential or functional."""
    return isinstance(operation, (keras.Sequential, keras.Function))


def roots(model, seen=None, prefix="") -> Iterator[tuple[Any, str]]:
    """Each layer and operation of the graph and of nested graphs, and its path."""
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
    """Path, layer, argument and activation of all that the config of a layer holds."""
    if _is_activation(layer):
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
    """The activation that an argument holds, or None."""
    if not key.endswith("activation"):
        return None
    activation = getattr(layer, key, value)
    if isinstance(activation, str):
        activation = FUNCTIONS.get(activation)
    return activation if callable(activation) else None


def children(layer, key, value) -> list[tuple[Any, dict]]:
    """The layers that an argument holds, each with its serialized form."""
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
    """The config of a layer or operation that stays in this process."""
    with warnings.catch_warnings():
        # A lambda is unsafe only when it comes from a file.
        warnings.filterwarnings("ignore", "The object being serialized includes")
        try:
            return operation.get_config()
        except NotImplementedError as error:  # Keras cannot guess its arguments.
            raise ValueError(not_copied(operation)) from error


def not_copied(layer) -> str:
    """What to say of a layer of the user's that its config does not make again."""
    return (
        f"The layer {layer.name!r} of type {type(layer).__name__} cannot be copied, for "
        "its config does not make another. Its constructor must pass on the arguments "
        "of all layers, as in super().__init__(**kwargs), and its get_config return "
        "those of its own."
    )


def function_of(operation):
    """The activation function of Keras that an operation of a graph applies, or None."""
    name = _normal(type(operation).__name__)
    if name == "glu":  # It halves its channels.
        return None
    return {_normal(key): value for key, value in FUNCTIONS.items()}.get(name)


def _unheld(root, path, known) -> Iterator[tuple[str, Any, str, Any]]:
    """What `activations` would yield of those that a layer makes by itself."""
    if not isinstance(root, keras.layers.Layer):
        return
    for layer in keras_internals.layers_within(root, include_self=False):
        layer_path = f"{path}/{layer.name}"
        activation = getattr(layer, "activation", None)
        if id(layer) in known:
            continue
        if _is_activation(layer):
            yield layer_path, layer, "", layer
        elif callable(activation) and id(activation) not in known:
            yield layer_path, layer, "activation", activation


def _sources(tensor) -> Iterator[Any]:
    """The layers or operations whose result a tensor is, behind mere reshaping."""
    operation, call, output = keras_internals.origin(tensor)
    if is_graph(operation):
        yield from _sources(operation.outputs[output])
    elif _reshapes(operation):
        for earlier in keras_internals.inputs_of_call(operation, call):
            yield from _sources(earlier)
    else:
        yield operation


def _is_gate(root, activation) -> bool:
    if _name(activation) in ("sigmoid", "hardsigmoid"):
        return any(number > 1 for number in _factors(root))
    capped = getattr(activation, "max_value", None) is not None
    if capped or _name(activation) == "relu6":
        return 1 in _factors(root)
    return False


def _factors(operation) -> Iterator[int]:
    """For each product with the result of an operation: how many tensors it has."""
    for reader, inputs in keras_internals.calls_that_read(operation):
        if type(reader).__name__ in ("Multiply", "Divide", "TrueDivide"):
            yield len(inputs)
        elif _reshapes(reader):
            yield from _factors(reader)


def _reshapes(operation) -> bool:
    return type(operation).__name__ in _RESHAPING or (
        isinstance(operation, keras.layers.Activation) and _name(operation) == "linear"
    )


def _is_activation(operation) -> bool:
    if isinstance(operation, keras.layers.Layer):
        return isinstance(operation, _ACTIVATION_LAYERS)
    return function_of(operation) is not None


def _name(activation) -> str:
    """What `where` calls an activation: "leakyrelu" for LeakyReLU and leaky_relu."""
    if isinstance(activation, keras.layers.Activation):
        return _name(activation.activation)
    return _normal(getattr(activation, "__name__", type(activation).__name__))


def _normal(name: str) -> str:
    return name.replace("_", "").lower()


def _matches(occurrence: Occurrence, selector) -> bool:
    if isinstance(selector, str):
        return _is_named(occurrence, selector)
    if selector in FUNCTIONS.values():
        return _is_named(occurrence, selector.__name__)
    if occurrence.kept:
        return selector is keras.layers.Softmax and type(occurrence.layer) is selector
    if isinstance(selector, type):
        return isinstance(occurrence.layer, selector) or isinstance(
            occurrence.activation, selector
        )
    return bool(selector(occurrence.layer))


def _is_named(occurrence: Occurrence, name: str) -> bool:
    if occurrence.argument == "recurrent_activation":
        names = {occurrence.argument, str(occurrence)}
    else:
        names = {
            occurrence.root.name,
            occurrence.layer.name,
            occurrence.path,
            str(occurrence),
        }
    if name in names:
        return True
    if occurrence.kept == "output layer":
        return False
    if not occurrence.kept and name in occurrence.path.split("/"):
        return True
    # Some functions have two names, such as silu and swish.
    function = FUNCTIONS.get(name)
    return _normal(function.__name__ if function else name) == _name(
        occurrence.activation
    )
