"""Distributions as ridges: densities, their medians and their places."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures.ridges import density

LAYERS = (0, 3, 7)


@pytest.fixture
def made(rng) -> pd.DataFrame:
    rows = [
        (name, net, seed, layer, value)
        for name in ("relu", "tanh")
        for net in ("one", "two")
        for layer in LAYERS
        for seed, value in enumerate(rng.normal(layer, 1.0, 30))
    ]
    columns = ["activation", "net", "seed", "layer", "value"]
    return pd.DataFrame(rows, columns=columns)


def drawn(made, **changes):
    fields = {"panel": "net", "row": "layer", "xlabel": "value", "ylabel": "layer"}
    return figures.ridges(made, **fields | changes)


def test_a_ridge_is_the_density_between_the_extremes_of_its_values(rng):
    values = rng.normal(2.0, 0.5, 2000)
    places, heights = density(values)
    assert (places[0], places[-1]) == (values.min(), values.max())
    assert heights.max() == 1
    middle = np.abs(places - 2.0) < 1.0
    expected = np.exp(-0.5 * ((places - 2.0) / 0.5) ** 2)
    np.testing.assert_allclose(heights[middle], expected[middle], atol=0.1)


def test_layers_stand_below_each_other_and_each_has_the_dot_of_its_median(made):
    one, two = drawn(made).axes
    for axes, net in ((one, "one"), (two, "two")):
        assert axes.get_title("left") == net
        assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "3", "7"]
        assert list(axes.get_yticks()) == [0, -1, -2]
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        medians = made[made["net"] == net].groupby(["activation", "layer"])["value"]
        found = [float(line.get_xdata()[0]) for line in dots]
        np.testing.assert_allclose(found, medians.median())
        assert [float(line.get_ydata()[0]) for line in dots] == [0, -1, -2] * 2
    assert one.get_xlim() == two.get_xlim()


def test_panels_beside_each_other_have_scales_of_their_own(made):
    made.loc[made["net"] == "two", "value"] += 100
    one, two = drawn(made, columns=2).axes
    assert one.get_xlim()[1] < two.get_xlim()[0]


def test_equal_values_are_a_line_and_lost_ones_are_told(made):
    own = (made["activation"] == "relu") & (made["net"] == "one")
    made.loc[own, "value"] = 5.0
    made.loc[own & (made["seed"] == 0), "value"] = np.nan
    figure = drawn(made)
    first = figure.axes[0].lines[0]
    np.testing.assert_array_equal(first.get_xdata(), [5, 5])
    told = figure.get_supxlabel().replace("\N{NO-BREAK SPACE}", " ")
    assert "one: ReLU 29 of 30" in told


def test_without_a_value_there_is_nothing_to_draw(made):
    with pytest.raises(figures.NothingToDraw):
        drawn(made.assign(value=np.nan))
    with pytest.raises(figures.NothingToDraw):
        drawn(made.iloc[:0])
