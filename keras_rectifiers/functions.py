"""Every rectifier as a pure function of its input.

The functions have no state and create no variables: the layers own the weights and the
seed generators and pass their values. All functions run on every Keras backend, keep a
floating-point dtype of `x` (integers are cast to `keras.config.floatx()`), and
propagate NaN. They are registered, so a model that uses one as its `activation` can be
saved and loaded.
"""

import importlib
from typing import Any

from keras import KerasTensor, activations, backend, ops, saving

from keras_rectifiers import arguments, kernels, parameters
from keras_rectifiers.noise import noise_integers

RRELU_FORMS = {"divisor": "x / b", "slope": "b * x"}
# Form -> its default (lower, upper). The divisor form and its bounds are those of the
# experiments of Xu et al. (2015); the slope form and its bounds are those of the other
# frameworks.
RRELU_BOUNDS = {"divisor": (3.0, 8.0), "slope": (1 / 8, 1 / 3)}
# Form -> the range of its bounds, in which the two forms do not meet but at 1.
RRELU_RANGES = {"divisor": (1.0, arguments.LARGEST), "slope": (0.0, 1.0)}
RRELU_NOISES = {
    "element": "one draw per element",
    "channel": "one draw per example and channel",
}
MAXOUT_GROUPINGS = {
    "strided": "every units-th channel",
    "contiguous": "neighbours",
}


@saving.register_keras_serializable(package="keras_rectifiers")
def prelu(x, negative_slope, *, training=False):
    """Parametric rectifier: `x` above zero, otherwise `negative_slope * x`.

    The derivative at 0 is `negative_slope`.

    Args:
        x: Float tensor of any shape.
        negative_slope: Number, or tensor that broadcasts against `x`.
        training: Boolean; if true, the function is computed in the form whose gradient
            costs least, and otherwise in the form that converters recognise. The
            values are the same.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: If `negative_slope` is neither a number nor a tensor.
        ValueError: If it is a number beyond 1e30, or NaN.
    """
    x = _as_float(x)
    negative_slope = parameters.as_tensor(
        "negative_slope", negative_slope, x.dtype, function="prelu"
    )
    return kernels.for_tensor(x).prelu(x, negative_slope, training=training)


@saving.register_keras_serializable(package="keras_rectifiers")
def rrelu(
    x,
    *,
    lower=None,
    upper=None,
    form="divisor",
    noise="element",
    channel_axis=-1,
    seed=None,
):
    """Randomised leaky rectifier: `x` above zero, otherwise a randomly scaled `x`.

    The gradient of a negative input, and the derivative at 0, is the slope drawn in the
    same call. Without a seed the function is a leaky rectifier, with the mean of the
    bounds as its divisor or slope.

    Args:
        x: Float tensor of rank 1 or more; the first axis is the batch.
        lower: Smallest divisor (`form="divisor"`), at least 1, or slope
            (`form="slope"`), from 0 to 1. Defaults to 3 or 1/8.
        upper: Largest divisor or slope. Defaults to 8 or 1/3. Draws are within the
            bounds up to rounding.
        form: `"divisor"`, for `x / b` with `b` drawn uniformly, or `"slope"`, for
            `b * x`. The distributions differ.
        noise: `"element"`, for one draw per element, or `"channel"`, for one per
            example and channel, shared by all positions.
        channel_axis: Axis of the channels; used only with `noise="channel"`.
        seed: As in `keras.random`: an integer from 0 to 2**31 - 1, or a
            `keras.random.SeedGenerator`, which draws different numbers at the next
            call; or the result of its `next`, an integer tensor of shape `(2,)`. `None`
            for inference. Equal seeds give equal draws, on every backend and in every
            mode of execution, up to rounding when they are converted to slopes.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: If a bound is not a number, `seed` is not a valid seed, or `x` is
            symbolic and there is a seed.
        ValueError: If a bound, `form`, `noise`, `channel_axis` or `seed` is out of
            range, or the noise is per channel and the rank of `x` is unknown.
    """
    lower, upper = check_rrelu(lower, upper, form=form, noise=noise)
    x = _as_float(x)
    if seed is not None and isinstance(x, KerasTensor):
        raise TypeError(
            "rrelu with a seed expects values, because a functional model would keep "
            "the numbers drawn once. Use the layer RReLU instead. Received: a "
            f"symbolic tensor of shape {x.shape}"
        )
    seed = parameters.seed_state(seed)
    rank = arguments.rank_of(x)
    if noise == "channel":  # checked in inference as well
        axis = arguments.resolve_axis("channel_axis", channel_axis, rank, layer="RReLU")
    # Equal bounds take the deterministic path too, so that they equal a leaky
    # rectifier to the last bit.
    if seed is None or lower == upper:
        slope = rrelu_slope_at_inference(lower, upper, form=form)
        return kernels.for_tensor(x).leaky_relu(x, slope)

    if rank is None and noise == "channel":
        raise ValueError(
            "RReLU expects an input of known rank, in order to draw a slope per "
            "channel; give the input a shape, or pass noise='element'. Received: an "
            "input of unknown rank"
        )
    # Only TensorFlow has tensors of unknown rank, and keras.ops no sizes of them.
    shape = (
        importlib.import_module("tensorflow").shape(x)
        if rank is None
        else list(ops.shape(x))
    )
    if noise == "channel":
        shape = [shape[0]] + [
            size if position == axis else 1
            for position, size in enumerate(shape[1:], start=1)
        ]
    output_dtype = x.dtype
    dtype = _at_least_float32(x)
    x = ops.cast(x, dtype)
    y = kernels.for_tensor(x).rrelu(
        x, noise_integers(shape, seed), lower, upper, is_divisor=form == "divisor"
    )
    return ops.cast(y, output_dtype)


