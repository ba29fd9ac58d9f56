"""The rectifiers on TensorFlow, which in a graph makes a pass for each operation.

In training custom gradients save passes. In inference the forms are those that
converters recognise, such as LiteRT for its PRELU; custom gradients would add outputs
to the models of OpenVINO. At a tie TensorFlow's derivative of `maximum` and `minimum`
is that of the first argument, which gives the derivatives at 0.
"""

import math

import tensorflow as tf
from keras import ops

from keras_rectifiers import arguments
from keras_rectifiers.kernels import generic
from keras_rectifiers.kernels.generic import crelu as crelu
from keras_rectifiers.kernels.generic import rrelu as rrelu
from keras_rectifiers.kernels.generic import squared_relu as squared_relu


def prelu(x, negative_slope, *, training):
    if not _broadcasts_over_at_most_one_axis(negative_slope, x):
        return generic.prelu(x, negative_slope, training=training)
    if training:
        return _prelu_in_training(x, negative_slope)
    rank = x.shape.rank
    if rank is not None and negative_slope.shape.rank < rank <= 4:
        # LiteRT's PRELU takes inputs of up to four axes, and slopes of one axis less.
        missing = rank - 1 - negative_slope.shape.rank
        shape = [1] * missing + negative_slope.shape
        negative_slope = tf.reshape(negative_slope, shape)
    return tf.nn.relu(x) + -negative_slope * tf.maximum(-x, 0)


def leaky_relu(x, negative_slope):
    # TensorFlow's own has its slope in float32 only.
    if x.dtype == tf.float64:
        return generic.prelu(x, negative_slope, training=False)
    return tf.nn.leaky_relu(x, negative_slope)


def smooth_relu(x, sharpness, *, training):
    is_number = isinstance(sharpness, float)
    if not is_number and not _broadcasts_over_at_most_one_axis(sharpness, x):
        return generic.smooth_relu(x, sharpness, training=training)
    if training:
        return (_softplus if is_number else _smooth_relu_in_training)(x, sharpness)
    magnitude = tf.maximum(x, -x)
    if not is_number:
        # At infinity the derivative by the sharpness would be inf * 0 = NaN.
        magnitude = tf.minimum(magnitude, generic.FARTHEST)
    # The exponent is never positive, so nothing overflows.
    decay = tf.nn.softplus(-sharpness * magnitude) * (1 / sharpness)
    return tf.maximum(x, 0) + decay


def swish(x, beta, *, training):
    if not _broadcasts_over_at_most_one_axis(beta, x):
        return generic.swish(x, beta, training=training)
    if training:
        return _swish_in_training(x, beta)
    # At minus infinity the product would be -inf * 0 = NaN.
    return tf.maximum(x, x.dtype.min) * tf.sigmoid(beta * x)


def s_shaped_relu(
    x, lower_threshold, lower_slope, upper_threshold, upper_slope, *, training
):
    if training:
        return generic.s_shaped_relu(
            x,
            lower_threshold,
            lower_slope,
            upper_threshold,
            upper_slope,
            training=training,
        )
    upper_threshold = tf.maximum(lower_threshold, upper_threshold)
    between = tf.maximum(lower_threshold, tf.minimum(upper_threshold, x))
    below = tf.minimum(x - lower_threshold, 0)
    above = tf.maximum(x - upper_threshold, 0)
    return between + lower_slope * below + upper_slope * above


def shifted_relu(x, threshold):
    return tf.maximum(tf.convert_to_tensor(threshold, x.dtype), x)


def maxout(x, units, axis, *, is_strided, training):
    if not training or x.shape[axis] != 2 * units:
        return generic.maxout(x, units, axis, is_strided=is_strided, training=training)
    if is_strided:
        return _larger(*tf.split(x, 2, axis))
    shape = list(ops.shape(x))
    pairs = tf.reshape(x, [*shape[:axis], units, 2, *shape[axis + 1 :]])
    return _larger(*tf.unstack(pairs, axis=axis + 1))


@tf.custom_gradient
def _larger(first, second):
    def gradient(upstream):
        upstream = tf.convert_to_tensor(upstream)  # it may be a sum of slices
        share = tf.where(first < second, tf.zeros((), first.dtype), upstream / 2)
        by_first = tf.where(first > second, upstream, share)
        return by_first, upstream - by_first

    return tf.maximum(first, second), gradient


