"""How many numbers have to be passed on to tell classes apart."""

import keras
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
        # An auto-encoder or a regression may be narrow.
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