@saving.register_keras_serializable(package="keras_rectifiers")
def smooth_relu(x, sharpness=1.0, *, training=False):
    """Softplus with a sharpness: `log(1 + exp(sharpness * x)) / sharpness`.

    The derivative is the logistic function of `sharpness * x`, also at 0.

    Args:
        x: Float tensor of any shape.
        sharpness: Positive number, or tensor that broadcasts against `x`. The larger it
            is, the closer the function is to `max(x, 0)`.
        training: Boolean; as for `prelu`. The values are the same up to rounding.

    Returns:
        Tensor of the shape and dtype of `x`. It does not overflow if `sharpness * x`
        would.

    Raises:
        TypeError: If `sharpness` is neither a number nor a tensor.
        ValueError: If it is a number that is not from 1e-30 to 1e30.
    """
    x = _as_float(x)
    output_dtype = x.dtype
    # float16 ends at 65504: neither a large sharpness nor its inverse fits.
    dtype = _at_least_float32(x)
    x = ops.cast(x, dtype)
    sharpness = parameters.as_number_or_tensor(
        "sharpness",
        sharpness,
        dtype,
        function="smooth_relu",
        least=arguments.SMALLEST,
    )
    y = kernels.for_tensor(x).smooth_relu(x, sharpness, training=training)
    return ops.cast(y, output_dtype)


@saving.register_keras_serializable(package="keras_rectifiers")
def swish(x, beta=1.0, *, training=False):
    """Swish: `x * sigmoid(beta * x)`.

    The derivative at 0 is 1/2.

    Args:
        x: Float tensor of any shape.
        beta: Number, or tensor that broadcasts against `x`. The function is
            `keras.ops.silu` for 1, `x / 2` for 0, and tends to `max(x, 0)` as `beta`
            grows.
        training: Boolean; if true, the gradients by `x` too are finite at infinities, and
            otherwise the form is one that converters recognise. The values are the
            same, but for `beta` of at most 0 at an infinity, where those of the second
            may be NaN or the largest number.

    Returns:
        Tensor of the shape and dtype of `x`. At infinity it is the limit.

    Raises:
        TypeError: If `beta` is neither a number nor a tensor.
        ValueError: If it is a number beyond 1e30, or NaN.
    """
    x = _as_float(x)
    output_dtype = x.dtype
    # In half precision the exponential would lose most of its digits.
    dtype = _at_least_float32(x)
    x = ops.cast(x, dtype)
    beta = parameters.as_tensor("beta", beta, dtype, function="swish")
    return ops.cast(
        kernels.for_tensor(x).swish(x, beta, training=training), output_dtype
    )


@saving.register_keras_serializable(package="keras_rectifiers")
def squared_relu(x):
    """Squared rectifier: `max(x, 0) ** 2`.

    The derivative is `2 * max(x, 0)`, which is 0 at 0.

    Args:
        x: Float tensor of any shape.

    Returns:
        Tensor of the shape and dtype of `x`. It overflows in float16 above 255.9.
    """
    x = _as_float(x)
    return kernels.for_tensor(x).squared_relu(x)


