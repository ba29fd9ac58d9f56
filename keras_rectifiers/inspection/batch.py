"""The probe batch, and running a model on it."""

import importlib
import inspect
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers import keras_internals
from keras_rectifiers.inspection.hidden_activations import check_built
from keras_rectifiers.inspection.not_numbers import refusal, refusal_of_texts


def checked_batch(model: keras.Model, x, y):
    """Checks that the probe batch fits the model, and converts it to tensors.

    Layers that are built at their first call are built here.

    Args:
        model, x, y: as for `probe`.

    Returns:
        x and y, with tensors of the backend instead of arrays.

    Raises:
        ValueError: if the model is not built, or the batch is empty, does not fit the
            model, or holds NaN or infinite values.
    """
    check_built(model)
    labels = [getattr(values, "columns", ()) for values in (x, y)]
    x, y = _arrays("x", x, model, "inputs"), _arrays("y", y, model, "outputs")
    symbols: list[Any] = getattr(model, "inputs", None) or []
    # A subclassed model may take anything.
    types = {symbol.dtype for symbol in symbols} or {"complex64"}
    _check_numbers("x", x, types, labels[0])
    _check_numbers("y", y, set(), labels[1])
    if isinstance(x, dict):
        named: dict[str, Any] = {symbol.name: symbol for symbol in symbols}
        symbols = [named.get(name) for name in sorted(x)] if named else []
    arrays = keras.tree.flatten(x)
    if symbols and (len(symbols) != len(arrays) or None in symbols):
        raise ValueError(
            f"The probe batch x does not fit the model {model.name!r}: expected "
            f"{len(model.inputs)} inputs, named "
            f"{', '.join(symbol.name for symbol in model.inputs)}. Received: {len(arrays)}"
            + (
                f", named {', '.join(map(str, sorted(x)))}."
                if isinstance(x, dict)
                else "."
            )
        )
    for symbol, array in zip(symbols, arrays, strict=False):
        _check_shape(model, tuple(symbol.shape), array.shape)
    _check_examples(arrays, keras.tree.flatten(y))
    float_type = keras.backend.result_type(model.compute_dtype, "float32")
    types = [symbol.dtype for symbol in symbols] or [str(a.dtype) for a in arrays]
    tensors = [
        ops.convert_to_tensor(array, dtype=float_type if "float" in dtype else dtype)
        for array, dtype in zip(arrays, types, strict=True)
    ]
    x = keras.tree.pack_sequence_as(x, tensors)
    if not all(layer.built for layer in keras_internals.layers_within(model)):
        # An activation layer given to another is built when it is first called.
        states = [(v, ops.copy(v.value)) for v in model.non_trainable_variables]
        with random_stream_kept():
            model(x, **mode_of(model.call, False))
        for variable, value in states:
            variable.assign(value)
    return x, keras.tree.map_structure(ops.convert_to_tensor, y)


def run_model(model: keras.Model, variables, x, *, training: bool = False):
    """Returns a model's prediction with other values of its variables."""
    with random_stream_kept():
        prediction, _ = model.stateless_call(
            *variables, x, **mode_of(model.call, training)
        )
    return prediction


def random_stream_kept():
    """A context in which a model may run without moving the stream of the process."""
    # On PyTorch, unseeded dropout draws from the stream of the whole process, and that
    # of recurrent layers does so in inference too.
    if keras.backend.backend() != "torch":
        return nullcontext()
    torch = importlib.import_module("torch")
    return torch.random.fork_rng(devices=range(torch.cuda.device_count()))


def mode_of(function: Callable, training: bool) -> dict[str, bool]:
    """The argument `training` for a function that takes it, else none."""
    takes_it = "training" in inspect.signature(function).parameters
    return {"training": training} if takes_it else {}


def _arrays(name, values, model, side):
    """A list is one of arrays only where the model has several of them."""
    if isinstance(values, dict):
        return {key: _array(name, value) for key, value in values.items()}
    known = getattr(model, side, None)
    if isinstance(values, (list, tuple)) and (
        len(known) > 1 if known else all(_array(name, value).ndim for value in values)
    ):
        return [_array(name, value) for value in values]
    return _array(name, values)


def _array(name, value):
    try:
        return np.asarray(value)
    except Exception as error:  # whatever an object of another library raises
        raise ValueError(refusal(name, type(value).__name__)) from error


def _check_numbers(name, arrays, types, labels) -> None:
    """Raises an error for what is no number, unless the model takes it."""
    refused = {"M": "times", "m": "times"}
    if not any("complex" in of_model for of_model in types):
        refused["c"] = "complex numbers"
    texts = "O" if "string" in types else "OUS"
    named = sorted(arrays) if isinstance(arrays, dict) else []
    for number, array in enumerate(keras.tree.flatten(arrays)):
        kind = array.dtype.kind
        if kind == "O" and array.shape == ():
            raise ValueError(refusal(name, type(array.item()).__name__))
        if kind in texts:
            columns = named[number : number + 1] or labels
            raise ValueError(refusal_of_texts(name, array, columns))
        if kind in refused:
            raise ValueError(refusal(name, refused[kind]))


def _check_shape(model, expected, got) -> None:
    fits = len(got) == len(expected) and all(
        want is None or want == size
        for want, size in zip(expected[1:], got[1:], strict=True)
    )
    if not fits:
        raise ValueError(
            f"The probe batch x does not fit the model {model.name!r}: expected the "
            f"shape {expected}. Received: {got}."
        )


def _check_examples(inputs, targets) -> None:
    num_examples = {len(array) if array.shape else 0 for array in inputs}
    if 0 in num_examples:
        raise ValueError(
            "The probe batch x must hold at least one example. Received: an empty "
            "batch."
        )
    if len(num_examples) > 1:
        raise ValueError(
            "The inputs of the probe batch x must have the same number of examples. "
            f"Received: {', '.join(str(len(array)) for array in inputs)}."
        )
    for target in targets:
        if target.shape[:1] != (len(inputs[0]),):
            raise ValueError(
                "The probe batch must have the same number of examples in x and "
                f"targets in y. Received: {len(inputs[0])} and "
                f"{len(target) if target.shape else 0}."
            )
    for name, arrays in (("x", inputs), ("y", targets)):
        for array in arrays:
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(
                    f"The probe batch {name} must hold finite numbers, because "
                    "otherwise every measure is NaN. Remove the others. Received: NaN "
                    "or infinite values."
                )
