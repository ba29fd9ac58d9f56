"""Moments of activations against closed forms, scipy and the layers themselves."""

import itertools
import re

import keras
import numpy as np
import pytest
from keras import ops
from scipy import integrate
from scipy.special import expit, ndtr

import keras_rectifiers as rectifiers
from keras_rectifiers import functions
from keras_rectifiers.activations import get
from keras_rectifiers.theory.moments import moments

VARIANCES = np.array([0.01, 0.3, 1.0, 3.0, 100.0])
ROOTS = np.sqrt(VARIANCES)
ACCURACY = 1e-10  # of float64 quadrature, not of float32 layers


def name_of(value):
    return getattr(value, "name", None) or getattr(value, "__name__", str(value))


def density(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def gelu_mean_square(q):
    # By Stein's lemma, twice.
    probability = 1 / 4 + np.arcsin(q / (1 + q)) / (2 * np.pi)
    return q * probability + q**2 / (np.pi * np.sqrt(1 + 2 * q) * (1 + q))


def gelu_slope_mean_square(q):
    # E[(Phi + x phi)^2], term by term.
    probability = 1 / 4 + np.arcsin(q / (1 + q)) / (2 * np.pi)
    mixed = q / (1 + q) / (2 * np.pi * np.sqrt(1 + 2 * q))
    return probability + 2 * mixed + q / (2 * np.pi * (1 + 2 * q) ** 1.5)


def elu_mean_square(q, alpha):
    s = np.sqrt(q)
    exponentials = np.exp(2 * q) * ndtr(-2 * s) - 2 * np.exp(q / 2) * ndtr(-s) + 1 / 2
    return q / 2 + alpha**2 * exponentials


def elu_slope_mean_square(q, alpha):
    return 1 / 2 + alpha**2 * np.exp(2 * q) * ndtr(-2 * np.sqrt(q))


def clipped_mean_square(q, low, high):
    """Of max(low, min(x, high))."""
    a, b = low / np.sqrt(q), high / np.sqrt(q)
    between = ndtr(b) - ndtr(a) + a * density(a) - b * density(b)
    return low**2 * ndtr(a) + q * between + high**2 * ndtr(-b)


def clipped_slope_mean_square(q, low, high):
    return ndtr(high / np.sqrt(q)) - ndtr(low / np.sqrt(q))


FAR = 1e9  # as good as no bound

# activation -> closed forms of E[f(x)^2] and E[f'(x)^2]
CLOSED_FORMS = {
    "gelu": ("gelu", gelu_mean_square, gelu_slope_mean_square),
    "elu": (
        "elu",
        lambda q: elu_mean_square(q, 1),
        lambda q: elu_slope_mean_square(q, 1),
    ),
    "ELU(2)": (
        keras.layers.ELU(alpha=2.0),
        lambda q: elu_mean_square(q, 2),
        lambda q: elu_slope_mean_square(q, 2),
    ),
    "squared_relu": ("squared_relu", lambda q: 1.5 * q**2, lambda q: 2 * q),
    "SShapedReLU, clipping": (
        rectifiers.SShapedReLU(-1.0, 0.0, 0.5, 0.0),
        lambda q: clipped_mean_square(q, -1, 0.5),
        lambda q: clipped_slope_mean_square(q, -1, 0.5),
    ),
    "s_shaped_relu": (
        "s_shaped_relu",
        lambda q: q * (1 + 0.2**2) / 2,
        lambda q: np.full(q.shape, (1 + 0.2**2) / 2),
    ),
    "shifted_relu": (
        "shifted_relu",
        lambda q: clipped_mean_square(q, -1, FAR),
        lambda q: clipped_slope_mean_square(q, -1, FAR),
    ),
    "ShiftedReLU(0.7)": (
        rectifiers.ShiftedReLU(0.7),
        lambda q: clipped_mean_square(q, 0.7, FAR),
        lambda q: clipped_slope_mean_square(q, 0.7, FAR),
    ),
    "ReLU(6)": (
        keras.layers.ReLU(max_value=6.0),
        lambda q: clipped_mean_square(q, 0, 6),
        lambda q: clipped_slope_mean_square(q, 0, 6),
    ),
    "ReLU(threshold=1.5)": (
        keras.layers.ReLU(threshold=1.5),
        lambda q: q * (ndtr(-1.5 / ROOTS) + 1.5 / ROOTS * density(1.5 / ROOTS)),
        lambda q: ndtr(-1.5 / ROOTS),
    ),
    "hard_tanh": (
        keras.activations.hard_tanh,
        lambda q: clipped_mean_square(q, -1, 1),
        lambda q: clipped_slope_mean_square(q, -1, 1),
    ),
    "sine": (
        lambda x: np.sin(ops.convert_to_numpy(x)),
        lambda q: -np.expm1(-2 * q) / 2,
        lambda q: (1 + np.exp(-2 * q)) / 2,
    ),
}

# name -> f and f'
SMOOTH = {
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sigmoid": (expit, lambda x: expit(x) * expit(-x)),
    "silu": (lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x))),
    "learned_swish": (lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x))),
    "smooth_relu": (lambda x: np.logaddexp(0, x), expit),
}

