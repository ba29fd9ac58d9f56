"""The random numbers of RReLU: their hash, and that they are as good as independent."""

import itertools
import math

import keras
import numpy as np
import pytest
from keras import ops

from keras_rectifiers import functions
from keras_rectifiers.noise import noise_integers
from tests.drawn_slopes import (
    NUM_SIGMAS,
    SHAPE,
    correlation_in_sigmas,
    draw,
    draw_uniform,
)


def finalise(h):
    """Wellons's lowbias32, in the unsigned integers that he wrote it in."""
    h = (h ^ (h >> 16)) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> 15)) * np.uint32(0x846CA68B)
    return h ^ (h >> 16)


@pytest.mark.parametrize("seed", [(0, 0), (1, 0), (2**31 - 1, 12345)])
def test_draws_are_the_hash_of_seed_and_position(seed):
    first, second = np.array(seed, "uint32").reshape(2, 1)
    row_key = finalise(finalise(first + np.uint32(0x9E3779B9)) ^ second)
    column_key = finalise(finalise(second + np.uint32(0x6A09E667)) ^ first)
    rows = finalise(np.arange(400, dtype="uint32") + row_key)
    multipliers, offsets = rows[::2, np.newaxis], rows[1::2, np.newaxis]
    columns = finalise(np.arange(300, dtype="uint32") + column_key)
    hashed = (multipliers | 1) * columns + offsets
    expected = hashed.view("int32") * 2.0**-32 + 0.5
    drawn = draw((200, 300), seed, form="slope", lower=0, upper=1)
    # float32 rounds the integers to 24 bits.
    assert np.abs(drawn - expected).max() <= 2.0**-24


@pytest.mark.parametrize("seed", [(0, 0), (0, 1), (1, 0), (2**31 - 1, 12345)])
def test_draws_are_uniform(seed):
    uniform = np.sort(draw(SHAPE, seed, form="slope", lower=0, upper=1).ravel())
    ranks = (np.arange(uniform.size) + 0.5) / uniform.size
    # Kolmogorov and Smirnov's statistic, at a probability of 1e-4.
    assert np.abs(uniform - ranks).max() * math.sqrt(uniform.size) < 2.2
    # So are the next bits after the highest.
    low_bits = (uniform * 2**20).astype("int64") % 256
    counts = np.bincount(low_bits, minlength=256)
    expected = uniform.size / 256
    chi_square = np.sum((counts - expected) ** 2) / expected
    assert chi_square == pytest.approx(255, abs=NUM_SIGMAS * math.sqrt(2 * 255))


@pytest.mark.parametrize("shape", [SHAPE, (50, 10, 20, 100), (1_000_000, 1)])
def test_neighbouring_elements_are_not_correlated(shape):
    draws = draw_uniform(shape, (3, 4))
    for axis in range(draws.ndim):
        for lag in (1, 2, 8):
            if lag < draws.shape[axis]:
                first = np.take(draws, range(draws.shape[axis] - lag), axis)
                second = np.take(draws, range(lag, draws.shape[axis]), axis)
                assert abs(correlation_in_sigmas(first, second)) < NUM_SIGMAS


def test_sums_over_examples_and_places_scatter_as_those_of_independent_draws():
    draws = draw_uniform(SHAPE, (7, 8))
    for axis in (0, 1):
        sums = draws.sum(axis=axis) / math.sqrt(SHAPE[axis])
        assert sums.var() == pytest.approx(1, abs=NUM_SIGMAS * math.sqrt(2 / 1000))


def test_no_rectangle_of_elements_is_correlated():
    # Numbers of the row and numbers of the column make each draw: if they were only
    # added, the four corners of a rectangle would tell of each other.
    draws = draw_uniform(SHAPE, (3, 4))
    corners = draws[:-1, :-1] * draws[1:, 1:], draws[:-1, 1:] * draws[1:, :-1]
    assert abs(correlation_in_sigmas(*corners)) < NUM_SIGMAS


