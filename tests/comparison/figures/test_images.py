"""Rows of small images."""

import numpy as np
import pytest

from keras_rectifiers.comparison import figures

TWO = np.array([[[0.0, 0.25], [0.5, 1.0]], [[1.0, 0.0], [0.0, 0.0]]])


def test_images_of_a_row_stand_beside_each_other_under_its_title():
    figure = figures.images({"one": TWO, "other": TWO[::-1]})
    assert [axes.get_title("left") for axes in figure.axes] == ["one", "other"]
    mesh = figure.axes[0].collections[0]
    np.testing.assert_array_equal(
        mesh.get_array().filled(np.nan),
        [[0.0, 0.25, np.nan, 1.0, 0.0], [0.5, 1.0, np.nan, 0.0, 0.0]],
    )
    assert (mesh.norm.vmin, mesh.norm.vmax) == (0, 1)
    # The first row of pixels is at the top.
    assert figure.axes[0].yaxis_inverted()


def test_signed_images_are_each_on_a_scale_of_their_own():
    figure = figures.images({"one": np.stack([TWO[0], -4 * TWO[1]])}, is_signed=True)
    mesh = figure.axes[0].collections[0]
    found = mesh.get_array().filled(np.nan)
    np.testing.assert_array_equal(found[:, :2], TWO[0])
    np.testing.assert_array_equal(found[:, 3:], -TWO[1])
    assert (mesh.norm.vmin, mesh.norm.vmax) == (-1, 1)


def test_without_rows_there_is_nothing_to_draw():
    with pytest.raises(figures.NothingToDraw):
        figures.images({})