# activation -> E[s^2] of the slope s of negative inputs
LEAKY = [
    ("relu", 0),
    ("leaky_relu", 0.01**2),
    ("leaky_relu_0.1", 0.1**2),
    ("very_leaky_relu", 1 / 5.5**2),
    ("prelu", 0.25**2),
    ("rrelu", 1 / 24),
    ("linear", 1),
    (0.2, 0.2**2),
    (-1, 1),
    (keras.activations.relu, 0),
    (keras.layers.Activation("linear"), 1),
    (keras.layers.ReLU(negative_slope=0.3), 0.3**2),
    (keras.layers.LeakyReLU(0.3), 0.3**2),
    (keras.layers.PReLU(), 0),
    (rectifiers.PReLU(keras.initializers.Constant(0.1)), 0.1**2),
    (rectifiers.RReLU(2, 5), 1 / 10),
    (rectifiers.RReLU(0.1, 0.4, form="slope"), 0.07),
]


@pytest.mark.parametrize("case", CLOSED_FORMS)
def test_moments_are_the_closed_forms(case):
    activation, mean_square, slope_mean_square = CLOSED_FORMS[case]
    found = moments(activation)
    assert found.mean_square(VARIANCES) == pytest.approx(
        mean_square(VARIANCES), rel=ACCURACY
    )
    assert found.slope_mean_square(VARIANCES) == pytest.approx(
        slope_mean_square(VARIANCES), rel=ACCURACY, abs=1e-13
    )


@pytest.mark.parametrize("name", SMOOTH)
def test_moments_without_closed_form_are_scipys(name):
    found = moments(name)
    for function, moment in zip(
        SMOOTH[name], (found.mean_square, found.slope_mean_square), strict=True
    ):
        expected = [mean_square_by_scipy(function, root) for root in ROOTS]
        assert moment(VARIANCES) == pytest.approx(expected, rel=ACCURACY)


@pytest.mark.parametrize(("activation", "slope_square"), LEAKY, ids=name_of)
def test_moments_of_the_leaky_family(activation, slope_square):
    found = moments(activation)
    half = (1 + slope_square) / 2
    assert found.mean_square(VARIANCES) == pytest.approx(half * VARIANCES, rel=1e-14)
    assert found.mean_square_growth(VARIANCES) == pytest.approx(
        np.full(5, half), rel=1e-14
    )
    assert found.slope_mean_square(VARIANCES) == pytest.approx(
        np.full(5, half), rel=1e-14
    )


@pytest.mark.parametrize(
    ("layer", "slope"),
    [
        (rectifiers.RReLU(2, 5), 2 / 7),
        (rectifiers.RReLU(0.1, 0.4, form="slope"), 0.25),
    ],
    ids=["divisor", "slope"],
)
def test_rrelu_in_inference_is_a_leaky_rectifier(layer, slope):
    found = moments(layer, training=False).mean_square(1.0)
    assert found == pytest.approx((1 + slope**2) / 2, rel=1e-14)


