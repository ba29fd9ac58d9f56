"""Finds where a model applies its hidden activations.

Keras does not mark activations as such. Layers of Keras are known by their class; for a
custom layer or a `Lambda`, only shapes and weights are known.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from keras_rectifiers.activations import identify
from keras_rectifiers.catalogue import Activation
from keras_rectifiers.inspection import call_trace
from keras_rectifiers.inspection.call_trace import LayerCall
from keras_rectifiers.surgery import nesting

# In norm(x + f(x)) it is the sum that lies between f and the normalisation.
_NORMALISATIONS = (
    keras.layers.LayerNormalization,
    keras.layers.RMSNormalization,
    keras.layers.GroupNormalization,
)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A place where an activation is applied.

    Args:
        name: the name of the layer that applies it, after those of the models and
            layers that contain it, such as `"encoder/dense_1"`; with `" (call 2)"` for
            the second call of that layer.
        depth: the largest number of hidden activations between it and the input.
        activation: the layer, function or operation; None if only the result of its
            layer can be seen.
        known: the catalogue's entry for the activation, None if there is none.
        applied_by: the layer that applies it: itself, or the layer that has it as an
            argument.
        call: the index of the call of that layer, from 0.
        weighted: the layer with weights before it, which may be `applied_by`.
        kernels: the kernels of that layer; none for recurrent and attention layers.
        unseen: why there may be an activation that cannot be seen; or empty.
    """

    name: str
    depth: int = 0
    activation: Any
    known: Activation | None
    applied_by: Any
    call: int
    weighted: keras.layers.Layer
    kernels: tuple[keras.Variable, ...]
    unseen: str = ""


def hidden_activations(
    model: keras.Model,
    run: Callable | None = None,
    inputs: Any = None,
    *,
    may_be_none: bool = False,
) -> list[Site]:
    """Lists the hidden activations of a model, starting at the input.

    They are the activations between a layer with weights (dense, convolution,
    recurrent, attention) and the next one:

    - the `activation=` of the first, if it is not linear;
    - each layer that is an activation of Keras or the catalogue, and each such
      operation of a functional model;
    - each custom layer, or `Lambda`, that keeps the shape and has no kernel. Its
      function is unknown.

    Several activations in a row are separate sites. If there is none, the first custom
    layer that changes the shape counts as one, such as a gated linear unit; if there is
    none of these either, the layer with the kernel counts as linear. For recurrent and
    attention layers, the result is a site, whatever they apply internally. Other layers
    of Keras, such as normalisation, dropout and pooling, are never sites.

    A bounded activation that is multiplied with something, as in h * sigmoid(h), is a
    gate; the site is the product.

    Nested models and custom layers that contain layers are inspected as well. A layer
    that is called twice has its sites twice.

    Args:
        model: a built model.
        run: a function without arguments that runs the model once. It is not needed for
            a Sequential model without nested layers.
        inputs: the tensors that `run` passes to the model.
        may_be_none: whether a model without hidden activations is accepted.

    Returns:
        The sites, in the order in which the model calls them.

    Raises:
        ValueError: as for `probe`.
    """
    check_built(model)
    if call_trace.is_plain(model):
        calls = call_trace.of_a_chain(model)
    elif run is not None:
        calls = call_trace.of_a_run(model, run, inputs)
    else:
        raise ValueError(
            f"The model {model.name!r} has to be run to find its hidden activations. "
            "Pass run= and inputs=, or a Sequential model of single layers."
        )
    sites = [
        (number, site)
        for weighted, followers in _segments(calls)
        for number, site in _between(calls, weighted, followers)
    ]
    if not sites and not may_be_none:
        raise ValueError(
            "Expected a model with a hidden activation, that is, with at least two "
            f"dense or convolution layers. Received: {model.name!r} with the layers "
            f"{[layer.name for layer in model.layers]}."
        )
    for _, site in sites:
        _check_kernels(site.weighted, site.kernels)
    return _with_depth(calls, sites)


def check_built(model: keras.Model) -> None:
    """Raises an error that explains how to build the model if it is not built."""
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"Expected a keras.Model. Received: {model!r}, of type {type(model).__name__}."
        )
    if not model.built:
        raise ValueError(
            "Expected a built model. Start it with keras.Input(shape), or call it "
            f"once on a batch. Received: {model.name!r}, which has no weights yet."
        )


def _segments(calls: Sequence[LayerCall]) -> list[tuple[int, list[int]]]:
    """The numbers of each weighted call and of those up to the next, if there is one."""
    # For each call: the last weighted one that it hears of, and whether one hears of it.
    behind: list[int | None] = []
    for call in calls:
        known = [r if _is_weighted(calls[r].layer) else behind[r] for r in call.reads]
        behind.append(max((k for k in known if k is not None), default=None))
    hidden = [False] * len(calls)
    for number in reversed(range(len(calls))):
        if hidden[number] or _is_weighted(calls[number].layer):
            for read in calls[number].reads:
                hidden[read] = True
    segments: dict[int, list[int]] = {
        number: []
        for number, call in enumerate(calls)
        if hidden[number] and _is_weighted(call.layer)
    }
    for number, call in enumerate(calls):
        if hidden[number] and not _is_weighted(call.layer):
            last = behind[number]
            if last in segments:
                segments[last].append(number)
    return list(segments.items())