@tf.custom_gradient
def _prelu_in_training(x, negative_slope):
    factor = tf.where(x > 0, tf.ones((), x.dtype), negative_slope)

    def gradient(upstream):
        upstream = tf.convert_to_tensor(upstream)
        by_slope = _sum_to(upstream * tf.minimum(x, 0), negative_slope)
        return upstream * factor, by_slope

    return x * factor, gradient


def _softplus(x, sharpness):
    """SmoothReLU with a number for its sharpness."""
    if sharpness == 1:
        return tf.nn.softplus(x)

    @tf.custom_gradient
    def function(x):
        # A product that overflows would be infinite for finite inputs.
        largest = arguments.LARGEST / sharpness if sharpness > 1 else math.inf
        scaled = sharpness * tf.minimum(x, largest)

        def gradient(upstream):
            upstream = tf.convert_to_tensor(upstream)
            return tf.raw_ops.SoftplusGrad(gradients=upstream, features=scaled)

        return tf.maximum(tf.nn.softplus(scaled) * (1 / sharpness), x), gradient

    return function(x)


@tf.custom_gradient
def _smooth_relu_in_training(x, sharpness):
    # The exponent is never positive, so nothing overflows.
    decay = tf.nn.softplus(-sharpness * tf.abs(x)) / sharpness

    def gradient(upstream):
        upstream = tf.convert_to_tensor(upstream)
        # At infinity the product would be inf * 0 = NaN.
        magnitude = tf.minimum(tf.abs(x), generic.FARTHEST)
        by_sharpness = magnitude * tf.sigmoid(-sharpness * magnitude) + decay
        by_sharpness = -_sum_to(upstream * by_sharpness, sharpness) / sharpness
        return upstream * tf.sigmoid(sharpness * x), by_sharpness

    return tf.nn.relu(x) + decay, gradient


@tf.custom_gradient
def _swish_in_training(x, beta):
    # Not NaN but 0 where the gate is 0 and the input infinite.
    scaled = tf.math.multiply_no_nan(x, beta)
    gate = tf.sigmoid(scaled)

    def gradient(upstream):
        upstream = tf.convert_to_tensor(upstream)
        slope = gate * (1 - gate)
        by_x = gate + tf.math.multiply_no_nan(scaled, slope)
        by_beta = tf.math.multiply_no_nan(tf.square(x), slope)
        return upstream * by_x, _sum_to(upstream * by_beta, beta)

    return tf.math.multiply_no_nan(x, gate), gradient


def _broadcasts_over_at_most_one_axis(values, x):
    """Whether `values` has one value, or one for each index of a single axis of `x`."""
    if values.shape.rank is None or None in values.shape:
        return False
    position = _axis_from_the_end(values)
    if position is None:
        return values.shape.rank <= (1 if x.shape.rank is None else x.shape.rank)
    return (
        x.shape.rank is not None
        and values.shape.rank <= x.shape.rank
        and sum(size != 1 for size in values.shape) == 1
        and x.shape[-1 - position] == values.shape[-1 - position]
    )


def _axis_from_the_end(values):
    """How many axes follow the one that is not of size 1; None if all are."""
    long = [i for i, size in enumerate(reversed(values.shape)) if size != 1]
    return long[0] if long else None


def _sum_to(x, values):
    """The sum over the axes of `x` along which `values` is broadcast."""
    if x.dtype in (tf.float16, tf.bfloat16):
        return tf.cast(_sum_to(tf.cast(x, tf.float32), values), x.dtype)
    position = _axis_from_the_end(values)
    if position is None:
        return tf.reshape(tf.reduce_sum(x), values.shape)
    if position:
        x = tf.reduce_sum(x, axis=list(range(-position, 0)))
    x = tf.reshape(x, (1, -1, math.prod(values.shape)))
    if tf.config.list_physical_devices("GPU"):
        return tf.reshape(tf.reduce_sum(x, axis=1), values.shape)
    # On a CPU a product with ones is several times as fast as a sum over a leading axis
    # (and on a GPU less exact). Of rank 3 it is cheap to vectorise.
    ones = tf.ones((1, 1, tf.shape(x)[1]), x.dtype)
    return tf.reshape(tf.matmul(ones, x), values.shape)
