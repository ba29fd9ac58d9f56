"""Numbers that an embedding has no row for, and padding that is read to the end."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.diagnosis.checks.tokens import check


def model(recurrent=None, **settings):
    reader = recurrent or layers.GlobalAveragePooling1D()
    embedding = layers.Embedding(20, 4, name="words", **settings)
    return keras.Sequential(
        [keras.Input((10,)), embedding, reader, layers.Dense(1, "sigmoid")]
    )


def ids(num_tokens=10):
    tokens = 1 + np.arange(60).reshape(6, 10) % 19
    tokens[:, num_tokens:] = 0
    return tokens


@pytest.mark.parametrize(
    ("x", "seen"),
    [
        (ids(), None),
        (ids().astype("float32"), None),
        (ids() / 20, "not whole numbers, such as 0.05"),
        (ids() + 1, "from 2 to 20, but it has 20 rows, for 0 to 19"),
        (ids() - 2, "from -1 to 17"),
    ],
)
def test_tokens_are_the_numbers_of_rows(x, seen):
    found = check(model(), x)
    assert bool(found) == (seen is not None)
    for finding in found:
        assert (finding.layer, finding.certainty) == ("words", "certain")
        assert seen in finding.observation


@pytest.mark.parametrize(
    ("made", "x", "expected"),
    [
        (lambda: model(layers.LSTM(3)), ids(3), ["possible"]),
        (lambda: model(layers.LSTM(3)), ids(8), []),
        (lambda: model(layers.LSTM(3)), ids(3)[:, ::-1], []),
        (lambda: model(layers.LSTM(3), mask_zero=True), ids(3), []),
        (lambda: model(layers.LSTM(3, go_backwards=True)), ids(3), []),
        (lambda: model(), ids(3), []),
    ],
)
def test_padding_at_the_end_is_masked(made, x, expected):
    assert [finding.certainty for finding in check(made(), x)] == expected


def test_what_does_not_begin_with_an_embedding_has_no_tokens():
    net = keras.Sequential([keras.Input((10,)), layers.Dense(1)])
    assert check(net, ids() / 20) == []


def test_of_a_subclassed_model_it_is_not_known_what_an_embedding_reads():
    class Positions(keras.Model):
        def __init__(self):
            super().__init__()
            self.positions, self.words = (
                layers.Embedding(10, 4),
                layers.Embedding(20, 4),
            )

        def call(self, x):
            return self.words(x) + self.positions(keras.ops.arange(10))

    net = Positions()
    net(ids())
    assert check(net, ids()) == []
