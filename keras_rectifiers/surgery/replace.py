"""Replaces the activations of a model in a new model, without changing the old one."""

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers import activations
from keras_rectifiers.printable import printable
from keras_rectifiers.surgery import copy_model, nesting, occurrences, selection


@dataclass(frozen=True, kw_only=True)
class Change:
    """A replaced activation; as text, one line of a report.

    Args:
        place: the name of the layer, after those of the models and wrappers that
            contain it, separated by `/`, followed by a dot and the argument if the
            activation was an argument.
        old: the old activation.
        new: the new activation.
    """

    place: str
    old: str
    new: str

    def __str__(self) -> str:
        return printable(f"{self.place}: {self.old} -> {self.new}")


def replace_activations(
    model: keras.Model,
    replacement: Any,
    where: Any = None,
    *,
    report: Callable[[Change], object] | None = None,
) -> Any:
    """Creates a new model with other activations and the weights of the old one.

    It replaces activation layers (of Keras and ours), `activation=` arguments and calls
    such as `keras.ops.relu(x)`, also in nested models and in wrappers such as
    `TimeDistributed` and `Bidirectional`. Layers keep their names, dtype policies and
    `trainable` flags, and shared layers stay shared. The old model is not changed. The
    new one is not compiled.

    Three kinds of activations are kept unless `where` is the name of their layer or,
    for the last two, the name of the activation:

    - the activation of an output layer, that is, of any layer that returns an output of
      the model; in a network without its head, this can be the last rectifier;
    - softmax;
    - gates: the `recurrent_activation` of a recurrent layer, if the argument has this
      name; a sigmoid that multiplies another tensor, as in squeeze-and-excitation; and
      a capped rectifier scaled by a constant, which is a hard sigmoid.

    A layer without an activation does not get one.

    Args:
        model: a Sequential or functional model that is built.
        replacement: the new activation, which must keep the shape of its input: a name
            for `keras_rectifiers.get`, such as `"rrelu"`; a layer, of which each place
            gets a copy with new weights (an integer `seed` increases by one from place
            to place, so that no two layers draw the same numbers); a class, or a
            function without arguments, that returns a layer; or an activation function.
        where: which activations to replace. Defaults to `None`: all but those kept. A
            name: of an activation (`"relu"`), or of a layer or nested model. A type: of
            activation layers, or of layers with an `activation` argument. A predicate,
            which is called with the activation layer (or operation) or with the layer
            that has the argument. Or a list of these, of which at least one must match.
        report: called with each `Change`, in the order of the model: `print` prints
            one per line, the `append` of a list collects them. Defaults to `None`.

    Returns:
        The new model: Sequential if `model` is, otherwise functional, and of the class
        of `model` unless that has its own constructor.

    Raises:
        TypeError: if an argument has a type other than those above.
        ValueError: if `model` is subclassed or not built, if the name of an activation
            is unknown, if the replacement fails or changes the shape of its input, if
            `where` matches nothing, if a layer cannot be created again from its config,
            or if its weights cannot be copied.

    Warns:
        UserWarning: if an activation is not replaced because its layer has no argument
            for it in its constructor and `get_config`, so that a saved model would lose
            the change.

    Example:

    >>> model = keras.Sequential([keras.Input((4,))])
    >>> model.add(keras.layers.Dense(8, activation="relu", name="hidden"))
    >>> model.add(keras.layers.Dense(3, activation="softmax", name="output"))
    >>> new_model = replace_activations(model, "elu", report=print)
    hidden.activation: relu -> ELU
    """
    _check_model(model)
    if report is not None and not callable(report):
        raise TypeError(
            "replace_activations expects `report` to be a function, such as print. "
            f"Received: {report!r} of type {type(report).__name__}"
        )
    make = _factory(replacement)
    new_activations = {}
    changes, in_place_of = [], {}
    for occurrence in _select(model, where):
        new = _with_own_seed(_plain(make()), len(changes))
        if isinstance(occurrence.activation, keras.layers.Layer):
            # A layer that is the activation of several others has one successor.
            new = in_place_of.setdefault(id(occurrence.activation), new)
        _check_shape(new, occurrence)
        new_activations[id(occurrence.layer), occurrence.argument] = new
        old_text, new_text = (
            nesting.describe(occurrence.activation),
            nesting.describe(new),
        )
        changes.append(Change(place=str(occurrence), old=old_text, new=new_text))
    new_model = copy_model.copy_model(model, new_activations)
    if report is not None:
        for change in changes:
            report(change)
    return new_model


