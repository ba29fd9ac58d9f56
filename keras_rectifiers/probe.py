"""The probe: one forward and one backward pass on a fixed batch, seen from inside.

`probe` returns the arrays of each hidden activation (pre-activation, activation, the
gradients, the derivative); `measure` turns them into a tidy frame by the functions of
`keras_rectifiers.measures`. Neither changes the model: no random state advances, no
batch-norm statistic moves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rectifiers import measures
from keras_rectifiers.catalogue import Activation, identify
from keras_rectifiers.differentiation import gradients
from keras_rectifiers.losses import per_example
from keras_rectifiers.recording import computing_in_float32, recording
from keras_rectifiers.sites import hidden_activations


@dataclass(frozen=True, kw_only=True)
class LayerArrays:
    """What the probe saw of one hidden activation. Arrays are tensors of the backend.

    Args:
        layer: name of the layer that applies the activation.
        known: the catalogue's entry of the activation, None if it has none.
        pre_activation: `(examples, ..., units)`, z.
        activation: `(examples, ..., units)`, a = f(z).
        activation_gradient: like `activation`, d(sum_i l_i)/da.
        derivative: like `activation`, f'(z); None unless the function is known to be
            piecewise linear or bounded.
        kernel: the weights W of the dense or convolution layer before it.
        kernel_gradient: dL/dW of the mean loss L.
        negative_slope: the slope or slopes for x < 0, None if the layer has none.
    """

    layer: str
    known: Activation | None
    pre_activation: Any
    activation: Any
    activation_gradient: Any
    derivative: Any
    kernel: Any
    kernel_gradient: Any
    negative_slope: Any


def probe(
    model: keras.Sequential,
    x,
    y,
    *,
    loss: Callable | str | None = None,
    training: bool = False,
    variables: tuple[Sequence, Sequence] | None = None,
) -> list[LayerArrays]:
    """Runs one forward and one backward pass and returns what each hidden layer saw.

    A hidden activation is one before the last dense or convolution layer: a layer of
    its own, or the `activation=` of another. Several in a row are seen one by one.
    `keras_rectifiers.sites.hidden_activations` says which layers count; one that Keras
    and the catalogue do not know has no derivative here.

    Layers of mixed precision compute in float32 here: half precision loses small
    gradients. What overflows in half precision only is therefore not seen.

    Args:
        model: a built Sequential model of dense and convolution layers, with any
            others between them; these are run, and not looked into.
        x: the probe batch, `(examples, ...)`.
        y: its targets, as `model.fit` takes them: `(examples,)` will do for outputs of
            `(examples, 1)`.
        loss: a Keras loss or its name, or a function `(y, prediction) -> (examples,)`
            that returns the loss of each example, given both as `model.fit` gives them.
            Default: the loss of the compiled model.
        training: the mode to run in. In training mode random layers draw from their
            states, which do not advance.
        variables: values to use in place of the model's own, `(trainable,
            non_trainable)`, in the order of `model.trainable_variables` and
            `model.non_trainable_variables`.

    Returns:
        One `LayerArrays` for each hidden activation, the one nearest to the input
        first.

    Raises:
        TypeError: if the model is not a Sequential model.
        ValueError: if the model is not built, has no hidden activation or no loss, if
            a kernel is quantised or adapted with LoRA, or if the batch is empty, of
            the wrong shape or not finite.
    """
    loss_per_example = per_example(model, loss)
    sites = hidden_activations(model)
    if variables is None:
        x, y = _checked_batch(model, x, y)
        # An activation layer given to another is built when it is first called.
        model(x[:1], training=False)
        variables = (
            [ops.stop_gradient(v.value) for v in model.trainable_variables],
            [v.value for v in model.non_trainable_variables],
        )
    trainable, non_trainable = (list(values) for values in variables)
    model_variables = model.trainable_variables + model.non_trainable_variables
    value_of = dict(
        zip(map(id, model_variables), trainable + non_trainable, strict=True)
    )
    # Also those that are frozen. Several activations in a row have one kernel.
    kernels = list({id(site.weighted.kernel): None for site in sites})

    def run(kernel_values, mark):
        values = value_of | dict(zip(kernels, kernel_values, strict=True))
        values = [values[id(variable)] for variable in model_variables]
        with recording(sites, mark) as seen:
            prediction, _ = model.stateless_call(
                values[: len(trainable)], values[len(trainable) :], x, training=training
            )
        losses = loss_per_example(y, prediction)
        _check_losses(losses)
        return ops.sum(losses), seen

    with computing_in_float32(model):
        seen, kernel_gradients, activation_gradients = gradients(
            run, [value_of[kernel] for kernel in kernels]
        )
    gradient_of = dict(zip(kernels, kernel_gradients, strict=True))
    num_examples = ops.shape(x)[0]
    arrays = []
    for i, (site, (z, a, derivative)) in enumerate(zip(sites, seen, strict=True)):
        kernel = id(site.weighted.kernel)
        kernel_gradient = gradient_of[kernel]
        slope = getattr(site.activation, "negative_slope", None)
        arrays.append(
            LayerArrays(
                layer=site.applied_by.name,
                known=identify(site.activation),
                pre_activation=z,
                activation=a,
                activation_gradient=activation_gradients[i],
                derivative=derivative,
                kernel=value_of[kernel],
                kernel_gradient=kernel_gradient
                / ops.cast(num_examples, kernel_gradient.dtype),
                negative_slope=value_of.get(id(slope), slope),
            )
        )
    return arrays


def measure_layer(arrays: LayerArrays) -> dict[str, Any]:
    """Applies every measure that is defined for a layer's activation.

    Args:
        arrays: what the probe saw of the layer.

    Returns:
        Measure -> scalar tensor. `sparsity` stands only where the function has a flat
        zero; elsewhere the same share is `exact_zeros_by_underflow`.
    """
    known = arrays.known
    share_of_zeros = measures.sparsity(arrays.activation)
    values = {
        "signal_gradient": measures.signal_gradient(arrays.activation_gradient),
        "weight_gradient": measures.weight_gradient(
            arrays.kernel_gradient, arrays.kernel
        ),
        "silent_units": measures.silent_units(arrays.pre_activation),
        "zero_pre_activations": measures.sparsity(arrays.pre_activation),
        "activation_mean": measures.activation_mean(arrays.activation),
        "activation_std": measures.activation_std(arrays.activation),
        "mean_shift": measures.mean_shift(arrays.activation),
    }
    if known is not None and known.flat_zero:
        values["sparsity"] = share_of_zeros
    else:
        values["exact_zeros_by_underflow"] = share_of_zeros
    if known is not None and known.piecewise_linear:
        values["dead_units"] = measures.dead_units(arrays.derivative)
    if known is not None and known.bounded:
        values["saturation"] = measures.saturation(
            arrays.derivative, measures.LARGEST_SLOPE[known.name]
        )
    if arrays.negative_slope is not None:
        dtype = keras.backend.result_type(arrays.activation.dtype, "float32")
        values["negative_slope"] = ops.mean(ops.cast(arrays.negative_slope, dtype))
    return values


def measure(
    model: keras.Sequential,
    x,
    y,
    *,
    loss: Callable | str | None = None,
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
        As `probe`.

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


def _check_losses(losses) -> None:
    if len(losses.shape) != 1:
        raise ValueError(
            "The loss must give one value for each example, of shape (examples,). "
            f"Got the shape {tuple(losses.shape)}; give loss=, for example "
            "loss=keras.losses.MeanSquaredError()."
        )


def _checked_batch(model, x, y):
    x, y = np.asarray(x), np.asarray(y)
    expected = tuple(model.input_shape)
    fits = len(x.shape) == len(expected) and all(
        want is None or want == got
        for want, got in zip(expected[1:], x.shape[1:], strict=True)
    )
    if not fits:
        raise ValueError(
            f"The probe batch x does not fit the model {model.name!r}: expected the "
            f"shape {expected}, got {x.shape}."
        )
    if len(x) == 0:
        raise ValueError("The probe batch x is empty; give at least one example.")
    if len(x) != len(y):
        raise ValueError(
            f"The probe batch has {len(x)} examples in x and {len(y)} targets in y; "
            "expected as many of one as of the other."
        )
    if not np.isfinite(x.astype(np.float64)).all():
        raise ValueError(
            "The probe batch x holds NaN or infinite values, so every measure would "
            "be NaN; remove them."
        )
    dtype = keras.backend.result_type(model.compute_dtype, "float32")
    return ops.convert_to_tensor(x, dtype=dtype), ops.convert_to_tensor(y)
