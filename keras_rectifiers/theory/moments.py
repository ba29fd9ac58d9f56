"""The moments of an activation's values and slopes for a normal pre-activation.

They are in closed form for the leaky family, and by quadrature for every other
activation that acts on each element separately.
"""

import contextlib
import functools
import importlib
import inspect
import math
import numbers
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np

from keras_rectifiers import layers
from keras_rectifiers.activations import seeded
from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.functions import rrelu_slope_at_inference
from keras_rectifiers.theory.quadrature import measure_function


class Moments(Protocol):
    """E[f(x)^2] and E[f'(x)^2] for x ~ N(0, variance), as functions of the variance.

    Each method maps floats of any shape to an array of that shape.
    """

    def mean_square(self, variance) -> np.ndarray:
        """E[f(x)^2]."""
        ...

    def mean_square_growth(self, variance) -> np.ndarray:
        """The derivative of E[f(x)^2] with respect to the variance."""
        ...

    def slope_mean_square(self, variance) -> np.ndarray:
        """E[f'(x)^2]."""
        ...


@dataclass(frozen=True, kw_only=True)
class LeakyMoments:
    """The `Moments` of the leaky family, in closed form.

    `E[f(x)^2] = variance (1 + E[s^2]) / 2`, where s is the slope for negative inputs.

    Args:
        slope_square: E[s^2]; 0 for ReLU, 1 for the identity.
    """

    slope_square: float

    def mean_square(self, variance) -> np.ndarray:
        return self.slope_mean_square(variance) * np.asarray(variance)

    def mean_square_growth(self, variance) -> np.ndarray:
        return self.slope_mean_square(variance)

    def slope_mean_square(self, variance) -> np.ndarray:
        return np.full(np.shape(variance), (1 + self.slope_square) / 2)


def moments(activation: Any, *, training: bool = True) -> Moments:
    """Finds the moments of an activation.

    Args:
        activation: a name for `get`, a layer, a function of a tensor (of `keras.ops` or
            numpy), or a number, the negative slope of a leaky rectifier. For a layer
            with weights, their initial values are used, not the learned ones.
        training: for RReLU, whether the slopes are drawn (True) or at their inference
            value (False). No other activation depends on it.

    Returns:
        The `Moments`: exact for the leaky family, with a relative error below 1e-11 for
        the other activations of the catalogue, for any parameters and backend. Other
        layers and functions are evaluated by the backend in float64; their error
        depends on its constants, which may have float32 precision.

    Raises:
        TypeError: if `activation` is none of these.
        ValueError: if the name is unknown, or if the activation does not act on each
            element separately, draws random numbers, does not keep float64, or is not
            finite.
    """
    if isinstance(activation, str):
        known = CATALOGUE.get(activation)
        if known is not None and not known.elementwise:
            raise ValueError(
                "The theory needs an activation that acts on each element separately. "
                f"Received: {activation!r}, which combines several elements"
            )
        activation = seeded(activation, seed=0)
    if isinstance(activation, keras.layers.Activation):
        activation = activation.activation
    if isinstance(activation, keras.layers.Lambda):
        activation = functools.partial(
            activation.function, **(activation.arguments or {})
        )
    if isinstance(activation, bool) or not (
        isinstance(activation, numbers.Real) or _is_function(activation)
    ):
        raise TypeError(
            "Expected an activation as a name, a layer, a function or a negative "
            "slope, such as 'relu', LeakyReLU(0.1), keras.activations.gelu or 0.1. "
            f"Received: {activation!r} of type {type(activation).__name__}"
        )
    _check_takes_one(activation)
    slope_square = _slope_square(activation, training=training)
    if slope_square is not None:
        return LeakyMoments(slope_square=slope_square)
    formula = _formula(activation)
    if formula is not None:
        return measure_function(formula)
    _check_needs_no_mode(activation)
    _check_elementwise(activation)
    function = _float64_function(activation)
    return measure_function(lambda x: function(x[:, np.newaxis])[:, 0])


def _is_function(activation):
    return callable(activation) and not isinstance(activation, type)


