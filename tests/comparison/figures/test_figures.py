import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures

ACTIVATIONS = ("relu", "leaky_relu", "leaky_relu_0.1", "sigmoid")
PANELS = ("own gain", "Glorot")
NUM_LAYERS = 6
SEEDS = range(8)


def frame(activations=ACTIVATIONS, panels=PANELS) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [
        (activation, panel, when, seed, layer, 10.0 ** -rng.uniform(0, 3))
        for activation in activations
        for panel in panels
        for when in ("before", "after")
        for seed in SEEDS
        for layer in range(NUM_LAYERS)
    ]
    columns = ["activation", "panel", "when", "seed", "layer", "value"]
    return pd.DataFrame(rows, columns=columns)


def per_seed() -> pd.DataFrame:
    made = frame()
    return made[made["layer"] == 0]


def legend_labels(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


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
    assert legend_labels(figure) == list(ACTIVATIONS)


def test_lines_by_layer_go_through_the_medians_of_the_seeds():
    made = frame(activations=("relu",), panels=("own gain",))
    figure = figures.lines_by_layer(made, ylabel="", column="panel")
    (line,) = figure.axes[0].lines
    np.testing.assert_array_equal(line.get_xdata(), range(NUM_LAYERS))
    np.testing.assert_allclose(
        line.get_ydata(), made.groupby("layer")["value"].median()
    )


def test_every_line_has_the_colour_and_the_style_of_the_catalogue():
    figure = figures.lines_by_layer(frame(), ylabel="", column="panel")
    for name, line in zip(ACTIVATIONS, figure.axes[0].lines, strict=True):
        assert to_hex(line.get_color()) == CATALOGUE[name].colour
        assert line.get_linestyle() == CATALOGUE[name].line_style


def test_gradients_of_exactly_0_do_not_stop_a_logarithmic_scale():
    made = frame()
    made.loc[made["layer"] == 0, "value"] = 0.0
    figure = figures.lines_by_layer(made, ylabel="", column="panel", log=True)
    assert figure.axes[0].lines[0].get_xdata()[0] == 1
    figure.draw_without_rendering()


def test_rows_and_columns_of_panels_are_titled_in_the_order_of_their_categories():
    made = frame().assign(
        when=lambda f: pd.Categorical(f["when"], ["before", "after"], ordered=True)
    )
    figure = figures.lines_by_layer(
        made.iloc[::-1].reset_index(drop=True),
        ylabel="",
        column="panel",
        row="when",
    )
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == [
        "Glorot\nbefore",
        "own gain\nbefore",
        "Glorot\nafter",
        "own gain\nafter",
    ]


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
    assert ticks["elu"] > ticks["relu"] > ticks["sigmoid"]
    dots = {
        line.get_ydata()[0]: line.get_xdata()[0]
        for line in axes.lines
        if line.get_marker() == "o"
    }
    for name, centre in centres.items():
        assert dots[ticks[name]] == pytest.approx(centre, abs=1e-12)
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


def test_dots_leave_out_what_has_no_value():
    made = per_seed()
    made.loc[made["activation"] == "sigmoid", "value"] = np.nan
    figure = figures.dots(made, xlabel="", column="panel")
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == len(ACTIVATIONS) - 1


def test_the_ticks_of_a_symmetric_scale_are_plain_numbers():
    made = per_seed().assign(value=lambda f: -f["value"])
    figure = figures.lines_against(
        made.assign(depth=5),
        "depth",
        xlabel="depth",
        ylabel="decay",
        column="panel",
        linear_within=0.02,
    )
    figure.draw_without_rendering()
    shown = {label.get_text() for label in figure.axes[0].get_yticklabels()}
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


@pytest.mark.parametrize("panels", [("a",), ("a", "b"), ("a", "b", "c")])
def test_numbers_along_x_do_not_touch(panels):
    made = frame(activations=("relu",), panels=panels)
    made = made[made["layer"] == 0]
    rates = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
    made = pd.concat([made.assign(rate=rate) for rate in rates])
    figure = figures.lines_against(
        made, "rate", xlabel="rate", ylabel="share", column="panel", log_x=True
    )
    figure.draw_without_rendering()
    boxes = []
    for axes in figure.axes:
        labels = [one for one in axes.get_xticklabels() if one.get_visible()]
        assert len(labels) >= 3
        boxes += [label.get_window_extent() for label in labels]
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(boxes))


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


