"""The private parts of Keras that the library uses, and why no public one suffices.

No other module uses private parts. tests/test_keras_internals.py tests what each has to
do, so that a change in Keras fails there, by name.
"""

import importlib
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras


def build_at_init(layer) -> None:
    """Marks a layer without weights as built, like Keras's own activations.

    `layer.built = True` would omit what a backend does after `build`, and
    `layer.build(())` would save a wrong input shape.
    """
    layer._build_at_init()


def layers_within(layer, *, include_self: bool = True, recursive: bool = True) -> list:
    """A layer and the layers in it, each after the one that contains it.

    The public `model.layers` exists only for models, and omits layers within layers.
    """
    return layer._flatten_layers(include_self=include_self, recursive=recursive)


def own_trainable_variables(layer) -> list:
    """The weights that a layer created as trainable, without those of the layers in it.

    The public lists include those, and are empty for a frozen layer.
    """
    return list(layer._trainable_variables)


def own_weights(layer) -> list:
    """The weights of a layer without those of the layers in it, trainable ones first.

    `layer.weights` has both without distinguishing them.
    """
    return layer._trainable_variables + layer._non_trainable_variables


def set_own_trainable(layer, trainable: bool) -> None:
    """Sets a layer's own flag; the public setter also sets those of layers in it."""
    layer._trainable = trainable


@contextmanager
def with_dtype_policy(layer, policy: keras.DTypePolicy) -> Iterator[None]:
    """Gives a layer a dtype policy while the block runs.

    The public setter changes a `DTypePolicyMap` permanently, and may quantise the
    layer.
    """
    before = layer._dtype_policy
    # Past Keras's own __setattr__, which would track and lock the attribute.
    object.__setattr__(layer, "_dtype_policy", policy)
    try:
        yield
    finally:
        object.__setattr__(layer, "_dtype_policy", before)


def share_functions(source: keras.layers.Lambda, target: keras.layers.Lambda) -> None:
    """Gives a Lambda another's functions; `output_shape` has no public attribute."""
    for name in ("function", "mask", "_output_shape"):
        setattr(target, name, getattr(source, name))


def origin(tensor: keras.KerasTensor) -> tuple[Any, int, int]:
    """The origin of a symbolic tensor; there is no public way from a tensor to its layer.

    Returns:
        `(operation, call, output)`: the operation, the index of its call and the index
        of the result of that call, both from 0.
    """
    operation, call, output = tensor._keras_history
    return operation, call, output


def inputs_of_call(operation: keras.Operation, call: int) -> list:
    """The tensors that a call in a graph reads; `operation.input` is only the first."""
    return operation._inbound_nodes[call].input_tensors


def calls_that_read(operation: keras.Operation) -> list[tuple[Any, list]]:
    """The calls that read an operation's result; only what it reads itself is public.

    Returns:
        For each call, the operation that is called and the tensors that it reads.
    """
    return [(node.operation, node.input_tensors) for node in operation._outbound_nodes]


def compiled_loss(model: keras.Model) -> Any:
    """The compiled loss of the last `compile`, or None; `model.loss` may not change."""
    return getattr(model, "_compile_loss", None)


def has_remembered_logits(prediction: Any) -> bool:
    """Whether Keras's crossentropies take remembered logits in place of a prediction.

    On TensorFlow, sigmoid and softmax leave their logits at the tensor that they return,
    and `from_logits` then changes nothing, which no public function tells.
    """
    on_tensorflow = keras.backend.backend() == "tensorflow"
    return on_tensorflow and hasattr(prediction, "_keras_logits")


def loss_weights(model: keras.Model) -> Any:
    """The `loss_weights` that a model was compiled with, or None.

    `model.get_compile_config()` serializes the loss with them, which may fail.
    """
    return getattr(compiled_loss(model), "_user_loss_weights", None)


def compiled_metrics(model: keras.Model) -> Any:
    """The compiled metrics of the last `compile`, or None.

    `model.metrics` has them only once they have seen data.
    """
    return getattr(model, "_compile_metrics", None)


def given_metrics(model: keras.Model) -> Any:
    """The metrics that a model was compiled with, as they were given, or None.

    `model.get_compile_config()` serializes the loss with them, which may fail.
    """
    return getattr(compiled_metrics(model), "_user_metrics", None)