@pytest.mark.parametrize(
    "other", [(5, 7), (6, 6), (6, 5), (4, 7), (5 + 2**30, 6), (5, 6 + 2**30)]
)
def test_draws_of_neighbouring_seeds_are_not_correlated(other):
    first, second = draw_uniform(SHAPE, (5, 6)), draw_uniform(SHAPE, other)
    assert np.mean(first == second) < 1e-5
    for shift in (0, 1, -1, 7, 1000):
        shifted = np.roll(second.ravel(), shift).reshape(SHAPE)
        assert abs(correlation_in_sigmas(first, shifted)) < NUM_SIGMAS


def test_one_element_over_many_calls_is_uniform_and_uncorrelated():
    def call(seed):
        x = -keras.ops.ones((2, 3))
        return functions.rrelu(x, form="slope", lower=0, upper=1, seed=seed)

    seeds = np.stack([np.full(20_000, 9), np.arange(20_000)], axis=1).astype("int32")
    uniform = -keras.ops.convert_to_numpy(
        keras.ops.vectorized_map(call, keras.ops.convert_to_tensor(seeds))
    )
    calls = (uniform.reshape(-1, 6).astype("float64") - 0.5) * math.sqrt(12)
    sigmas = math.sqrt(len(calls))
    assert np.abs(calls.mean(axis=0)).max() * sigmas < NUM_SIGMAS
    for first, second in itertools.combinations(calls.T, 2):
        assert abs(correlation_in_sigmas(first, second)) < NUM_SIGMAS
    assert abs(correlation_in_sigmas(calls[1:], calls[:-1])) < NUM_SIGMAS


def test_channel_noise_is_not_correlated_between_channels_and_examples():
    draws = draw_uniform((1000, 2, 1000), (2, 3), noise="channel")[:, 0]
    for first, second in [
        (draws[:, 1:], draws[:, :-1]),
        (draws[1:], draws[:-1]),
        (draws[1:, 1:], draws[:-1, :-1]),
    ]:
        assert abs(correlation_in_sigmas(first, second)) < NUM_SIGMAS


def test_draws_of_an_example_do_not_depend_on_the_size_of_the_batch():
    np.testing.assert_array_equal(draw((9, 4, 3), (1, 2))[:5], draw((5, 4, 3), (1, 2)))


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 5), (6, 2, 5), (0, 3)])
def test_any_shape_has_the_hash_of_its_rows_and_places_in_all_bits(shape):
    seed = np.array([3, 2**31 - 1], "uint32")
    golden, root = np.uint32(0x9E3779B9), np.uint32(0x6A09E667)
    row_key = finalise(finalise(seed[:1] + golden) ^ seed[1:])
    column_key = finalise(finalise(seed[1:] + root) ^ seed[:1])
    num_columns = math.prod(shape[1:])
    rows = finalise(np.arange(2 * shape[0], dtype="uint32") + row_key).reshape(-1, 2)
    columns = finalise(np.arange(num_columns, dtype="uint32") + column_key)
    expected = (rows[:, :1] | 1) * columns + rows[:, 1:]
    drawn = noise_integers(shape, ops.convert_to_tensor(seed.astype("int32")))
    assert keras.backend.standardize_dtype(drawn.dtype) == "int32"
    np.testing.assert_array_equal(
        ops.convert_to_numpy(drawn), expected.view("int32").reshape(shape)
    )


def test_a_shape_may_be_a_tensor_and_without_sizes_there_is_one_number():
    seed = ops.convert_to_tensor([1, 2], "int32")
    expected = ops.convert_to_numpy(noise_integers((4, 3), seed))
    assert ops.convert_to_numpy(noise_integers((), seed)) == expected[0, 0]
    if keras.backend.backend() == "tensorflow":  # others know the sizes at any time
        import tensorflow as tf

        draw_in_graph = tf.function(lambda shape: noise_integers(shape, seed))
        drawn = draw_in_graph(tf.constant([4, 3]))
        np.testing.assert_array_equal(ops.convert_to_numpy(drawn), expected)