def _check_model(model) -> None:
    if not isinstance(model, keras.Model):
        raise TypeError(
            "replace_activations expects `model` to be a keras.Model. "
            f"Received: {model!r} of type {type(model).__name__}"
        )
    if not nesting.is_graph(model):
        raise ValueError(
            "replace_activations expects a Sequential or functional model. Build the "
            "model with keras.Sequential or keras.Model(inputs, outputs), replace the "
            "activations of its Sequential and functional parts before they are "
            "combined, or give its class an argument for the activation. Received: "
            f"{model.name!r} of the subclassed type {type(model).__name__}, whose "
            "call() cannot be rewritten."
        )
    if getattr(model, "inputs", None) is None:
        raise ValueError(
            "replace_activations expects a built model. Start it with "
            "keras.Input(shape), or call model.build(input_shape). Received: "
            f"{model.name!r}, which has no input shape yet."
        )


def _factory(replacement) -> Callable[[], Any]:
    """What makes the replacement: a layer, or a function from tensor to tensor."""
    if isinstance(replacement, str):
        if replacement == "maxout":  # the one that cannot be made by its name alone
            raise ValueError(
                "replace_activations expects a replacement that keeps the shape of "
                "its input. Received: 'maxout', which returns fewer units than it "
                "receives"
            )
        activations.seeded(replacement, seed=0)  # refuses a wrong name
        return lambda: activations.get(replacement)
    if isinstance(replacement, keras.layers.Layer):
        return lambda: replacement
    if not callable(replacement):
        raise TypeError(
            "replace_activations expects `replacement` to be a name, a layer, a class "
            "or function that makes a layer, or an activation function. "
            f"Received: {replacement!r} of type {type(replacement).__name__}"
        )
    if not (isinstance(replacement, type) or _needs_no_argument(replacement)):
        return lambda: replacement

    def make():
        layer = replacement()
        if not isinstance(layer, keras.layers.Layer):
            raise TypeError(
                "replace_activations expects a `replacement` without arguments to "
                f"return a layer. Received: one that returned {layer!r}"
            )
        return layer

    return make


def _needs_no_argument(function) -> bool:
    try:
        inspect.signature(function).bind()
    except (TypeError, ValueError):  # it needs some, or has no signature
        return False
    return True


def _select(model, where) -> list[occurrences.Occurrence]:
    found = occurrences.find(model)
    selected = selection.select(found, where)
    hidden = [occurrence for occurrence in selected if occurrence.hidden]
    if hidden:
        warnings.warn(
            f"These activations are not replaced: {selection.listed(hidden)}. Their "
            "layers have no argument for the activation in their constructor and "
            "get_config, so a saved model would lose the change. Add such an "
            "argument, for example `activation`.",
            stacklevel=3,
        )
    selected = [occurrence for occurrence in selected if not occurrence.hidden]
    if not selected:
        what = "" if where is None else f" for where={where!r}"
        raise ValueError(
            f"replace_activations found no activation to replace{what}. The model "
            f"has: {selection.listed(found) or 'no activation'}. Output layers, gates "
            "and softmax are replaced only if `where` is the name of their layer; "
            "gates and softmax also if it is the name of the activation."
        )
    return selected


def _plain(new):
    """The function of an `Activation` layer, or what it is given."""
    return new.activation if type(new) is keras.layers.Activation else new


def _with_own_seed(new, index):
    """The layer, or one that draws other numbers than those before it."""
    seed = getattr(new, "seed", None)
    if not isinstance(seed, int) or "seed" not in nesting.config(new):
        return new
    return copy_model.copy_layer(
        new, {**nesting.config(new), "seed": (seed + index) % 2**31}
    )


def _check_shape(new, occurrence) -> None:
    output = getattr(occurrence.layer, "output", None)
    if output is None:  # What a wrapper wraps may not be called in the graph itself.
        output = occurrence.root.output
    shape = keras.tree.flatten(output)[0].shape
    if isinstance(new, keras.layers.Layer):
        trial = copy_model.copy_layer(new, nesting.config(new))
    else:
        trial = keras.layers.Lambda(new)
    try:
        result = trial(keras.KerasTensor(shape)).shape
    except Exception as error:
        raise ValueError(
            "replace_activations expects a replacement that takes one tensor, computes "
            "with keras.ops or its backend, and returns one tensor. "
            f"{nesting.describe(new)} failed at {str(occurrence)!r}, on an input of shape "
            f"{shape}."
        ) from error
    if result != shape:
        raise ValueError(
            "replace_activations expects a replacement that keeps the shape of its "
            f"input. Received: {nesting.describe(new)}, which at {str(occurrence)!r} "
            f"changes {shape} to {result}."
        )
