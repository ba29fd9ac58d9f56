"""Every rectifier as a pure function of its input, on `keras.ops`.

The functions hold no state and make no variables: the layers own the weights and
the seed generators and pass their values in. All of them run on every Keras
backend, keep the dtype of `x`, and let NaN through.
"""

import math
import numbers

from keras import backend, ops

# Name of the form -> its default (lower, upper). The divisor form and its bounds
# are those of the experiments of Xu et al. (2015); the slope form and its bounds
# are those of the other frameworks.
RRELU_FORMS = {"divisor": (3.0, 8.0), "slope": (1 / 8, 1 / 3)}
RRELU_NOISES = ("element", "channel")


def prelu(x, negative_slope):
    """Parametric rectifier: `x` above zero, `negative_slope * x` elsewhere.

    The derivative at 0 is `negative_slope`.

    Args:
        x: Float tensor of any shape.
        negative_slope: Number, or tensor that broadcasts against `x`.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    x = ops.convert_to_tensor(x)
    negative_slope = ops.cast(negative_slope, x.dtype)
    positive = x > 0
    # The inner `where` keeps a positive infinity out of the product, whose
    # gradient with respect to the slope would else be 0 * inf = NaN.
    negative_part = ops.where(positive, ops.zeros_like(x), x)
    return ops.where(positive, x, negative_slope * negative_part)


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
    """Randomised leaky rectifier: `x` above zero, a randomly scaled `x` elsewhere.

    The gradient of a negative input, and the derivative at 0, is the slope drawn
    in the same call. Without a seed the function is a leaky rectifier: the
    divisor, or the slope, is the mean of the bounds.

    Args:
        x: Float tensor of rank 1 or more; the first axis is the batch.
        lower: Smallest divisor (`form="divisor"`) or slope (`form="slope"`).
            Defaults to 3 or 1/8.
        upper: Largest divisor or slope. Defaults to 8 or 1/3. Draws lie within
            the bounds up to rounding.
        form: `"divisor"`, for `x / b` with `b` drawn uniformly, or `"slope"`, for
            `b * x`. They are not the same distribution.
        noise: `"element"`, for one draw per element, or `"channel"`, for one per
            example and channel, shared by all positions.
        channel_axis: Axis of the channels; used only by `noise="channel"`.
        seed: Integer tensor of shape `(2,)`, as `keras.random.SeedGenerator.next`
            returns, or `None` for inference. Equal seeds give equal draws, on
            every backend and in every mode of execution, up to the rounding of
            the arithmetic that turns them into slopes.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        TypeError: If a bound is not a number.
        ValueError: If a bound, `form`, `noise` or `channel_axis` is out of range.
    """
    lower, upper = check_rrelu(lower, upper, form=form, noise=noise)
    x = ops.convert_to_tensor(x)
    # Equal bounds take the deterministic path too, so that they equal a leaky
    # rectifier to the last bit.
    if seed is None or lower == upper:
        mean = (lower + upper) / 2
        return ops.leaky_relu(x, negative_slope=1 / mean if form == "divisor" else mean)

    # Slopes are computed in float32 at least: 24 random bits do not fit in less.
    dtype = _at_least_float32(x)
    shape = list(ops.shape(x))
    if noise == "channel":
        axis = resolve_channel_axis(channel_axis, len(shape), name="RReLU")
        shape = [shape[0]] + [
            size if position == axis else 1
            for position, size in enumerate(shape[1:], start=1)
        ]
    # A signed 24-bit integer is exact in float32, and scaled about the midpoint it
    # takes two operations to reach the bounds instead of the four that start from
    # the unsigned integer.
    centred = ops.cast(_random_integers(shape, seed), dtype)
    drawn = centred * ((upper - lower) / 2**24) + (lower + upper) / 2
    slope = ops.cast(1 / drawn if form == "divisor" else drawn, x.dtype)
    # One product of x and a factor without gradient: the backward pass is a
    # single multiplication by the slope that was drawn.
    return x * ops.where(x > 0, ops.ones_like(slope), slope)


def smooth_relu(x, sharpness=1.0):
    """Softplus with a sharpness: `log(1 + exp(sharpness * x)) / sharpness`.

    The derivative is the logistic function of `sharpness * x`, also at 0.

    Args:
        x: Float tensor of any shape.
        sharpness: Positive number, or tensor that broadcasts against `x`. The
            larger, the closer to `max(x, 0)`.

    Returns:
        Tensor of the shape and dtype of `x`. It does not overflow where
        `sharpness * x` would.
    """
    x = ops.convert_to_tensor(x)
    output_dtype = x.dtype
    # float16 ends at 65504: neither a large sharpness nor its inverse fits.
    dtype = _at_least_float32(x)
    x = ops.cast(x, dtype)
    sharpness = ops.cast(sharpness, dtype)
    # max(x, 0) + softplus(-|sharpness x|) / sharpness: the exponent is never
    # positive, so nothing overflows. Both pieces are written with `where` on one
    # condition because max and abs have subgradients of their own at 0, and their
    # sum there would be 0 instead of 1/2. It is softplus and not log1p because
    # that is what converters know.
    positive = x > 0
    rectified = ops.where(positive, x, ops.zeros_like(x))
    negative_magnitude = ops.where(positive, -x, x)
    rest = ops.softplus(sharpness * negative_magnitude) / sharpness
    return ops.cast(rectified + rest, output_dtype)


def shifted_relu(x, threshold=-1.0):
    """Rectifier with its kink at `threshold`: `max(threshold, x)`.

    The derivative at the kink is 0, on every backend.

    Args:
        x: Float tensor of any shape.
        threshold: Number; the smallest value of the result.

    Returns:
        Tensor of the shape and dtype of `x`.
    """
    x = ops.convert_to_tensor(x)
    # `maximum` splits the gradient at a tie differently on each backend.
    floor = ops.full_like(x, threshold)
    return ops.where(x <= floor, floor, x)


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
        ValueError: If `form` or `noise` is unknown, or a bound is not finite, has
            the wrong sign, or is in the wrong order.
    """
    if form not in RRELU_FORMS:
        raise ValueError(
            "RReLU expects `form` to be 'divisor' (x / b) or 'slope' (b * x). "
            f"Received: form={form!r}"
        )
    if noise not in RRELU_NOISES:
        raise ValueError(
            "RReLU expects `noise` to be 'element' (one draw per element) or "
            "'channel' (one draw per example and channel). "
            f"Received: noise={noise!r}"
        )
    default_lower, default_upper = RRELU_FORMS[form]
    lower = _check_bound("lower", default_lower if lower is None else lower, form)
    upper = _check_bound("upper", default_upper if upper is None else upper, form)
    if lower > upper:
        raise ValueError(
            "RReLU expects `lower` to be at most `upper`; swap them, or give both: "
            f"the defaults of form={form!r} are {default_lower:.6g} and "
            f"{default_upper:.6g}. Received: lower={lower!r}, upper={upper!r}"
        )
    return lower, upper


