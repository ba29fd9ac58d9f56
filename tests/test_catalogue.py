"""The catalogue against the functions that it describes."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers import catalogue
from keras_rectifiers.activations import get
from keras_rectifiers.catalogue import CATALOGUE

NAMED_BY_STUDIES = [
    "relu",
    "leaky_relu",
    "leaky_relu_0.1",
    "very_leaky_relu",
    "prelu",
    "rrelu",
    "smooth_relu",
    "softplus",
    "elu",
    "shifted_relu",
    "gelu",
    "silu",
    "sigmoid",
    "tanh",
    "linear",
    "softmax",
    "maxout",
    "crelu",
]
NAMES = list(CATALOGUE)
ELEMENTWISE = [name for name, entry in CATALOGUE.items() if entry.elementwise]
SETTINGS = {"maxout": {"units": 2}}


def apply(layer, x):
    layer.dtype_policy = keras.DTypePolicy("float64")
    return ops.convert_to_numpy(layer(x[:, np.newaxis]))[:, 0]


def test_the_catalogue_has_the_activations_that_the_studies_name():
    assert set(NAMED_BY_STUDIES) <= set(NAMES)


def test_every_activation_has_a_title_of_its_own_that_reads_as_text():
    titles = [catalogue.title(name) for name in NAMES]
    assert len(set(titles)) == len(titles)
    assert not any("_" in title for title in titles)
    assert catalogue.title("leaky_relu") == "leaky ReLU (0.01)"
    assert catalogue.title("tanh") == "tanh"
    assert catalogue.title("my_own") == "my_own"


@pytest.mark.parametrize("name", NAMES)
def test_an_output_depends_on_one_input_where_the_catalogue_says_so(name):
    layer = get(name, **SETTINGS.get(name, {}))
    x = np.array([[0.5, 1.0, 2.0, 3.0]], "float32")
    y = ops.convert_to_numpy(layer(x))
    changed = ops.convert_to_numpy(layer(x + np.array([[0, 0, 0, 2]], "float32")))
    # Maxout of two units and gated units give fewer outputs than they have inputs.
    elementwise = y.shape == x.shape and np.array_equal(y[:, :3], changed[:, :3])
    assert CATALOGUE[name].elementwise == elementwise


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_derivative_spans_its_range(name):
    x = np.linspace(-40, 40, 80_001)
    slopes = np.diff(apply(get(name), x)) / 1e-3
    if name == "rrelu":  # inference has one of the slopes that training draws
        assert slopes.min() == pytest.approx(2 / 11)
        slopes = [1 / 8, 1 / 3, slopes.max()]
    low, high = CATALOGUE[name].derivative_range
    # What is learned later may have any slope.
    low, high = {"prelu": (0.25, 1.0), "s_shaped_relu": (0.2, 1.0)}.get(
        name, (low, high)
    )
    if name == "squared_relu":  # it grows without end
        assert high == np.inf
        high = 2 * (40 - 0.5e-3)  # in the middle of the last step
    assert (min(slopes), max(slopes)) == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_derivative_jumps_at_the_kinks_and_nowhere_else(name):
    grid = np.arange(-500, 501) / 100
    step = 1e-4
    left = (apply(get(name), grid) - apply(get(name), grid - step)) / step
    right = (apply(get(name), grid + step) - apply(get(name), grid)) / step
    jumps = grid[np.abs(right - left) > 0.01]
    assert tuple(jumps) == CATALOGUE[name].kinks


@pytest.mark.parametrize(
    ("name", "gate"),
    [
        ("glu", "sigmoid"),
        ("reglu", "relu"),
        ("geglu", "gelu"),
        ("swiglu", "silu"),
        ("silu", ""),
        ("maxout", ""),
    ],
)
def test_a_gated_unit_has_the_gate_of_its_name(name, gate):
    assert CATALOGUE[name].gate == gate


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_what_the_catalogue_says_of_a_function_is_so(name):
    entry = CATALOGUE[name]
    x = np.linspace(-30, 30, 6001)
    y = apply(get(name), x)
    slopes = np.diff(y) / np.diff(x)
    # Farther out, functions that tend to 0 underflow.
    assert entry.flat_zero == ((y[np.abs(x) < 5] == 0).mean() > 0.1)
    assert entry.bounded == (np.abs(slopes[[0, -1]]).max() < 1e-3)
    distinct = {round(s, 6) for s in slopes}
    assert entry.piecewise_linear == (len(distinct) <= 3)


def test_an_unknown_name_lists_the_near_ones():
    with pytest.raises(
        ValueError,
        match=r"^There is no activation named 'lekyrelu' in the catalogue\. "
        r"Did you mean 'leaky_relu' or 'leaky_relu_0\.1' or 'very_leaky_relu'\?$",
    ):
        catalogue.entry("lekyrelu")
    with pytest.raises(ValueError, match="Did you mean 'prelu' or 'relu' or 'rrelu'"):
        catalogue.entry("PReLU")
    with pytest.raises(
        TypeError,
        match=r"^Expected the name of an activation in the catalogue, such as 'rrelu'\. "
        r"Received: \['relu'\], of type list\.$",
    ):
        catalogue.entry(["relu"])
    with pytest.raises(ValueError, match=rf"It has: {', '.join(NAMES)}\.$"):
        catalogue.entry("xyzzy")


def test_no_two_activations_look_the_same_in_a_figure():
    looks = {(e.colour, e.line_style) for e in CATALOGUE.values()}
    assert len(looks) == len(CATALOGUE)


def test_the_slopes_of_the_leaky_family_are_spelled_out():
    slopes = [get(n).negative_slope for n in NAMED_BY_STUDIES[1:4]]
    assert slopes == [0.01, 0.1, 1 / 5.5]
    assert catalogue.entry("very_leaky_relu").line_style == ":"
