"""The names of lines, at their ends or in a legend."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.text import Text

from keras_rectifiers.catalogue import CATALOGUE, title
from keras_rectifiers.comparison.figures import panels
from keras_rectifiers.comparison.figures.line_names import name_lines, spread

NAMES = ("relu", "leaky_relu", "very_leaky_relu", "tanh")


def drawn(ends, *, num_panels=1, num_points=3, handles=()):
    """A figure with a line for each activation, up to its end."""
    frame = pd.DataFrame(
        [
            (f"panel {panel}", name, x, end * x / 2)
            for panel in range(num_panels)
            for name, end in ends.items()
            for x in range(num_points)
        ],
        columns=["panel", "activation", "x", "value"],
    )
    with panels.panelled_figure(frame, "panel", None, 2.6, "y") as (figure, made):
        for axes, rows in made:
            for name, line in rows.groupby("activation"):
                axes.plot(line["x"], line["value"], label=name, **panels.stroke(name))
        name_lines(figure, [axes for axes, _ in made], list(ends), handles=handles)
    return figure


def box_of(annotation):
    """Where its text is, without what joins it to the line."""
    return Text.get_window_extent(annotation)


def at_the_ends(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_names_stand_beside_the_last_panel_in_the_order_of_the_lines():
    figure = drawn(dict(zip(NAMES, (0.5, 1.0, 0.0, 0.7), strict=True)))
    assert not figure.legends
    figure.draw_without_rendering()
    (axes,) = figure.axes
    heights = {text.get_text(): box_of(text) for text in axes.texts}
    order = sorted(heights, key=lambda name: heights[name].y0)
    assert order == [
        title(n) for n in ("very_leaky_relu", "relu", "tanh", "leaky_relu")
    ]
    for box in heights.values():
        assert axes.get_window_extent().x1 < box.x0
        assert box.x1 <= figure.bbox.x1


def test_names_of_lines_that_end_together_do_not_touch():
    figure = drawn(dict.fromkeys(NAMES, 1.0) | {"relu": 0.0})
    figure.draw_without_rendering()
    boxes = [box_of(text) for text in figure.axes[0].texts]
    assert len(boxes) == len(NAMES)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    assert all(box.y1 <= figure.axes[0].get_window_extent().y1 + 8 for box in boxes)


def test_a_name_is_joined_to_its_line_by_the_stroke_of_the_line():
    figure = drawn({"tanh": 1.0, "relu": 0.0})
    for text in figure.axes[0].texts:
        name = "tanh" if text.get_text() == "tanh" else "relu"
        arrow = text.arrow_patch
        assert to_hex(arrow.get_edgecolor()) == CATALOGUE[name].colour
        assert arrow.get_linestyle() == CATALOGUE[name].line_style
        assert tuple(text.xy) == (2, 1.0 if name == "tanh" else 0.0)
        assert to_hex(text.get_color()) == panels.INK


def test_without_room_there_is_a_legend():
    too_many_at_one_place = dict.fromkeys(list(CATALOGUE)[:8], 1.0)
    assert at_the_ends(drawn(too_many_at_one_place)) == []
    names_too_long = drawn({"very_leaky_relu": 1.0, "relu": 0.0}, num_panels=2)
    assert at_the_ends(names_too_long) == []
    labels = [text.get_text() for text in names_too_long.legends[0].get_texts()]
    assert labels == ["very leaky ReLU (1/5.5)", "ReLU"]
    ends_early = drawn({"relu": 1.0, "tanh": np.nan})
    assert at_the_ends(ends_early) == []


def test_short_names_stand_beside_the_last_of_two_panels_alone():
    figure = drawn({"relu": 1.0, "tanh": 0.0}, num_panels=2)
    first, last = figure.axes
    assert len(first.texts) == 0
    assert len(last.texts) == 2


def test_what_else_there_is_has_a_legend_of_its_own():
    handle = Line2D([], [], marker="x", label="lost")
    figure = drawn({"relu": 1.0, "tanh": 0.0}, handles=[handle])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["lost"]
    assert len(at_the_ends(figure)) == 2


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([0.0, 1.0], [0.0, 1.0]),
        ([0.4, 0.4, 0.9], [0.3, 0.5, 0.9]),
        ([0.0, 0.1, 0.1, 0.2], [-0.2, 0.0, 0.2, 0.4]),
    ],
)
def test_places_are_moved_as_little_as_possible(places, expected):
    np.testing.assert_allclose(spread(np.array(places), 0.2), expected, atol=1e-12)
