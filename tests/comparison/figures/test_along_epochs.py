"""The effects on the cases of a claim along the epochs."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.comparison import figures


def along(case: str = "a", budget: int = 8, **columns) -> pd.DataFrame:
    epochs = np.arange(1, budget + 1)
    made = {
        "case": case,
        "budget": budget,
        "epoch": epochs,
        "estimate": 0.1 * epochs,
        "low": 0.1 * epochs - 0.05,
        "high": 0.1 * epochs + 0.05,
        "verdict": ["inconclusive"] * (budget - 2) + ["supported", "contradicted"],
    }
    return pd.DataFrame(made | columns)


def end(case: str = "a", estimate: float = 0.3) -> pd.DataFrame:
    low, high = estimate - 0.1, estimate + 0.1
    return pd.DataFrame(
        [
            {
                "case": case,
                "estimate": estimate,
                "low": low,
                "high": high,
                "verdict": "supported",
            }
        ]
    )


def drawn(rows, ends, bounds=(0.25,)):
    return figures.effects_along_epochs(rows, ends, bounds=bounds, ylabel="effect")


def markers(axes, marker: str) -> dict[bool, list[tuple[float, float]]]:
    """Whether they are filled -> the points with a marker."""
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for line in axes.lines:
        if line.get_marker() == marker:
            points = zip(line.get_xdata(), line.get_ydata(), strict=True)
            found[line.get_markerfacecolor() != "none"] += points
    return found


def test_each_epoch_has_its_estimate_and_only_decided_ones_are_filled():
    axes = drawn(along(), end()).axes[0]
    found = markers(axes, "o")
    assert found[False] == [(epoch, 0.1 * epoch) for epoch in range(1, 7)]
    assert found[True] == [(epoch, 0.1 * epoch) for epoch in (7, 8)]
    ((x, y),) = markers(axes, "s")[True]
    assert 8 < x < 9 and y == 0.3


def test_the_last_half_is_shaded_and_the_bounds_of_the_criterion_are_lines():
    for budget, first in ((8, 4), (5, 3), (3, 2)):
        axes = drawn(along(budget=budget), end(), bounds=(-0.1, 0.2)).axes[0]
        (band,) = axes.patches
        assert (band.get_x(), band.get_x() + band.get_width()) == (first, budget)
        dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
        assert [line.get_ydata()[0] for line in dotted] == [-0.1, 0.2]


def test_cases_have_panels_of_their_own_with_scales_of_their_own():
    rows = pd.concat([along("a"), along("b", 3, estimate=50.0, low=49.0, high=51.0)])
    figure = drawn(rows, pd.concat([end("a"), end("b", 50.5)]))
    assert [axes.get_title("left") for axes in figure.axes] == ["a", "b"]
    one, other = (axes.get_ylim() for axes in figure.axes)
    assert one[1] < 2 and other[1] > 51
    assert [axes.get_xlim()[1] > 8 for axes in figure.axes] == [True, False]


def test_what_is_not_finite_reaches_to_the_edge_or_is_left_out():
    epochs = np.arange(1, 9)
    rows = along(
        low=np.where(epochs == 3, -np.inf, 0.1 * epochs),
        estimate=np.where(epochs == 5, np.nan, 0.1 * epochs),
    )
    axes = drawn(rows, end()).axes[0]
    bottom, top = axes.get_ylim()
    assert np.isfinite([bottom, top]).all()
    intervals = axes.collections[0].get_segments()
    assert [segment[0][0] for segment in intervals] == [1, 2, 3, 4, 6, 7, 8]
    assert intervals[2][0][1] == bottom
    # The end has its own interval.
    assert markers(axes, "s")[True]


def test_without_any_estimate_there_is_nothing_to_draw():
    with pytest.raises(figures.NothingToDraw):
        drawn(along(estimate=np.nan), end())


def test_long_names_of_cases_are_broken_into_lines_that_fit():
    name = "the net with a very long name and the other with an even longer one, MLP"
    figure = drawn(along(name), end(name))
    title = figure.axes[0]._left_title
    figure.draw_without_rendering()
    assert "\n" in title.get_text()
    assert title.get_window_extent().x1 <= figure.bbox.x1
