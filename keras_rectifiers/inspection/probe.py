"""The probe: one forward and one backward pass on a fixed batch, layer by layer.

`probe` returns the arrays of each hidden activation (pre-activation, activation, the
gradients, the derivative); `measure` converts them to a tidy frame with the functions
of `keras_rectifiers.inspection.measures`. Neither changes the model: no random state
advances, and no batch-norm statistic is updated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from keras_rectifiers.catalogue import Activation
from keras_rectifiers.inspection import measures
from keras_rectifiers.inspection.batch import checked_batch, run_model
from keras_rectifiers.inspection.example_losses import per_example
from keras_rectifiers.inspection.gradients import gradients
from keras_rectifiers.inspection.hidden_activations import Site, hidden_activations
from keras_rectifiers.inspection.patching import computing_in_float32, recording

# What `measure_layer` may return of a layer.
MEASURES = (
    "signal_gradient",
    "weight_gradient",
    "zero_weights",
    "activation_mean",
    "activation_std",
    "largest_activation",
    "mean_shift",
    "sparsity",
    "exact_zeros_by_underflow",
    "zero_pre_activations",
    "silent_units",
    "dead_units",
    "saturation",
    "negative_slope",
    "sharpness",
)


@dataclass(frozen=True, kw_only=True)
class LayerArrays:
    """The probe's arrays for one hidden activation, as tensors of the backend.

    Args:
        layer: name of the layer that applies the activation, after the names of the
            models that contain it.
        depth: the largest number of hidden activations between it and the input.
        known: the catalogue's entry for the activation, None if there is none.
        pre_activation: `(examples, ..., units)`, z; None if only the result of a layer
            can be seen, as for recurrent and attention layers.
        activation: `(examples, ..., units)`, a = f(z).
        activation_gradient: like `activation`, d(sum_i l_i)/da.
        derivative: like `activation`, f'(z); None unless the function is known to be
            piecewise linear or bounded.
        kernel: the weights W of the dense or convolution layer before it, both kernels
            of a separable convolution concatenated; None if there are none.
        kernel_gradient: dL/dW of the mean loss L.
        negative_slope: the slope or slopes for x < 0, None if the layer has none.
        sharpness: the sharpness of a `SmoothReLU`, None for other layers.
    """

    layer: str
    depth: int = 0
    known: Activation | None
    pre_activation: Any
    activation: Any
    activation_gradient: Any
    derivative: Any
    kernel: Any
    kernel_gradient: Any
    negative_slope: Any
    sharpness: Any = None


def probe(
    model: keras.Model,
    x,
    y,
    *,
    loss: Any = None,
    training: bool = False,
    variables: tuple[Sequence, Sequence] | None = None,
    sites: Sequence[Site] | None = None,
) -> list[LayerArrays]:
    """Runs one forward and one backward pass, and returns the arrays of each layer.

    A hidden activation is an activation before the last dense or convolution layer: a
    separate layer, or the `activation=` of another. Several in a row are treated
    separately. `keras_rectifiers.inspection.hidden_activations.hidden_activations`
    describes which layers count; custom ones have no derivative here.

    Mixed-precision layers compute in float32 here, because half precision loses small
    gradients. Overflows that occur only in half precision are therefore not detected.

    Args:
        model: a built model.
        x: the probe batch, `(examples, ...)`; for several inputs, a list or a
            dictionary, as for `model.fit`.
        y: the targets of the batch, as for `model.fit`: `(examples,)` is accepted for
            outputs of shape `(examples, 1)`.
        loss: a Keras loss or its name, or a function `(y, prediction) -> (examples,)`
            that returns the loss of each example, with the same arguments as in
            `model.fit`; for several outputs, a list or a dictionary of them. Default:
            the loss of the compiled model.
        training: whether to run in training mode, in which random layers draw from
            their states, which do not advance.
        variables: values to use instead of the model's own,
            `(trainable, non_trainable)`, in the order of `model.trainable_variables` and
            `model.non_trainable_variables`. The batch is then not checked, so that this
            works in compiled functions.
        sites: the result of `find_sites`, which saves a run of the model.

    Returns:
        One `LayerArrays` for each hidden activation, in the order in which the model
        calls them.

    Raises:
        ValueError: if the model is not built, has no hidden activation or no loss, if
            a kernel is quantised or adapted with LoRA, or if the batch is empty, of
            the wrong shape or not finite.
    """
    loss_per_example = per_example(model, loss)
    if variables is None:
        x, y = checked_batch(model, x, y)
        variables = values_of(model)
        sites = find_sites(model, x) if sites is None else sites
    elif sites is None:
        sites = hidden_activations(model)
    trainable, non_trainable = (list(values) for values in variables)
    model_variables = model.trainable_variables + model.non_trainable_variables
    value_of_variable = list(
        zip(model_variables, trainable + non_trainable, strict=True)
    )
    value_of = {id(variable): value for variable, value in value_of_variable}
    # Also those that are frozen. Several activations in a row have one kernel.
    kernels = list({id(kernel): None for site in sites for kernel in site.kernels})

    def run(kernel_values, mark):
        values = value_of | dict(zip(kernels, kernel_values, strict=True))
        values = [values[id(variable)] for variable in model_variables]
        with recording(sites, mark) as seen:
            split = values[: len(trainable)], values[len(trainable) :]
            prediction = run_model(model, split, x, training=training)
        return ops.sum(loss_per_example(y, prediction)), seen

    with computing_in_float32(model):
        seen, kernel_gradients, activation_gradients = gradients(
            run, [value_of[kernel] for kernel in kernels]
        )
    gradient_of_kernel = dict(zip(kernels, kernel_gradients, strict=True))
    num_examples = ops.shape(keras.tree.flatten(x)[0])[0]

    def arrays(index):
        site = sites[index]
        z, a, derivative = seen[index]
        slope = getattr(site.activation, "negative_slope", None)
        with keras.StatelessScope(value_of_variable):
            sharpness = getattr(site.activation, "sharpness", None)
        kernel = _joined([value_of[id(kernel)] for kernel in site.kernels])
        gradient = _joined([gradient_of_kernel[id(kernel)] for kernel in site.kernels])
        if gradient is not None:
            gradient = gradient / ops.cast(num_examples, gradient.dtype)
        return LayerArrays(
            layer=site.name,
            depth=site.depth,
            known=site.known,
            pre_activation=z,
            activation=a,
            activation_gradient=gradient_of_activation[index],
            derivative=derivative,
            kernel=kernel,
            kernel_gradient=gradient,
            negative_slope=value_of.get(id(slope), slope),
            sharpness=sharpness,
        )

    gradient_of_activation = dict(zip(seen, activation_gradients, strict=True))
    return [arrays(index) for index in range(len(sites))]


def find_sites(model: keras.Model, x) -> list[Site]:
    """Lists the hidden activations of a model; runs it once if necessary.

    Args:
        model: a built model.
        x: a batch from `checked_batch`.

    Returns:
        The sites, in the order of the calls.
    """

    def run():
        try:
            run_model(model, values_of(model), x)
        except Exception as error:
            shapes = keras.tree.map_structure(lambda tensor: tuple(tensor.shape), x)
            raise ValueError(
                f"The model {model.name!r} cannot run on the probe batch x, of shape "
                f"{shapes}: {error}"
            ) from error

    with computing_in_float32(model):
        return hidden_activations(model, run, x)


def values_of(model: keras.Model) -> tuple[list, list]:
    """The current values of the trainable and the other variables, for `probe`."""
    return (
        [ops.stop_gradient(v.value) for v in model.trainable_variables],
        [v.value for v in model.non_trainable_variables],
    )


def _joined(arrays):
    if len(arrays) > 1:
        return ops.concatenate([ops.reshape(array, (-1,)) for array in arrays])
    return arrays[0] if arrays else None


def measure_layer(arrays: LayerArrays) -> dict[str, Any]:
    """Applies every measure that is defined for a layer's activation.

    Args:
        arrays: the probe's arrays for the layer.

    Returns:
        Measure -> scalar tensor. `sparsity` is included only if the function has a flat
        zero; otherwise the same share is called `exact_zeros_by_underflow`.
    """
    known = arrays.known
    share_of_zeros = measures.sparsity(arrays.activation)
    values = {
        "signal_gradient": measures.signal_gradient(arrays.activation_gradient),
        "activation_mean": measures.activation_mean(arrays.activation),
        "activation_std": measures.activation_std(arrays.activation),
        "largest_activation": measures.largest_activation(arrays.activation),
        "mean_shift": measures.mean_shift(arrays.activation),
    }
    if arrays.kernel is not None:
        values["weight_gradient"] = measures.weight_gradient(
            arrays.kernel_gradient, arrays.kernel
        )
        values["zero_weights"] = measures.zero_weights(arrays.kernel)
    if arrays.pre_activation is not None:
        if known is None or known.elementwise:
            values["silent_units"] = measures.silent_units(arrays.pre_activation)
        values["zero_pre_activations"] = measures.sparsity(arrays.pre_activation)
    if known is not None and known.flat_zero:
        values["sparsity"] = share_of_zeros
    else:
        values["exact_zeros_by_underflow"] = share_of_zeros
    if known is not None and known.piecewise_linear:
        values["dead_units"] = measures.dead_units(
            arrays.derivative, arrays.pre_activation
        )
    if known is not None and known.bounded:
        values["saturation"] = measures.saturation(
            arrays.derivative, measures.LARGEST_SLOPE[known.name]
        )
    for name in ("negative_slope", "sharpness"):
        if getattr(arrays, name) is not None:
            dtype = keras.backend.result_type(arrays.activation.dtype, "float32")
            values[name] = ops.mean(ops.cast(getattr(arrays, name), dtype))
    return values


def measure(
    model: keras.Model,
    x,
    y,
    *,
    loss: Any = None,
    training: bool = False,
):
    """Measures every hidden activation of a model on a fixed batch.

    Args:
        model, x, y, loss, training: as for `probe`.

    Returns:
        A pandas frame with one row for each layer and measure: `layer` (0 is the
        hidden activation nearest to the input), `name` of the Keras layer, `measure`
        and `value`. A measure that is not defined for an activation has no row.

    Raises:
        As for `probe`.

    Example:

    >>> import keras, numpy as np
    >>> model = keras.Sequential(
    ...     [
    ...         keras.Input((2,)),
    ...         keras.layers.Dense(3, activation="relu"),
    ...         keras.layers.Dense(1),
    ...     ]
    ... )
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> frame = measure(model, x, np.ones((2, 1)), loss=keras.losses.MeanSquaredError())
    >>> sorted(frame.measure)[:3]
    ['activation_mean', 'activation_std', 'dead_units']
    """
    import pandas as pd

    rows = [
        (layer, arrays.layer, name, float(ops.convert_to_numpy(value)))
        for layer, arrays in enumerate(probe(model, x, y, loss=loss, training=training))
        for name, value in measure_layer(arrays).items()
    ]
    return pd.DataFrame(rows, columns=["layer", "name", "measure", "value"])
