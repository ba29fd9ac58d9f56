"""Every private part of Keras that the library uses, and why no public one serves.

No other module touches one. tests/test_keras_internals.py tells what each has to do, so
that a Keras which changes one fails there, by name.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras


def build_at_init(layer) -> None:
    """Marks a layer without weights as built, as Keras's own activations do it.

    `layer.built = True` would leave out what a backend does after `build`, and
    `layer.build(())` would save a made-up input shape.
    """
    layer._build_at_init()


def layers_within(layer, *, include_self: bool = True, recursive: bool = True) -> list:
    """A layer and the layers in it, each behind that which holds it.

    The public `model.layers` is of models only, and without the layers in layers.
    """
    return layer._flatten_layers(include_self=include_self, recursive=recursive)


def own_trainable_variables(layer) -> list:
    """The weights that a layer made as trainable, without those of the layers in it.

    The public lists have those too, and are empty for a layer that is frozen.
    """
    return list(layer._trainable_variables)


def own_weights(layer) -> list:
    """The weights of a layer without those of the layers in it, the trainable ones first.

    `layer.weights` has both, and does not tell them apart.
    """
    return layer._trainable_variables + layer._non_trainable_variables


def set_own_trainable(layer, trainable: bool) -> None:
    """Sets a layer's flag alone; the public setter sets those of the layers in it too."""
    layer._trainable = trainable


@contextmanager
def with_dtype_policy(layer, policy: keras.DTypePolicy) -> Iterator[None]:
    """Gives a layer a dtype policy while the block runs.

    The public setter changes a `DTypePolicyMap` for good, and may quantize the layer.
    """
    before = layer._dtype_policy
    # Past Keras's own __setattr__, which would track and lock the attribute.
    object.__setattr__(layer, "_dtype_policy", policy)
    try:
        yield
    finally:
        object.__setattr__(layer, "_dtype_policy", before)


def share_functions(source: keras.layers.Lambda, target: keras.layers.Lambda) -> None:
    """Gives a Lambda the functions of another; no public attribute has `output_shape`."""
    for name in ("function", "mask", "_output_shape"):
        setattr(target, name, getattr(source, name))


def origin(tensor: keras.KerasTensor) -> tuple[Any, int, int]:
    """What made a symbolic tensor; Keras has no public way from a tensor to its layer.

    Returns:
        `(operation, call, output)`: which of the operation's calls, and which of the
        results of that call, from 0.
    """
    operation, call, output = tensor._keras_history
    return operation, call, output


def inputs_of_call(operation: keras.Operation, call: int) -> list:
    """The tensors that a call in a graph reads; `operation.input` knows the first only."""
    return operation._inbound_nodes[call].input_tensors


def calls_that_read(operation: keras.Operation) -> list[tuple[Any, list]]:
    """The calls that read a result of an operation; public is only what it reads itself.

    Returns:
        For each call, the operation that is called and the tensors that it reads.
    """
    return [(node.operation, node.input_tensors) for node in operation._outbound_nodes]


def compiled_loss(model: keras.Model) -> Any:
    """What the last `compile` made of the loss, or None; `model.loss` may stay the same."""
    return getattr(model, "_compile_loss", None)


def loss_weights(model: keras.Model) -> Any:
    """The `loss_weights` that a model was compiled with, or None.

    `model.get_compile_config()` serializes the loss with them, which may fail.
    """
    return getattr(compiled_loss(model), "_user_loss_weights", None)


def exclude_from_weight_decay(
    optimizer: keras.Optimizer, weights: Iterable, patterns: Iterable[str]
) -> None:
    """Leaves weights out of weight decay, beside those that are left out already.

    Keras's own method forgets what was excluded before, and refuses the optimizer of a
    loaded model, which is built, though it has not compiled a step yet.

    Args:
        optimizer: the one that decays them, not one around it.
        weights: variables.
        patterns: regular expressions; a weight is left out if one is found in its name,
            for which TensorFlow takes its path.
    """
    patterns = set(patterns)
    before: Any = getattr(optimizer, "_exclude_from_weight_decay", set())
    pattern: Any = getattr(optimizer, "_exclude_from_weight_decay_pattern", None)
    if pattern is not None:
        patterns.add(pattern.pattern)
    keys = {optimizer._var_key(weight) for weight in weights}
    optimizer._exclude_from_weight_decay = before | keys
    optimizer._exclude_from_weight_decay_pattern = (
        re.compile("|".join(sorted(patterns))) if patterns else None
    )
    optimizer._exclude_from_weight_decay_cache = {}


def with_stateless_apply(kind: type[keras.Optimizer]) -> type[keras.Optimizer]:
    """Gives an optimizer `stateless_apply`, which TensorFlow's lack.

    To serve `tf.distribute`, TensorFlow's optimizers write to `tf.Variable`s. What they
    replace for it in the optimizer of all backends is put back.
    """
    theirs, base = (c for c in kind.__mro__ if "stateless_apply" in vars(c))
    put_back = {
        name: method
        for name, method in vars(base).items()
        if name in vars(theirs) and not name.startswith("__")
    }
    return type(kind.__name__, (kind,), put_back)
