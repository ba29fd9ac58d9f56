"""Made-up points on a noisy curve: where they lie, and that they stay the same."""

import numpy as np

from keras_rectifiers.comparison.data import curve, datasets


def test_the_points_are_the_same_on_every_machine():
    arrays = curve.make()
    assert arrays["x_train"][[0, -1]].tolist() == [[-1.0], [1.0]]
    np.testing.assert_array_equal(arrays["y_train"][0], np.float32([0.047445]))
    assert datasets.load("curve").checksum.startswith("eb40f42d41b9ac63")


def test_training_points_stray_from_the_curve_and_test_points_do_not():
    arrays = curve.make()
    strays = arrays["y_train"] - curve.height(arrays["x_train"])
    # Four standard errors of the mean and of the standard deviation of 100 points.
    assert abs(strays.mean()) <= 4 * curve.NOISE / 10
    assert abs(strays.std() - curve.NOISE) <= 4 * curve.NOISE / np.sqrt(200)
    np.testing.assert_allclose(
        arrays["y_test"], curve.height(arrays["x_test"]), atol=1e-5
    )
