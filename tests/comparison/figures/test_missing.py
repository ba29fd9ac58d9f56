"""What a figure says of nets without a value, which it cannot show."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.catalogue import CATALOGUE, title
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures.missing import NO_BREAK
from tests.comparison.figures.made_up_frames import (
    DRAWN,
    NOT_ALL,
    NUM_LAYERS,
    SEEDS,
    frame,
    lost,
    per_seed,
    said_below,
)


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_figure_says_how_many_nets_have_a_value_where_not_all_have_one(draw, value):
    made = lost(frame(), value, activation=["sigmoid"], seed=[3, 5], panel=["Glorot"])
    made = lost(made, value, activation=["relu"], seed=[1], when=["after"])
    figure = draw(made)
    label, *note = said_below(figure)
    assert label == "hidden layer (0 is nearest to the input)"
    assert note == [
        *NOT_ALL,
        "own gain, after: ReLU 7 of 8",
        "Glorot, before: sigmoid 6 of 8",
        "Glorot, after: ReLU 7 of 8, sigmoid 6 of 8",
    ]


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_figure_of_nets_that_all_have_a_value_says_nothing_of_it(draw):
    figure = draw(frame())
    assert said_below(figure) == ["hidden layer (0 is nearest to the input)"]


def test_a_net_that_lacks_a_layer_is_not_counted_as_whole():
    made = frame(activations=("relu",)).query("when == 'before'")
    made = lost(made, layer=[2], seed=[0], panel=["own gain"])
    figure = figures.points_by_layer(made, ylabel="", column="panel")
    assert said_below(figure)[1:] == [*NOT_ALL, "own gain: ReLU 7 of 8"]
    assert len(figure.axes[0].lines[0].get_xdata()) == len(SEEDS) * NUM_LAYERS - 1


def test_nets_without_a_value_are_counted_at_each_setting_in_ascending_order():
    made = pd.concat([per_seed().assign(depth=depth) for depth in (30, 2, 5)])
    made = lost(made, seed=[0], depth=[2, 30], panel=["Glorot"], activation=["relu"])
    figure = figures.lines_against(
        made, "depth", xlabel="layers", ylabel="decay", column="panel"
    )
    assert said_below(figure) == [
        "layers",
        *NOT_ALL,
        "Glorot, depth 2: ReLU 7 of 8",
        "Glorot, depth 30: ReLU 7 of 8",
    ]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_figure_whose_nets_are_all_lost_says_so_and_draws_nothing(value):
    made = lost(frame(activations=("relu", "sigmoid")), value)
    for draw in DRAWN.values():
        figure = draw(made)
        assert said_below(figure)[-1] == "Glorot, after: ReLU 0 of 8, sigmoid 0 of 8"
        assert not any(line.get_marker() == "o" for line in figure.axes[0].lines)
        assert not figure.axes[0].collections


def test_what_a_figure_says_of_lost_nets_has_room_of_its_own():
    whole, half = (
        figures.lines_by_layer(made, ylabel="", column="panel", row="when")
        for made in (frame(tuple(CATALOGUE)), lost(frame(tuple(CATALOGUE)), seed=[0]))
    )
    assert all(line.count(" of 8") for line in said_below(half)[3:])
    note = half._supxlabel.get_window_extent()
    assert half.bbox.x0 <= note.x0 and note.x1 <= half.bbox.x1
    for before, after in zip(whole.axes, half.axes, strict=True):
        assert not note.overlaps(after.get_tightbbox())
        height = before.get_window_extent().height
        assert after.get_window_extent().height == pytest.approx(height, rel=0.05)


def test_nets_that_diverged_are_told_from_others_without_a_value():
    made = lost(frame(), np.nan, activation=["relu"], seed=[2, 4], panel=["Glorot"])
    made["diverged"] = made["seed"] == 4
    figure = DRAWN["dots"](made)
    assert said_below(figure)[3:] == [
        "Glorot, before: ReLU 6 of 8 (1 diverged)",
        "Glorot, after: ReLU 6 of 8 (1 diverged)",
    ]


def test_the_name_of_an_activation_stands_on_a_line_with_its_count():
    made = lost(frame(tuple(CATALOGUE)), seed=[0])
    lines = DRAWN["dots"](made).get_supxlabel().split("\n")[3:]
    counts = [
        count
        for line in lines
        for count in line.rpartition(": ")[2].removesuffix(",").split(", ")
    ]
    # In each of four panels.
    expected = [
        f"{title(name)} 7 of 8".replace(" ", NO_BREAK) for name in CATALOGUE
    ] * 4
    assert counts == expected
    assert len(lines) > 4 and max(map(len, lines)) <= 56
