"""Two values of each net against each other, joined along a setting."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures.panels import colour_of

PENALTIES = (0.0, 0.1, 1.0)


@pytest.fixture
def made() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (name, penalty, seed, penalty / 2 + seed / 100, 1 + penalty + seed / 50)
            for name, penalties in (("relu", PENALTIES[::-1]), ("tanh", PENALTIES[:1]))
            for penalty in penalties
            for seed in range(-5, 6)
        ],
        columns=["activation", "penalty", "seed", "zeros", "value"],
    )


def drawn(made):
    return figures.frontier(made, "zeros", "penalty", xlabel="zeros", ylabel="error")


def test_points_are_estimates_joined_in_the_order_of_the_setting(made):
    (axes,) = drawn(made).axes
    relu, tanh = axes.lines
    np.testing.assert_allclose(relu.get_xdata(), [0, 0.05, 0.5], atol=1e-12)
    np.testing.assert_allclose(relu.get_ydata(), [1, 1.1, 2])
    assert (list(tanh.get_xdata()), list(tanh.get_ydata())) == ([0], [1])
    assert relu.get_color() == colour_of("relu")


def test_lines_are_named_and_points_numbered_where_there_is_room(made):
    (axes,) = drawn(made).axes
    texts = [text.get_text() for text in axes.texts]
    # The point at 0 is where the one of tanh is.
    assert sorted(texts) == ["0.1", "ReLU, 1", "tanh, 0"]
    # As on the page: lines above each other, of which each is named at its own end.
    made = made.assign(zeros=0.0, value=1 + made["penalty"] + made["seed"] / 500)
    longer = made[made["activation"] == "relu"]
    shorter = longer.assign(activation="tanh", value=longer["value"] ** 0.5)
    (axes,) = drawn(pd.concat([longer, shorter], ignore_index=True)).axes
    texts = [text.get_text() for text in axes.texts]
    assert {"ReLU, 1", "tanh, 1"} < set(texts)


def test_a_net_that_lacks_one_of_the_two_values_is_left_out_and_told(made):
    made.loc[made["activation"] == "tanh", "zeros"] = np.nan
    figure = drawn(made)
    assert len(figure.axes[0].lines) == 1
    told = figure.get_supxlabel().replace("\N{NO-BREAK SPACE}", " ")
    assert "tanh 0 of 11" in told


def test_bars_are_the_intervals_in_both_directions(made):
    (axes,) = drawn(made).axes
    across, up, *_ = axes.collections
    (left, right), *_ = across.get_segments()
    assert left[0] < 0 < right[0] and left[1] == right[1] == 1
    (low, high), *_ = up.get_segments()
    assert low[1] < 1 < high[1] and abs(low[0]) < 1e-12
