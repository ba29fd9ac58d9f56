"""What holds by definition, and that another function would be noticed."""

import numpy as np
import pytest

from keras_rectifiers.comparison.reporting.identities import TOLERANCE
from studies.definitions import IDENTITIES, elu, rectifiers, softmax, softplus

BY_NAME = {identity.name: identity for identity in IDENTITIES}


@pytest.mark.parametrize("identity", IDENTITIES, ids=BY_NAME)
def test_each_identity_holds(identity):
    assert 0 <= identity.deviation() < identity.tolerance
    assert identity.tolerance == (5e-4 if identity.rows else TOLERANCE)


@pytest.mark.parametrize(
    ("part", "name", "function", "wrong"),
    [
        (rectifiers, "scaling", "relu", lambda x: np.maximum(x, 0.1)),
        (rectifiers, "monotony", "relu", lambda x: np.maximum(x, -0.01 * x)),
        (rectifiers, "monotony", "gelu", lambda x: x / (1 + np.exp(-1.702 * x))),
        (rectifiers, "maximum", "prelu", lambda x, a: np.where(x > 0, x, a * x + 1e-5)),
        (
            softplus,
            "softplus-derivative",
            "softplus",
            lambda x: np.log(1.001 + np.exp(x)),
        ),
        (
            softplus,
            "softplus-gap",
            "softplus",
            lambda x, k=1: np.logaddexp(0, k * x) / (1.01 * k),
        ),
        (softplus, "log-sum-exp", "log_sum_exp", lambda x: np.exp(x).sum(axis=-1)),
        (
            softplus,
            "log-sum-exp",
            "softmax",
            lambda x: x / x.sum(axis=-1, keepdims=True),
        ),
        (
            elu,
            "elu-gap",
            "elu",
            lambda x, a: np.where(x > 0, x, a * (np.exp(x / a) - 1)),
        ),
        (
            softmax,
            "softmax-examples",
            "softmax",
            lambda x: np.exp(2 * x) / np.exp(2 * x).sum(),
        ),
    ],
)
def test_another_function_would_be_noticed(monkeypatch, part, name, function, wrong):
    monkeypatch.setattr(part, function, wrong)
    identity = BY_NAME[name]
    assert not identity.deviation() < identity.tolerance


def test_the_texts_are_complete_and_name_their_source():
    assert len(BY_NAME) == len(IDENTITIES) == 8
    for one in IDENTITIES:
        texts = (one.statement, one.formula, one.reason, one.checked, one.caption)
        assert all(texts) and one.sources
        assert all(text.endswith(".") for text in (one.statement, one.reason))
