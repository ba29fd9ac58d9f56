"""The page of what holds by definition, and what it says of what does not hold."""

import math

import numpy as np
import pytest

from keras_rectifiers.comparison.figures import Curve, function_curves
from keras_rectifiers.comparison.reporting.identities import Identity, check
from keras_rectifiers.comparison.reporting.report import write
from keras_rectifiers.comparison.verdicts.sources import Source
from tests.comparison.reporting.made_up_reports import (
    DATE,
    VERSIONS,
    made_up_study,
    made_up_tables,
)
from tests.comparison.reporting.strict_pages import Page

SOURCE = Source(title="A textbook")
X = np.linspace(-1, 1, 50)


def identity(deviation: float, **others) -> Identity:
    return Identity(
        **{
            "name": "doubling",
            "statement": "Twice x is x and x.",
            "formula": "2x = x + x",
            "reason": "By definition.",
            "sources": (SOURCE,),
            "deviation": lambda: deviation,
            "checked": "Both sides at 50 points.",
            "draw": lambda: function_curves({"": [Curve(label="2x", x=X, y=2 * X)]}),
            "caption": "A line.",
            **others,
        }
    )


@pytest.mark.parametrize(
    ("deviation", "tolerance", "holds"),
    [
        (0.0, 1e-6, True),
        (1e-7, 1e-6, True),
        (2e-6, 1e-6, False),
        (4e-4, 5e-4, True),
        (math.nan, 1e-6, False),
    ],
)
def test_an_identity_holds_if_its_deviation_is_below_its_tolerance(
    deviation, tolerance, holds
):
    (one,) = check([identity(deviation, tolerance=tolerance)])
    assert one.holds is holds
    assert one.tolerance == {1e-6: "0.000001", 5e-4: "0.0005"}[tolerance]


def test_the_report_has_a_page_of_them_that_the_first_page_links_to(tmp_path):
    rows = [("1", "2")]
    more = identity(0.0, name="more", headings=("x", "2x"), rows=rows)
    words = pages(tmp_path, [identity(0.0), more])
    assert "2 statements about rectifiers need no experiment" in words["index"]
    assert "did not hold" not in words["index"]
    page = Page(tmp_path / "definitions.html")
    assert [a["id"] for a in page.all("h2")] == ["doubling", "more"]
    assert len(page.all("img")) == len(page.all("h2"))
    assert words["definitions"].count("The largest deviation is below 0.000001.") == 2
    assert "x 2x 1 2" in words["definitions"]
    links = [a["href"] for a in Page(tmp_path / "index.html").all("a")]
    assert "definitions.html" in links


def test_what_does_not_hold_is_told_on_both_pages(tmp_path):
    words = pages(tmp_path, [identity(0.0), identity(1.0, name="wrong")])
    assert "1 of them did not hold when computed." in words["index"]
    assert words["definitions"].count("It does not hold") == 1


def test_a_report_without_identities_has_no_page_of_them(tmp_path):
    words = pages(tmp_path, [])
    assert set(words) == {"index"}
    assert "by definition" not in words["index"]


def pages(folder, identities) -> dict[str, str]:
    study = made_up_study()
    write(
        [(study, made_up_tables())],
        folder,
        profile="quick",
        date=DATE,
        versions=VERSIONS,
        identities=identities,
    )
    return {path.stem: Page(path).words() for path in folder.glob("*.html")}
