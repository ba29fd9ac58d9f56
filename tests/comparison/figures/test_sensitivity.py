"""The scores at each learning rate, on made-up curves."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures

MANY = ("relu", "leaky_relu", "prelu", "rrelu", "elu", "tanh", "sigmoid")


def curves() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (panel, name, rate, score, score - 0.1, score + 0.2, lost, rate == best)
            for panel in ("Adam", "SGD")
            for name, best in (("relu", 0.01), ("tanh", 0.1))
            for rate, score, lost in (
                (0.001, 2.0, 0),
                (0.01, 0.5, 0),
                (0.1, 0.4, 1),
                (1.0, np.nan, 3),
            )
        ],
        columns=[
            *("panel", "activation", "learning_rate"),
            *("estimate", "low", "high", "num_lost", "is_best"),
        ],
    )


def test_sensitivity_marks_the_best_rate_and_where_nets_are_lost():
    figure = figures.sensitivity(curves(), ylabel="loss", row="panel")
    assert [axes.get_title("left") for axes in figure.axes] == ["Adam", "SGD"]
    for axes in figure.axes:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
        line, lost, best = axes.lines[:3]
        assert line.get_color() == CATALOGUE["relu"].colour
        np.testing.assert_array_equal(line.get_ydata(), [2.0, 0.5, 0.4, np.nan])
        # What has no score stands at the top.
        assert lost.get_xydata().tolist() == [[0.1, 0.4], [1.0, 2.0]]
        assert best.get_xydata().tolist() == [[0.01, 0.5]]
        assert axes.lines[5].get_xydata().tolist() == [[0.1, 0.4]]


def test_sensitivity_draws_the_intervals_over_seeds():
    (axes, _) = figures.sensitivity(curves(), ylabel="loss", row="panel").axes
    intervals = axes.collections[0].get_segments()
    np.testing.assert_allclose(
        intervals[:2], [[[0.001, 1.9], [0.001, 2.2]], [[0.01, 0.4], [0.01, 0.7]]]
    )


def test_a_sensitivity_of_nothing_is_not_drawn():
    with pytest.raises(figures.NothingToDraw):
        figures.sensitivity(pd.DataFrame(), ylabel="loss", row="panel")


def test_a_score_that_spans_decades_is_drawn_on_a_logarithmic_scale():
    wide = curves().replace({"estimate": {0.4: 0.004}})
    figure = figures.sensitivity(wide, ylabel="loss", row="panel")
    assert {axes.get_yscale() for axes in figure.axes} == {"log"}


def test_rates_are_joined_in_ascending_order_whatever_the_order_of_the_rows():
    made = curves()
    reverse = made[::-1].reset_index(drop=True)
    turned = figures.sensitivity(reverse, ylabel="loss", row="panel")
    figure = figures.sensitivity(made, ylabel="loss", row="panel")
    for one, other in zip(figure.axes, reversed(turned.axes), strict=True):
        assert one.get_title("left") == other.get_title("left")
        for line, same in zip(one.lines, other.lines, strict=True):
            np.testing.assert_array_equal(line.get_xydata(), same.get_xydata())


def test_nets_that_every_rate_loses_are_drawn_as_crosses_at_1():
    made = curves().assign(estimate=np.nan, num_lost=3)
    (axes, _) = figures.sensitivity(made, ylabel="loss", row="panel").axes
    assert axes.get_yscale() == "linear"
    crosses = [line for line in axes.lines if line.get_marker() == "x"]
    for line in crosses:
        assert line.get_xydata().tolist() == [[r, 1] for r in (0.001, 0.01, 0.1, 1)]
    assert len(crosses) == 2


def test_of_many_activations_each_has_a_panel_with_the_others_in_grey():
    one = curves()[lambda frame: frame["activation"] == "relu"]
    names = [name for name in CATALOGUE if name in MANY]
    many = [one.assign(activation=name, low=0.3) for name in names]
    few = one[one["panel"] == "SGD"].assign(panel="few")
    figure = figures.sensitivity(pd.concat([*many, few]), ylabel="loss", row="panel")
    panels = [axes for axes in figure.axes if axes.get_title("left")]
    titles = [axes.get_title("left") for axes in panels]
    assert titles[:2] == ["Adam\nReLU", "leaky ReLU (0.01)"]
    assert (titles[7], titles[14]) == ("SGD\nReLU", "few\nReLU")
    assert len(titles) == 7 + 7 + 1
    for axes, name in zip(panels, names, strict=False):
        greys = [line for line in axes.lines if line.get_color() == figures.FAINT]
        (own,) = [line for line in axes.lines if line.get_label() == name]
        assert len(greys) == 7 and own.get_color() == CATALOGUE[name].colour
        assert axes.get_ylim() == panels[0].get_ylim()


def test_many_panels_are_lower_than_few():
    few = curves()
    many = pd.concat([few.assign(panel=f"net {number}") for number in range(8)])
    heights = [
        figures.sensitivity(rows, ylabel="loss", row="panel").get_size_inches()[1]
        for rows in (few, many)
    ]
    assert heights[1] / 8 < heights[0] / 2
