"""Training curves beside their outcomes, on made-up frames."""

import numpy as np

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