def exclude_from_weight_decay(
    optimizer: keras.Optimizer, weights: Iterable, patterns: Iterable[str]
) -> None:
    """Excludes weights from weight decay, in addition to those already excluded.

    Keras's own method forgets what was excluded before, and refuses the optimizer of a
    loaded model, which is built although it has not compiled a step yet.

    Args:
        optimizer: the optimizer that decays them, not a wrapper around it.
        weights: variables.
        patterns: regular expressions; a weight is excluded if one of them matches its
            name (on TensorFlow, its path).
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


def is_decayed(optimizer: keras.Optimizer, weight) -> bool:
    """Whether an optimizer's weight decay, if any, acts on a weight; nothing public tells."""
    return optimizer._use_weight_decay(weight)


def learning_rate(optimizer: keras.Optimizer) -> Any:
    """The learning rate of an optimizer: a number, or its schedule.

    `optimizer.learning_rate` is the rate of the step at hand.
    """
    rate = optimizer._learning_rate
    return float(rate.value) if isinstance(rate, keras.Variable) else rate


def rate_variable(optimizer: keras.Optimizer) -> Any:
    """The variable that holds the learning rate, or None if there is a schedule.

    `optimizer.variables` does not say which of them it is.
    """
    rate = optimizer._learning_rate
    return rate if isinstance(rate, keras.Variable) else None


def settings(optimizer: keras.Optimizer) -> dict[str, Any]:
    """The configuration of an optimizer, with any number as its learning rate.

    Keras asks a schedule for its configuration too, which users' own need not have.
    """
    own = optimizer._learning_rate
    if not isinstance(own, keras.optimizers.schedules.LearningRateSchedule):
        return optimizer.get_config()
    optimizer._learning_rate = 0.1
    try:
        return optimizer.get_config()
    finally:
        optimizer._learning_rate = own


@contextmanager
def stateless_optimizers() -> Iterator[None]:
    """Gives the optimizers of TensorFlow a `stateless_apply` while the block runs.

    They write to `tf.Variable`s, for `tf.distribute`. This puts back the methods of the
    common optimizer class that they replace for it, under those of the optimizer itself.
    An optimizer must be built in such a block too.
    """
    theirs, *base = (c for c in keras.Optimizer.__mro__ if "stateless_apply" in vars(c))
    with ExitStack() as stack:
        for kind in base:
            for name, method in vars(kind).items():
                if name in vars(theirs) and not name.startswith("__"):
                    stack.enter_context(replaced(theirs, name, method))
        yield


def own_variables(layer) -> list:
    """The variables of a layer without those of the layers in it, with its random states.

    `layer.variables` has those of the layers in it too.
    """
    return own_weights(layer) + [
        generator.state for generator in layer._seed_generators
    ]


def seed_generator_states(layer) -> set[int]:
    """The ids of the states of random generators within a layer.

    Nothing public tells them from other variables that are not trained.
    """
    return {
        id(generator.state)
        for inner in layers_within(layer)
        for generator in inner._seed_generators
    }


def seed_tensor(numbers):
    """A seed of two integers, of the type that the backend's random functions take."""
    dtype = importlib.import_module("keras.src.backend").random_seed_dtype()
    return keras.ops.convert_to_tensor(numbers, dtype)


@contextmanager
def drawing_with(**functions) -> Iterator[None]:
    """Replaces functions of the backend by which Keras draws, while the block runs.

    Layers and initializers take them from a module of the backend. The public
    `keras.random` only calls them too.

    Args:
        functions: by name: `draw_seed`, which makes a tensor of the argument `seed`; or
            those of `keras.random`, such as `uniform`.
    """
    name = f"keras.src.backend.{keras.backend.backend()}.random"
    module = importlib.import_module(name)
    with ExitStack() as stack:
        for function, replacement in functions.items():
            stack.enter_context(replaced(module, function, replacement))
        yield


@contextmanager
def replaced(owner, name: str, value) -> Iterator[None]:
    """Sets an attribute of a module or class while the block runs."""
    is_own = name in vars(owner)
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if is_own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)
