"""The scale of inputs, which the training split alone sets."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_rectifiers.comparison.data import datasets, scaling
from tests.comparison.data.made_up_files import forget, saved


def test_the_training_split_alone_sets_the_scale():
    digits = datasets.load("digits")
    pixels = digits.x_train.reshape(1257, 64).astype(np.float64)
    deviations = pixels.std(axis=0)
    np.testing.assert_allclose(pixels.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(deviations[deviations > 0], 1, atol=1e-5)
    assert abs(digits.x_test.mean(axis=0)).max() > 0.01
    # Constant pixels are 0, not NaN.
    assert (deviations == 0).any() and np.isfinite(digits.x_test).all()


def test_features_are_scaled_one_by_one(folders):
    rng = np.random.default_rng(1)
    x = rng.normal([0, 50, 7], [1, 9, 0], (60, 3))
    own = datasets.load(saved(folders, x_train=x, x_test=x[:20]))
    np.testing.assert_allclose(own.x_train.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(own.x_train.std(axis=0), [1, 1, 0], atol=1e-6)


def test_raw_inputs_are_as_published_and_unit_inputs_span_0_to_1():
    digits = load_digits().images
    raw, unit = (datasets.load("digits", inputs=inputs) for inputs in ("raw", "unit"))
    splits = [raw.x_train, raw.x_validation, raw.x_test]
    images = np.concatenate(splits).reshape(-1, 64)
    assert np.array_equal(
        np.unique(images, axis=0), np.unique(digits.reshape(-1, 64), axis=0)
    )
    assert (unit.x_train.min(), unit.x_train.max()) == (0, 1)
    np.testing.assert_allclose(unit.x_test, raw.x_test / 16)
    # They are the same examples.
    assert np.array_equal(raw.y_train, datasets.load("digits").y_train)


def test_the_range_is_that_of_the_training_split(folders):
    x = np.linspace(-4, 6, 180).reshape(60, 3)
    own = datasets.load(saved(folders, x_train=x, x_test=9 * x[:20]), inputs="unit")
    train = own.x_train
    assert (train.min(), train.max()) == (0, 1)
    # One range for all features; the test split may leave it.
    assert np.ptp(train, axis=0).min() > 0.9
    assert own.x_test.min() < -1


def test_moments_of_many_examples_are_those_of_all_at_once(monkeypatch, rng):
    monkeypatch.setattr(scaling, "_CHUNK", 7)
    x = rng.normal(5, 3, (50, 2, 2, 3)).astype(np.float32)
    mean, deviation = scaling.mean_and_std(x, (0, 1, 2))
    np.testing.assert_allclose(mean, x.mean(axis=(0, 1, 2), dtype=float))
    np.testing.assert_allclose(deviation, x.std(axis=(0, 1, 2), dtype=float))
    scaled = scaling.scaled(x, mean, deviation)
    np.testing.assert_allclose(scaled, (x - mean) / deviation, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("value", [0.1, 0.3, 1e5 + 0.1, -7.7e-9])
@pytest.mark.parametrize("shape", [(2,), (2, 2, 3)])
def test_what_is_constant_becomes_0_whatever_its_sum_rounds_to(
    folders, rng, monkeypatch, value, shape
):
    monkeypatch.setattr(scaling, "_CHUNK", 7)
    x = rng.normal(size=(900, *shape))
    x[..., -1] = value
    # A constant of the training split is none of the test split: it is not blown up.
    x_test = x[:20].copy()
    x_test[..., -1] += 1
    arrays = {"x_train": x, "y_train": np.arange(900) % 3, "x_test": x_test}
    for num_train in (60, 180, 900):
        forget()
        part = {name: array[:num_train] for name, array in arrays.items()}
        own = datasets.load(saved(folders, **part))
        np.testing.assert_array_equal(own.x_train[..., -1], 0)
        np.testing.assert_array_equal(own.x_validation[..., -1], 0)
        np.testing.assert_allclose(own.x_test[..., -1], 1)
        assert own.x_train[..., 0].std() == pytest.approx(1, rel=1e-5)


def test_what_varies_by_less_than_its_square_holds_is_not_divided_by_0():
    x = np.array([[0.0], [1e-200]])
    _, deviation = scaling.mean_and_std(x, (0,))
    assert deviation.tolist() == [1]


@pytest.mark.parametrize(
    ("inputs", "offset", "scale"),
    # Standardised: for each feature; otherwise one for all.
    [
        ("standardised", [2, 5], [1, 1]),
        ("unit", 1, 4),
        ("raw", 0, 1),
    ],
)
def test_each_scaling_is_what_it_is_by_hand(inputs, offset, scale):
    x = np.array([[1, 5], [3, 5], [1, 5], [3, 5]], np.uint8)
    found = scaling.SCALINGS[inputs](x, (0,))
    for part, expected in zip(found, (offset, scale), strict=True):
        assert part.dtype == np.float64 and part.tolist() == expected
    result = scaling.scaled(x, *found)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, (x - np.array(offset, float)) / scale)


def test_inputs_that_are_all_the_same_have_a_span_of_1():
    x = np.full((4, 2), 7.0)
    least, span = scaling.SCALINGS["unit"](x, (0,))
    assert (least.item(), span.item()) == (7, 1)
    assert not scaling.scaled(x, least, span).any()