@saving.register_keras_serializable(package="keras_rectifiers")
def s_shaped_relu(
    x,
    lower_threshold=0.0,
    lower_slope=0.2,
    upper_threshold=1.0,
    upper_slope=1.0,
    *,
    training=False,
):
    """S-shaped rectifier: the identity between two thresholds, and a line on each side.

    It is `lower_threshold + lower_slope * (x - lower_threshold)` up to the lower
    threshold, and `upper_threshold + upper_slope * (x - upper_threshold)` from the
    upper threshold on. An upper threshold below the lower one counts as equal to it.
    The derivative at a threshold is that of its line; where the thresholds are equal,
    it is `lower_slope`.

    Args:
        x: Float tensor of any shape.
        lower_threshold: Number, or tensor that broadcasts against `x`.
        lower_slope: Likewise.
        upper_threshold: Likewise.
        upper_slope: Likewise.
        training: Boolean; if true, the derivatives are those above also where the
            thresholds are equal, and otherwise the form is one that converters
            recognise. The values are the same.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: If a parameter is neither a number nor a tensor.
        ValueError: If a parameter is a number beyond 1e30, or NaN.
    """
    x = _as_float(x)
    output_dtype = x.dtype
    # In half precision the gradients of the parameters would be sums of few digits.
    dtype = _at_least_float32(x)
    x = ops.cast(x, dtype)
    given = {
        "lower_threshold": lower_threshold,
        "lower_slope": lower_slope,
        "upper_threshold": upper_threshold,
        "upper_slope": upper_slope,
    }
    parameter = {
        name: parameters.as_tensor(name, value, dtype, function="s_shaped_relu")
        for name, value in given.items()
    }
    y = kernels.for_tensor(x).s_shaped_relu(x, **parameter, training=training)
    return ops.cast(y, output_dtype)


@saving.register_keras_serializable(package="keras_rectifiers")
def shifted_relu(x, threshold=-1.0):
    """Rectifier with its kink at `threshold`: `max(threshold, x)`.

    The derivative at the kink is 0, on every backend.

    Args:
        x: Float tensor of any shape.
        threshold: Number; the smallest value of the result.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: If `threshold` is neither a number nor a tensor.
        ValueError: If it is a number beyond 1e30, or NaN.
    """
    x = _as_float(x)
    threshold = parameters.as_number_or_tensor(
        "threshold", threshold, x.dtype, function="shifted_relu"
    )
    return kernels.for_tensor(x).shifted_relu(x, threshold)


@saving.register_keras_serializable(package="keras_rectifiers")
def maxout(x, units, *, channel_axis=-1, grouping="strided", training=False):
    """The largest channel of each group: `max_i x[..., i * units + j]` for unit j.

    The gradient goes to the largest channel; if several are equally large, it is
    divided equally among them.

    Args:
        x: Float tensor of rank 2 or more; the first axis is the batch.
        units: Integer, at least 1: the number of groups, which divides the number of
            channels.
        channel_axis: Axis of the channels.
        grouping: `"strided"`, for groups of every `units`-th channel, or
            `"contiguous"`, for groups of neighbours: `max_i x[..., j * pieces + i]`.
        training: Boolean; as for `prelu`.

    Returns:
        Tensor of the dtype of `x`, with `units` channels.

    Raises:
        TypeError: If `units` is not an integer.
        ValueError: If `units`, `channel_axis` or `grouping` is out of range, or `units` does
            not divide the number of channels.
    """
    units = arguments.check_integer("units", units, layer="Maxout", least=1)
    check_grouping(grouping)
    x = _as_float(x)
    axis = arguments.resolve_axis(
        "channel_axis", channel_axis, arguments.rank_of(x), layer="Maxout"
    )
    arguments.check_pieces(x.shape[axis], units, axis=axis, input_shape=x.shape)
    if 0 in x.shape:  # the maximum of nothing is an error
        shape = list(ops.shape(x))
        return ops.reshape(x, [*shape[:axis], units, *shape[axis + 1 :]])
    return kernels.for_tensor(x).maxout(
        x, units, axis, is_strided=grouping == "strided", training=training
    )


@saving.register_keras_serializable(package="keras_rectifiers")
def crelu(x, *, channel_axis=-1):
    """Concatenated rectifier: `max(x, 0)` followed by `max(-x, 0)`.

    Both derivatives are 0 at 0.

    Args:
        x: Float tensor of rank 2 or more; the first axis is the batch.
        channel_axis: Axis of the channels, which has twice the size in the result.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        ValueError: If `channel_axis` is out of range.
    """
    x = _as_float(x)
    axis = arguments.resolve_axis(
        "channel_axis", channel_axis, arguments.rank_of(x), layer="CReLU"
    )
    return kernels.for_tensor(x).crelu(x, axis)


