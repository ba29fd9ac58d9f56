"""Which activations of a model are chosen by `where` of `replace_activations`."""

from typing import Any

import keras

from keras_rectifiers.activations import FUNCTIONS
from keras_rectifiers.surgery import nesting
from keras_rectifiers.surgery.occurrences import Occurrence


def select(occurrences: list[Occurrence], where: Any) -> list[Occurrence]:
    """The occurrences selected by `where` of `replace_activations`.

    Raises:
        TypeError: if `where` has a type other than those described there.
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
    """Each activation with its first occurrences."""
    groups: dict[str, list[str]] = {}
    for occurrence in occurrences:
        kept = f" ({occurrence.kept})" if occurrence.kept else ""
        groups.setdefault(nesting.describe(occurrence.activation) + kept, []).append(
            str(occurrence)
        )
    return "; ".join(
        f"{activation} at "
        + ", ".join(map(repr, names[:3]))
        + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        for activation, names in groups.items()
    )


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
    # Some functions have two names, such as silu and swish, which is also a layer's.
    function = FUNCTIONS.get(name)
    names = {name, function.__name__} if function else {name}
    return nesting.plain_name(occurrence.activation) in map(nesting.without_case, names)
