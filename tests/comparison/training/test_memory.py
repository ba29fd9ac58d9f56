"""How many members fit into memory, by what a model's layers hold and return."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_rectifiers.comparison.training.memory import most_members, returned_floats

NO_PROBE = {"epochs": 1, "batch_size": 1, "probe_size": 0}


def chain(*parts, shape=(10,)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *parts])


def test_what_all_layers_return_is_counted_those_within_others_too():
    model = chain(layers.Dense(7), layers.ReLU(), chain(layers.Dense(3), shape=(7,)))
    assert returned_floats(model, np.ones((1, 10))) == 7 + 7 + 3
    attention = layers.MultiHeadAttention(num_heads=2, key_dim=3)
    inputs = keras.Input((5, 4))
    model = keras.Model(inputs, attention(inputs, inputs))
    # Queries, keys, values; scores, and their softmax; the outputs, twice.
    inner = 3 * 5 * 2 * 3 + 2 * 2 * 5 * 5 + 5 * 4
    assert returned_floats(model, np.ones((1, 5, 4))) == inner + 5 * 4


def test_wide_nets_and_long_sequences_are_trained_by_fewer_at_once():
    wide = most_members(chain(layers.Dense(100_000)), np.ones((1, 10)), **NO_PROBE)
    # 1.1 million weights, 10 copies of each in 4 bytes.
    assert wide == pytest.approx(2e9 / 4.4e7, rel=0.05)
    long = chain(layers.Dense(10), layers.ReLU(), shape=(1000, 1))
    x = np.ones((1, 1000, 1))
    settings = {"epochs": 1, "probe_size": 0}
    found = [most_members(long, x, batch_size=n, **settings) for n in (100, 200)]
    assert found[0] == pytest.approx(2 * found[1], rel=0.05)
    probed = {"epochs": 1, "batch_size": 100, "probe_size": 10_000}
    assert most_members(long, x, **probed) < found[0]
    assert most_members(chain(layers.Dense(10**7)), np.ones((1, 10)), **NO_PROBE) == 1


def test_of_convolutions_one_at_a_time_is_trained():
    parts = (layers.Conv2D(4, 3), layers.ReLU(), layers.Flatten(), layers.Dense(2))
    x = np.ones((1, 20, 20, 1))
    of_one = most_members(chain(*parts, shape=(20, 20, 1)), x, **NO_PROBE)
    many = most_members(
        chain(*parts, shape=(20, 20, 1)), x, epochs=1, batch_size=1000, probe_size=0
    )
    assert many > 0.9 * of_one
