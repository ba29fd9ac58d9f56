"""Finds the activations of a model, and which of them are outputs or gates."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers import keras_internals
from keras_rectifiers.layers import GatedLinearUnit
from keras_rectifiers.surgery import nesting

# Layers and operations behind which an output is still an output, a gate a gate.
_RESHAPING = {"Cast", "Flatten", "Identity", "Permute", "Reshape", "Squeeze"}


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """An activation of a model; as text, the path of its layer and its argument.

    Args:
        path: the names of the models and wrappers that contain the layer, and its own.
        root: the node of the graph: the layer, or its wrapper.
        layer: an activation layer, an operation, or the layer that has the argument.
        argument: the name of the argument; empty if the layer is the activation.
        activation: the activation: a layer, an operation or a function.
        kept: why it is kept by default: `"output layer"`, `"softmax"`, `"gate"`; or
            empty.
        hidden: whether the layer has no argument for it, so that it cannot be replaced.
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
    for root, root_path in nesting.roots(model):
        held = list(nesting.activations(root, nesting.config(root), root_path))
        known = {id(activation) for *_, activation in held}
        unheld = list(_unheld(root, root_path, known))
        for hidden, found in ((False, held), (True, unheld)):
            for path, layer, argument, activation in found:
                if nesting.plain_name(activation) == "linear":
                    continue
                kept = ""
                if id(root) in outputs:
                    kept = "output layer"
                elif nesting.plain_name(activation) in ("softmax", "logsoftmax"):
                    kept = "softmax"
                elif (
                    argument == "recurrent_activation"
                    or isinstance(layer, GatedLinearUnit)
                    or _is_gate(root, activation)
                ):
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


def _unheld(root, path, known) -> Iterator[tuple[str, Any, str, Any]]:
    """What `activations` would yield of those that a layer makes by itself."""
    if not isinstance(root, keras.layers.Layer):
        return
    for layer in keras_internals.layers_within(root, include_self=False):
        layer_path = f"{path}/{layer.name}"
        activation = getattr(layer, "activation", None)
        if id(layer) in known:
            continue
        if nesting.is_activation(layer):
            yield layer_path, layer, "", layer
        elif callable(activation) and id(activation) not in known:
            yield layer_path, layer, "activation", activation


def _sources(tensor) -> Iterator[Any]:
    """The layers or operations whose result a tensor is, behind mere reshaping."""
    operation, call, output = keras_internals.origin(tensor)
    if nesting.is_graph(operation):
        yield from _sources(operation.outputs[output])
    elif _reshapes(operation):
        for earlier in keras_internals.inputs_of_call(operation, call):
            yield from _sources(earlier)
    else:
        yield operation


def _is_gate(root, activation) -> bool:
    if nesting.plain_name(activation) in ("sigmoid", "hardsigmoid"):
        return any(number > 1 for number in _factors(root))
    capped = getattr(activation, "max_value", None) is not None
    if capped or nesting.plain_name(activation) == "relu6":
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
        isinstance(operation, keras.layers.Activation)
        and nesting.plain_name(operation) == "linear"
    )
