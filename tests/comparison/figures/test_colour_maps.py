"""Colours of measures: readable on a light and on a dark page."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from keras_rectifiers.comparison.figures.colour_maps import (
    DIVERGING,
    SEQUENTIAL,
    need_light_text,
)

# Of the pages: (paper, ink).
LIGHT, DARK = ("#ffffff", "#24292f"), ("#14171a", "#e6e8ea")
VALUES = np.linspace(0, 1, 101)


def luminance(colours) -> np.ndarray:
    """The relative luminance, as the guidelines for web content define it."""
    colours = np.asarray(colours)
    linear = np.where(
        colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4
    )
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(one, other) -> np.ndarray:
    low, high = np.sort(np.stack(np.broadcast_arrays(one, other)), axis=0)
    return (high + 0.05) / (low + 0.05)


def on_page(colours, paper: str) -> np.ndarray:
    opacity = colours[..., 3:]
    return luminance(colours[..., :3] * opacity + to_rgb(paper) * (1 - opacity))


@pytest.mark.parametrize("page", [LIGHT, DARK])
@pytest.mark.parametrize(("colours", "neutral"), [(DIVERGING, 0.5), (SEQUENTIAL, 0.0)])
def test_the_neutral_value_is_near_the_paper_and_the_ends_are_far_from_it(
    page, colours, neutral
):
    paper = luminance(to_rgb(page[0]))
    assert contrast(on_page(np.array(colours(neutral)), page[0]), paper) < 1.25
    ends = np.array([colours(value) for value in (0.0, 1.0) if value != neutral])
    assert (contrast(on_page(ends, page[0]), paper) > 3).all()


@pytest.mark.parametrize(("paper", "ink"), [LIGHT, DARK])
@pytest.mark.parametrize("colours", [DIVERGING, SEQUENTIAL])
def test_text_can_be_read_on_every_colour(paper, ink, colours):
    shades = colours(VALUES)
    text = np.where(need_light_text(shades), 1.0, luminance(to_rgb(ink)))
    found = contrast(on_page(shades, paper), text)
    # Between white and the ink, no choice has more than 3.85 on every shade.
    assert found.min() > 3.5
    assert found[[0, 100]].min() > 4.5