@saving.register_keras_serializable(package="keras_rectifiers")
def gated_linear_unit(x, activation=ops.sigmoid, *, channel_axis=-1):
    """Gated linear unit: the first half of the channels times a gate, from the second.

    The gate is `activation` of the second half.

    Args:
        x: Float tensor of rank 2 or more; the first axis is the batch.
        activation: Function of a tensor, or layer, that keeps the shape of its input.
        channel_axis: Axis of the channels, which has half the size in the result.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        TypeError: If `activation` is not a function or layer.
        ValueError: If `channel_axis` is out of range, the number of channels is not
            even, or `activation` changes the shape of its input.
    """
    if not callable(activation):
        raise TypeError(
            "gated_linear_unit expects `activation` to be a function or layer; for a "
            "name, pass keras_rectifiers.get(name). Received: "
            f"activation={arguments.shown(activation)} of type "
            f"{type(activation).__name__}"
        )
    x = _as_float(x)
    axis = arguments.resolve_axis(
        "channel_axis", channel_axis, arguments.rank_of(x), layer="GatedLinearUnit"
    )
    arguments.check_halves(x.shape[axis], axis=axis, input_shape=x.shape)
    if activation in (ops.sigmoid, activations.sigmoid):
        return ops.glu(x, axis=axis)  # a single pass where the backend has one
    first, second = ops.split(x, 2, axis=axis)
    gate: Any = activation(second)
    if tuple(gate.shape) != tuple(second.shape):
        raise ValueError(
            "GatedLinearUnit expects `activation` to keep the shape of its input. "
            f"Received: one that changes {tuple(second.shape)} to {tuple(gate.shape)}"
        )
    # A layer has a dtype of its own.
    return first * ops.cast(gate, first.dtype)


def rrelu_slope_at_inference(lower, upper, *, form):
    """The slope by the mean of the bounds: 1/5.5 of the default divisors 3 to 8."""
    mean = (lower + upper) / 2
    return 1 / mean if form == "divisor" else mean


def check_rrelu(lower, upper, *, form, noise):
    """Checks the arguments of `rrelu` and fills in the default bounds.

    Args:
        lower: Number or `None`.
        upper: Number or `None`.
        form: `"divisor"` or `"slope"`.
        noise: `"element"` or `"channel"`.

    Returns:
        `(lower, upper)` as Python floats.

    Raises:
        TypeError: If a bound is neither a number nor `None`.
        ValueError: If `form` or `noise` is unknown, or a bound is out of the range
            of its form (`RRELU_RANGES`) or in the wrong order.
    """
    arguments.check_choice("form", form, layer="RReLU", choices=RRELU_FORMS)
    arguments.check_choice("noise", noise, layer="RReLU", choices=RRELU_NOISES)
    default_lower, default_upper = RRELU_BOUNDS[form]
    least, largest = RRELU_RANGES[form]
    # PyTorch's RReLU(1/8, 1/3) means slopes.
    other = "slope" if form == "divisor" else "divisor"
    checked = {
        "layer": "RReLU",
        "least": least,
        "largest": largest,
        "condition": f" for form={form!r} ({RRELU_FORMS[form]}); pass form={other!r} "
        f"if it is meant for {RRELU_FORMS[other]}",
    }
    lower = default_lower if lower is None else lower
    upper = default_upper if upper is None else upper
    lower = arguments.check_number("lower", lower, **checked)
    upper = arguments.check_number("upper", upper, **checked)
    if lower > upper:
        raise ValueError(
            "RReLU expects `lower` to be at most `upper`; swap them, or pass both: "
            f"the defaults of form={form!r} are {default_lower:.6g} and "
            f"{default_upper:.6g}. Received: lower={lower!r}, upper={upper!r}"
        )
    return lower, upper


def check_grouping(grouping):
    """Checks the argument `grouping` of `maxout`.

    Args:
        grouping: `"strided"` or `"contiguous"`.

    Returns:
        It.

    Raises:
        ValueError: If it is neither of these.
    """
    return arguments.check_choice(
        "grouping", grouping, layer="Maxout", choices=MAXOUT_GROUPINGS
    )


def _as_float(x):
    x = ops.convert_to_tensor(x)
    dtype = backend.standardize_dtype(x.dtype)
    if "complex" in dtype or dtype == "string":
        raise TypeError(f"Rectifiers expect real numbers. Received: x of dtype {dtype}")
    return x if backend.is_float_dtype(dtype) else ops.cast(x, backend.floatx())


def _at_least_float32(x):
    return "float64" if backend.standardize_dtype(x.dtype) == "float64" else "float32"
