"""Keras's random numbers, made of integers that every backend vectorises."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from scipy import stats

from keras_rectifiers.comparison.training import noise_draws
from keras_rectifiers.comparison.training.noise_draws import drawing_by_integers

DISTRIBUTIONS = {
    "uniform": (
        lambda shape, seed: keras.random.uniform(shape, -1.0, 3.0, seed=seed),
        stats.uniform(-1, 4),
    ),
    "normal": (
        lambda shape, seed: keras.random.normal(shape, 1.0, 2.0, seed=seed),
        stats.norm(1, 2),
    ),
    "truncated normal": (
        lambda shape, seed: keras.random.truncated_normal(shape, 1.0, 2.0, seed=seed),
        stats.truncnorm(-2, 2, 1, 2),
    ),
}


@pytest.fixture(autouse=True)
def by_integers():
    with drawing_by_integers(keras.random.SeedGenerator(3)):
        yield


@pytest.mark.parametrize(
    ("draw", "expected"), DISTRIBUTIONS.values(), ids=DISTRIBUTIONS
)
@pytest.mark.parametrize("shape", [(20_000,), (200, 100), (20, 10, 100)])
def test_numbers_have_the_distribution_of_keras(draw, expected, shape):
    numbers = ops.convert_to_numpy(draw(shape, keras.random.SeedGenerator(1)))
    assert numbers.shape == shape
    assert numbers.dtype == np.float32
    assert stats.kstest(numbers.ravel(), expected.cdf).pvalue > 1e-3


@pytest.mark.parametrize("integer", [-(2**31), 2**31 - 1])
def test_the_outermost_numbers_are_finite(monkeypatch, integer):
    monkeypatch.setattr(
        noise_draws,
        "noise_integers",
        lambda shape, _: ops.full(shape, integer, dtype="int32"),
    )
    for draw, expected in DISTRIBUTIONS.values():
        number = float(draw((1,), 0)[0])
        assert abs(expected.cdf(number) - (integer > 0)) < 1e-6
        assert np.isfinite(number)
    assert int(keras.random.randint((1,), 0, 5, seed=0)[0]) == (4 if integer > 0 else 0)


def test_integers_and_classes_have_the_distribution_of_keras():
    integers = keras.random.randint((6000,), 2, 5, seed=1)
    counts = np.bincount(ops.convert_to_numpy(integers))
    assert stats.chisquare(counts[2:]).pvalue > 1e-3 and counts[:2].sum() == 0
    shares = np.array([0.1, 0.2, 0.7], np.float32)
    classes = keras.random.categorical(np.log(shares)[None], 6000, seed=2)
    assert classes.shape == (1, 6000)
    counts = np.bincount(ops.convert_to_numpy(classes)[0])
    assert stats.chisquare(counts, 6000 * shares.astype(float)).pvalue > 1e-3


@pytest.mark.parametrize("draw", [d for d, _ in DISTRIBUTIONS.values()])
def test_each_draw_of_a_generator_is_another_and_follows_its_seed(draw):
    one, other = keras.random.SeedGenerator(1), keras.random.SeedGenerator(1)
    first = ops.convert_to_numpy(draw((50,), one))
    np.testing.assert_array_equal(first, ops.convert_to_numpy(draw((50,), other)))
    assert not np.array_equal(first, ops.convert_to_numpy(draw((50,), one)))
    unseeded = [ops.convert_to_numpy(draw((50,), None)) for _ in range(2)]
    assert not np.array_equal(*unseeded)


def test_dropout_drops_the_share_of_keras_and_scales_the_rest():
    dropped = layers.Dropout(0.25, seed=1)(np.ones((200, 100)), training=True)
    values, counts = np.unique(ops.convert_to_numpy(dropped), return_counts=True)
    np.testing.assert_allclose(values, [0, 1 / 0.75], rtol=1e-6)
    assert counts[0] / counts.sum() == pytest.approx(0.25, abs=0.02)
    channels = layers.SpatialDropout1D(0.5, seed=1)(np.ones((20, 9, 30)), training=True)
    assert (np.ptp(ops.convert_to_numpy(channels), axis=1) == 0).all()
    nothing = layers.Dropout(1.0, seed=1)(np.ones((2, 3)), training=True)
    assert not ops.any(nothing)


def test_a_rate_of_dropout_next_to_1_drops_all_but_all():
    dropout = layers.Dropout(1 - 1e-11, seed=0)
    assert not ops.any(dropout(np.ones((100, 10), np.float32), training=True))


def test_the_stream_of_the_process_stays_where_it_is():
    def unseeded():
        return float(keras.random.normal(()))

    keras.utils.set_random_seed(1)
    with drawing_by_integers(keras.random.SeedGenerator(3)):
        inside = [unseeded() for _ in range(2)]
    keras.utils.set_random_seed(2)
    with drawing_by_integers(keras.random.SeedGenerator(3)):
        assert [unseeded() for _ in range(2)] == inside