def made_up_curves() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (net, penalty, seed, epoch, 0.1 * seed)
            for net in ("MLP", "CNN")
            for penalty in ("without L1", "with L1")
            for seed in SEEDS
            for epoch in range(4)
        ],
        columns=["net", "penalty", "seed", "epoch", "value"],
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


@pytest.mark.parametrize(
    "draw",
    [
        lambda f: figures.lines_by_layer(f, ylabel="", column="panel"),
        lambda f: figures.points_by_layer(f, ylabel="", column="panel"),
        lambda f: figures.dots(f, xlabel="", column="panel"),
        lambda f: figures.lines_against(
            f, "layer", xlabel="", ylabel="", column="panel"
        ),
        lambda f: figures.training_curves(
            f, f, row="panel", group="when", ylabel="", outcome_label=""
        ),
    ],
)
def test_without_data_there_is_nothing_to_draw(draw):
    with pytest.raises(
        figures.NothingToDraw, match="The tables have no trials for this figure"
    ):
        draw(frame().iloc[:0])


@pytest.mark.parametrize("panel_rows", [None, "when"])
def test_nothing_is_cut_off_or_laid_over_the_legend(panel_rows):
    figure = figures.lines_by_layer(
        frame(activations=tuple(CATALOGUE)),
        ylabel="signal_gradient",
        column="panel",
        row=panel_rows,
        log=True,
    )
    figure.draw_without_rendering()
    whole = figure.bbox
    legend = figure.legends[0].get_window_extent()
    assert whole.x0 <= legend.x0 and legend.x1 <= whole.x1
    assert whole.y0 <= legend.y0 and legend.y1 <= whole.y1
    for axes in figure.axes:
        extent = axes.get_tightbbox()
        assert not legend.overlaps(extent)
        assert whole.x0 <= extent.x0 and extent.x1 <= whole.x1


@pytest.mark.parametrize("setting", ["autolayout", "constrained_layout.use"])
def test_a_figure_is_laid_out_once_for_all(setting):
    import matplotlib

    with matplotlib.rc_context({f"figure.{setting}": True}):
        figure = figures.dots(per_seed(), xlabel="", column="panel")
    assert figure.get_layout_engine() is None
    # Room is made for the names of the activations.
    assert figure.get_tightbbox().x0 >= 0


def test_drawing_leaves_the_callers_settings_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    figures.dots(per_seed(), xlabel="", column="panel")
    assert dict(matplotlib.rcParams) == before


def lost(made: pd.DataFrame, value=np.nan, **where) -> pd.DataFrame:
    """The frame without the values of some rows."""
    chosen = np.ones(len(made), dtype=bool)
    for column, levels in where.items():
        chosen &= made[column].isin(levels).to_numpy()
    return made.assign(value=made["value"].mask(chosen, value))


def said_below(figure) -> list[str]:
    return figure.get_supxlabel().replace("\N{NO-BREAK SPACE}", " ").split("\n")


NOT_ALL = ["", "Some nets have no value. Nets with a value:"]

# Each draws a frame of all panels, and names the panel as the figure does.
DRAWN = {
    "lines_by_layer": lambda f: figures.lines_by_layer(
        f, ylabel="", column="panel", row="when", log=True
    ),
    "dots": lambda f: figures.dots(
        f[f["layer"] == 0],
        xlabel="hidden layer (0 is nearest to the input)",
        column="panel",
        mark="when",
    ),
}


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
        "own gain, after: relu 7 of 8",
        "Glorot, before: sigmoid 6 of 8",
        "Glorot, after: relu 7 of 8, sigmoid 6 of 8",
    ]


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_figure_of_nets_that_all_have_a_value_says_nothing_of_it(draw):
    figure = draw(frame())
    assert said_below(figure) == ["hidden layer (0 is nearest to the input)"]


def test_a_net_that_lacks_a_layer_is_not_counted_as_whole():
    made = frame(activations=("relu",)).query("when == 'before'")
    made = lost(made, layer=[2], seed=[0], panel=["own gain"])
    figure = figures.points_by_layer(made, ylabel="", column="panel")
    assert said_below(figure)[1:] == [*NOT_ALL, "own gain: relu 7 of 8"]
    assert len(figure.axes[0].lines[0].get_xdata()) == len(SEEDS) * NUM_LAYERS - 1