def resolve_channel_axis(channel_axis, rank, *, name):
    """Position of the channel axis, counted from the front.

    Args:
        channel_axis: Integer, negative to count from the end.
        rank: Number of axes of the input, the batch axis included.
        name: Name of the layer, for the message.

    Returns:
        Integer from 1 to `rank - 1`.

    Raises:
        ValueError: If the axis lies outside the input or is the batch axis.
    """
    axis = channel_axis + rank if channel_axis < 0 else channel_axis
    if not 1 <= axis < rank:
        raise ValueError(
            f"{name} expects `channel_axis` to name an axis of its input other than "
            f"the batch axis 0. Received: channel_axis={channel_axis} for an input "
            f"of rank {rank}"
        )
    return axis


def _at_least_float32(x):
    return "float64" if backend.standardize_dtype(x.dtype) == "float64" else "float32"


def _check_bound(name, bound, form):
    if isinstance(bound, bool) or not isinstance(bound, numbers.Real):
        raise TypeError(
            f"RReLU expects `{name}` to be a real number or None. To apply the layer "
            f"to a tensor, write RReLU()(x). Received: {name}={bound!r} of type "
            f"{type(bound).__name__}"
        )
    bound = float(bound)
    smallest = "positive" if form == "divisor" else "at least 0"
    in_range = bound > 0 if form == "divisor" else bound >= 0
    if not (math.isfinite(bound) and in_range):
        raise ValueError(
            f"RReLU expects `{name}` to be finite and {smallest} for form={form!r}. "
            f"Received: {name}={bound!r}"
        )
    return bound


def _random_integers(shape, seed):
    """Integers drawn uniformly from -2**23 to 2**23 - 1, in int32.

    A hash of the position and the seed instead of `keras.random`: XLA on a CPU
    recomputes a stateless generator for each element, at 300 times the cost of a
    leaky rectifier, while it fuses these few integer operations into the product.

    Rows (examples) and columns (everything within an example) are hashed on their
    own under two keys, each of which depends on both words of the seed; only their
    sum is hashed per element. int32 wraps in the same way on every backend.
    """
    seed = ops.cast(seed, "int32")
    first_key = _finalise(_finalise(seed[0] + _GOLDEN) ^ seed[1])
    second_key = _finalise(_finalise(seed[1] + _SQUARE_ROOT) ^ seed[0])
    num_rows, num_columns = shape[0], math.prod(shape[1:])
    rows = _finalise(ops.arange(num_rows, dtype="int32") + first_key)
    columns = _finalise(ops.arange(num_columns, dtype="int32") + second_key)
    rows = ops.reshape(rows, [num_rows] + [1] * (len(shape) - 1))
    columns = ops.reshape(columns, shape[1:])
    # The last shift of the finaliser is left out: it changes only bits whose
    # effect on the slope is below 2**-16.
    return ops.right_shift(_mix(rows + columns), 8)


def _finalise(h):
    """The 32-bit finaliser "lowbias32": a bijection with an avalanche bias of 0.17.

    Reference: Chris Wellons, "Prospecting for Hash Functions" (2018),
    https://nullprogram.com/blog/2018/07/31/.
    """
    h = _mix(h)
    return h ^ _logical_right_shift(h, 16)


def _mix(h):
    h = (h ^ _logical_right_shift(h, 16)) * 0x7FEB352D
    # 0x846CA68B as a signed number.
    return (h ^ _logical_right_shift(h, 15)) * (0x846CA68B - 2**32)


def _logical_right_shift(h, num_bits):
    # The shift of a signed integer copies the sign bit; the mask clears the copies.
    return ops.bitwise_and(ops.right_shift(h, num_bits), 2 ** (32 - num_bits) - 1)


# Fractional bits of the golden ratio and of the square root of 2, as signed
# numbers: they keep a seed of zeros, a fixed point of the finaliser, away from it.
_GOLDEN = 0x9E3779B9 - 2**32
_SQUARE_ROOT = 0x6A09E667