def _slope_square(activation, *, training):
    """E[s^2] of the slope s of negative inputs; None outside the leaky family."""
    if isinstance(activation, numbers.Real):
        return _square_of_slope(activation)
    if activation is keras.activations.linear:
        return 1.0
    if activation is keras.activations.relu:
        return 0.0
    if isinstance(activation, keras.layers.ReLU):
        if activation.max_value is not None or activation.threshold:
            return None
        return activation.negative_slope**2
    if isinstance(activation, keras.layers.LeakyReLU):
        return activation.negative_slope**2
    if isinstance(activation, layers.PReLU):
        return _square_of_initial_slope(activation.initializer)
    if isinstance(activation, keras.layers.PReLU):
        return _square_of_initial_slope(activation.alpha_initializer)
    if isinstance(activation, layers.RReLU):
        lower, upper = activation.lower, activation.upper
        is_divisor = activation.form == "divisor"
        if not training:
            slope = rrelu_slope_at_inference(lower, upper, form=activation.form)
            return slope**2
        # E[1 / b^2] and E[b^2] of b ~ U(lower, upper).
        if is_divisor:
            return 1 / (lower * upper)
        return (lower**2 + lower * upper + upper**2) / 3
    return None


def _square_of_slope(slope):
    slope = float(slope)
    if not abs(slope) < 1e100:  # its square is finite
        raise ValueError(
            f"A negative slope must be finite, such as 0.1. Received: {slope!r}"
        )
    return slope**2


def _square_of_initial_slope(initializer):
    if isinstance(initializer, keras.initializers.Constant):
        return _square_of_slope(initializer.value)  # a layer has it in float32 only
    slopes = keras.ops.convert_to_numpy(initializer((2,)))
    if slopes[0] != slopes[1]:
        raise ValueError(
            "The moments of a PReLU need the same initial slope for all channels. "
            "Pass the root mean square of its slopes instead of the layer. Received: "
            f"a layer with the initializer {initializer!r}"
        )
    return _square_of_slope(slopes[0])


def _formula(activation):
    """The function in numpy: backends round constants to float32, even in float64."""
    if isinstance(activation, keras.layers.ReLU):
        return functools.partial(
            _relu,
            negative_slope=activation.negative_slope,
            max_value=activation.max_value,
            threshold=activation.threshold,
        )
    if isinstance(activation, keras.layers.ELU):
        return functools.partial(_elu, alpha=activation.alpha)
    if isinstance(activation, layers.ShiftedReLU):
        return functools.partial(np.maximum, activation.threshold)
    if isinstance(activation, layers.SmoothReLU):
        sharpness = activation.get_config()["sharpness"]
        return lambda x: _softplus(sharpness * x) / sharpness
    if isinstance(activation, layers.Swish):
        beta = activation.get_config()["beta"]
        return lambda x: x * _sigmoid(beta * x)
    if isinstance(activation, layers.SquaredReLU):
        return lambda x: np.maximum(x, 0) ** 2
    if isinstance(activation, layers.SShapedReLU):
        start = activation.get_config()
        return functools.partial(
            _s_shaped_relu,
            lower=(start["lower_threshold"], start["lower_slope"]),
            upper=(start["upper_threshold"], start["upper_slope"]),
        )
    return _FORMULAS.get(activation)


def _relu(x, *, negative_slope, max_value, threshold):
    above = x if max_value is None else np.minimum(x, max_value)
    return np.where(x > threshold, above, negative_slope * (x - threshold))


def _s_shaped_relu(x, *, lower, upper):
    (lower_threshold, lower_slope), (upper_threshold, upper_slope) = lower, upper
    below = np.minimum(x - lower_threshold, 0)
    above = np.maximum(x - upper_threshold, 0)
    between = np.clip(x, lower_threshold, upper_threshold)
    return lower_slope * below + between + upper_slope * above