def _between(
    calls: Sequence[LayerCall], weighted: int, followers: Sequence[int]
) -> list[tuple[int, Site]]:
    """The sites of a weighted call and of the calls up to the next one."""
    call = calls[weighted]

    def site(number, activation, unseen=""):
        applied_by = calls[number]
        is_second = applied_by.call > 0
        return number, Site(
            name=applied_by.path
            + (f" (call {applied_by.call + 1})" if is_second else ""),
            activation=activation,
            known=_identified(activation),
            applied_by=applied_by.layer,
            call=applied_by.call,
            weighted=call.layer,
            kernels=_kernels(call.layer),
            unseen=unseen,
        )

    products = [n for n, other in enumerate(calls) if _is_product(other.layer)]

    def of_activation(number, activation):
        gated = [p for p in products if number in calls[p].reads]
        found = site(number, activation)
        is_gate = gated and found[1].known is not None and found[1].known.bounded
        return site(gated[0], None) if is_gate else found

    sites = [
        of_activation(f, calls[f].layer) for f in followers if _is_activation(calls[f])
    ]
    if isinstance(call.layer, call_trace.OPAQUE):
        return [site(weighted, None), *sites]
    fused = getattr(call.layer, "activation", None)
    linear = fused is keras.activations.linear
    if fused is not None and not call.applies:
        unused = (
            "its call does not seem to use its activation=; let it call "
            "self.activation, or add the activation as a separate layer"
        )
        return [site(weighted, None, unused), *sites]
    if fused is not None and not linear:
        sites.insert(0, of_activation(weighted, fused))
    if sites:
        return list(dict(sites).items())  # a product of two gates is one site
    for follower in followers:
        if _may_be_activation(calls[follower]):
            return [site(follower, calls[follower].layer)]
    if not linear:
        return []
    segment = {weighted, *followers}
    if any(
        other.gap
        and segment.intersection(other.reads)
        and not isinstance(other.layer, _NORMALISATIONS)
        for other in calls
    ):
        unseen = (
            "it is not followed by a layer, so an activation there cannot be seen; "
            "use a layer such as keras.layers.ReLU(), or activation="
        )
        return [site(weighted, None, unseen)]
    return [site(weighted, fused)]


def _with_depth(calls, sites: Sequence[tuple[int, Site]]) -> list[Site]:
    found, depth_after = [], []
    for number, call in enumerate(calls):
        depth = max((depth_after[read] for read in call.reads), default=0)
        for site in (site for other, site in sites if other == number):
            found.append(dataclasses.replace(site, depth=depth))
            depth += 1
        depth_after.append(depth)
    return found


def _identified(activation) -> Activation | None:
    if isinstance(activation, keras.Operation) and not isinstance(
        activation, keras.layers.Layer
    ):
        activation = nesting.function_of(activation)
    return identify(activation)


def _is_weighted(layer) -> bool:
    # A wrapper shows the kernel of the layer within, which it calls in its own way.
    return isinstance(layer, call_trace.OPAQUE) or (
        bool(_kernels(layer)) and not isinstance(layer, keras.layers.Wrapper)
    )


def _is_product(layer) -> bool:
    if isinstance(layer, keras.layers.Layer):
        return isinstance(layer, keras.layers.Multiply)
    return type(layer).__name__ == "Multiply"


def _kernels(layer) -> tuple:
    names = ("kernel", "depthwise_kernel", "pointwise_kernel")
    return tuple(getattr(layer, name) for name in names if hasattr(layer, name))


def _is_activation(call: LayerCall) -> bool:
    # With settings that the catalogue does not know, they are activations all the same.
    kinds = (
        keras.layers.Activation,
        keras.layers.ReLU,
        keras.layers.LeakyReLU,
        keras.layers.PReLU,
        keras.layers.ELU,
        keras.layers.Softmax,
    )
    if not isinstance(call.layer, keras.layers.Layer):
        return nesting.function_of(call.layer) is not None
    return (
        isinstance(call.layer, kinds)
        or identify(call.layer) is not None
        or (_may_be_activation(call) and call.input_shape == call.output_shape)
    )


def _may_be_activation(call: LayerCall) -> bool:
    """Whether Keras does not tell what the layer is, and it has no kernel."""
    of_keras = (
        c for c in type(call.layer).__mro__ if c.__module__.startswith("keras.")
    )
    of_users = next(of_keras) in (keras.layers.Layer, keras.layers.Lambda)
    if not of_users or call.reads_several:
        return False
    # An activation's own weights stand for channels, positions or elements; what does
    # not broadcast against its input mixes units, as a kernel does.
    return all(
        len(weight.shape) < 2 or _broadcasts(weight.shape, call.input_shape)
        for weight in call.layer.weights
    )


def _broadcasts(shape: Sequence, batch_shape: Sequence) -> bool:
    pairs = zip(reversed(shape), reversed(batch_shape[1:]), strict=False)
    return len(shape) < len(batch_shape) and all(
        size in (1, other) for size, other in pairs
    )


def _check_kernels(layer, kernels) -> None:
    if all(isinstance(k, keras.Variable) and "float" in k.dtype for k in kernels):
        return
    raise ValueError(
        "Expected a layer whose kernel is a single floating-point variable. Probe the "
        f"model before quantize() or enable_lora(). Received: {layer.name!r}, which "
        "is quantised or adapted with LoRA."
    )
