"""Copies a model with its weights, with other activations in some places."""

import collections
import inspect
import tempfile
import warnings
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers import activations, keras_internals
from keras_rectifiers.layers import GatedLinearUnit
from keras_rectifiers.surgery import nesting


def copy_model(model, new_activations: dict[tuple[int, str], Any]):
    """Copies a model including its weights, with new activations in some places.

    Args:
        model: a built Sequential or functional model.
        new_activations: the layer or function to put in each place, by the `id` of
            the place's layer and its argument.

    Returns:
        The copy, which is not compiled.

    Raises:
        ValueError: if the weights of a layer cannot be copied.
    """
    copies, fitted = {}, set()
    plan = _Plan(new=new_activations, shared=dict.fromkeys(_shared(model)))

    def copy_of(operation):
        if id(operation) not in copies:
            is_new = (id(operation), "") in new_activations
            if nesting.is_graph(operation):
                copy = _copy_graph(operation, copy_of, call)
            elif (id(operation), is_new) in plan.shared:
                copy = _shared_copy(operation, "", operation, plan)
            elif is_new:
                copy = _fitted(operation, "", plan)
            else:
                copy = copy_layer(operation, _rewritten(operation, plan))
            if is_new:
                fitted.add(id(copy))
            copies[id(operation)] = copy
        return copies[id(operation)]

    def call(operation, *arguments, **keywords):
        if id(operation) in fitted:
            # The new activation may not know the arguments of the old one, such as
            # the mask of a softmax.
            return operation([*arguments, *keywords.values()][0])
        return operation(*arguments, **keywords)

    new_model = copy_of(model)
    for root, path in nesting.roots(model):
        is_input = isinstance(root, keras.layers.InputLayer)
        if not is_input and (id(root), "") not in new_activations:
            _carry_weights(root, copies[id(root)], path, plan)
    _build_activations(new_model)
    return new_model


@dataclass(frozen=True)
class _Plan:
    """What stands where in the copy.

    Args:
        new: the new activation of each place that gets one.
        shared: the layers that are the activation of several others, or of one and
            stand in the graph too: (the `id` of the old one, whether it is replaced) ->
            its one copy, or None until it is made.
    """

    new: dict[tuple[int, str], Any]
    shared: dict[tuple[int, bool], Any]


def _shared(model):
    """The keys of `_Plan.shared`."""
    places_of = collections.Counter(
        id(activation)
        for root, path in nesting.roots(model)
        for *_, activation in nesting.activations(root, nesting.config(root), path)
        if isinstance(activation, keras.layers.Layer)
    )
    several = [key for key, count in places_of.items() if count > 1]
    return [(key, is_new) for key in several for is_new in (False, True)]


def _copy_graph(model, copy_of, call):
    if isinstance(model, keras.Sequential):
        inherits = type(model).__init__ is keras.Sequential.__init__
        make = type(model) if inherits else keras.Sequential
        start = model.inputs[0]
        start = keras.Input(batch_shape=start.shape, dtype=start.dtype, name=start.name)
        copy = make([start, *map(copy_of, model.layers)], name=model.name)
    else:
        # A second model over the same graph, because clone_model compiles the copy of
        # a compiled model: before all its weights are there, and not at all if a loss
        # is not registered.
        view = keras.Model(model.input, model.output, name=model.name)
        if type(model).__init__ is type(view).__init__:
            view = type(model)(model.input, model.output, name=model.name)
        copy = keras.models.clone_model(
            view, clone_function=copy_of, call_function=call
        )
    keras_internals.set_own_trainable(copy, model.trainable)
    return copy


def copy_layer(operation, config):
    """A new layer or operation of the same type, from `config`, without weights."""
    if not isinstance(operation, keras.layers.Layer):
        return type(operation).from_config(config)
    serialized = _serialize(operation)
    identity = ("module", "class_name", "registered_name")
    try:
        copy = keras.saving.deserialize_keras_object(
            {**{key: serialized[key] for key in identity}, "config": config},
            custom_objects={
                type(layer).__name__: type(layer)
                for layer in keras_internals.layers_within(operation)
            },
            safe_mode=False,  # nothing comes from a file
        )
    except Exception as error:  # whatever the constructor of a user's layer raises
        raise ValueError(nesting.not_copied(operation)) from error
    if isinstance(operation, keras.layers.Lambda):
        # Serialized functions lose the names that they use from around them.
        keras_internals.share_functions(operation, copy)
    return copy


def _serialize(layer) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The object being serialized includes")
        return keras.saving.serialize_keras_object(layer)


def _rewritten(layer, plan, config=None) -> dict[str, Any]:
    """The config of a layer, with new activations in it and in what it wraps."""
    result = {}
    for key, value in (config or nesting.config(layer)).items():
        activation = nesting.argument(layer, key, value)
        is_new = (id(layer), key) in plan.new
        if (id(activation), is_new) in plan.shared:
            value = _shared_copy(layer, key, activation, plan)
        elif is_new:
            value = _fitted(layer, key, plan)
            if isinstance(value, keras.layers.Layer):
                value = _serialize(value)
        elif activation is None:
            parts = {
                id(part): _rewritten_part(child, part, plan)
                for child, part in nesting.children(layer, key, value)
            }
            if isinstance(value, (list, tuple)):
                value = [parts.get(id(part), part) for part in value]
            else:
                value = parts.get(id(value), value)
        elif inspect.isfunction(activation) and not isinstance(value, str):
            # Keras restores only registered functions from what it serialized.
            value = activation
        is_ours = isinstance(layer, GatedLinearUnit)  # names have another meaning there
        if inspect.isfunction(value) and value in activations.FUNCTIONS.values():
            value = value if is_ours else value.__name__
        result[key] = value
    return result


