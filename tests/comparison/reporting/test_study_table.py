"""Tables of their own on the pages of studies."""

from keras_rectifiers.comparison.reporting.study_table import StudyTable
from tests.comparison.reporting.made_up_reports import made_up_study, write_made_up
from tests.comparison.reporting.strict_pages import Page


def rows(tables):
    return [("relu & others", f"{len(tables.trials)}"), ("sigmoid", "–")]


def test_a_study_shows_its_tables_with_the_rows_made_of_its_trials(tmp_path):
    table = StudyTable(
        title="How many", caption="Count.", headings=("Net", "Trials"), rows=rows
    )
    write_made_up(tmp_path, made_up_study(tables=(table,)))
    page = Page(tmp_path / "made_up" / "index.html")
    assert "Tables How many How many Net Trials relu & others 16" in page.words()
    assert "sigmoid – Count." in page.words()
    assert "tables" in page.ids()


def test_a_study_without_tables_has_no_such_section(tmp_path):
    write_made_up(tmp_path, made_up_study())
    assert "tables" not in Page(tmp_path / "made_up" / "index.html").ids()
