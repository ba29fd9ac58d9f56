"""What a comparison shows of its results."""

import pytest

from keras_rectifiers.comparison.comparing.comparison import Comparison
from keras_rectifiers.diagnosis.findings import Finding
from tests.comparison.comparing.made_up_results import results_of
from tests.comparison.reporting.strict_pages import Page

DEAD = Finding(
    kind="dead",
    layer="hidden_0",
    measure="dead_units",
    value=0.9,
    observation="90% of units are dead",
    meaning="They do not learn.",
    advice="Lower the rate.",
)


def comparison(differences=None, **settings) -> Comparison:
    return Comparison(
        results=results_of(differences or {"relu": 0.0, "<b>": 0.03}, **settings),
        notes=["A note."],
        method={"Data": "60 examples."},
        is_interrupted=False,
        failures={"tanh": "Traceback\nValueError: <no>"},
        diagnose_losers=lambda: {"relu": [DEAD], "elu": []},
    )


def test_the_summary_has_the_sentences_and_the_notes():
    lines = comparison().summary().splitlines()
    assert lines[1].startswith("<b> is better than relu by ")
    assert "Nothing beats <b>." in lines
    assert lines[-1] == "A note."


def test_the_table_adds_the_best_rates():
    table = comparison(best_rate=1.0).table
    assert table["learning_rate"].tolist() == [1.0, 1.0]
    assert table["is_at_edge"].tolist() == [True, True]
    assert comparison().table["is_at_edge"].tolist() == [False, False]
    assert comparison().best == ("<b>",)


def test_scores_trainings_and_measurements_are_frames():
    found = comparison()
    assert len(found.scores) == 20
    assert len(found.trials) == 60
    assert found.trials["is_at_best_rate"].sum() == 20
    assert "key" not in found.trials
    assert len(found.frame) == len(found.results.tables.measurements)


def test_it_prints_as_text_and_in_a_notebook_as_html():
    found = comparison()
    assert repr(found) == str(found)
    assert str(found).startswith(found.summary())
    shown = found._repr_html_()
    assert "&lt;b&gt; is better than relu" in shown
    assert "<b>" not in shown


def test_the_plot_shows_all_activations():
    figure = comparison().plot()
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["ReLU", "<b>"]


def test_the_report_is_one_page_with_what_was_found(tmp_path):
    path = comparison().report(tmp_path / "new" / "page.html")
    words = Page(path).words()
    for text in (
        "<b> is better than ReLU",
        "A note.",
        "60 examples.",
        "90% of units are dead",
        "ELU Nothing is wrong with its layers.",
        "ValueError: <no>",
    ):
        assert text in words, text
    assert [p.name for p in path.parent.iterdir()] == ["page.html"]


@pytest.mark.parametrize("name", ["", "folder"])
def test_a_report_that_would_be_a_folder_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=rf"Received: '{name}', which is a folder\.$"):
        comparison().report(name)


@pytest.mark.parametrize("name", ["results", "notes"])
def test_it_cannot_be_changed(name):
    with pytest.raises(AttributeError):
        setattr(comparison(), name, None)
