"""Effects at common learning rates, on made-up frames."""

import math

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures


def at_rates() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (case, rate, estimate, estimate - 0.1, estimate + 0.2, rate != 0.001)
            for case, sign in (("relu and tanh", 1), ("relu and elu", -1))
            for rate, estimate in ((0.001, sign * 0.1), (0.01, sign * 0.3))
        ],
        columns=[
            *("case", "learning_rate", "estimate", "low", "high", "is_comparable")
        ],
    )


AT_BEST = pd.DataFrame(
    [("relu and tanh", 0.25, 0.2, 0.3), ("relu and elu", -0.5, -math.inf, 0.1)],
    columns=["case", "estimate", "low", "high"],
)


def draw(frame):
    return figures.effects_at_common_rates(frame, AT_BEST, ylabel="effect")


def test_each_case_has_a_panel_with_its_effect_at_each_rate():
    figure = draw(at_rates())
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == ["relu and tanh", "relu and elu"]
    for axes, sign in zip(figure.axes, (1, -1), strict=True):
        assert axes.get_xscale() == "log"
        comparable, other = axes.lines[-2:]
        assert comparable.get_xydata().tolist() == [[0.01, sign * 0.3]]
        assert other.get_xydata().tolist() == [[0.001, sign * 0.1]]
        # White would be filled on a dark page.
        assert other.get_markerfacecolor() == "none"
        assert comparable.get_markerfacecolor() == figures.INK
        intervals = axes.collections[0].get_segments()
        np.testing.assert_allclose(
            intervals[1], [[0.01, sign * 0.3 - 0.1], [0.01, sign * 0.3 + 0.2]]
        )


def test_the_effect_at_the_best_rates_is_a_line_with_a_band():
    first, second = draw(at_rates()).axes
    assert set(first.lines[1].get_ydata()) == {0.25}
    band = first.patches[0].get_bbox()
    assert (band.y0, band.y1) == (0.2, 0.3)
    # Without a bound there is no band.
    assert set(second.lines[1].get_ydata()) == {-0.5}
    assert len(second.patches) == 0


def test_what_is_not_finite_is_not_drawn():
    frame = at_rates().assign(low=-math.inf, estimate=math.inf)
    for axes in draw(frame).axes:
        assert len(axes.collections[0].get_segments()) == 0
        assert all(np.isnan(line.get_ydata()).all() for line in axes.lines[-2:])


def test_effects_many_times_as_large_as_those_at_the_best_rates_do_not_hide_these():
    frame = at_rates()
    assert {axes.get_yscale() for axes in draw(frame).axes} == {"linear"}
    large = frame["estimate"].where(frame["learning_rate"] == 0.001, 5.0)
    first, second = draw(frame.assign(estimate=large)).axes
    assert (first.get_yscale(), second.get_yscale()) == ("symlog", "symlog")
    # Each panel has a scale of its own.
    one = large.where(frame["case"] == "relu and elu", frame["estimate"])
    first, second = draw(frame.assign(estimate=one)).axes
    assert (first.get_yscale(), second.get_yscale()) == ("linear", "symlog")


def test_ticks_along_x_are_the_rates_that_were_trained():
    for axes in draw(at_rates()).axes:
        labels = [label.get_text() for label in axes.get_xticklabels()]
        assert labels == ["0.001", "0.01"]
        assert len(axes.get_xticks(minor=True)) == 0


def test_a_scale_has_no_logarithmic_part_if_no_effect_is_in_it():
    frame = at_rates().assign(estimate=7.5, low=7.0, high=8.0)
    at_best = AT_BEST.assign(estimate=1.1, low=1.05, high=1.2)
    figure = figures.effects_at_common_rates(frame, at_best, ylabel="effect")
    assert {axes.get_yscale() for axes in figure.axes} == {"linear"}


def test_nothing_is_not_drawn():
    with pytest.raises(figures.NothingToDraw):
        draw(at_rates().iloc[:0])
