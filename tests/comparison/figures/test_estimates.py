"""Estimates with their intervals, sorted or against a setting."""

import numpy as np
import pandas as pd
import pytest

from keras_rectifiers.catalogue import CATALOGUE, title
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.statistics import hodges_lehmann
from tests.comparison.figures.made_up_frames import (
    ACTIVATIONS,
    PANELS,
    frame,
    legend_labels,
    lost,
    per_seed,
)


def test_dots_stand_at_the_estimates_sorted_by_the_first_panel():
    centres = {"relu": 0.0, "elu": 0.3, "sigmoid": -0.5}
    made = pd.DataFrame(
        [
            (name, panel, seed, centre + 0.001 * seed)
            for name, centre in centres.items()
            for panel in PANELS
            for seed in range(-5, 6)
        ],
        columns=["activation", "panel", "seed", "value"],
    )
    figure = figures.dots(
        made, xlabel="decay", column="panel", band=(-0.02, 0.02), linear_within=0.02
    )
    axes = figure.axes[0]
    ticks = dict(
        zip(
            (label.get_text() for label in axes.get_yticklabels()),
            axes.get_yticks(),
            strict=True,
        )
    )
    assert ticks["ELU"] > ticks["ReLU"] > ticks["sigmoid"]
    dots = {
        line.get_ydata()[0]: line.get_xdata()[0]
        for line in axes.lines
        if line.get_marker() == "o"
    }
    for name, centre in centres.items():
        assert dots[ticks[title(name)]] == pytest.approx(centre, abs=1e-12)
    assert axes.get_xscale() == "symlog"


def test_dots_tell_two_marks_by_hollow_and_filled():
    figure = figures.dots(per_seed(), xlabel="", column="panel", mark="when")
    faces = [
        line.get_markerfacecolor()
        for line in figure.axes[0].lines
        if line.get_marker() == "o"
    ]
    assert faces.count("none") == len(ACTIVATIONS) == len(faces) // 2
    assert legend_labels(figure) == ["before", "after"]


def test_ratios_are_drawn_on_a_logarithmic_scale_around_a_line_at_1():
    made = per_seed().assign(value=lambda f: 1 + 5 * f["value"])
    figure = figures.dots(made, xlabel="ratio", column="panel", log_x=True)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert [1, 1] in [list(line.get_xdata()) for line in axes.lines]
    assert {label.get_text() for label in axes.get_xticklabels()} >= {"1", "2"}


def test_ratios_near_1_have_more_than_one_tick():
    made = per_seed().assign(value=lambda f: 0.8 + 0.5 * f["value"])
    figure = figures.dots(made, xlabel="ratio", column="panel", log_x=True)
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    shown = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert high < 2
    assert 1 in shown and len(shown) > 1


def test_dots_leave_out_what_has_no_value():
    made = per_seed()
    made.loc[made["activation"] == "sigmoid", "value"] = np.nan
    figure = figures.dots(made, xlabel="", column="panel")
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == len(ACTIVATIONS) - 1


def test_the_ticks_of_a_symmetric_scale_are_plain_numbers():
    made = per_seed().assign(value=lambda f: -f["value"])
    figure = figures.dots(made, xlabel="", column="panel", linear_within=0.02)
    figure.draw_without_rendering()
    shown = {label.get_text() for label in figure.axes[0].get_xticklabels()}
    assert {"−0.1", "−0.02", "0"} <= shown


def test_lines_against_a_setting_have_a_point_for_each_value_of_it():
    made = pd.concat([per_seed().assign(depth=depth) for depth in (2, 5, 30)])
    figure = figures.lines_against(
        made, "depth", xlabel="layers", ylabel="decay", column="panel"
    )
    axes = figure.axes[0]
    assert [list(line.get_xdata()) for line in axes.lines] == [[2, 5, 30]] * 4
    assert list(axes.get_xticks()) == [2, 5, 30]
    assert len(axes.collections) == len(ACTIVATIONS)  # the intervals


def test_a_setting_of_0_stands_apart_on_a_logarithmic_scale_and_is_called_0():
    made = pd.concat([per_seed().assign(weight=weight) for weight in (0, 1, 10)])
    figure = figures.lines_against(
        made, "weight", xlabel="penalty", ylabel="share", column="panel", log_x=True
    )
    figure.draw_without_rendering()
    for axes in figure.axes:
        labels = [label.get_text() for label in axes.get_xticklabels()]
        assert labels == ["0", "1", "10"]
        place = axes.get_xticks()[0]
        assert axes.get_xlim()[0] < place < 0.5
        for line in axes.lines:
            np.testing.assert_array_equal(line.get_xdata(), [place, np.nan, 1, 10])


