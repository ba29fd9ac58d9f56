"""Digits with missing pixels, whose targets are all pixels."""

import numpy as np

from keras_rectifiers.comparison.data import datasets, noisy_digits, published


def test_three_of_ten_pixels_are_missing_and_the_others_are_those_of_the_digits():
    digits, _ = published.arrays_of("digits", "")
    arrays = noisy_digits.make(digits)
    for split in ("train", "test"):
        whole, x, y = digits[f"x_{split}"], arrays[f"x_{split}"], arrays[f"y_{split}"]
        np.testing.assert_array_equal(y, whole.reshape(len(whole), 64) / 16)
        assert x.shape == whole.shape
        is_there = x > 0
        np.testing.assert_array_equal(x[is_there], whole[is_there] / 16)
        assert abs(is_there.sum() / (whole > 0).sum() - 0.7) < 0.01


def test_the_targets_are_64_numbers_and_the_inputs_images():
    data = datasets.load("noisy_digits", inputs="raw")
    assert (data.input_shape, data.num_outputs, data.num_classes) == ((8, 8, 1), 64, 0)
    assert data.y_test.shape == (data.num_test, 64)
