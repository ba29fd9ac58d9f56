"""What all figures share: panels, style, legend and layout."""

import itertools
import re

import matplotlib
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb

from keras_rectifiers.catalogue import CATALOGUE
from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.figures import panels
from tests.comparison.figures.made_up_frames import ACTIVATIONS, frame, per_seed


def test_every_line_has_the_colour_and_the_style_of_the_catalogue():
    figure = figures.lines_by_layer(frame(), ylabel="", column="panel")
    for name, line in zip(ACTIVATIONS, figure.axes[0].lines, strict=True):
        assert to_hex(line.get_color()) == CATALOGUE[name].colour
        assert line.get_linestyle() == CATALOGUE[name].line_style


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, by the Web Content Accessibility Guidelines."""

    def luminance(colour: str) -> float:
        parts = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in to_rgb(colour)
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_all_colours_can_be_seen_on_a_page_in_light_and_in_dark_mode():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    own = [panels.colour_of(f"my_{i}") for i in range(50)]
    colours = {entry.colour for entry in CATALOGUE.values()} | {*own, panels.ACCENT}
    low = {
        (colour, paper): ratio
        for colour in colours
        for paper in ("#ffffff", "#14171a")
        if (ratio := contrast(colour, paper)) < 3
    }
    assert low == {}


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


def test_powers_of_ten_along_a_logarithmic_axis_read_as_text():
    made = frame(panels=("all",))
    made = made.assign(value=made["value"] * 10.0 ** -made["layer"])
    figure = figures.lines_by_layer(made, ylabel="", column="panel", log=True)
    figure.draw_without_rendering()
    shown = {label.get_text() for label in figure.axes[0].get_yticklabels()}
    assert any(text.startswith("10⁻") for text in shown)
    assert not any("$" in text for text in shown)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1e-4, 1e-1, ["0.0001", "0.001", "0.01", "0.1"]),
        (1e-6, 1e3, ["10⁻⁶", "10⁻⁴", "10⁻²", "1", "10²"]),
        (2e-6, 8e-6, ["2·10⁻⁶", "3·10⁻⁶", "4·10⁻⁶", "6·10⁻⁶"]),
    ],
)
def test_the_numbers_of_a_logarithmic_axis_are_written_in_one_way(low, high, expected):
    with panels.figure_style():
        drawn = panels.new_figure(8.0)
        axes = drawn.subplots()
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        panels.settle(drawn)
        drawn.draw_without_rendering()
    labels = [*axes.get_yticklabels(), *axes.get_yticklabels(minor=True)]
    shown = [label.get_text() for label in labels if label.get_text()]
    assert set(expected) <= set(shown)
    are_powers = {"10" in text for text in shown if text not in ("1", "10")}
    assert len(are_powers) == 1


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


def test_long_titles_and_long_names_in_the_legend_fit_the_figure():
    long = "MLP of 6 layers, Adam, from ReLU to the identity, for the fewest epochs"
    names = ("leaky_relu", "leaky_relu_0.1", "very_leaky_relu", "prelu", "rrelu", "elu")
    for titles in ([long], ["SGD", long]):
        made = frame(activations=names, panels=titles)
        drawn = figures.lines_by_layer(made, ylabel="", column="panel")
        drawn.draw_without_rendering()
        for artist in (*drawn.legends, *drawn.axes):
            extent = artist.get_tightbbox(drawn.canvas.get_renderer())
            assert extent.x0 >= 0
            assert extent.x1 <= drawn.bbox.x1


def test_the_lines_of_a_title_stay_as_they_are_if_they_fit():
    made = frame(panels=["He\nSGD"])
    drawn = figures.lines_by_layer(made, ylabel="", column="panel", row="when")
    assert drawn.axes[0].get_title("left") == "He\nSGD\nbefore"


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


def test_where_there_is_no_such_net_no_panel_is_drawn():
    made = frame().query("panel == 'Glorot' or when == 'before'")
    figure = figures.lines_by_layer(made, ylabel="y", column="panel", row="when")
    shown = {axes.get_title("left"): axes.axison for axes in figure.axes}
    assert shown == {
        "own gain\nbefore": True,
        "Glorot\nbefore": True,
        "": False,
        "Glorot\nafter": True,
    }


def test_powers_of_ten_are_drawn_as_such_and_names_as_they_are(tmp_path):
    with panels.figure_style():
        drawn = panels.new_figure(2.0)
        axes = drawn.subplots()
        axes.set_xscale("log")
        axes.plot([1e-4, 1e-1], [0, 1])
        axes.set_yticks([0, 1], ["$x$", "relu"])
        panels.settle(drawn)
    path = tmp_path / "figure.svg"
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        drawn.savefig(path)
    text = path.read_text(encoding="utf-8")
    drawn_text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    assert "mathdefault" not in drawn_text
    assert ">$x$</text>" in drawn_text


def test_what_is_drawn_with_another_style_stays_within_the_figure():
    # Here the size of ticks decides between 0.2 and 0.25, which is a digit wider.
    rates = (0.001, 0.003, 0.01, 0.03)
    rows = pd.DataFrame(
        [
            (case, rate, estimate, estimate, estimate, True)
            for case in ("relu and tanh", "relu and sigmoid")
            for rate, estimate in zip(rates, (0.63, 0.71, 0.82, 0.92), strict=True)
        ],
        columns=[
            *("case", "learning_rate", "estimate", "low", "high", "is_comparable")
        ],
    )
    at_best = rows.drop_duplicates("case")
    figure = figures.effects_at_common_rates(rows, at_best, ylabel="effect")
    figure.canvas.draw()
    assert min(axes.yaxis.label.get_window_extent().x0 for axes in figure.axes) > 0


def test_a_long_name_of_a_users_own_leaves_room_for_the_panels():
    assert panels.short_title("very_leaky_relu") == "very leaky ReLU (1/5.5)"
    names = ["a" * 300 + "1", "a" * 300 + "2"]
    short = [panels.short_title(name) for name in names]
    assert [len(name) for name in short] == [30, 30]
    # What differs at the end still does.
    assert short[0] != short[1]
    made = frame(activations=tuple(names))
    figure = figures.dots(made, xlabel="", column="panel", mark="when")
    assert all(axes.get_position().width > 0.1 for axes in figure.axes)
