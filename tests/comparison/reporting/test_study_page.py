"""How the content of a study is arranged on its page."""

import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting.downloads import study_downloads
from keras_rectifiers.comparison.reporting.study_page import read_page
from keras_rectifiers.comparison.reporting.study_report import read_study
from tests.comparison.reporting.made_up_reports import (
    draw,
    made_up_study,
    made_up_tables,
)


def figure(name: str, *claims: str) -> figures.StudyFigure:
    return figures.StudyFigure(
        name=name, title=f"Figure {name}", caption="", draw=draw, claims=claims
    )


@pytest.fixture(scope="module")
def page():
    study = made_up_study(
        figures=(
            figure("free"),
            figure("both", "one-case", "very-long-case"),
            figure("last", "very-long-case"),
        )
    )
    report = read_study(study, made_up_tables(), "quick")
    return read_page(report, study_downloads(report, data=True))


def test_a_figure_stands_beside_the_first_claim_that_it_shows(page):
    beside = {
        part.judged.claim.id: [f.drawing.name for f in part.drawings]
        for part in page.parts
    }
    assert beside == {
        "many-cases": [],
        "one-case": ["both"],
        "very-long-case": ["last"],
    }
    *_, last = page.parts
    assert [f.number for f in last.seen] == [page.parts[1].drawings[0].number]


def test_figures_of_no_claim_follow_and_all_are_numbered_as_they_stand(page):
    assert [f.drawing.name for f in page.others] == ["free"]
    numbers = [f.number for part in page.parts for f in part.drawings]
    assert [*numbers, *(f.number for f in page.others)] == [1, 2, 3]


def test_a_figure_beside_a_claim_is_headed_by_its_finding(page):
    assert page.parts[1].drawings[0].heading.startswith("Yes: Plain text.")
    assert page.others[0].heading == "Figure free"


def test_the_answer_has_three_sentences_from_the_verdicts(page):
    assert page.answer[0] == (
        "Of the 3 claims that could be judged, 2 hold and 1 stays unclear."
    )
    assert len(page.answer) == 3
    assert all(sentence.startswith("Plain text. Yes") for sentence in page.answer[1:])


def test_small_and_large_tables_stand_apart(page):
    assert list(page.small) == ["effects", "verdicts"]
    assert list(page.large) == ["trials", "layers", "epochs"]


def test_a_page_has_the_terms_that_it_uses_and_the_sources_of_its_claims(page):
    titles = [term.title for term in page.terms]
    assert "gradient decay" in titles and "dead units" not in titles
    assert [source.title for source in page.references] == ["Plain text."]
