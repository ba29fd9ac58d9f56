"""Figures as SVGs that follow light and dark mode."""

import re
import urllib.parse
import xml.etree.ElementTree

import pytest
from matplotlib.figure import Figure

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting import drawings
from keras_rectifiers.comparison.trials.store import Tables
from tests.comparison.reporting.strict_pages import Page


def test_figures_are_whole_and_fetch_nothing(folder):
    (image,) = Page(folder / "first" / "index.html").all("img")
    svg = urllib.parse.unquote(image["src"].partition(",")[2])
    root = xml.etree.ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    links = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("href")
    ]
    links += re.findall(r"url\(([^)]*)", svg)
    assert len(links) > 10 and all(link.startswith("#") for link in links)
    assert figures.INK not in svg.replace(f"--ink: {figures.INK}", "")
    assert "var(--ink)" in svg


def drawing_of(figure: Figure, **changes) -> drawings.Drawing:
    fields = {"name": "x", "title": "A title", "caption": "A <caption>."}
    fields["draw"] = lambda tables: figure
    return drawings.draw(figures.StudyFigure(**fields | changes), Tables.empty())


def two_lines() -> Figure:
    """One of a colour of the data, one of each that is not."""
    figure = Figure(figsize=(4.6, 2.347))
    axes = figure.subplots()
    for height, colour in enumerate(("#ff0099", figures.INK, figures.FAINT)):
        axes.plot([0, 1], [height, height], color=colour)
    return figure


def svg_of(drawing: drawings.Drawing) -> str:
    kind, _, content = drawing.source.partition(",")
    assert kind == "data:image/svg+xml"
    assert not re.search(r'["<>&#\n]', content)
    return urllib.parse.unquote(content)


def test_a_drawing_has_the_texts_of_its_figure_and_its_size_in_pixels():
    drawing = drawing_of(two_lines())
    assert (drawing.title, drawing.caption) == ("A title", "A <caption>.")
    assert (drawing.width, drawing.height) == (460, 235)


def test_only_the_colours_that_are_no_data_follow_the_mode():
    svg = svg_of(drawing_of(two_lines()))
    head, body = svg.split("</style>", 1)
    for name, light, dark in (
        ("ink", figures.INK, "#e6e8ea"),
        ("faint", figures.FAINT, "#4a5058"),
    ):
        assert head.count(f"--{name}: {light}") == head.count(f"--{name}: {dark}") == 1
        assert light not in body and f"stroke:var(--{name})" in body
    assert "stroke:#ff0099" in body
    assert re.search(r"prefers-color-scheme: dark\) \{ :root \{ --ink: #e6e8ea", head)


def test_equal_figures_give_equal_drawings_whatever_the_instant():
    assert drawing_of(two_lines()) == drawing_of(two_lines())
    assert "<dc:date>" not in svg_of(drawing_of(two_lines()))


def test_without_data_there_are_the_texts_and_no_picture():
    def nothing(tables):
        raise figures.NothingToDraw("no data")

    assert drawing_of(two_lines(), draw=nothing) == drawings.Drawing(
        name="x", title="A title", caption="A <caption>.", svg="", width=0, height=0
    )


def test_another_error_than_a_lack_of_data_is_not_hidden():
    def wrong(tables):
        raise ValueError("a column is missing")

    with pytest.raises(ValueError, match=r"^a column is missing$"):
        drawing_of(two_lines(), draw=wrong)


def test_a_figure_is_drawn_from_the_tables_of_its_trials():
    given = []

    def draw(tables):
        given.append(tables)
        return two_lines()

    tables = Tables.empty()
    figure = figures.StudyFigure(name="x", title="", caption="", draw=draw)
    drawings.draw(figure, tables)
    assert given == [tables]


def test_coordinates_are_short_and_nothing_is_told_beside_the_drawing():
    svg = svg_of(drawing_of(two_lines()))
    numbers = [
        number
        for place in re.findall(r" d='([^']*)'| [xy]='([^']*)'", svg)
        for number in re.findall(r"\d+\.(\d+)", "".join(place))
    ]
    assert numbers and max(map(len, numbers)) == 2
    assert "scale(0.015625)" in svg  # by which glyphs are drawn
    assert "<!--" not in svg and "<metadata>" not in svg and "DOCTYPE" not in svg


def test_markers_that_follow_each_other_share_their_style():
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1, 2], [0, 1, 2], "o", color="#ff0099")
    axes.plot([0, 1], [1, 0], "o", color="#ff0099", alpha=0.5)
    axes.plot([1], [1], "o", color="#00ff99")
    root = xml.etree.ElementTree.fromstring(svg_of(drawing_of(figure)))
    use = "{http://www.w3.org/2000/svg}use"
    styled = [
        e for e in root.iter() if re.search("fill:#(ff0099|00ff99)", e.get("style", ""))
    ]
    shared = [(len(list(e.iter(use))), "opacity" in e.get("style", "")) for e in styled]
    assert shared == [(3, False), (2, True), (1, False)]


def test_a_drawing_with_both_kinds_of_quotes_stays_whole():
    drawing = drawings.Drawing(name="x", title="", caption="", svg="<a b='\"'/>")
    assert svg_of(drawing) == drawing.svg


def test_an_image_is_made_only_if_it_is_asked_for():
    figure = figures.StudyFigure(
        name="x", title="", caption="", draw=lambda tables: two_lines()
    )
    assert drawings.draw(figure, Tables.empty()).png == b""
    first, second = (
        drawings.draw(figure, Tables.empty(), png=True).png for _ in range(2)
    )
    assert first == second and first.startswith(b"\x89PNG")
    assert b"Matplotlib" not in first


def test_groups_that_change_nothing_are_left_out():
    svg = (
        '<svg><g><g id="a"><path d="M0 0"/></g><g clip-path="x"><g><use/></g></g></g>'
        '<g id="b"/><g style="fill:red"><g clip-path="y"/><g></g></g></svg>'
    )
    assert drawings._shortened(svg) == (
        '<svg><path d="M0 0"/><g clip-path="x"><use/></g>'
        '<g style="fill:red"><g clip-path="y"/></g></svg>'
    )
