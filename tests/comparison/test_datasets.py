import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_rectifiers.comparison import datasets


def test_digits_are_split_once_and_for_all():
    digits = datasets.load("digits")
    sizes = [len(digits.y_train), len(digits.y_validation), len(digits.y_test)]
    assert sizes == [1257, 180, 360]
    assert digits.x_train.shape == (1257, 8, 8, 1)
    assert digits.num_classes == 10


def test_the_splits_are_stratified_and_hold_every_image_once():
    digits = datasets.load("digits")
    for labels in (digits.y_train, digits.y_validation, digits.y_test):
        shares = np.bincount(labels, minlength=10) / len(labels)
        assert np.abs(shares - 0.1).max() < 0.02
    labels = np.concatenate([digits.y_train, digits.y_validation, digits.y_test])
    assert np.array_equal(np.bincount(labels), np.bincount(load_digits().target))
    images = np.concatenate([digits.x_train, digits.x_validation, digits.x_test])
    distinct = len(np.unique(load_digits().images.reshape(1797, -1), axis=0))
    assert len(np.unique(images.reshape(1797, -1), axis=0)) == distinct


def test_the_training_split_alone_sets_the_scale():
    digits = datasets.load("digits")
    pixels = digits.x_train.reshape(1257, 64).astype(np.float64)
    deviations = pixels.std(axis=0)
    np.testing.assert_allclose(pixels.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(deviations[deviations > 0], 1, atol=1e-5)
    assert abs(digits.x_test.mean(axis=0)).max() > 0.01
    # Constant pixels are 0, not NaN.
    assert (deviations == 0).any() and np.isfinite(digits.x_test).all()


def test_the_data_and_their_checksum_cannot_be_changed_unnoticed():
    digits = datasets.load("digits")
    with pytest.raises(ValueError, match="read-only"):
        digits.x_train[0] = 0
    assert digits.checksum.startswith("2a2bc8f76a1f0352")


def test_an_unknown_data_set_is_refused():
    with pytest.raises(
        ValueError, match=r"^There is no data set named 'mnits'\. There is: 'digits'\.$"
    ):
        datasets.load("mnits")
