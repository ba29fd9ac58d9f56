"""Measures of the layers of all members at once."""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import keras
from keras import ops

from keras_rectifiers.inspection import measures
from keras_rectifiers.inspection.probe import LayerArrays, measure_layer

# The facts of an activation that no measure depends on.
_UNMEASURED: dict[str, Any] = {
    "title": "",
    "layer": "",
    "settings": {},
    "formula": "",
    "reference": "",
    "colour": "",
    "line_style": "",
    "derivative_range": (0.0, 0.0),
    "kinks": (),
}


def layer_values(layer: LayerArrays) -> dict[str, Any]:
    """What is seen of a layer: its measures, and `is_dead` of each unit if it can die."""
    values = measure_layer(layer)
    if "dead_units" in values:
        values["is_dead"] = measures.is_dead(layer.derivative, layer.pre_activation)
    return values


def tensors(layer: LayerArrays) -> dict[str, Any]:
    """The tensors of a layer that differ between members."""
    fields = {f.name: getattr(layer, f.name) for f in dataclasses.fields(layer)}
    return {name: v for name, v in fields.items() if keras.ops.is_tensor(v)}


def measure(
    layers: Sequence[LayerArrays],
    seen: Sequence[Mapping[str, Any]],
    backend: ModuleType,
) -> list[dict[str, Any]]:
    """Measures every layer of every member.

    Args:
        layers: the layers of one member.
        seen: the `tensors` of each layer, `(members, ...)`.
        backend: the module `tensorflow` or `jax` of this package.

    Returns:
        For each of the `runs` of layers: measure -> `(members, layers)`; `is_dead` has a
        value for each unit, `(members, layers, units)`.
    """
    found = []
    for run in runs(layers, seen):
        names, layer = tuple(seen[run[0]]), layers[run[0]]
        # Members and layers along one axis, as what is done to each is the same.
        stacked = [ops.stack([seen[i][name] for i in run], axis=1) for name in names]
        together = [ops.reshape(t, (-1, *t.shape[2:])) for t in stacked]
        types = tuple((len(t.shape), t.dtype) for t in together)
        values = _compiled(backend, _kind(layer, names), names, types)(together)
        found.append(
            {
                name: ops.reshape(value, (-1, len(run), *ops.shape(value)[1:]))
                for name, value in values.items()
            }
        )
    return found


def runs(
    layers: Sequence[LayerArrays], seen: Sequence[Mapping[str, Any]]
) -> list[list[int]]:
    """Cuts the numbers of layers where their kinds or shapes change.

    Args:
        layers, seen: as of `measure`.
    """

    def form(index):
        tensors = seen[index]
        shapes = [(name, tuple(t.shape)) for name, t in tensors.items()]
        return shapes, _kind(layers[index], tuple(tensors))

    return [list(run) for _, run in itertools.groupby(range(len(seen)), form)]


def _kind(layer: LayerArrays, names: Sequence[str]) -> LayerArrays:
    """A layer without its place and its tensors, which have these names.

    Of its activation there is only what measures depend on, so that activations share
    what is traced.
    """
    known = layer.known
    if known is not None:
        known = dataclasses.replace(
            known,
            # By it saturation knows the largest slope.
            name=known.name if known.bounded else "",
            **_UNMEASURED,
        )
    return dataclasses.replace(
        layer, layer="", depth=0, known=known, **dict.fromkeys(names)
    )


@functools.lru_cache(maxsize=128)
def _compiled(
    backend: ModuleType,
    kind: LayerArrays,
    names: tuple[str, ...],
    types: tuple[tuple[int, Any], ...],
) -> Callable:
    """Makes what measures many layers of one kind, of any sizes.

    It serves all populations, as to trace it takes longer than the rest of a probe.

    Args:
        backend: as above.
        kind: a layer without its tensors.
        names: of its tensors.
        types: of each the number of axes and the type of its numbers.
    """

    def measure_one(arrays):
        layer = dataclasses.replace(kind, **dict(zip(names, arrays, strict=True)))
        return layer_values(layer)

    any_size = [keras.KerasTensor((None,) * axes, dtype) for axes, dtype in types]
    return backend.compiled(
        lambda arrays: backend.vectorised(measure_one, arrays), any_size
    )
