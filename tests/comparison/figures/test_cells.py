"""Tables in colour: their cells, their texts and what is missing."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import Normalize

from keras_rectifiers.comparison import figures

RATES = (0.001, 0.1)
# Activation -> at each rate, how many of ten seeds.
NUM = {"relu": (0, 7), "tanh": (1, 10)}


@pytest.fixture
def made() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (name, panel, rate, seed, float(seed < number))
            for name, numbers in NUM.items()
            for panel in ("one", "two")
            for rate, number in zip(RATES, numbers, strict=True)
            for seed in range(10)
        ],
        columns=["activation", "panel", "rate", "seed", "value"],
    )


def drawn(made):
    return figures.cells(
        made,
        "rate",
        panel="panel",
        xlabel="rate",
        write=lambda values: f"{values.sum():.0f} of {len(values)}",
        scale=Normalize(0, 1),
    )


def test_cells_are_coloured_by_their_means_and_have_texts(made):
    one, two = drawn(made).axes
    for axes in (one, two):
        np.testing.assert_allclose(
            axes.collections[0].get_array(), [[0, 0.7], [0.1, 1.0]]
        )
        texts = [text.get_text() for text in axes.texts]
        assert texts == ["0 of 10", "7 of 10", "1 of 10", "10 of 10"]
    assert [label.get_text() for label in two.get_xticklabels()] == ["0.001", "0.1"]
    assert [label.get_text() for label in one.get_yticklabels()] == ["ReLU", "tanh"]
    low, high = one.get_ylim()
    assert low > high  # the first row is on top


def test_texts_are_light_on_dark_cells_and_have_the_ink_of_the_page_on_others(made):
    axes, _ = drawn(made).axes
    assert [text.get_color() for text in axes.texts] == [*[figures.INK] * 3, "white"]


def test_a_cell_without_a_value_is_empty_and_the_nets_are_told(made):
    lost = (made["activation"] == "relu") & (made["rate"] == 0.1)
    made.loc[lost & (made["panel"] == "one"), "value"] = np.nan
    figure = drawn(made)
    axes, _ = figure.axes
    assert np.ma.getmaskarray(axes.collections[0].get_array())[0, 1]
    assert len(axes.texts) == 3
    told = figure.get_supxlabel().replace("\N{NO-BREAK SPACE}", " ")
    assert "one: ReLU 0 of 10" in told


def test_without_a_value_there_is_nothing_to_draw(made):
    for nothing in (made.iloc[:0], made.assign(value=np.nan)):
        with pytest.raises(figures.NothingToDraw):
            drawn(nothing)
