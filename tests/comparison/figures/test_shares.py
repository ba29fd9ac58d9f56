"""Shares of seeds against a setting, with Wilson's intervals."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.statistics import wilson

RATES = (0.001, 0.1)
# Activation -> at each rate, how many of ten seeds.
NUM = {"relu": (0, 7), "tanh": (1, 1)}


@pytest.fixture
def made() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (name, "all", rate, seed, float(seed < number))
            for name, numbers in NUM.items()
            for rate, number in zip(RATES, numbers, strict=True)
            for seed in range(10)
        ],
        columns=["activation", "panel", "rate", "seed", "value"],
    )


def drawn(made):
    return figures.shares_against(
        made, "rate", xlabel="rate", ylabel="share", column="panel"
    )


def test_shares_stand_at_equal_distances_with_wilsons_intervals(made):
    (axes,) = drawn(made).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.001", "0.1"]
    for (name, numbers), line, bars in zip(
        NUM.items(), axes.lines, axes.collections, strict=True
    ):
        assert list(line.get_ydata()) == [number / 10 for number in numbers], name
        np.testing.assert_allclose(line.get_xdata(), [0, 1], atol=0.1)
        for (low, high), number in zip(bars.get_segments(), numbers, strict=True):
            expected = wilson(number, 10)
            assert (low[1], high[1]) == pytest.approx((expected.low, expected.high))
    assert axes.get_xscale() == "linear"


def test_series_stand_beside_each_other(made):
    (axes,) = drawn(made).axes
    first, second = (line.get_xdata()[0] for line in axes.lines)
    assert first < second


def test_without_trials_there_is_nothing_to_draw(made):
    with pytest.raises(figures.NothingToDraw):
        drawn(made.iloc[:0])
