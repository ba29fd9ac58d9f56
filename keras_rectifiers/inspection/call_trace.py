"""Which layers a model calls, in which order, and what each layer reads.

For a functional model this is known from its graph, for a subclassed one only by
running it. So the model is run once, and each layer records what passes through it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers import keras_internals

# Keras's layers that hold others and call them in their own way.
OPAQUE = (
    keras.layers.RNN,
    keras.layers.Bidirectional,
    keras.layers.TimeDistributed,
    keras.layers.MultiHeadAttention,
    keras.layers.GroupQueryAttention,
    keras.layers.Attention,
)


@dataclass(frozen=True, kw_only=True)
class LayerCall:
    """One call of a layer, or of an operation of a functional model.

    Args:
        layer: the layer or operation.
        path: the names of the models and layers that contain it, and its own; see
            `paths`.
        call: the index of this call among the calls of this layer in the run, from 0.
        reads: the indices of the calls whose results it reads.
        gap: whether there is something other than a layer between these and its input.
        applies: whether it called the function or layer in its attribute `activation`.
        input_shape: the shape of its first input.
        output_shape: the shape of its first output.
        reads_several: whether its first input is a list or dictionary of tensors.
    """

    layer: Any
    path: str
    call: int
    reads: tuple[int, ...]
    gap: bool
    applies: bool
    input_shape: tuple
    output_shape: tuple
    reads_several: bool = False


def of_a_chain(model: keras.Sequential) -> list[LayerCall]:
    """The calls of a Sequential model without nested layers."""
    return [
        LayerCall(
            layer=layer,
            path=layer.name,
            call=0,
            reads=(number - 1,) if number else (),
            gap=False,
            applies=True,
            # A mask is an input as well.
            input_shape=tuple(keras.tree.flatten(layer.input)[0].shape),
            output_shape=tuple(keras.tree.flatten(layer.output)[0].shape),
        )
        for number, layer in enumerate(model.layers)
    ]


def of_a_run(model: keras.Model, run: Callable, inputs) -> list[LayerCall]:
    """The calls of a model of any kind.

    Args:
        model: a built model.
        run: a function without arguments that runs the model once.
        inputs: the tensors that `run` passes to the model.

    Returns:
        The calls in the order in which they ended.
    """
    notes: list[LayerCall] = []
    num_calls: dict[int, int] = {}
    # Tensors live as long as their identities are used.
    made_by: dict[int, tuple[Any, int | None]] = {
        id(tensor): (tensor, None) for tensor in keras.tree.flatten(inputs)
    }

    def noting(layer, path, call_layer):
        def call(*args, **kwargs):
            applied = []
            read = [t for t in keras.tree.flatten((args, kwargs)) if _is_tensor(t)]
            with ExitStack() as stack:
                activation = _own_activation(layer)
                if activation is not None:

                    def apply(*args, **kwargs):
                        applied.append(True)
                        return activation(*args, **kwargs)

                    stack.enter_context(replaced(layer, "activation", apply))
                result = call_layer(*args, **kwargs)
            made = [t for t in keras.tree.flatten(result) if _is_tensor(t)]
            known = [made_by[id(t)][1] for t in read if id(t) in made_by]
            reads = tuple(sorted({number for number in known if number is not None}))
            gap = not known and bool(notes)
            notes.append(
                LayerCall(
                    layer=layer,
                    path=path,
                    call=num_calls.get(id(layer), 0),
                    # What lies behind the gap, as far as the order of calls tells.
                    reads=(len(notes) - 1,) if gap else reads,
                    gap=gap,
                    applies=bool(applied) or activation is None,
                    input_shape=tuple(read[0].shape) if read else (),
                    output_shape=tuple(made[0].shape) if made else (),
                    reads_several=isinstance(
                        next(iter((*args, *kwargs.values())), None), (list, tuple, dict)
                    ),
                )
            )
            num_calls[id(layer)] = num_calls.get(id(layer), 0) + 1
            for tensor in made:
                # A layer that returns its input has made it too.
                made_by[id(tensor)] = (tensor, len(notes) - 1)
            return result

        return call

    with ExitStack() as stack:
        for layer, path in paths(model).items():
            if not is_composite(layer):
                noted = noting(layer, path, layer.call)
                stack.enter_context(replaced(layer, "call", noted))
        run()
    return notes


def paths(model: keras.Model) -> dict[Any, str]:
    """The layers and operations that are inspected, and their paths.

    Args:
        model: a built model.

    Returns:
        Layer or operation -> the names of the models and layers that contain it and its
        own, where it is first met: `"encoder/dense_1"`. If several would have the same
        name, the second has `" (layer 2)"` appended. Containers come before their
        contents.
    """
    found: dict[Any, str] = {}
    num_named: dict[str, int] = {}
    for layer, path in _within(model):
        number = num_named[path] = num_named.get(path, 0) + 1
        found[layer] = path + (f" (layer {number})" if number > 1 else "")
    return found


def is_plain(model) -> bool:
    """Whether it is a Sequential model without nested layers."""
    return isinstance(model, keras.Sequential) and not any(
        is_composite(layer) for layer in model.layers
    )


@contextmanager
def replaced(layer, name: str, value):
    """Sets an attribute of a layer while the block runs."""
    own = vars(layer)
    before = {name: own[name]} if name in own else {}
    # Past Keras's own __setattr__, which would track and lock the attribute.
    object.__setattr__(layer, name, value)
    try:
        yield
    finally:
        object.__delattr__(layer, name)
        own.update(before)


def is_composite(layer) -> bool:
    """Whether the layers inside are inspected instead of the layer itself."""
    if isinstance(layer, keras.Model):
        return True
    if not isinstance(layer, keras.layers.Layer) or hasattr(layer, "kernel"):
        return False
    if type(layer).__module__.startswith(("keras.", "keras_rectifiers.")):
        return False
    return not isinstance(layer, OPAQUE) and any(
        keras_internals.layers_within(layer, include_self=False)
    )


def _within(model, prefix="", seen=None) -> Iterator[tuple[Any, str]]:
    seen = set() if seen is None else seen
    if isinstance(model, keras.Model):
        sequential = isinstance(model, keras.Sequential)
        parts = model.layers if sequential else getattr(model, "operations", None)
        parts = model.layers if parts is None else parts
    else:
        parts = keras_internals.layers_within(
            model, include_self=False, recursive=False
        )
    for part in parts:
        if id(part) in seen or isinstance(part, keras.layers.InputLayer):
            continue
        seen.add(id(part))
        yield part, prefix + part.name
        if is_composite(part):
            yield from _within(part, f"{prefix}{part.name}/", seen)


def _own_activation(layer):
    is_computed = isinstance(getattr(type(layer), "activation", None), property)
    activation = None if is_computed else getattr(layer, "activation", None)
    return activation if callable(activation) else None


def _is_tensor(value) -> bool:
    return keras.ops.is_tensor(value)
