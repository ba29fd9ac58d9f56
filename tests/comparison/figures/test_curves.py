"""Training curves beside their outcomes, on made-up frames."""

import numpy as np
import pytest

from keras_rectifiers.comparison import figures
from tests.comparison.figures.made_up_frames import (
    SEEDS,
    legend_labels,
    lost,
    made_up_curves,
    said_below,
)


def test_curves_and_outcome_stand_side_by_side():
    made = made_up_curves()
    figure = figures.training_curves(
        made,
        made[made["epoch"] == 3],
        row="net",
        group="penalty",
        ylabel="sparsity",
        outcome_label="accuracy",
    )
    assert len(figure.axes) == 4
    left, right = figure.axes[:2]
    assert left.get_title("left") == "MLP"
    assert [len(line.get_xdata()) for line in left.lines] == [4, 4]
    assert [len(line.get_xdata()) for line in right.lines] == [len(SEEDS)] * 2
    labels = [x.get_text() for x in right.get_xticklabels() if x.get_visible()]
    assert labels == legend_labels(figure) == ["without L1", "with L1"]


def test_the_same_frame_gives_the_same_picture():
    made = made_up_curves()
    arguments = {"row": "net", "group": "penalty", "ylabel": "", "outcome_label": ""}
    first, second = (
        figures.training_curves(made, made, **arguments).axes[1].lines[0].get_xdata()
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_curves_and_outcome_are_counted_apart():
    made = made_up_curves()
    arguments = {"row": "net", "group": "penalty", "ylabel": "sparsity"}
    figure = figures.training_curves(
        lost(made, net=["CNN"], penalty=["with L1"], seed=[0, 1], epoch=[3]),
        lost(made, net=["CNN"], penalty=["with L1"], seed=[0]),
        **arguments,
        outcome_label="accuracy",
    )
    assert said_below(figure) == [
        "Some nets have no value. Nets with a value:",
        "CNN, with L1: sparsity 6 of 8, accuracy 7 of 8",
    ]
    whole = figures.training_curves(made, made, **arguments, outcome_label="")
    assert said_below(whole) == [""]


def test_curves_are_medians_within_their_quantiles_and_outcomes_have_their_median():
    # Squares, so that no other quantile or mean is the median.
    made = made_up_curves().assign(
        value=lambda f: (f["seed"] / 8) ** 2 + f["epoch"] / 9
    )
    outcome = made[made["epoch"] == 3]
    figure = figures.training_curves(
        made, outcome, row="net", group="penalty", ylabel="", outcome_label=""
    )
    left, right = figure.axes[:2]
    squares = (np.arange(8) / 8) ** 2
    # Of eight values the 10% quantile is 0.7 of the way to the second.
    low = 0.3 * squares[0] + 0.7 * squares[1]
    middle = (squares[3] + squares[4]) / 2
    high = 0.7 * squares[6] + 0.3 * squares[7]
    for line, band in zip(left.lines, left.collections, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), range(4))
        np.testing.assert_allclose(line.get_ydata(), middle + np.arange(4) / 9)
        vertices = band.get_paths()[0].vertices
        at_start = vertices[vertices[:, 0] == 0, 1]
        assert (at_start.min(), at_start.max()) == pytest.approx((low, high))
    assert left.get_ylim() == (0, 1)
    for position, (points, median) in enumerate(
        zip(right.lines, right.collections, strict=True)
    ):
        assert np.abs(points.get_xdata() - position).max() <= 0.15
        np.testing.assert_allclose(points.get_ydata(), squares + 1 / 3)
        ((start, end),) = median.get_segments()
        assert start.tolist() == pytest.approx([position - 0.3, middle + 1 / 3])
        assert end.tolist() == pytest.approx([position + 0.3, middle + 1 / 3])
