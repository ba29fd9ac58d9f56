"""What holds by definition, against the library and against sums in plain Python."""

import math

import numpy as np
import pytest
from keras import ops
from keras.initializers import Constant

import keras_rectifiers
from keras_rectifiers.comparison.reporting.identities import TOLERANCE
from keras_rectifiers.layers import Maxout, PReLU
from studies import definitions
from studies.definitions import IDENTITIES, X

BY_NAME = {identity.name: identity for identity in IDENTITIES}
# What float32 holds of numbers up to 5.
IN_FLOAT32 = 1e-6


@pytest.mark.parametrize("identity", IDENTITIES, ids=BY_NAME)
def test_each_identity_holds(identity):
    assert 0 <= identity.deviation() < identity.tolerance
    assert identity.tolerance == (5e-4 if identity.rows else TOLERANCE)


@pytest.mark.parametrize(
    ("name", "function", "wrong"),
    [
        ("scaling", "relu", lambda x: np.maximum(x, 0.1)),
        ("monotony", "relu", lambda x: np.maximum(x, -0.01 * x)),
        ("monotony", "gelu", lambda x: x / (1 + np.exp(-1.702 * x))),
        ("maximum", "prelu", lambda x, a: np.where(x > 0, x, a * x + 1e-5)),
        ("softplus-derivative", "softplus", lambda x: np.log(1.001 + np.exp(x))),
        (
            "softplus-gap",
            "softplus",
            lambda x, k=1: np.logaddexp(0, k * x) / (1.01 * k),
        ),
        ("log-sum-exp", "log_sum_exp", lambda x: np.exp(x).sum(axis=-1)),
        ("log-sum-exp", "softmax", lambda x: x / x.sum(axis=-1, keepdims=True)),
        ("elu-gap", "elu", lambda x, a: np.where(x > 0, x, a * (np.exp(x / a) - 1))),
        ("softmax-examples", "softmax", lambda x: np.exp(2 * x) / np.exp(2 * x).sum()),
    ],
)
def test_another_function_would_be_noticed(monkeypatch, name, function, wrong):
    monkeypatch.setattr(definitions, function, wrong)
    identity = BY_NAME[name]
    assert not identity.deviation() < identity.tolerance


def test_the_formulas_are_those_of_the_library():
    x = X.astype(np.float32)
    for name, expected in (
        ("relu", definitions.relu(X)),
        ("gelu", definitions.gelu(X)),
        ("sigmoid", definitions.logistic(X)),
        ("smooth_relu", definitions.softplus(X)),
        ("elu", definitions.elu(X, 1.0)),
        ("shifted_relu", np.maximum(-1, X)),
    ):
        got = ops.convert_to_numpy(keras_rectifiers.get(name)(x))
        np.testing.assert_allclose(got, expected, rtol=IN_FLOAT32, atol=IN_FLOAT32)
    for k in definitions.SHARPNESSES:
        got = ops.convert_to_numpy(keras_rectifiers.SmoothReLU(k)(x))
        expected = definitions.softplus(X, k)
        np.testing.assert_allclose(got, expected, rtol=IN_FLOAT32, atol=IN_FLOAT32)


@pytest.mark.parametrize("slope", definitions.SLOPES)
def test_the_layer_prelu_is_a_maxout_of_two_pieces(slope):
    x = X.astype(np.float32)[:, None]
    prelu = ops.convert_to_numpy(PReLU(Constant(slope))(x))[:, 0]
    both = np.concatenate([x, np.float32(slope) * x], axis=1)
    maxout = ops.convert_to_numpy(Maxout(1)(both))[:, 0]
    np.testing.assert_array_equal(prelu, maxout)
    np.testing.assert_allclose(prelu, definitions.prelu(X, slope), rtol=IN_FLOAT32)


def test_softmax_and_log_sum_exp_are_those_of_plain_sums():
    for x, in_text in definitions.EXAMPLES:
        powers = [math.exp(number) for number in x]
        shares = [power / sum(powers) for power in powers]
        got = definitions.softmax(np.array(x))
        np.testing.assert_allclose(got, shares, atol=TOLERANCE)
        assert [round(share, 3) for share in shares] == list(in_text)
        total = definitions.log_sum_exp(np.array(x))
        assert total == pytest.approx(math.log(sum(powers)), abs=TOLERANCE)
        of_keras = ops.convert_to_numpy(ops.softmax(np.array(x, np.float32)))
        np.testing.assert_allclose(of_keras, shares, atol=TOLERANCE)


def test_the_bump_of_gelu_is_where_a_fine_grid_finds_it():
    x = np.linspace(-1, -0.5, 500_001)
    y = [number * math.erfc(-number / math.sqrt(2)) / 2 for number in x[::1000]]
    least = int(np.argmin(definitions.gelu(x)))
    assert x[least] == pytest.approx(definitions.BUMP_AT, abs=2e-6)
    assert definitions.gelu(x)[least] == pytest.approx(definitions.BUMP, abs=TOLERANCE)
    np.testing.assert_allclose(definitions.gelu(x[::1000]), y, atol=TOLERANCE)


def test_equal_numbers_at_the_end_of_an_example_stand_once():
    rows = BY_NAME["softmax-examples"].rows
    assert rows[0] == (
        "3, 0.7, 0.5",
        "0.846, 0.085, 0.069",
        "0.84578, 0.08480, 0.06943",
    )
    assert rows[2][:2] == ("1.5, 9 times 1.2", "0.130, 9 times 0.097")


def test_the_texts_are_complete_and_name_their_source():
    assert len(BY_NAME) == len(IDENTITIES) == 8
    for one in IDENTITIES:
        texts = (one.statement, one.formula, one.reason, one.checked, one.caption)
        assert all(texts) and one.sources
        assert all(text.endswith(".") for text in (one.statement, one.reason))