def _elu(x, *, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _gelu(x):
    # x Phi(x), where the complement keeps its digits on the negative side.
    return x * np.vectorize(math.erfc, otypes=[float])(-x / math.sqrt(2)) / 2


def _sigmoid(x):
    return np.exp(-_softplus(-x))


def _softplus(x):
    return np.logaddexp(0, x)


_FORMULAS = {
    keras.activations.elu: _elu,
    keras.activations.gelu: _gelu,
    keras.activations.sigmoid: _sigmoid,
    keras.activations.silu: lambda x: x * _sigmoid(x),
    keras.activations.softplus: _softplus,
    keras.activations.tanh: np.tanh,
}


def _check_takes_one(activation):
    if isinstance(activation, (numbers.Real, keras.layers.Layer)):
        return
    try:
        signature = inspect.signature(activation)
    except (TypeError, ValueError):  # as of functions that are written in C
        return
    try:
        signature.bind(None)
    except TypeError as error:
        raise TypeError(
            "The theory needs a function of one argument. Fix the other arguments, as "
            "in lambda x: keras_rectifiers.functions.prelu(x, 0.1). Received: "
            f"{_name(activation)} with {signature}"
        ) from error


def _check_needs_no_mode(activation):
    if not isinstance(activation, keras.layers.Layer):
        return
    if "training" in inspect.signature(activation.call).parameters:
        raise ValueError(
            "RReLU is the only layer with a different behaviour in training that the "
            "theory supports. Pass what the layer computes as a function. Received: "
            f"{_name(activation)}"
        )


def _check_elementwise(activation):
    # Uneven, so that no mean, spread or maximum of them stays when others join.
    x = np.array([-1.9, -1.2, -0.7, -0.1, 0.3, 0.8, 1.3, 2.4])
    pairs = np.stack([x, 1.7 * x[::-1] + 0.4], axis=1)
    reason, cause = "gives a different value if its neighbour changes", None
    try:
        alone = _float64_function(activation)(x[:, np.newaxis])
        beside_another = _float64_function(activation)(pairs)
        fewer = _float64_function(activation)(x[2:5, np.newaxis])
    except ValueError as error:
        reason, cause = "does not accept the shape (8, 1) or (8, 2)", error
    else:
        if alone.dtype != np.float64:
            raise ValueError(
                "The theory needs an activation that keeps float64. On JAX some "
                "keras.ops do not; write the function in numpy for this purpose. "
                f"Received: {_name(activation)}, which returned {alone.dtype}"
            )
        if beside_another.shape != pairs.shape:
            reason = f"maps the shape (8, 2) to {beside_another.shape}"
        elif _same(beside_another[:, :1], alone):
            if _same(fewer, alone[2:5]):
                return
            reason = "gives a different value if the batch changes"
    raise ValueError(
        "The theory needs an activation that acts on each element separately; "
        "softmax, Maxout and CReLU, for example, have no gain. Received: "
        f"{_name(activation)}, which {reason}"
    ) from cause


def _same(one, other):
    return np.allclose(one, other, rtol=1e-9, equal_nan=True)


def _name(activation):
    if isinstance(activation, keras.layers.Layer):
        return f"the layer {type(activation).__name__}"
    return f"the function {getattr(activation, '__name__', repr(activation))}"


def _float64_function(activation):
    """The activation as a function of float64 arrays.

    A layer is copied without its weights: it may be built for other shapes, and must
    not be built by this.
    """
    if isinstance(activation, keras.layers.Layer):
        activation = type(activation).from_config(activation.get_config())
        activation.dtype_policy = keras.DTypePolicy("float64")

    def function(x):
        with _float64():
            y = activation(keras.ops.convert_to_tensor(x, dtype="float64"))
            return keras.ops.convert_to_numpy(y)

    return function


@contextlib.contextmanager
def _float64():
    """Lets JAX compute in float64, which it refuses by default, within the context."""
    if keras.backend.backend() != "jax":
        yield
        return
    # JAX moved it out of its experiments.
    is_public = hasattr(importlib.import_module("jax"), "enable_x64")
    jax = importlib.import_module("jax" if is_public else "jax.experimental")
    with jax.enable_x64(True):
        yield
