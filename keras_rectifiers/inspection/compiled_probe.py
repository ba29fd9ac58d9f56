"""The probe as a compiled function, for frequent calls during training."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers.inspection.hidden_activations import Site
from keras_rectifiers.inspection.probe import measure_layer, probe, values_of

# Of which a histogram tells more than a number.
ARRAYS = ("pre_activation", "activation", "activation_gradient", "kernel")


def compile_probe(
    model: keras.Model,
    x,
    y,
    *,
    loss: Any,
    sites: Sequence[Site],
    measures: Sequence[str],
    with_arrays: bool,
) -> Callable[[], tuple[list[dict[str, float]], list[dict[str, np.ndarray]]]]:
    """Compiles the probe of a model: once on TensorFlow and JAX, not on PyTorch.

    Args:
        model, x, y, loss: as for `probe`; x and y as `checked_batch` returns them.
        sites: the activations to measure.
        measures: names of the measures to take.
        with_arrays: whether to return arrays as well.

    Returns:
        A function without arguments that reads the current values of the model's
        variables. It returns for each site the measures by name, and the arrays named
        in `ARRAYS` (empty without `with_arrays`).
    """
    names: list[list[str]] = []

    def measure(variables):
        seen = probe(model, x, y, loss=loss, variables=variables, sites=sites)
        values = [
            {k: v for k, v in measure_layer(arrays).items() if k in measures}
            for arrays in seen
        ]
        names[:] = [list(of_layer) for of_layer in values]
        if not any(names):
            raise ValueError(
                f"None of the measures {', '.join(measures)} is defined for "
                f"{', '.join(site.name for site in sites)}. saturation needs a "
                "bounded activation, dead_units and sparsity need a rectifier, and "
                "negative_slope and sharpness need a layer with that parameter. Leave "
                "measures= out to take all measures."
            )
        # One vector is one transfer to the host.
        flat = ops.stack(
            [ops.cast(v, "float32") for of_layer in values for v in of_layer.values()]
        )
        arrays = [
            {k: getattr(layer, k) for k in ARRAYS if getattr(layer, k) is not None}
            for layer in (seen if with_arrays else [])
        ]
        return flat, arrays

    compiled = _COMPILERS[keras.backend.backend()](measure, model)

    def call():
        flat, arrays = compiled()
        numbers = iter(ops.convert_to_numpy(flat).tolist())
        rows = [{name: next(numbers) for name in of_layer} for of_layer in names]
        return rows, keras.tree.map_structure(ops.convert_to_numpy, arrays)

    return call


def _with_tensorflow(measure, model):
    tensorflow = importlib.import_module("tensorflow")
    function = tensorflow.function(lambda: measure(values_of(model)), autograph=False)
    # Called as it is, each new one would count as another tracing of the same, of which
    # TensorFlow warns from the fifth on.
    return function.get_concrete_function()


def _with_jax(measure, model):
    compiled = importlib.import_module("jax").jit(measure)
    return lambda: compiled(values_of(model))


_COMPILERS = {
    "tensorflow": _with_tensorflow,
    "jax": _with_jax,
    "torch": lambda measure, model: lambda: measure(values_of(model)),
}