@pytest.mark.parametrize("name", ["gelu", "elu", "tanh", "sigmoid", "shifted_relu"])
def test_growth_is_the_derivative_of_the_mean_square(name):
    found = moments(name)
    step = 1e-4 * VARIANCES
    difference = found.mean_square(VARIANCES + step) - found.mean_square(
        VARIANCES - step
    )
    # The central difference errs by the square of the relative step.
    assert found.mean_square_growth(VARIANCES) == pytest.approx(
        difference / (2 * step), rel=1e-7
    )


@pytest.mark.parametrize(
    "activation",
    [
        get("gelu"),
        get("silu"),
        get("sigmoid"),
        get("tanh"),
        keras.layers.Activation("softplus"),
        keras.layers.ELU(alpha=1.5),
        keras.layers.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.5),
        rectifiers.SmoothReLU(3.0),
        rectifiers.SmoothReLU(3.0, learnable=True, shared=False),
        rectifiers.ShiftedReLU(-0.3),
        rectifiers.Swish(3.0),
        rectifiers.Swish(-0.5, learnable=False),
        rectifiers.SquaredReLU(),
        rectifiers.SShapedReLU(-0.5, 0.3, 0.7, 1.8),
    ],
    ids=lambda layer: layer.name,
)
def test_formulas_are_what_the_layers_compute(activation):
    z = np.arange(-8, 8, 1e-3)
    for variance in (0.3, 3.0):
        x = np.float32(np.sqrt(variance) * z)[:, np.newaxis]
        y = ops.convert_to_numpy(in_float32(activation)(x))[:, 0]
        expected = 1e-3 * np.sum(y.astype(np.float64) ** 2 * density(z))
        # The sum errs by its step where the function jumps.
        assert moments(activation).mean_square(variance) == pytest.approx(
            expected, rel=5e-4
        )


