"""Copying a model with its weights, with other activations in some places."""

import inspect
import tempfile
import warnings
from typing import Any

import keras

from keras_rectifiers import catalogue, places


def copy_model(model, new_activations: dict[tuple[int, str], Any]):
    """Copies a model, its weights included, with new activations in some places.

    Args:
        model: a built Sequential or functional model.
        new_activations: the layer or function to put in each place, by the `id` of
            the place's layer and its argument.

    Returns:
        The copy, which is not compiled.

    Raises:
        ValueError: if the weights of a layer cannot be carried over.
    """
    copies, fitted = {}, set()

    def copy_of(operation):
        if id(operation) not in copies:
            if places.is_graph(operation):
                copy = _copy_graph(operation, copy_of, call)
            elif (id(operation), "") in new_activations:
                copy = _fitted(operation, "", new_activations)
                fitted.add(id(copy))
            else:
                copy = copy_layer(operation, _rewritten(operation, new_activations))
            copies[id(operation)] = copy
        return copies[id(operation)]

    def call(operation, *arguments, **keywords):
        if id(operation) in fitted:
            # The new activation may not know the arguments of the old one, such as
            # the mask of a softmax.
            return operation([*arguments, *keywords.values()][0])
        return operation(*arguments, **keywords)

    new_model = copy_of(model)
    for root, path in places.roots(model):
        is_input = isinstance(root, keras.layers.InputLayer)
        if not is_input and (id(root), "") not in new_activations:
            _carry_weights(root, copies[id(root)], path, new_activations)
    _build_activations(new_model)
    return new_model


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
    # The public setter would overwrite the flags of the layers.
    copy._trainable = model._trainable
    return copy


def copy_layer(operation, config):
    """A new layer or operation of the same type, from `config`, without weights."""
    if not isinstance(operation, keras.layers.Layer):
        return type(operation).from_config(config)
    serialized = _serialize(operation)
    identity = ("module", "class_name", "registered_name")
    copy = keras.saving.deserialize_keras_object(
        {**{key: serialized[key] for key in identity}, "config": config},
        custom_objects={
            type(layer).__name__: type(layer) for layer in operation._flatten_layers()
        },
        safe_mode=False,  # nothing comes from a file
    )
    if isinstance(operation, keras.layers.Lambda):
        # Serialized functions lose the names that they use from around them.
        for name in ("function", "mask", "_output_shape"):
            setattr(copy, name, getattr(operation, name))
    return copy


def _serialize(layer) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The object being serialized includes")
        return keras.saving.serialize_keras_object(layer)


def _rewritten(layer, new_activations, config=None) -> dict[str, Any]:
    """The config of a layer, with new activations in it and in what it wraps."""
    result = {}
    for key, value in (config or places.config(layer)).items():
        activation = places.argument(layer, key, value)
        if (id(layer), key) in new_activations:
            value = _fitted(layer, key, new_activations)
            if isinstance(value, keras.layers.Layer):
                value = _serialize(value)
            elif value in catalogue.FUNCTIONS.values():
                value = value.__name__
        elif activation is None:
            parts = {
                id(part): _rewritten_part(child, part, new_activations)
                for child, part in places.children(layer, key, value)
            }
            if isinstance(value, (list, tuple)):
                value = [parts.get(id(part), part) for part in value]
            else:
                value = parts.get(id(value), value)
        elif inspect.isfunction(activation) and not isinstance(value, str):
            # Keras restores only registered functions from what it serialized.
            value = activation
        result[key] = value
    return result


def _rewritten_part(child, part, new_activations) -> dict[str, Any]:
    if (id(child), "") in new_activations:
        new = _serialize(_fitted(child, "", new_activations))
        return {**part, **new}
    return {**part, "config": _rewritten(child, new_activations, part["config"])}


def _fitted(layer, argument, new_activations):
    """The new activation as it stands in its place: a function, or a fresh layer."""
    new = new_activations[id(layer), argument]
    is_function = not isinstance(new, keras.layers.Layer)
    if argument and is_function:
        return new
    if isinstance(layer, keras.layers.Layer):
        # A quantized layer has a policy such as "int8_from_float32".
        dtype = layer.dtype_policy.name.rpartition("_from_")[2]
        state = {"dtype": dtype, "trainable": layer.trainable}
    else:
        state = {"dtype": layer._inbound_nodes[0].outputs[0].dtype}
    state["name"] = _fitted_name(layer, argument)
    if is_function:
        return keras.layers.Activation(new, **state)
    return copy_layer(new, {**places.config(new), **state})


def _fitted_name(layer, argument) -> str:
    return f"{layer.name}_{argument}" if argument else layer.name


def _carry_weights(old, copy, path, new_activations) -> None:
    if not isinstance(old, keras.layers.Layer):
        return
    # Neither the weights of replaced activations nor those of new ones take part.
    apart, new_names = set(), set()
    for _, layer, argument, activation in places.activations(
        old, places.config(old), path
    ):
        if (id(layer), argument) in new_activations:
            new_names.add(_fitted_name(layer, argument))
            apart.update(map(id, getattr(activation, "variables", ())))
    for layer in copy._flatten_layers():
        if layer.name in new_names:
            apart.update(map(id, layer.variables))
    sources = [variable for variable in old.variables if id(variable) not in apart]
    targets = [variable for variable in copy.variables if id(variable) not in apart]
    if len(sources) != len(targets):
        raise ValueError(
            f"The weights of layer {path!r} cannot be carried over: it has "
            f"{len(sources)} of them, a new {type(old).__name__} of the same config "
            f"has {len(targets)}. The get_config of the layer must return every "
            "argument of its constructor."
        )
    for source, target in zip(sources, targets, strict=True):
        # A copy: on JAX, `fit` deletes the arrays that it has trained from.
        target.assign(keras.ops.copy(source))
    # What layers that adapt to data have besides variables.
    if isinstance(copy, keras.layers.Normalization):
        copy.finalize_state()
    if hasattr(old, "save_assets"):
        with tempfile.TemporaryDirectory() as folder:
            old.save_assets(folder)
            copy.load_assets(folder)


def _build_activations(model) -> None:
    """Makes the weights of the layers that are arguments of others.

    They have none before they are called on data: on symbolic inputs, most layers
    compute their output shape only.
    """
    if all(layer.built for layer in model._flatten_layers()):
        return
    inputs = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    symbols = keras.tree.map_structure(
        lambda tensor: keras.KerasTensor(tensor.shape, tensor.dtype), inputs
    )
    keras.Operation.compute_output_spec(model, symbols)
