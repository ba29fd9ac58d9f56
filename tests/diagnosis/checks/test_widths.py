"""How many numbers have to be passed on to tell classes apart."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.diagnosis.checks.widths import check
from keras_rectifiers.inspection import call_trace
from tests.diagnosis.made_up_outputs import LABELS, MSE, SPARSE, output


def dense(units, activation=None, **settings):
    return layers.Dense(units, activation, **settings)


@pytest.mark.parametrize(
    ("parts", "loss", "layer"),
    [
        ([dense(1, "relu", name="one")], SPARSE, "one"),
        ([dense(3, "relu"), dense(16, "relu")], SPARSE, "dense"),
        ([dense(4, "relu")], SPARSE, None),
        # A regression may be narrow.
        ([dense(1, "relu")], MSE, None),
    ],
)
def test_classes_are_told_apart_by_more_numbers_than_a_few(parts, loss, layer):
    model = keras.Sequential([keras.Input((8,)), *parts, dense(10, "softmax")])
    seen = output("softmax", 10, loss, LABELS)
    found = check(call_trace.of_a_chain(model), [seen])
    assert [finding.certainty for finding in found] == ["possible"] * (
        layer is not None
    )
    assert not layer or found[0].layer.startswith(layer)


@pytest.mark.parametrize(
    ("units", "rank", "expected"), [(1, 12, 1), (8, 12, 0), (1, 1, 0), (3, 12, 1)]
)
def test_an_auto_encoder_passes_on_what_its_targets_consist_of(
    rng, units, rank, expected
):
    model = keras.Sequential(
        [keras.Input((20,)), dense(16, "relu"), dense(units, name="code"), dense(20)]
    )
    x = rng.normal(size=(60, rank)) @ np.linalg.qr(rng.normal(size=(20, rank)))[0].T
    seen = output("linear", 20, MSE, x, prediction=np.zeros((60, 20)))
    found = check(call_trace.of_a_chain(model), [seen])
    assert [f.layer for f in found] == ["code"] * expected
    assert not expected or f"hold{'s' * (units == 1)} " in found[0].observation