def _rewritten_part(child, part, plan) -> dict[str, Any]:
    if (id(child), "") in plan.new:
        new = _serialize(_fitted(child, "", plan))
        return {**part, **new}
    return {**part, "config": _rewritten(child, plan, part["config"])}


def _shared_copy(layer, argument, activation, plan):
    """The one copy of an activation that several layers have, not a copy for each."""
    key = id(activation), (id(layer), argument) in plan.new
    if key[1] and not isinstance(plan.new[id(layer), argument], keras.layers.Layer):
        return _fitted(layer, argument, plan)
    if plan.shared[key] is None:
        if (id(activation), "") in plan.new:  # It has the name of that in the graph.
            layer, argument = activation, ""
        if key[1]:
            copy = _fitted(layer, argument, plan)
        else:
            copy = copy_layer(activation, nesting.config(activation))
            if activation.built and activation.get_build_config():
                copy.build_from_config(activation.get_build_config())
        plan.shared[key] = copy
    return plan.shared[key]


def _fitted(layer, argument, plan):
    """The new activation as it stands in its place: a function, or a fresh layer."""
    new = plan.new[id(layer), argument]
    is_function = not isinstance(new, keras.layers.Layer)
    if argument and is_function:
        return new
    if isinstance(layer, keras.layers.Layer):
        # A quantized layer has a policy such as "int8_from_float32".
        dtype = layer.dtype_policy.name.rpartition("_from_")[2]
        state = {"dtype": dtype, "trainable": layer.trainable}
    else:
        state = {"dtype": keras.tree.flatten(layer.output)[0].dtype}
    state["name"] = _fitted_name(layer, argument)
    if is_function:
        return keras.layers.Activation(new, **state)
    return copy_layer(new, {**nesting.config(new), **state})


def _fitted_name(layer, argument) -> str:
    return f"{layer.name}_{argument}" if argument else layer.name


def _carry_weights(old, copy, path, plan) -> None:
    if not isinstance(old, keras.layers.Layer):
        return
    # Neither the weights of replaced activations nor those of new ones take part.
    apart, new_names = set(), set()
    for _, layer, argument, activation in nesting.activations(
        old, nesting.config(old), path
    ):
        if (id(layer), argument) in plan.new:
            new_names.add(_fitted_name(layer, argument))
            apart.update(map(id, getattr(activation, "variables", ())))
    shared = {id(new) for (_, is_new), new in plan.shared.items() if is_new}
    for layer in keras_internals.layers_within(copy):
        if layer.name in new_names or id(layer) in shared:
            apart.update(map(id, layer.variables))
    for source, target in _pairs(old, copy, path, apart):
        # A copy: on JAX, `fit` deletes the arrays that it has trained from.
        target.assign(keras.ops.copy(source))
    # What layers that adapt to data have besides variables.
    if isinstance(copy, keras.layers.Normalization):
        copy.finalize_state()
    if hasattr(old, "save_assets"):
        with tempfile.TemporaryDirectory() as folder:
            old.save_assets(folder)
            copy.load_assets(folder)


def _pairs(old, copy, path, apart) -> list[tuple[Any, Any]]:
    """Each variable of a layer with that of its copy, by its name within its layer.

    A quantized layer makes its variables in another order than its copy does. Names
    that Keras made up differ between the two; then the order decides.
    """
    sources, targets = _by_owner(old, apart), _by_owner(copy, apart)
    num_sources, num_targets = (sum(map(len, found)) for found in (sources, targets))
    misfit = (
        f"it has {num_sources} weights, but a new {type(old).__name__} with the same "
        f"config has {num_targets}"
    )
    pairs = []
    if list(map(len, sources)) == list(map(len, targets)):
        for own, own_of_copy in zip(sources, targets, strict=True):
            named = {variable.name: variable for variable in own_of_copy}
            names = [variable.name for variable in own]
            if sorted(names) == sorted(named):
                own_of_copy = [named[name] for name in names]
            pairs += zip(own, own_of_copy, strict=True)
        misfits = [
            (source, target)
            for source, target in pairs
            if tuple(source.shape) != tuple(target.shape)
        ]
        if not misfits:
            return pairs
        source, target = misfits[0]
        misfit = (
            f"its {source.path!r} has the shape {tuple(source.shape)}, but that of a "
            f"new {type(old).__name__} with the same config has {tuple(target.shape)}"
        )
    raise ValueError(
        f"The weights of layer {path!r} cannot be copied: {misfit}. The get_config of "
        "the layer must return every argument of its constructor."
    )


def _by_owner(layer, apart) -> list[list[Any]]:
    """The variables of a layer, those of each layer in it on their own."""
    found, seen = [], set(apart)
    # From the inside out: a layer's `variables` hold those of the layers in it.
    for owner in reversed(keras_internals.layers_within(layer)):
        own = [variable for variable in owner.variables if id(variable) not in seen]
        seen.update(map(id, own))
        if own:
            found.append(own)
    return found


def _build_activations(model) -> None:
    """Makes the weights of the layers that are arguments of others.

    They have none before they are called on data: on symbolic inputs, most layers
    compute their output shape only.
    """
    if all(layer.built for layer in keras_internals.layers_within(model)):
        return
    inputs = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    symbols = keras.tree.map_structure(
        lambda tensor: keras.KerasTensor(tensor.shape, tensor.dtype), inputs
    )
    keras.Operation.compute_output_spec(model, symbols)
