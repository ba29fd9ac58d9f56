"""The table of errors beside those of the paper, on made-up tables."""

import dataclasses

import pytest

from keras_rectifiers.comparison.reporting.study_report import read_study
from studies.network_in_network import STUDY
from tests.studies.made_up_studies import plausible_tables
from tests.studies.network_in_network.made_up_rectifiers import tables


@pytest.mark.parametrize(
    ("dataset", "published"),
    [
        ("cifar10", ["0.1245", "0.1266", "0.1120", "0.1179", "0.1119"]),
        ("cifar100", ["0.4290", "0.4205", "0.4042", "0.4163", "0.4025"]),
        ("mnist", ["–"] * 5),
    ],
)
def test_the_table_has_the_errors_beside_those_of_the_paper_on_these_data(
    dataset, published
):
    made_up = tables()
    trials = made_up.trials.assign(dataset=dataset)
    ((_, rows),) = rows_of(dataclasses.replace(made_up, trials=trials))
    assert [row[3] for row in rows] == published
    assert rows[0][0] == "ReLU" and rows[4][0] == "RReLU"
    # 1 - 0.65 and 1 - 0.53, less half of what the seeds add.
    assert rows[4][1].startswith("0.349 (0.349 to 0.35")
    assert rows[4][2].startswith("0.469 (0.469 to 0.47")


def test_a_lost_net_may_have_had_any_error():
    made_up = tables()
    trials = made_up.trials
    is_lost = (trials["activation"] == "relu") & (trials["seed"] < 10)
    lost = trials.assign(
        diverged=is_lost,
        test_accuracy=trials["test_accuracy"].mask(is_lost),
        validation_loss=trials["validation_loss"].mask(is_lost),
    )
    ((_, rows),) = rows_of(dataclasses.replace(made_up, trials=lost))
    low, high = rows[0][2].split("(")[1].rstrip(")").split(" to ")
    assert float(low) < 0.3 and float(high) > 0.7


def rows_of(tables):
    return [(table, table.rows(tables)) for table in STUDY.tables]


def test_the_page_shows_the_table():
    report = read_study(STUDY, plausible_tables(STUDY), "standard")
    ((table, rows),) = report.shown_tables
    assert len(rows) == 5 and all(len(row) == len(table.headings) for row in rows)