def test_a_layer_is_neither_built_nor_changed():
    class Cube(keras.layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_weight(shape=input_shape[-1:], initializer="ones")

        def call(self, x):
            return self.factor * x**3

    layer = Cube(dtype="float32")
    assert moments(layer).mean_square(2.0) == pytest.approx(15 * 2.0**3, rel=1e-12)
    assert not layer.built
    assert layer.dtype_policy.name == "float32"
    layer.build((None, 7))
    layer.factor.assign(2 * np.ones(7))
    assert moments(layer).mean_square(2.0) == pytest.approx(15 * 2.0**3, rel=1e-12)


def test_of_a_learned_slope_the_initial_value_counts():
    layer = rectifiers.PReLU()
    layer.build((None, 3))
    layer.negative_slope.assign([1.0, 2.0, 3.0])
    assert moments(layer).mean_square(1.0) == pytest.approx((1 + 0.25**2) / 2)


def test_initial_slopes_that_differ_are_refused():
    layer = rectifiers.PReLU(keras.initializers.RandomUniform(0.1, 0.3, seed=1))
    with pytest.raises(
        ValueError,
        match=r"^The moments of a PReLU need the same initial slope for all channels. Pass "
        "the root mean square of its slopes instead of the layer. Received: a layer with "
        "the initializer <.*RandomUniform.*>$",
    ):
        moments(layer)


@pytest.mark.parametrize("name", ["softmax", "maxout", "crelu", "swiglu"])
def test_names_of_what_mixes_elements_are_refused(name):
    message = (
        "The theory needs an activation that acts on each element separately. "
        f"Received: '{name}', which combines several elements"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        moments(name)


@pytest.mark.parametrize(
    ("activation", "received"),
    [
        (
            keras.activations.softmax,
            "the function softmax, which gives a different value if its neighbour "
            "changes",
        ),
        (
            keras.layers.Softmax(),
            "the layer Softmax, which gives a different value if its neighbour changes",
        ),
        (
            rectifiers.GatedLinearUnit(),
            "the layer GatedLinearUnit, which does not accept the shape (8, 1) or (8, 2)",
        ),
        (
            lambda x: ops.concatenate([ops.relu(x), ops.relu(-x)], axis=-1),
            "the function <lambda>, which maps the shape (8, 2) to (8, 4)",
        ),
        (
            lambda x: ops.max(x, axis=-1, keepdims=True),
            "the function <lambda>, which maps the shape (8, 2) to (8, 1)",
        ),
    ],
    ids=["softmax", "Softmax", "GatedLinearUnit", "crelu", "maxout"],
)
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1")
def test_what_mixes_elements_is_refused(activation, received):
    with pytest.raises(ValueError) as error:
        moments(activation)
    assert str(error.value) == (
        "The theory needs an activation that acts on each element separately; softmax, "
        f"Maxout and CReLU, for example, have no gain. Received: {received}"
    )


def test_what_needs_several_channels_is_refused():
    def even(x):
        if x.shape[-1] % 2:
            raise ValueError("The number of channels must be even.")
        return x

    with pytest.raises(
        ValueError,
        match="^The theory needs an activation that acts on each element separately; "
        "softmax, Maxout and CReLU, for example, have no gain. Received: the function "
        r"even, which does not accept the shape \(8, 1\) or \(8, 2\)$",
    ):
        moments(even)


def test_what_loses_float64_is_refused():
    def rounded(x):
        return ops.cast(ops.relu(x), "float32")

    with pytest.raises(
        ValueError,
        match=r"^The theory needs an activation that keeps float64\. On JAX some keras.ops "
        "do not; write the function in numpy for this purpose. Received: the function "
        "rounded, which returned float32$",
    ):
        moments(rounded)


@pytest.mark.parametrize("activation", [None, True, keras.layers.ReLU, [0.1]], ids=str)
def test_what_is_no_activation_is_refused(activation):
    with pytest.raises(TypeError) as error:
        moments(activation)
    assert str(error.value) == (
        "Expected an activation as a name, a layer, a function or a negative slope, "
        "such as 'relu', LeakyReLU(0.1), keras.activations.gelu or 0.1. Received: "
        f"{activation!r} of type {type(activation).__name__}"
    )


def test_a_slope_that_is_not_finite_is_refused():
    with pytest.raises(
        ValueError,
        match=r"^A negative slope must be finite, such as 0\.1. Received: nan$",
    ):
        moments(float("nan"))


def in_float32(layer):
    return type(layer).from_config(layer.get_config())


def mean_square_by_scipy(function, root):
    bends = np.array([-8, -4, -2, -1, 0, 1, 2, 4, 8]) / root
    edges = [-14, *np.unique([*bends[abs(bends) < 14], *range(-13, 14)]), 14]
    return sum(
        integrate.quad(
            lambda z: function(root * z) ** 2 * density(z),
            left,
            right,
            epsabs=1e-16,
            epsrel=1e-13,
        )[0]
        for left, right in itertools.pairwise(edges)
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x - ops.mean(x),
        lambda x: x / ops.max(ops.abs(x)),
        lambda x: ops.roll(x, 1, axis=0),
        keras.layers.UnitNormalization(axis=0),
        keras.layers.Softmax(axis=0),
    ],
)
def test_what_mixes_the_batch_is_refused(function):
    with pytest.raises(ValueError, match="acts on each element separately"):
        moments(function)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Dropout(0.5),
        keras.layers.GaussianNoise(0.1),
        keras.layers.BatchNormalization(),
    ],
)
def test_layers_that_do_something_else_in_training_are_refused(layer):
    message = (
        "RReLU is the only layer with a different behaviour in training that the "
        "theory supports. Pass what the layer computes as a function. Received: the "
        f"layer {type(layer).__name__}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        moments(layer)


def test_lambda_layer_counts_as_its_function():
    layer = keras.layers.Lambda(lambda x, power: x**power, arguments={"power": 2})
    assert moments(layer).mean_square(1.0) == pytest.approx(3, rel=1e-9)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (functions.prelu, r"prelu with \(x, negative_slope, .*\)"),
        (lambda: 0, r"<lambda> with \(\)"),
        (lambda x, y: x, r"<lambda> with \(x, y\)"),
    ],
)
def test_functions_of_another_number_of_arguments_are_refused(function, name):
    with pytest.raises(
        TypeError, match=f"function of one argument. .* Received: the function {name}$"
    ):
        moments(function)
