"""How the content of a study is arranged on its page."""

import dataclasses

import pandas as pd
import pytest

from keras_rectifiers.comparison import figures
from keras_rectifiers.comparison.reporting.downloads import study_downloads
from keras_rectifiers.comparison.reporting.study_page import read_page
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.verdicts.preconditions import Precondition
from tests.comparison.reporting.judged_claims import judged_claim
from tests.comparison.reporting.made_up_reports import (
    draw,
    made_up_study,
    made_up_tables,
    write_made_up,
)
from tests.comparison.reporting.strict_pages import Page


def figure(name: str, *claims: str, is_empty: bool = False) -> figures.StudyFigure:
    return figures.StudyFigure(
        name=name,
        title=f"Figure {name}",
        caption="",
        draw=draw_nothing if is_empty else draw,
        claims=claims,
    )


def draw_nothing(tables):
    raise figures.NothingToDraw("There is nothing.")


@pytest.fixture(scope="module")
def page():
    study = made_up_study(
        figures=(
            figure("free"),
            figure("both", "one-case", "very-long-case"),
            figure("last", "very-long-case"),
            figure("second", "very-long-case"),
            figure("empty", "one-case", is_empty=True),
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
        "very-long-case": ["last", "second"],
    }
    *_, last = page.parts
    assert [f.number for f in last.seen] == [page.parts[1].drawings[0].number]


def test_figures_of_no_claim_follow_and_all_are_numbered_as_they_stand(page):
    assert [f.drawing.name for f in page.others] == ["free"]
    numbers = [f.number for part in page.parts for f in part.drawings]
    assert [*numbers, *(f.number for f in page.others)] == [1, 2, 3, 4]


def test_a_figure_without_trials_is_named_and_has_no_place(page):
    assert page.not_drawn == ["Figure empty"]


def test_a_figure_beside_a_claim_that_was_not_measured_keeps_its_title():
    study = made_up_study(figures=(figure("gone", "gone"),))
    claim = dataclasses.replace(
        study.claims[1], id="gone", effects=lambda _: {"none": pd.Series(dtype=float)}
    )
    report = read_study(
        dataclasses.replace(study, claims=(claim,)), made_up_tables(), "quick"
    )
    (part,) = read_page(report, []).parts
    assert [figure.heading for figure in part.drawings] == ["Figure gone"]


def test_a_figure_beside_a_claim_that_could_not_be_tested_keeps_its_title(tmp_path):
    study = made_up_study(figures=(figure("unfit", "unfit"),))
    effects = study.claims[1].effects
    claim = dataclasses.replace(
        study.claims[1],
        id="unfit",
        precondition=Precondition(
            text="the nets have learned",
            holds=lambda tables: {
                case: pd.Series(False, index=values.index)
                for case, values in effects(tables).items()
            },
        ),
    )
    study = dataclasses.replace(study, claims=(claim,))
    report = read_study(study, made_up_tables(), "quick")
    (part,) = read_page(report, []).parts
    assert part.judged.verdict == "not testable here"
    assert [figure.heading for figure in part.drawings] == ["Figure unfit"]
    write_made_up(tmp_path, study)
    words = Page(tmp_path / "made_up" / "index.html").words()
    assert words.count("Not testable here. The condition holds for too few seeds") == 1


def test_a_figure_beside_a_claim_is_headed_by_its_finding(page):
    assert page.parts[1].drawings[0].heading.startswith("Yes: Plain text.")
    assert page.others[0].heading == "Figure free"
    first, second = page.parts[2].drawings
    assert first.heading.startswith("Yes: ")
    assert second.heading == "Figure second"


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


def test_the_cases_of_a_claim_that_was_not_measured_are_folded(tmp_path):
    gone = judged_claim({"a": None, "b": None}, id="gone").claim
    write_made_up(tmp_path, made_up_study(claims=(gone,)))
    page = Page(tmp_path / "made_up" / "index.html")
    assert "Not measured." in page.words() and "2 cases not measured" in page.words()
    text = page.path.read_text(encoding="utf-8")
    fold = text.index("<summary>2 cases not measured")
    assert fold < text.index('<table class="cases"') < text.index("</details>", fold)


def test_another_figure_is_headed_by_what_it_shows_of_the_tables(tmp_path):
    def finding(tables):
        return f"There are {len(tables.trials)} trials."

    told = dataclasses.replace(figure("told"), finding=finding)
    beside = dataclasses.replace(figure("beside", "one-case"), finding=finding)
    study = made_up_study(figures=(told, beside))
    tables = made_up_tables()
    page = read_page(read_study(study, tables, "quick"), [])
    (other,) = page.others
    assert other.heading == f"There are {len(tables.trials)} trials."
    assert page.parts[1].drawings[0].heading.startswith("Yes: Plain text.")
    write_made_up(tmp_path, study)
    _, image = Page(tmp_path / "made_up" / "index.html").all("img")
    assert image["alt"] == f"Figure told. {other.heading}"


def test_the_answer_lists_the_claims_for_those_who_see_no_list_beside_it(tmp_path):
    write_made_up(tmp_path, made_up_study())
    text = (tmp_path / "made_up" / "index.html").read_text(encoding="utf-8")
    box = text[text.index('class="answer-box"') : text.index('class="limits"')]
    for claim in made_up_study().claims:
        assert f'<li><a href="#claim-{claim.id}">' in box
    # It opens nothing that would cover what a link leads to.
    assert "<details" not in box and 'href="#answer">↑' in box
