"""The page of a comparison."""

import dataclasses
import datetime

import pandas as pd
import pytest

from keras_rectifiers.comparison.reporting.comparison_report import (
    ComparisonPage,
    figures_of,
    scores_figure,
    write_page,
)
from keras_rectifiers.comparison.verdicts import contest_sentences
from tests.comparison.comparing.made_up_results import results_of
from tests.comparison.reporting.strict_pages import Page

DATE = datetime.date(2026, 1, 2)
HOSTILE = """<script>alert("x")</script>&amp;'"><img src=x onerror=y>"""


def made_up_page(differences=None, **settings) -> ComparisonPage:
    results = results_of(differences or {"relu": 0.0, "gelu": 0.03, "tanh": -0.1})
    return ComparisonPage(
        **{
            "contest": results.contest,
            "sentences": contest_sentences.sentences(results.contest),
            "notes": [],
            "method": {"Data": "60 examples."},
            "scores": results.scores,
            "rates": results.rates,
            "curves": {"training loss": results.curve("train_loss")},
            "layers": {
                name: results.measured(name)
                for name in ("dead_units", "signal_gradient")
            },
            "findings": {},
            "failures": {},
            **settings,
        }
    )


def written(page, tmp_path) -> Page:
    path = write_page(page, tmp_path / "page.html", date=DATE, versions={"Keras": "3"})
    return Page(path)


def test_the_page_is_well_formed_accessible_and_self_contained(tmp_path):
    page = written(made_up_page(), tmp_path)
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
    assert len(page.ids()) == len(set(page.ids()))
    assert all(image["alt"] for image in page.all("img"))
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert page.all("script") == []
    for image in page.all("img"):
        assert image["src"].startswith("data:image/svg+xml,")
    assert "Report of 2026-01-02, made with Keras 3" in page.words()


def test_it_shows_verdicts_scores_rates_and_figures(tmp_path):
    page = written(made_up_page(), tmp_path)
    words = page.words()
    for text in (
        "GELU is better than ReLU by",
        "tanh is worse than ReLU by",
        "Nothing beats GELU.",
        "nothing beats it",
        "No activation is beaten whose layers were measured.",
    ):
        assert text in words, text
    assert len(page.all("img")) == 5
    for number, title in enumerate(
        (
            "Scores and improvements",
            "Learning curves",
            "Sensitivity to the learning rate",
            "Dead units",
            "Gradients",
        ),
        1,
    ):
        assert f"{number}. {title}" in words


def test_activations_are_in_one_order_in_all_tables(tmp_path):
    page = written(made_up_page({"relu": 0.0, "tanh": -0.1, "gelu": 0.03}), tmp_path)
    assert "Seeds that chose the rate 0.01 0.1 1 ReLU 0 10 0 tanh 0 10 0 GELU" in (
        page.words()
    )


def test_the_same_results_give_the_same_bytes(tmp_path):
    first = written(made_up_page(), tmp_path).path.read_bytes()
    assert written(made_up_page(), tmp_path).path.read_bytes() == first


def test_what_a_user_names_is_escaped(tmp_path):
    given = {"relu": 0.0, HOSTILE: -0.1}
    page = made_up_page(
        given,
        notes=[HOSTILE],
        method={"Data": HOSTILE},
        findings={HOSTILE: [HOSTILE]},
        failures={HOSTILE: HOSTILE},
    )
    read = written(page, tmp_path)
    assert read.all("script") == []
    assert not any("onerror" in attributes for _, attributes in read.elements)
    assert HOSTILE in read.words()


def test_what_was_not_measured_has_no_figure(tmp_path):
    page = made_up_page(layers={}, curves={"training loss": pd.DataFrame()})
    names = [figure.name for figure in figures_of(page)]
    assert names == ["scores", "rates"]
    one = page.rates[page.rates["learning_rate"] == 0.1]
    assert [f.name for f in figures_of(dataclasses.replace(page, rates=one))] == [
        "scores"
    ]
    assert len(written(page, tmp_path).all("img")) == 2


@pytest.mark.parametrize("is_share", [True, False])
def test_shares_are_drawn_in_percent(is_share):
    page = made_up_page()
    metric = dataclasses.replace(page.contest.metric, is_share=is_share)
    contest = dataclasses.replace(page.contest, metric=metric)
    left, _ = scores_figure(contest, page.scores).axes
    assert left.get_xlabel() == ("test accuracy, %" if is_share else "test accuracy")
    assert (left.get_xlim()[1] > 50) == is_share
