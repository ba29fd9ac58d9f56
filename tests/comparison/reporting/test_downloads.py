"""What can be downloaded from the pages."""

import pytest

from keras_rectifiers.comparison.reporting.downloads import (
    figure_files,
    index_downloads,
    study_downloads,
)
from keras_rectifiers.comparison.reporting.property_table import property_table
from keras_rectifiers.comparison.reporting.study_report import read_study
from tests.comparison.reporting.made_up_reports import made_up_study, made_up_tables
from tests.comparison.reporting.test_property_table import column

SMALL = ["effects.csv", "verdicts.md", "verdicts.tex"]


@pytest.fixture(scope="module")
def report():
    return read_study(made_up_study(), made_up_tables(), "quick", images=True)


def test_all_tables_and_figures_can_be_downloaded(report):
    names = [file.name for file in study_downloads(report, data=True)]
    assert names == [
        *("effects.csv", "effects.parquet", "trials.csv.gz", "trials.parquet"),
        *("layers.parquet", "epochs.csv.gz", "epochs.parquet"),
        *("verdicts.md", "verdicts.tex", "figures/drawn.svg", "figures/drawn.png"),
    ]


def test_a_report_without_data_has_the_small_tables_alone(report):
    files = study_downloads(report, data=False)
    assert [file.name for file in files] == SMALL
    assert sum(len(file.content) for file in files) < 20_000


def test_figures_are_found_by_name(report):
    files = figure_files(study_downloads(report, data=True))
    assert {name: [f.kind for f in some] for name, some in files.items()} == {
        "drawn": ["svg", "png"]
    }
    svg, png = files["drawn"]
    assert svg.content.startswith(b"<?xml") and png.content.startswith(b"\x89PNG")


def test_the_verdicts_have_a_row_for_each_case(report):
    (text,) = [
        file.content.decode()
        for file in study_downloads(report, data=False)
        if file.name == "verdicts.md"
    ]
    rows = text.splitlines()[2:]
    assert len(rows) == len(report.verdicts)
    assert "| Plain text. | only | supported | 0.100 | 0.100 to 0.100 |" in text


def test_the_table_of_activations_can_be_downloaded_as_text():
    table = property_table([column("one", {"leaky_relu": 0.5})], {})
    csv, markdown, latex = index_downloads(table)
    assert csv.content == (
        b"Activation,One\nleaky ReLU (0.01),0.500 (0.400 to 0.600)\n"
    )
    assert b"| leaky ReLU (0.01) | 0.500 (0.400 to 0.600) |" in markdown.content
    assert b"leaky ReLU (0.01) & 0.500 (0.400 to 0.600)" in latex.content
