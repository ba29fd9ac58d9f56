"""Figures of fitted curves."""

import pandas as pd
import pytest

from keras_rectifiers.comparison import figures


def test_each_panel_has_its_curve_the_points_and_its_own_kinks():
    curves = pd.DataFrame(
        {
            "panel": ["a", "a", "b", "b"],
            "activation": ["relu", "relu", "sigmoid", "sigmoid"],
            "x": [0.0, 1.0] * 2,
            "value": [0.0, 2.0, 0.0, 3.0],
            "target": [0.0, 1.0] * 2,
        }
    )
    points = pd.DataFrame({"x": [0.5], "y": [0.7]})
    kinks = pd.DataFrame({"panel": ["a"], "x": [0.25], "value": [0.5]})
    figure = figures.fits(curves, points, kinks, target="target")
    first, second = figure.axes
    heights = [
        [list(line.get_ydata()) for line in axes.lines] for axes in (first, second)
    ]
    assert heights[0] == [[0.7], [0.0, 1.0], [0.0, 2.0], [0.5]]
    assert heights[1] == [[0.7], [0.0, 1.0], [0.0, 3.0], []]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.texts] == [
        "ReLU",
        "sigmoid",
        "target",
        "kink",
    ]


def test_without_curves_there_is_nothing_to_draw():
    none = pd.DataFrame({"panel": [], "activation": [], "x": [], "value": []})
    with pytest.raises(figures.NothingToDraw):
        figures.fits(none, none, none, target="target")