def test_on_a_logarithmic_scale_a_value_of_0_is_none():
    made = lost(frame(), 0.0, seed=[0], activation=["relu"], panel=["Glorot"])
    drawn = {
        log: figures.lines_by_layer(made, ylabel="", column="panel", log=log)
        for log in (False, True)
    }
    assert said_below(drawn[False])[1:] == []
    assert said_below(drawn[True])[1:] == [*NOT_ALL, "Glorot: relu 7 of 8"]


def test_nets_without_a_value_are_counted_at_each_setting_in_ascending_order():
    made = pd.concat([per_seed().assign(depth=depth) for depth in (30, 2, 5)])
    made = lost(made, seed=[0], depth=[2, 30], panel=["Glorot"], activation=["relu"])
    figure = figures.lines_against(
        made, "depth", xlabel="layers", ylabel="decay", column="panel"
    )
    assert said_below(figure) == [
        "layers",
        *NOT_ALL,
        "Glorot, depth 2: relu 7 of 8",
        "Glorot, depth 30: relu 7 of 8",
    ]


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


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_figure_whose_nets_are_all_lost_says_so_and_draws_nothing(value):
    made = lost(frame(activations=("relu", "sigmoid")), value)
    for draw in DRAWN.values():
        figure = draw(made)
        assert said_below(figure)[-1] == "Glorot, after: relu 0 of 8, sigmoid 0 of 8"
        assert not any(line.get_marker() == "o" for line in figure.axes[0].lines)
        assert not figure.axes[0].collections


def test_dots_of_an_activation_without_any_value_stand_at_the_bottom():
    made = per_seed()
    made = made.assign(value=made["value"].groupby(made["activation"]).transform("max"))
    made = lost(made, activation=["leaky_relu"], panel=["own gain"])
    figure = figures.dots(made, xlabel="", column="panel")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert sorted(names) == sorted(ACTIVATIONS)
    assert names[-1] == "leaky_relu"


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
        "Glorot, before: relu 6 of 8 (1 diverged)",
        "Glorot, after: relu 6 of 8 (1 diverged)",
    ]


def curves() -> pd.DataFrame:
    return pd.DataFrame(
        [
            (panel, name, rate, score, lost, rate == best)
            for panel in ("Adam", "SGD")
            for name, best in (("relu", 0.01), ("tanh", 0.1))
            for rate, score, lost in (
                (0.001, 2.0, 0),
                (0.01, 0.5, 0),
                (0.1, 0.4, 1),
                (1.0, np.nan, 3),
            )
        ],
        columns=[
            *("panel", "activation", "learning_rate"),
            *("score", "num_lost", "is_chosen"),
        ],
    )


def test_sensitivity_marks_the_chosen_rate_and_where_nets_are_lost():
    figure = figures.sensitivity(curves(), ylabel="loss", row="panel")
    assert [axes.get_title("left") for axes in figure.axes] == ["Adam", "SGD"]
    for axes in figure.axes:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
        line, lost, chosen = axes.lines[:3]
        assert line.get_color() == CATALOGUE["relu"].colour
        np.testing.assert_array_equal(line.get_ydata(), [2.0, 0.5, 0.4, np.nan])
        # What has no score stands at the top.
        assert lost.get_xydata().tolist() == [[0.1, 0.4], [1.0, 2.0]]
        assert chosen.get_xydata().tolist() == [[0.01, 0.5]]
        assert axes.lines[5].get_xydata().tolist() == [[0.1, 0.4]]


def test_a_sensitivity_of_nothing_is_not_drawn():
    with pytest.raises(figures.NothingToDraw):
        figures.sensitivity(pd.DataFrame(), ylabel="loss", row="panel")


def test_a_score_that_spans_decades_is_drawn_on_a_logarithmic_scale():
    wide = curves().replace({"score": {0.4: 0.004}})
    figure = figures.sensitivity(wide, ylabel="loss", row="panel")
    assert {axes.get_yscale() for axes in figure.axes} == {"log"}