def test_a_setting_below_0_has_a_minus_sign():
    made = pd.concat([per_seed().assign(bias=bias) for bias in (-0.5, 0)])
    figure = figures.lines_against(made, "bias", xlabel="", ylabel="", column="panel")
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["−0.5", "0"]


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([0.0, 0.0], (-0.004, 0.096)),
        ([0.94, 0.942], (0.891, 0.991)),
        ([-0.01, 0.01], (-0.05, 0.05)),
        ([0.0, 1.0], (-0.05, 1.05)),
    ],
)
def test_the_axis_of_values_has_a_least_range(values, limits):
    made = pd.concat(
        [
            per_seed().assign(epoch=epoch, value=value)
            for epoch, value in enumerate(values)
        ]
    )
    figure = figures.lines_against(
        made, "epoch", xlabel="", ylabel="", column="panel", least_range=0.1
    )
    for axes in figure.axes:
        np.testing.assert_allclose(axes.get_ylim(), limits, atol=1e-9)


def test_epochs_are_counted_in_whole_numbers():
    # In narrow panels there is room for few.
    made = frame(activations=("relu",), panels=("a", "b", "c"))
    made = made[made["layer"] == 0]
    made = pd.concat([made.assign(epoch=epoch) for epoch in range(1, 8)])
    figure = figures.lines_against(
        made, "epoch", xlabel="epoch", ylabel="share", column="panel"
    )
    ticks = figure.axes[0].get_xticks()
    assert len(ticks) > 1 and np.array_equal(ticks, np.round(ticks))
    # None makes way for one beyond the end of its neighbour, which is not drawn.
    visible = [
        [label.get_text() for label in axes.get_xticklabels() if label.get_visible()]
        for axes in figure.axes
    ]
    assert visible[0] == visible[1] == visible[2]


def test_dots_of_an_activation_without_any_value_stand_at_the_bottom():
    made = per_seed()
    made = made.assign(value=made["value"].groupby(made["activation"]).transform("max"))
    made = lost(made, activation=["leaky_relu"], panel=["own gain"])
    figure = figures.dots(made, xlabel="", column="panel")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert sorted(names) == sorted(map(title, ACTIVATIONS))
    assert names[-1] == "leaky ReLU (0.01)"


def ends(collection) -> list[list[float]]:
    """Position, lower and upper end of each vertical line."""
    return [[x, low, high] for (x, low), (_, high) in collection.get_segments()]


def test_lines_against_a_setting_show_the_exact_interval_of_its_nets():
    made = frame(activations=("relu",), panels=("all",)).query("when == 'before'")
    made = made.assign(value=np.log10(made["value"]))
    figure = figures.lines_against(
        made, "layer", xlabel="layer", ylabel="decay", column="panel"
    )
    (axes,) = figure.axes
    intervals = [hodges_lehmann(v) for _, v in made.groupby("layer")["value"]]
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), [i.estimate for i in intervals])
    np.testing.assert_allclose(
        ends(axes.collections[0]),
        [[layer, i.low, i.high] for layer, i in enumerate(intervals)],
    )


def test_dots_lie_on_their_exact_intervals():
    made = per_seed().query("when == 'before' and panel == 'Glorot'")
    figure = figures.dots(made, xlabel="", column="panel", xlim=(-2, 3))
    (axes,) = figure.axes
    assert axes.get_xlim() == (-2, 3)
    heights = {
        label.get_text(): height
        for label, height in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)
    }
    bars = {
        line.get_ydata()[0]: list(line.get_xdata())
        for line in axes.lines
        if len(line.get_xdata()) == 2
    }
    for name, values in made.groupby("activation")["value"]:
        interval = hodges_lehmann(values)
        assert bars[heights[title(name)]] == [interval.low, interval.high]


def test_dots_that_are_not_sorted_stand_in_the_order_of_the_catalogue():
    made = per_seed()
    largest_last = made["activation"].map(ACTIVATIONS.index)
    figure = figures.dots(
        made.assign(value=largest_last + made["value"] / 2)[::-1],
        xlabel="",
        column="panel",
        sort=False,
    )
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [title(name) for name in CATALOGUE if name in ACTIVATIONS]
    # From the top.
    assert list(axes.get_yticks()) == [3, 2, 1, 0]


@pytest.mark.parametrize("log_y", [False, True])
def test_the_scale_of_lines_against_a_setting_is_logarithmic_if_asked_for(log_y):
    figure = figures.lines_against(
        frame(), "layer", xlabel="", ylabel="", column="panel", log_y=log_y
    )
    scales = {(axes.get_xscale(), axes.get_yscale()) for axes in figure.axes}
    assert scales == {("linear", "log" if log_y else "linear")}
