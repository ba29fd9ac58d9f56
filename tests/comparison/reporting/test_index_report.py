"""The content of the first page."""

import pandas as pd
import pytest

from keras_rectifiers.comparison.reporting.drawings import Drawing
from keras_rectifiers.comparison.reporting.index_report import (
    read_index,
    shown_by,
    trained_in_words,
)
from keras_rectifiers.comparison.reporting.study_report import read_study
from keras_rectifiers.comparison.trials.trial import Trial
from tests.comparison.reporting.judged_claims import judged_claim
from tests.comparison.reporting.made_up_reports import (
    accuracy,
    made_up_study,
    made_up_tables,
)
from tests.comparison.reporting.strict_pages import Page


def trials(*some: Trial) -> pd.DataFrame:
    return pd.DataFrame([trial.settings() for trial in some])


def test_what_was_trained_is_told_in_a_sentence():
    small = [Trial(depth=6, width=32, epochs=8, seed=seed) for seed in range(30)]
    other = Trial(architecture="cnn", depth=2, width=8, epochs=3)
    untrained = [Trial(depth=30, epochs=0, seed=seed) for seed in range(2)]
    assert trained_in_words(trials(*small, other, *untrained)) == (
        "31 nets were trained, mainly on images of handwritten digits (8 × 8 pixels): "
        "most of them MLPs of 6 layers of 32 units, each net with up to 30 seeds. 2 "
        "more nets were measured at initialisation only."
    )
    assert trained_in_words(trials(*untrained)) == (
        "2 nets were measured at initialisation only."
    )


def test_a_figure_shows_the_first_of_its_claims_that_was_measured():
    judged = judged_claim({"all": 0.9}, id="one")
    gone = judged_claim({"all": None}, id="gone")

    def shown(*claims: str):
        drawing = Drawing(name="x", title="Sizes", caption="", claims=claims)
        return shown_by(drawing, [gone, judged])

    assert shown("gone", "one") is judged
    assert shown("gone") is shown() is None


@pytest.fixture(scope="module")
def index():
    reports = [
        read_study(study, made_up_tables(), "quick")
        for study in (
            made_up_study("empty", figures=(), claims=()),
            made_up_study("second", properties=(accuracy(),)),
        )
    ]
    return read_index(reports, made_up_tables().trials)


def test_the_picture_is_the_key_figure_of_the_first_study_that_has_one(index):
    assert index.picture_study == "second"
    assert index.picture and index.picture.name == "drawn"
    assert (index.picture_title, index.picture_answer) == ("Plain text.", "")


def test_the_table_leads_to_the_claims_and_the_advice_follows_from_it(index):
    (column,) = index.table.columns
    assert column.link == "second/index.html#claim-one-case"
    assert index.advice[0].startswith("In MLPs of 3 layers, take ReLU:")
    assert index.advice[1] == (
        "What counts against each: sigmoid is less accurate in MLPs of 3 layers."
    )


def test_claims_that_were_not_measured_stand_apart():
    study = made_up_study()
    gone = judged_claim({"a": None}, id="gone").claim
    report = read_study(
        made_up_study(claims=(*study.claims, gone)), made_up_tables(), "quick"
    )
    index = read_index([report], made_up_tables().trials)
    assert [row.judged.claim.id for row in index.not_measured] == ["gone"]
    assert len(index.rows) == 3


def test_a_newcomers_questions_are_answered_one_click_from_the_start(folder):
    page = Page(folder / "index.html")
    first_links = [link["href"] for link in page.all("a")][:12]
    for link in ("#activations", "#trust", "first/index.html", "second/index.html"):
        assert link in first_links
    # The advice comes first, and no table pushes it off the screen.
    ids = page.ids()
    assert ids.index("advice") == ids.index("activations") + 1
    text = page.path.read_text(encoding="utf-8")
    assert text.index('id="advice"') < text.index('class="properties"')
    assert "of the 6 claims that were measured have a case that is borderline" in (
        page.words()
    )
