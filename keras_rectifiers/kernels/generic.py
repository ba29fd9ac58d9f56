"""The rectifiers on `keras.ops`, with the derivatives that they document."""

from keras import backend, ops

# Finite in float32, and so large that SmoothReLU, of any sharpness, is as at infinity.
FARTHEST = 3e38


def prelu(x, negative_slope, *, training):
    """`x` above zero, otherwise `negative_slope * x`."""
    positive = x > 0
    # The inner `where` keeps a positive infinity out of the product, whose gradient
    # with respect to the slope would otherwise be 0 * inf = NaN.
    negative_part = ops.where(positive, ops.zeros_like(x), x)
    return ops.where(positive, x, negative_slope * negative_part)


def leaky_relu(x, negative_slope):
    """The same, for a slope that is a number."""
    return ops.leaky_relu(x, negative_slope=negative_slope)


def rrelu(x, random, lower, upper, *, is_divisor):
    """`x` above zero, otherwise `x` divided by or times a number between the bounds.

    `random` has integers drawn uniformly from all of int32.
    """
    drawn = ops.cast(random, backend.standardize_dtype(x.dtype))
    drawn = drawn * ((upper - lower) / 2**32) + (lower + upper) / 2
    # The factor has no gradient: the backward pass is a single multiplication, or
    # division, by what was drawn.
    factor = ops.where(x > 0, 1.0, drawn)
    return x / factor if is_divisor else x * factor


def smooth_relu(x, sharpness, *, training):
    """`softplus(sharpness * x) / sharpness`, in float32 or float64."""
    # max(x, 0) + softplus(-|sharpness x|) / sharpness: the exponent is never positive,
    # so nothing overflows. Both terms use `where` with the same condition, because max
    # and abs have their own subgradients at 0, and their sum would be 0 instead of 1/2.
    # Converters know softplus but not log1p.
    positive = x > 0
    rectified = ops.where(positive, x, ops.zeros_like(x))
    negative_magnitude = ops.where(positive, -x, x)
    # At infinity the gradient with respect to the sharpness would be 0 * inf = NaN.
    far = ops.cast(-FARTHEST, backend.standardize_dtype(x.dtype))
    negative_magnitude = ops.where(negative_magnitude < far, far, negative_magnitude)
    return rectified + ops.softplus(sharpness * negative_magnitude) / sharpness


def swish(x, beta, *, training):
    """`x * sigmoid(beta * x)`, in float32 or float64."""
    is_finite = ops.abs(x) < float("inf")
    # At infinity the product would be inf * 0 = NaN, and so would its gradients.
    finite = ops.where(is_finite, x, ops.zeros_like(x))
    limit = ops.where(beta * x < 0, ops.zeros_like(x), x)
    return ops.where(is_finite, finite * ops.sigmoid(beta * finite), limit)


def squared_relu(x):
    """`max(x, 0) ** 2`."""
    return ops.square(ops.relu(x))


def s_shaped_relu(
    x, lower_threshold, lower_slope, upper_threshold, upper_slope, *, training
):
    """`x` between the thresholds, and a line from each of them outwards."""
    # No `maximum`, whose gradient at a tie is another one on each backend.
    upper_threshold = ops.where(
        upper_threshold > lower_threshold, upper_threshold, lower_threshold
    )
    is_low, is_high = x <= lower_threshold, x >= upper_threshold
    start = ops.where(is_low, lower_threshold, ops.where(is_high, upper_threshold, x))
    slope = ops.where(is_low, lower_slope, ops.where(is_high, upper_slope, 1.0))
    return start + slope * (x - start)


def shifted_relu(x, threshold):
    """`max(threshold, x)`."""
    # `maximum` splits the gradient at a tie differently on each backend.
    return ops.where(x <= threshold, threshold, x)


def maxout(x, units, axis, *, is_strided, training):
    """The largest of each group of channels along an axis, a group for each unit."""
    shape = list(ops.shape(x))
    pieces = x.shape[axis] // units
    groups = [pieces, units] if is_strided else [units, pieces]
    grouped = ops.reshape(x, [*shape[:axis], *groups, *shape[axis + 1 :]])
    return ops.max(grouped, axis=axis if is_strided else axis + 1)


def crelu(x, axis):
    """`max(x, 0)` followed by `max(-x, 0)` along an axis."""
    return ops.concatenate([ops.relu(x), ops.relu(-x)], axis=axis)
