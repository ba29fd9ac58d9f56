"""Figures of functions: what is drawn as a line, as dots and as a bound."""

import numpy as np
from matplotlib.colors import to_hex

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison.figures import Curve, function_curves, share_bars

X = np.linspace(-2, 2, 401)
CURVES = [
    Curve(label="ReLU", x=X, y=np.maximum(X, 0), activation="relu"),
    Curve(label="max(0, x)", x=X, y=np.maximum(X, 0), kind="dots"),
    Curve(label="x", x=X, y=X, kind="bound"),
]


def test_dots_are_points_of_their_function_from_end_to_end():
    (axes,) = function_curves({"a": CURVES}).axes
    line, dots, bound = axes.lines[2:]
    np.testing.assert_array_equal(line.get_xydata(), np.stack([X, np.maximum(X, 0)], 1))
    x, y = dots.get_data()
    assert (x[0], x[-1]) == (-2, 2) and 10 < len(x) < 50
    np.testing.assert_array_equal(y, np.maximum(x, 0))
    assert (dots.get_linestyle(), bound.get_linestyle()) == ("None", "--")


def test_a_line_has_the_colour_of_its_activation():
    (axes,) = function_curves({"a": CURVES}).axes
    assert to_hex(axes.lines[2].get_color()) == CATALOGUE["relu"].colour


def test_a_label_that_panels_share_stands_once_in_the_legend():
    figure = function_curves({"a": CURVES, "b": CURVES[:2], "c": CURVES[1:]})
    titles = [axes.get_title("left") for axes in figure.axes if axes.axison]
    assert titles == ["a", "b", "c"]
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["ReLU", "max(0, x)", "x"]


def test_nothing_of_a_figure_of_functions_is_cut_off():
    figure = function_curves({"a": [Curve(label="", x=X, y=-2.5 * X)], "b": CURVES})
    figure.draw_without_rendering()
    box = figure.bbox
    for axes in figure.axes:
        low, high = axes.get_ylim()
        for label in axes.get_yticklabels():
            if low <= label.get_position()[1] <= high:
                extent = label.get_window_extent()
                assert box.x0 <= extent.x0 and extent.x1 <= box.x1, label


def test_bars_are_the_shares_of_the_inputs_and_of_the_function_beside_them():
    figure = share_bars({"two": [(3.0, 0.9), (1.0, 0.1)], "more": [(1.0, 1 / 3)] * 3})
    heights = [[bar.get_height() for bar in axes.patches] for axes in figure.axes]
    np.testing.assert_allclose(heights[0], [0.75, 0.25, 0.9, 0.1])
    np.testing.assert_allclose(heights[1], [1 / 3] * 6)
    texts = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    # What repeats the number before stands once.
    assert texts == [["0.900", "0.100"], ["0.333", "", ""]]
