"""The measures of one layer: pure functions on arrays.

Each function takes arrays or tensors of the backend with the examples along the first
axis, the units (the channels of a convolution) along the last, and positions in
between. Each returns a scalar tensor of the backend, so it can also be used in a
compiled program. The choice of the layer, the probe batch and the mode is made in
`keras_rectifiers.inspection.probe`.
"""

import keras
from keras import ops

# A bounded function is saturated where its slope is under this share of its largest.
SATURATED_SLOPE = 0.05

# The largest absolute slope of each bounded function of the catalogue.
LARGEST_SLOPE = {"sigmoid": 0.25, "tanh": 1.0}


def signal_gradient(gradient):
    """Root mean square over examples of the L2 norm of a gradient.

    `sqrt(mean_i ||d l_i / d a_i||^2)`, with the norm over positions and units. It is
    the norm per example, not the mean per unit, so that pooling and width do not look
    like vanishing.

    Args:
        gradient: floats `(examples, ..., units)`, the gradient of the summed loss of
            all examples with respect to a layer's activations.

    Returns:
        A scalar >= 0. It does not underflow: in float32 the square of 1e-30 is 0, so
        the gradients are first scaled by their largest magnitude.
    """
    gradient = _wide(gradient)
    scale = _scale(gradient)
    squares = ops.mean(ops.square(gradient / scale), axis=0)
    return scale * ops.sqrt(ops.sum(squares))


def weight_gradient(gradient, weights):
    """L2 norm of the gradient with respect to weights, relative to their L2 norm.

    `||dL/dW|| / ||W||`

    Args:
        gradient: floats, the gradient of the mean loss with respect to the weights.
        weights: floats of the same shape.

    Returns:
        A scalar >= 0; infinite or NaN if all weights are 0.
    """
    return _norm(gradient) / _norm(weights)


def zero_weights(weights):
    """Share of weights that are exactly 0.

    Args:
        weights: floats of any shape.

    Returns:
        A scalar between 0 and 1; NaN if a weight is NaN.
    """
    return _share(ops.equal(weights, 0), _largest(weights))


def sparsity(activation):
    """Share of activations that are exactly 0.

    Args:
        activation: floats `(examples, ..., units)`.

    Returns:
        A scalar between 0 and 1; NaN if an activation is NaN.
    """
    return _share(ops.equal(activation, 0), _largest(activation))


def silent_units(pre_activation):
    """Share of units whose pre-activation is <= 0 for every example and position.

    Args:
        pre_activation: floats `(examples, ..., units)`.

    Returns:
        A scalar between 0 and 1; NaN if a pre-activation is NaN.
    """
    largest = _largest(pre_activation)
    return _share(ops.less_equal(largest, 0), largest)


def dead_units(derivative, pre_activation):
    """Share of units whose derivative is 0 for every example and position.

    Only meaningful for piecewise-linear functions; the derivative of a smooth function
    is 0 only by underflow. Healthy nets have some dead units at initialisation, so the
    value should be read as a rise over a freshly initialised copy.

    Args:
        derivative: floats `(examples, ..., units)`, f'(z) of each pre-activation z.
        pre_activation: z, like `derivative`.

    Returns:
        A scalar between 0 and 1; NaN if a derivative or a pre-activation is NaN.
    """
    return ops.mean(is_dead(derivative, pre_activation))


def is_dead(derivative, pre_activation):
    """Which units have a derivative of 0 for every example and position.

    Args:
        derivative, pre_activation: as for `dead_units`.

    Returns:
        float32 `(units,)`, 1 for a dead unit, else 0; all NaN if a derivative or a
        pre-activation is NaN.
    """
    largest = _largest(ops.abs(derivative))
    dead = ops.cast(ops.equal(largest, 0), "float32")
    # In TensorFlow the derivative of ReLU at NaN is 0: a lost net would seem dead.
    return _unless_lost(_unless_lost(dead, largest), _largest(pre_activation))


def saturation(derivative, largest_slope):
    """Share of (example, unit) pairs whose slope is below 5% of the largest slope.

    Only meaningful for functions that are bounded on both sides.

    Args:
        derivative: floats `(examples, ..., units)`, f'(z) of each pre-activation z.
        largest_slope: the largest abs(f') of the function, for example 0.25 for the
            logistic function.

    Returns:
        A scalar between 0 and 1; NaN if a derivative is NaN.
    """
    limit = SATURATED_SLOPE * largest_slope
    slope = ops.abs(derivative)
    return _share(ops.less(slope, limit), _largest(slope))


def activation_mean(activation):
    """Mean of the activations over examples, positions and units."""
    return ops.mean(_means(_wide(activation)))


def activation_std(activation):
    """Standard deviation of the activations over examples, positions and units."""
    return ops.sqrt(_variance(_wide(activation)))


def largest_activation(activation):
    """The largest magnitude among the activations; NaN if one is NaN."""
    return ops.max(ops.abs(_wide(activation)))


def mean_shift(activation):
    """Share of the activations' mean square that is due to their means.

    The sum over units of the squared mean, divided by the sum over units of the mean
    square, with means over examples and positions: 0 if all means are 0, 1 if all units
    are constant.

    Args:
        activation: floats `(examples, ..., units)`.

    Returns:
        A scalar between 0 and 1; NaN if all activations are 0.
    """
    activation = _wide(activation)
    means = _means(activation)
    mean_square = _variance(activation) + ops.square(ops.mean(means))
    return ops.mean(ops.square(means)) / mean_square


def _norm(array):
    array = _wide(array)
    scale = _scale(array)
    return scale * ops.sqrt(ops.sum(ops.square(array / scale)))


def _scale(array):
    """What an array is divided by before it is squared: its largest magnitude."""
    largest = ops.max(ops.abs(array))
    return ops.where(largest > 0, largest, ops.ones_like(largest))


def _wide(array):
    """In float32 at least: in half precision a mean of squares overflows."""
    array = ops.convert_to_tensor(array)
    return ops.cast(array, keras.backend.result_type(array.dtype, "float32"))


def _share(condition, largest):
    share = ops.mean(ops.cast(condition, "float32"))
    return _unless_lost(share, largest)


def _unless_lost(values, largest):
    # NaN compares as False with everything: a lost net would seem to have no zeros.
    # The largest of numbers among which is NaN is NaN; to look at each takes longer.
    return ops.where(ops.any(ops.isnan(largest)), float("nan"), values)


def _largest(array):
    """Of each unit, over examples and positions."""
    return ops.max(array, axis=tuple(range(len(array.shape) - 1)))


def _means(array):
    """Of each unit. The examples come first: TensorFlow is faster so."""
    over_examples = ops.mean(array, axis=0)
    return ops.mean(over_examples, axis=tuple(range(len(over_examples.shape) - 1)))


def _variance(array):
    # From what several measures share: a compiled program takes that once.
    return ops.mean(ops.square(array - ops.mean(_means(array))))
