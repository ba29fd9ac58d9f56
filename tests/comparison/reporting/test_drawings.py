"""Figures as SVGs that follow light and dark mode."""

import base64
import xml.etree.ElementTree

from keras_rectifiers.comparison import figures
from tests.comparison.reporting.strict_pages import Page


def test_figures_are_whole_and_fetch_nothing(folder):
    (image,) = Page(folder / "first" / "index.html").all("img")
    svg = base64.b64decode(image["src"].partition(",")[2]).decode()
    root = xml.etree.ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    links = [
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("href")
    ]
    assert links and all(link.startswith("#") for link in links)
    assert figures.INK not in svg.replace(f"--ink: {figures.INK}", "")
    assert "var(--ink)" in svg
