"""Measures by layer: medians, bands and points, on made-up frames."""

import numpy as np

from keras_rectifiers.catalogue import title
from keras_rectifiers.comparison import figures
from tests.comparison.figures.made_up_frames import (
    ACTIVATIONS,
    NOT_ALL,
    NUM_LAYERS,
    PANELS,
    SEEDS,
    frame,
    legend_labels,
    lost,
    said_below,
)


def test_lines_by_layer_have_a_line_and_a_band_for_each_activation():
    figure = figures.lines_by_layer(
        frame(), ylabel="gradient", column="panel", log=True
    )
    left, right = figure.axes
    assert (left.get_title("left"), right.get_title("left")) == PANELS
    assert len(left.lines) == len(right.lines) == len(ACTIVATIONS)
    assert len(left.collections) == len(ACTIVATIONS)
    assert left.get_yscale() == "log"
    assert (left.get_ylabel(), right.get_ylabel()) == ("gradient", "")
    assert {text.get_text() for text in right.texts} == set(map(title, ACTIVATIONS))


def test_lines_by_layer_go_through_the_medians_of_the_seeds():
    made = frame(activations=("relu",), panels=("own gain",))
    figure = figures.lines_by_layer(made, ylabel="", column="panel")
    (line,) = figure.axes[0].lines
    np.testing.assert_array_equal(line.get_xdata(), range(NUM_LAYERS))
    np.testing.assert_allclose(
        line.get_ydata(), made.groupby("layer")["value"].median()
    )


def test_gradients_of_exactly_0_do_not_stop_a_logarithmic_scale():
    made = frame()
    made.loc[made["layer"] == 0, "value"] = 0.0
    figure = figures.lines_by_layer(made, ylabel="", column="panel", log=True)
    assert figure.axes[0].lines[0].get_xdata()[0] == 1
    figure.draw_without_rendering()


def test_values_that_are_all_0_stand_at_the_bottom_of_the_axis():
    figure = figures.lines_by_layer(
        frame().assign(value=0.0), ylabel="dead units", column="panel"
    )
    assert figure.axes[0].get_ylim() == (-0.04, 1.0)


def test_points_by_layer_show_every_seed_and_their_median():
    made = frame(activations=("relu",))
    made = made[made["when"] == "before"]
    figure = figures.points_by_layer(
        made, ylabel="sparsity", column="panel", band=(0.4, 0.6), ylim=(0, 1)
    )
    assert len(figure.axes) == len(PANELS)
    points, medians = figure.axes[0].lines
    assert len(points.get_xdata()) == len(SEEDS) * NUM_LAYERS
    assert len(medians.get_xdata()) == NUM_LAYERS
    assert figure.axes[0].get_ylim() == (0, 1)
    assert legend_labels(figure) == ["one net", "median of the nets"]


def test_on_a_logarithmic_scale_a_value_of_0_is_none():
    made = lost(frame(), 0.0, seed=[0], activation=["relu"], panel=["Glorot"])
    drawn = {
        log: figures.lines_by_layer(made, ylabel="", column="panel", log=log)
        for log in (False, True)
    }
    assert said_below(drawn[False])[1:] == []
    assert said_below(drawn[True])[1:] == [*NOT_ALL, "Glorot: ReLU 7 of 8"]


def test_points_by_layer_lie_on_a_shaded_range_if_one_is_given():
    made = frame(activations=("relu",)).query("when == 'before'")
    plain, shaded = (
        figures.points_by_layer(made, ylabel="", column="panel", band=band)
        for band in (None, (0.25, 0.75))
    )
    assert [len(axes.patches) for axes in plain.axes] == [0, 0]
    for axes in shaded.axes:
        (band,) = axes.patches
        assert (band.get_y(), band.get_height()) == (0.25, 0.5)
