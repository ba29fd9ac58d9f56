"""The rectifiers on JAX, whose compiler makes a single pass of what is written."""

# Where this backend is not installed, the type checker takes its import for this file.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import jax
import jax.numpy as jnp

from keras_rectifiers import arguments
from keras_rectifiers.kernels import generic
from keras_rectifiers.kernels.generic import crelu as crelu
from keras_rectifiers.kernels.generic import rrelu as rrelu
from keras_rectifiers.kernels.generic import s_shaped_relu as s_shaped_relu
from keras_rectifiers.kernels.generic import shifted_relu as shifted_relu
from keras_rectifiers.kernels.generic import squared_relu as squared_relu
from keras_rectifiers.kernels.generic import swish as swish


def prelu(x, negative_slope, *, training):
    return _prelu(jnp.asarray(x), negative_slope)


@jax.custom_jvp
def _prelu(x, negative_slope):
    return jnp.where(x > 0, x, negative_slope * x)


@_prelu.defjvp
def _prelu_jvp(primals, tangents):
    (x, negative_slope), (by_x, by_slope) = primals, tangents
    factor = jnp.where(x > 0, jnp.ones((), x.dtype), negative_slope)
    # With `where` in place of the minimum, the compiler takes two passes for the sum.
    tangent = factor * by_x + jnp.minimum(x, 0) * by_slope
    return _prelu(x, negative_slope), tangent


def leaky_relu(x, negative_slope):
    # The derivative of JAX's own is 1 at 0.
    return prelu(x, jnp.asarray(negative_slope, x.dtype), training=False)


def smooth_relu(x, sharpness, *, training):
    if not isinstance(sharpness, float):
        return generic.smooth_relu(x, sharpness, training=training)
    if sharpness == 1:
        return jax.nn.softplus(x)
    # A product that overflows would be infinite for finite inputs.
    is_far = sharpness > 1 and x >= arguments.LARGEST / sharpness
    scaled = sharpness * jnp.where(is_far, 0, x)
    return jnp.where(is_far, x, jax.nn.softplus(scaled) / sharpness)


def maxout(x, units, axis, *, is_strided, training):
    if x.shape[axis] != 2 * units:
        return generic.maxout(x, units, axis, is_strided=is_strided, training=training)
    step, start = (1, units) if is_strided else (2, 1)
    first = jax.lax.slice_in_dim(x, 0, units if is_strided else None, step, axis)
    second = jax.lax.slice_in_dim(x, start, None, step, axis)
    return _larger(first, second)


@jax.custom_jvp
def _larger(first, second):
    return jnp.maximum(first, second)


@_larger.defjvp
def _larger_jvp(primals, tangents):
    (first, second), (by_first, by_second) = primals, tangents
    share = jnp.where(first > second, 1.0, jnp.where(first < second, 0.0, 0.5))
    share = share.astype(first.dtype)
    return jnp.maximum(first, second), share * by_first + (1 - share) * by_second
