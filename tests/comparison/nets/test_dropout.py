"""Dropout: its share, its scale and its noise."""

import numpy as np
import pytest
from keras import ops

from keras_rectifiers.comparison.nets.dropout import Dropout


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.9])
def test_dropout_drops_its_share_and_scales_the_rest(rate):
    layer = Dropout(rate, seed=0)
    x = np.full((500, 400), 3, "float32")
    y = ops.convert_to_numpy(layer(x, training=True))
    dropped = y == 0
    deviation = np.sqrt(rate * (1 - rate) / x.size)
    assert abs(dropped.mean() - rate) <= 4 * deviation
    np.testing.assert_allclose(y[~dropped], 3 / (1 - rate), rtol=1e-6)
    again = ops.convert_to_numpy(layer(x, training=True))
    agree = ((again == 0) == dropped).mean()
    expected = rate**2 + (1 - rate) ** 2
    assert abs(agree - expected) <= 4 * np.sqrt(expected * (1 - expected) / x.size)
    assert (ops.convert_to_numpy(layer(x, training=False)) == 3).all()
